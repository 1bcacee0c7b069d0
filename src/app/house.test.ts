import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freshDatabase } from '../../test/support/database.ts'
import { createLog, loadConfig } from '../base/index.ts'
import { type Mode, openPremises } from './house.ts'
import { startServices } from './services.ts'

const WECOM = { WECOM_CORPID: 'ww1', WECOM_ARCHIVE_SECRET: 'a', WECOM_CONTACT_SECRET: 'c' }

/** One data folder and database, to be opened again and again with other settings. */
async function place() {
  const database = await freshDatabase()
  const folder = mkdtempSync(join(tmpdir(), 'tongjian-place-'))
  onTestFinished(async () => {
    await database.drop()
    rmSync(folder, { recursive: true, force: true })
  })
  const config = (env: Record<string, string>) =>
    loadConfig({ TONGJIAN_DATA: folder, DATABASE_URL: database.appUrl, LOG_LEVEL: 'silent', ...env })
  const open = (env: Record<string, string>, options: { mode: Mode; demo?: boolean }) =>
    openPremises(config(env), createLog('silent'), options)
  return { folder, open }
}

test('a demo stays a demo: serve refuses its data, the shell may look at it', async () => {
  const { open } = await place()
  await (await open({}, { mode: 'server', demo: true })).close()
  await expect(open({}, { mode: 'server' })).rejects.toMatchObject({ code: 'data.is_demo' })
  const shell = await open({}, { mode: 'command' })
  expect(shell.house.demo).toBe(true)
  await shell.close()
})

test("another institution's data is refused, by both names", async () => {
  const { open } = await place()
  await (await open(WECOM, { mode: 'server' })).close()
  await expect(open({ ...WECOM, WECOM_CORPID: 'ww2' }, { mode: 'server' })).rejects.toThrow(
    /belongs to ww1, but WECOM_CORPID is ww2/,
  )
})

test('a wrong master key is told at once, not at the first message', async () => {
  const { folder, open } = await place()
  await (await open({}, { mode: 'server' })).close()
  writeFileSync(join(folder, 'secrets', 'master.key'), 'ab'.repeat(32))
  await expect(open({}, { mode: 'server' })).rejects.toMatchObject({ code: 'key.wrong' })
})

test('a master key that is lost is told, and no other one is made over what it sealed', async () => {
  const { folder, open } = await place()
  await (await open({}, { mode: 'server' })).close()
  const file = join(folder, 'secrets', 'master.key')
  rmSync(file)
  await expect(open({}, { mode: 'server' })).rejects.toThrow(
    /key\.missing: the master key .* is gone: restore it/,
  )
  expect(existsSync(file)).toBe(false)
})

test('without the Finance SDK, production capture is refused before anything starts, and says what can be done', async () => {
  const { open } = await place()
  const premises = await open(WECOM, { mode: 'server' })
  await expect(startServices(premises, { capture: true })).rejects.toMatchObject({
    code: 'sdk.library',
    details: { reason: 'missing' },
  })
  await premises.close()
})

test("the operator's calendar is read, and a bad one names its file", async () => {
  const { folder, open } = await place()
  mkdirSync(join(folder, 'calendar'))
  writeFileSync(
    join(folder, 'calendar', '2031.json'),
    JSON.stringify({ year: 2031, holidays: ['2030-05-01'], workdays: [] }),
  )
  await expect(open({}, { mode: 'command' })).rejects.toThrow(/2031\.json.*2030-05-01 is not of 2031/s)
})
