import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testFolder } from '../../../test/support/folder.ts'
import { acceptedDigests, checkLibrary } from './library.ts'

function place(content: string): { library: string; sha256: string } {
  const library = join(testFolder(), 'lib.so')
  writeFileSync(library, content)
  return { library, sha256: createHash('sha256').update(content).digest('hex') }
}

test('a library the operator vouches for passes; without his word, or altered by a byte, it is refused with its digest', () => {
  const { library, sha256 } = place('Tencent')
  expect(checkLibrary({ library, sha256 })).toMatchObject({ sha256 })
  expect(() => checkLibrary({ library, sha256: undefined })).toThrow(sha256)
  writeFileSync(library, 'Tencent!')
  expect(() => checkLibrary({ library, sha256 })).toThrow(/WECOM_SDK_SHA256/)
})

test('the published library is known without anybody vouching', () => {
  expect(acceptedDigests({ library: '', sha256: undefined })).toContain(
    '79ced4de6b18d5e96a21cd06f325794dc8957f8925120538d56d4ce827d3dfd0',
  )
})

test('a missing library and musl are refused with what to do', () => {
  const { library, sha256 } = place('Tencent')
  const missing = { library: `${library}.not`, sha256 }
  expect(() => checkLibrary(missing)).toThrow(/WECOM_SDK_LIBRARY/)
  expect(() => checkLibrary({ library, sha256 }, 'musl')).toThrow(/glibc/)
})
