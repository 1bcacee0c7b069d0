import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { archiveAll, textMessage } from '../../../test/support/messages.ts'
import { testPremises, testServices } from '../../../test/support/premises.ts'
import { search, searchQuery } from '../../archive/index.ts'
import { createLog, loadConfig, shellActor } from '../../base/index.ts'
import { list } from '../../trail/index.ts'
import { verifyWhole } from '../whole.ts'
import { keysCommand } from './keys.ts'

async function house(env: Record<string, string> = {}) {
  const premises = await testPremises(env)
  const services = await testServices(premises)
  const run = async (more: Record<string, string>, ...args: string[]) => {
    const [out, err]: [string[], string[]] = [[], []]
    const io = { out: (line: string) => void out.push(line), err: (line: string) => void err.push(line) }
    const config = loadConfig({
      TONGJIAN_DATA: premises.folder,
      DATABASE_URL: premises.database.appUrl,
      DATABASE_OWNER_URL: premises.database.ownerUrl,
      ...env,
      ...more,
    })
    const code = await keysCommand(config, createLog('silent'), io, args)
    return { code, out, err }
  }
  const status = async (more = {}) => JSON.parse((await run(more, 'status', '--json')).out[0] ?? '')
  const found = async (q: string) => {
    const page = await search(premises.db, shellActor(premises.house, 'test'), searchQuery.parse({ q }))
    return page.items.map(item => item.excerpt.text)
  }
  return { premises, services, run, status, found }
}

test('a key file is changed under a running server: messages before, between and after are read, and all verifies', async () => {
  const { premises, services, run, status, found } = await house()
  await archiveAll(premises, services, [textMessage('换钥之前的一句话')])
  const before = await status()
  expect(before).toMatchObject({ suite: 'international', next: null, unopened: 0, shredded: 0 })
  const done = await run({}, 'rotate')
  expect(done.code).toBe(0)
  expect(done.out[0]).toMatch(/^已重新封装 \d+ 个数据密钥，主密钥现为 [0-9a-f]{16}$/)
  // The server holds the old key, was told nothing, and goes on: a conversation it never opened, and a new one.
  await archiveAll(premises, services, [textMessage('换钥之后的一句话', { tolist: ['boss'] })])
  expect(await found('一句话')).toHaveLength(2)
  const after = await status()
  expect(after.current).not.toBe(before.current)
  expect(after).toMatchObject({ keys: before.keys + 1, unopened: 0 })
  const files = readdirSync(join(premises.folder, 'secrets')).filter(name => name.startsWith('master.key'))
  expect(files.toSorted()).toEqual(['master.key', `master.key.retired-${before.current}`])
  expect((await verifyWhole(premises, { everyByte: true })).problems).toEqual([])
  const trail = await list(premises.db, shellActor(premises.house, 'test'), {
    verb: 'keys.rotated',
    limit: 5,
  })
  expect(trail.items).toMatchObject([
    { thingId: after.current, detail: { master: after.current, keys: before.keys } },
  ])
  expect((await run({}, 'status')).out.join('\n')).toMatch(/在用[\s\S]*全部数据密钥都能打开/)
})

test('a key from the environment is changed only when every server was given the next one', async () => {
  const [old, young] = ['ab'.repeat(32), 'cd'.repeat(32)]
  const { premises, run, status } = await house({ TONGJIAN_MASTER_KEY: old })
  await expect(run({}, 'rotate')).rejects.toThrow(/give the next one in TONGJIAN_NEXT_MASTER_KEY/)
  await expect(run({ TONGJIAN_NEXT_MASTER_KEY: young }, 'rotate')).rejects.toThrow(
    /a running server \(connection \d+\) was not given master key/,
  )
  expect(existsSync(join(premises.folder, 'secrets', 'master.key'))).toBe(false)
  expect(await status()).toMatchObject({ unopened: 0 })
})

test('after a change of a key from the environment the old one opens nothing, and the error names the new one', async () => {
  const [old, young] = ['ab'.repeat(32), 'cd'.repeat(32)]
  const premises = await testPremises({ TONGJIAN_MASTER_KEY: old })
  const config = (env: Record<string, string>) =>
    loadConfig({
      TONGJIAN_DATA: premises.folder,
      DATABASE_URL: premises.database.appUrl,
      DATABASE_OWNER_URL: premises.database.ownerUrl,
      ...env,
    })
  const out: string[] = []
  const io = { out: (line: string) => void out.push(line), err: () => undefined }
  const run = (env: Record<string, string>, what: string) =>
    keysCommand(config(env), createLog('silent'), io, [what, '--json'])
  expect(await run({ TONGJIAN_MASTER_KEY: old, TONGJIAN_NEXT_MASTER_KEY: young }, 'rotate')).toBe(0)
  expect(out.at(-1)).toMatch(/把新主密钥设为 TONGJIAN_MASTER_KEY/)
  expect(await run({ TONGJIAN_MASTER_KEY: young }, 'status')).toBe(0)
  const { current } = JSON.parse(out.at(-1) ?? '')
  await expect(run({ TONGJIAN_MASTER_KEY: old }, 'status')).rejects.toThrow(
    `TONGJIAN_MASTER_KEY is not the master key this data was sealed with: it was ${current}`,
  )
})
