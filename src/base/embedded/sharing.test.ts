import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask, dataFolder, embeddedProcess } from '../../../test/support/embedded.ts'
import { startEmbedded } from './index.ts'
import { startOf } from './processes.ts'

test('a second server on the folder is refused, with the process and what to do', async () => {
  const dataDir = dataFolder()
  const child = embeddedProcess(dataDir, 'server')
  await child.line()
  await expect(startEmbedded({ dataDir, mode: 'server' })).rejects.toMatchObject({
    code: 'data.in_use',
    details: { pid: child.pid, folder: dataDir },
    message: expect.stringMatching(/stop it, or give this one another folder/),
  })
  child.release()
  expect(await child.ended).toBe(0)
  const next = await startEmbedded({ dataDir, mode: 'server' })
  await expect(startEmbedded({ dataDir, mode: 'server' })).rejects.toMatchObject({
    details: { pid: process.pid },
  })
  await next.stop()
})

test('of two servers that start at once on a fresh folder exactly one serves', async () => {
  const dataDir = dataFolder()
  const started = await Promise.allSettled([1, 2, 3].map(() => startEmbedded({ dataDir, mode: 'server' })))
  const up = started.filter(outcome => outcome.status === 'fulfilled').map(outcome => outcome.value)
  const refused = started.filter(outcome => outcome.status === 'rejected').map(outcome => outcome.reason.code)
  expect(up.length).toBe(1)
  expect(refused).toEqual(['data.in_use', 'data.in_use'])
  await up[0]?.stop()
})

test('a command uses what the server runs and leaves it running', async () => {
  const dataDir = dataFolder()
  const server = await startEmbedded({ dataDir, mode: 'server' })
  const command = await startEmbedded({ dataDir, mode: 'command' })
  expect(command).toMatchObject({ adopted: true, role: 'client', pid: server.pid, port: server.port })
  expect(await ask(command.appUrl(), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  await command.stop()
  expect(await ask(server.appUrl(), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  await server.stop()
  expect(startOf(server.pid)).toBeUndefined()
})

test('a server that leaves first leaves PostgreSQL to the command, which stops it', async () => {
  const dataDir = dataFolder()
  const server = embeddedProcess(dataDir, 'server')
  const pid = Number(await server.line())
  const command = await startEmbedded({ dataDir, mode: 'command' })
  server.release()
  expect(await server.ended).toBe(0)
  expect(await ask(command.appUrl(), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  await command.stop()
  expect(startOf(pid)).toBeUndefined()
})

test('commands that start at once on a fresh folder share one PostgreSQL, and the last one out stops it', async () => {
  const dataDir = dataFolder()
  const children = [1, 2, 3, 4].map(() => embeddedProcess(dataDir, 'command'))
  const pids = new Set(await Promise.all(children.map(child => child.line())))
  expect(pids.size).toBe(1)
  const [pid] = [...pids].map(Number)
  for (const child of children.slice(1)) {
    child.release()
    expect(await child.ended).toBe(0)
  }
  expect(startOf(pid ?? 0)).toBeDefined()
  children[0]?.release()
  expect(await children[0]?.ended).toBe(0)
  expect(startOf(pid ?? 0)).toBeUndefined()
  expect(readdirSync(join(dataDir, 'run'))).toEqual([])
})

test('commands that come and go all the time never meet a stopped PostgreSQL', async () => {
  const dataDir = dataFolder()
  await Promise.all(
    [1, 2, 3].map(async () => {
      for (let round = 0; round < 8; round += 1) {
        const command = await startEmbedded({ dataDir, mode: 'command' })
        expect(await ask(command.appUrl(), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
        await command.stop()
      }
    }),
  )
  expect(readdirSync(join(dataDir, 'run'))).toEqual([])
})
