import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testFolder } from '../../test/support/folder.ts'
import { loadConfig } from './config.ts'
import { MasterKeys } from './master-key.ts'

const HEX = 'ab'.repeat(32)

function settings(env: Record<string, string | undefined>) {
  return loadConfig({ TONGJIAN_DATA: testFolder(), ...env }).masterKey
}
const load = (env: Record<string, string | undefined>) =>
  MasterKeys.load(settings(env), 'international', false)

/** A program of the operator's that prints the key. */
function program(script: string): string {
  const file = join(testFolder(), 'key-client')
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return file
}

test('a new house makes its key file once, for its owner alone; a damaged one is refused with what it should hold', async () => {
  const file = join(testFolder(), 'secrets', 'master.key')
  const own = settings({ TONGJIAN_MASTER_KEY_FILE: file })
  const made = await Promise.all([1, 2, 3].map(() => MasterKeys.load(own, 'international', true)))
  expect(new Set(made.map(keys => keys.current.id)).size).toBe(1)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  writeFileSync(file, 'not a key')
  await expect(MasterKeys.load(own, 'international', true)).rejects.toThrow(
    `${file} must hold 64 hexadecimal digits`,
  )
  expect(readFileSync(file, 'utf8')).toBe('not a key')
})

test('the same key is the same key by file, environment or command; its fingerprint is not the key', async () => {
  const file = join(testFolder(), 'k')
  writeFileSync(file, `${HEX.toUpperCase()}\n`, { mode: 0o600 })
  const ids = await Promise.all(
    [
      { TONGJIAN_MASTER_KEY_FILE: file },
      { TONGJIAN_MASTER_KEY: HEX },
      { TONGJIAN_MASTER_KEY_COMMAND: `${program(`printf '%s\\n' "$2"`)} --key ${HEX}` },
    ].map(async env => (await load(env)).current.id),
  )
  expect(new Set(ids).size).toBe(1)
  expect(ids[0]).toMatch(/^[0-9a-f]{16}$/)
  expect(HEX).not.toContain(ids[0])
})

test('two sources are refused by name, and no message holds a key', async () => {
  const both = { TONGJIAN_MASTER_KEY: HEX, TONGJIAN_MASTER_KEY_COMMAND: 'x' }
  expect(() => settings(both)).toThrow(
    'TONGJIAN_MASTER_KEY and TONGJIAN_MASTER_KEY_COMMAND are set: a master key has one source',
  )
  await expect(load({ TONGJIAN_MASTER_KEY: `${HEX}0` })).rejects.toThrow(
    /^key\.missing: TONGJIAN_MASTER_KEY must hold 64 hexadecimal digits \(a 256-bit key\), nothing else$/,
  )
})

test.each([
  ['ended with 3: run it by hand', `echo ${HEX}; echo secret-of-the-client >&2; exit 3`],
  ['must print 64 hexadecimal digits', `echo welcome; echo ${HEX}`],
  ['printed more than 4096 bytes', 'yes'],
])('a command that %s is told so, and what it said is not', async (said, script) => {
  const failed = await load({ TONGJIAN_MASTER_KEY_COMMAND: program(script) }).catch((error: Error) => error)
  expect(failed).toMatchObject({ code: 'key.missing' })
  expect(String(failed)).toContain(said)
  expect(`${failed}${(failed as Error).stack}${(failed as Error).cause}`).not.toMatch(
    /secret-of|abab|welcome/,
  )
})

test('a command is no line for a shell, and sees none of our settings', async () => {
  await expect(load({ TONGJIAN_MASTER_KEY_COMMAND: `/no/such/client; echo ${HEX}` })).rejects.toThrow(
    'names a program that is not there',
  )
  process.env.WECOM_ARCHIVE_SECRET = 'of the archive'
  process.env.CLIENT_SETTING = 'of the client'
  try {
    const seen = join(testFolder(), 'seen')
    await load({ TONGJIAN_MASTER_KEY_COMMAND: `${program(`env > ${seen}; echo ${HEX}`)}` })
    const names = readFileSync(seen, 'utf8')
    expect(names).toContain('CLIENT_SETTING')
    expect(names).not.toMatch(/WECOM_|TONGJIAN_|of the archive/)
  } finally {
    delete process.env.WECOM_ARCHIVE_SECRET
    delete process.env.CLIENT_SETTING
  }
})

test('where the key is not in a file of ours, the next one is asked for, and must be another', async () => {
  await expect((await load({ TONGJIAN_MASTER_KEY: HEX })).prepareNext()).rejects.toThrow(
    /give the next one in TONGJIAN_NEXT_MASTER_KEY/,
  )
  await expect(
    (await load({ TONGJIAN_MASTER_KEY: HEX, TONGJIAN_NEXT_MASTER_KEY: HEX })).prepareNext(),
  ).rejects.toThrow(/gives the key that is in force already/)
  const both = await load({ TONGJIAN_MASTER_KEY: HEX, TONGJIAN_NEXT_MASTER_KEY: 'cd'.repeat(32) })
  expect((await both.prepareNext()).id).toBe(both.newest.id)
  expect(await both.promote()).toBe(false)
})

test('a key file that appears while the process runs is found', async () => {
  const folder = testFolder()
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'master.key')
  writeFileSync(file, HEX, { mode: 0o600 })
  const keys = await load({ TONGJIAN_MASTER_KEY_FILE: file })
  expect(keys.next).toBeUndefined()
  writeFileSync(`${file}.next`, 'cd'.repeat(32), { mode: 0o600 })
  const other = await load({ TONGJIAN_MASTER_KEY: 'cd'.repeat(32) })
  expect((await keys.find(other.current.id))?.id).toBe(other.current.id)
  expect(keys.newest.id).toBe(other.current.id)
})
