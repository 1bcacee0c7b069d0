import { randomBytes } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testFolder } from '../../../test/support/folder.ts'
import { testPremises } from '../../../test/support/premises.ts'
import { loadConfig } from '../../base/index.ts'
import { checkMasterKey, checkRotation } from './doctor-keys.ts'

function told(env: Record<string, string>): string[] {
  return checkMasterKey(loadConfig({ TONGJIAN_DATA: '/srv/tongjian', ...env })).map(
    finding => `${finding.level} ${finding.what}`,
  )
}

test('the source is named, never the key; a key beside the data is warned about, also below it', () => {
  expect(told({})[0]).toMatch(/^注意 主密钥与数据同在/)
  expect(told({ TONGJIAN_MASTER_KEY_FILE: '/srv/tongjian/../tongjian/keys/k' })[0]).toMatch(/^注意/)
  expect(told({ TONGJIAN_MASTER_KEY_FILE: '/srv/tongjian-keys/k' })).toEqual([
    '正常 主密钥来源：文件 /srv/tongjian-keys/k',
  ])
  expect(told({ TONGJIAN_MASTER_KEY: 'ab'.repeat(32) })).toEqual([
    '正常 主密钥来源：环境变量 TONGJIAN_MASTER_KEY',
  ])
  expect(told({ TONGJIAN_MASTER_KEY_COMMAND: 'client --token s3cret' })).toEqual([
    '正常 主密钥来源：命令 TONGJIAN_MASTER_KEY_COMMAND',
  ])
})

test('a key file that others can read is an error', () => {
  const file = join(testFolder(), 'k')
  writeFileSync(file, 'ab'.repeat(32))
  chmodSync(file, 0o640)
  expect(told({ TONGJIAN_MASTER_KEY_FILE: file }).at(-1)).toBe('错误 主密钥文件可被他人读取')
})

test('a rotation that was not finished is told, with what is left', async () => {
  const premises = await testPremises()
  await premises.house.keys.forScopes(premises.db, [{ conv: '7', month: '2026-03-01' }])
  expect(await checkRotation(premises)).toEqual([])
  const before = premises.house.keys.masters.current.id
  writeFileSync(join(premises.folder, 'secrets', 'master.key.next'), randomBytes(32).toString('hex'), {
    mode: 0o600,
  })
  await premises.house.keys.masters.refresh()
  const [finding] = await checkRotation(premises)
  expect(finding?.what).toContain(`${before} 2 个`)
  expect(finding?.remedy).toMatch(/keys rotate/)
})
