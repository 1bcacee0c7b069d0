import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLog } from '../base/index.ts'
import { loadRules, RULES_FOLDER } from './rules.ts'
import { compileApart, type LiveRules, watchRules } from './rules-apart.ts'

let folder = ''
let live: LiveRules | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tongjian-rules-'))
  cpSync(RULES_FOLDER, folder, { recursive: true })
})
afterEach(async () => {
  await live?.stop()
  live = undefined
  rmSync(folder, { recursive: true, force: true })
})

const until = async (done: () => boolean): Promise<void> => {
  while (!done()) await wait(50)
}
const pack = () => join(folder, 'guar.yaml')

test('a set compiled on its own thread is the set compiled here', async () => {
  const apart = await compileApart('bank', folder)
  const here = loadRules('bank', folder)
  if ('failed' in apart) throw new Error(apart.failed)
  expect(apart.version).toBe(here.version)
  for (const text of ['这款保本保息', '今天天气不错', '稳 赚 不 赔，加我微信'])
    expect(apart.engine.detect({ text })).toEqual(here.engine.detect({ text }))
})

test('a changed pack takes effect; a broken one leaves the rules in force and says where it is broken', async () => {
  live = watchRules('bank', createLog('silent'), folder)
  const first = live.current()
  await wait(1500)
  const text = readFileSync(pack(), 'utf8')
  writeFileSync(pack(), `${text}\n# 复核过\n`)
  await until(() => live?.current() !== first)
  const second = live.current()
  expect(second.version).not.toBe(first.version)
  expect(live.trouble()).toBeNull()

  writeFileSync(pack(), text.replace('terms:', 'trems:'))
  await until(() => live?.trouble() !== null)
  expect(live.trouble()?.problem).toMatch(/guar\.yaml:\d+: /)
  expect(live.trouble()).toMatchObject({ code: 'pack.schema', file: 'guar.yaml' })
  expect(live.current()).toBe(second)

  writeFileSync(pack(), text)
  await until(() => live?.trouble() === null)
  expect(live.current().version).toBe(first.version)
}, 60_000)
