import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { openAuthority } from '../../test/support/authority.ts'
import { ALWAYS, issued } from '../../test/support/evidence.ts'
import { archiveAll, textMessage } from '../../test/support/messages.ts'
import { testPremises, testServices } from '../../test/support/premises.ts'
import { conversationId } from '../archive/prepare.ts'
import { loadConfig } from '../base/index.ts'
import { openAuthorities, stampNow } from '../notary/index.ts'
import { normalise } from '../wecom/index.ts'
import type { PackageFiles } from './verifier/files.ts'
import { verifyPackage } from './verifier/verify.ts'
import { openZip } from './verifier/zip.ts'

/** A package over messages before and after a stamp. */
async function stampedPackage() {
  const premises = await testPremises()
  const services = await testServices(premises)
  const authority = await openAuthority()
  const { stamps } = loadConfig({ TONGJIAN_TSA_URL: authority.url, TONGJIAN_TSA_CA: authority.ca })
  if (!stamps) throw new Error('no authority configured')
  const authorities = openAuthorities(stamps)
  onTestFinished(() => authorities.close())
  const first = textMessage('第一句')
  await archiveAll(premises, services, [first, textMessage('第二句')])
  await services.sealer.flush()
  const { db, house, outside } = premises
  expect(await stampNow({ db, house, outside, authorities }, 'archive')).toBe(true)
  await archiveAll(premises, services, [textMessage('盖戳之后的一句')])
  const normal = normalise(JSON.stringify(first))
  if (typeof normal === 'string') throw new Error(normal)
  const stretches = [{ convId: conversationId(house, normal), ...ALWAYS }]
  const { file } = await issued(premises, services, premises.folder, { stretches })
  const zip = readFileSync(file)
  const files = await openZip({ size: zip.length, read: async (from, to) => zip.subarray(from, to) })
  if (!files) throw new Error('no zip')
  return { files, authority }
}

async function bytesOf(files: PackageFiles, name: string): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of files.open(name)) parts.push(part)
  return Buffer.concat(parts)
}

test('stamps go out with the checkpoint they are about and the proof that it is an earlier state; OpenSSL reads them', async () => {
  const { files, authority } = await stampedPackage()
  const verdict = await verifyPackage(files)
  expect(verdict).toMatchObject({ ok: true, stamps: [{ size: 2 }] })
  const [{ file = '' } = {}] = verdict.stamps
  const note = await bytesOf(files, file.replace('.tsr', '.note'))
  expect(authority.accepts(note, await bytesOf(files, file))).toBe(true)

  const differs = async (name: string, change: (bytes: Buffer) => Buffer): Promise<string[]> => {
    const open = (asked: string) =>
      asked === name
        ? (async function* () {
            yield change(await bytesOf(files, name))
          })()
        : files.open(asked)
    const found = await verifyPackage({ ...files, open } as PackageFiles)
    return found.differences.map(difference => difference.what)
  }
  const link = file.replace('.tsr', '.json')
  const shorter = (bytes: Buffer) => {
    const told = JSON.parse(bytes.toString()) as { consistency: string[] }
    return Buffer.from(JSON.stringify({ ...told, consistency: told.consistency.slice(1) }))
  }
  expect(await differs(link, shorter)).toContain('stamp.checkpoint')
  expect(await differs(file.replace('.tsr', '.note'), bytes => Buffer.concat([bytes, bytes]))).toContain(
    'stamp.imprint',
  )
  expect(await differs(file, bytes => bytes.subarray(0, 40))).toContain('stamp.unreadable')
})
