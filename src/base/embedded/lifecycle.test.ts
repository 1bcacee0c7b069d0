import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Client } from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { startChild, UNTIL_RELEASED } from '../../../test/support/child.ts'
import { ask, dataFolder, embeddedProcess } from '../../../test/support/embedded.ts'
import { startEmbedded } from './index.ts'
import { startOf } from './processes.ts'

test('a fresh folder gets a cluster with three roles, and a restart keeps the data', async () => {
  const dataDir = dataFolder()
  const first = await startEmbedded({ dataDir, mode: 'server' })
  expect(first).toMatchObject({ adopted: false, role: 'server' })
  await ask(
    first.ownerUrl(),
    'CREATE TABLE kept AS SELECT 42 AS answer; GRANT SELECT ON kept TO tongjian_app',
  )
  for (const [url, role] of [
    [first.ownerUrl(), 'tongjian_owner'],
    [first.appUrl(), 'tongjian_app'],
    [first.purgeUrl(), 'tongjian_purge'],
  ] as const) {
    expect(await ask(url, 'SELECT current_user AS role, current_database() AS db')).toEqual([
      { role, db: 'tongjian' },
    ])
  }
  await expect(ask(first.appUrl(), 'CREATE TABLE mine ()')).rejects.toThrow('permission denied')
  await first.stop()
  await first.stop()
  expect(startOf(first.pid)).toBeUndefined()

  const second = await startEmbedded({ dataDir, mode: 'server' })
  expect(second.adopted).toBe(false)
  expect(second.port).toBe(first.port)
  expect(await ask(second.appUrl(), 'SELECT * FROM kept')).toEqual([{ answer: 42 }])
  await second.stop()
})

test('the cluster is durable, checksummed, UTF-8 and closed to the network', async () => {
  const dataDir = dataFolder()
  const pg = await startEmbedded({ dataDir, mode: 'server' })
  const rows = await ask(
    pg.ownerUrl(),
    `SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit',
       'data_checksums', 'server_encoding', 'listen_addresses', 'password_encryption',
       'jit', 'shared_buffers')`,
  )
  expect(Object.fromEntries(rows.map(row => [row.name, row.setting]))).toEqual({
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    data_checksums: 'on',
    server_encoding: 'UTF8',
    listen_addresses: '127.0.0.1',
    password_encryption: 'scram-sha-256',
    jit: 'off',
    shared_buffers: String((256 * 1024) / 8),
  })
  const wrong = new URL(pg.ownerUrl())
  wrong.password = 'wrong'
  await expect(ask(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed')
  for (const file of ['secrets/postgres.json', 'postgres.json']) {
    expect(statSync(join(dataDir, file)).mode & 0o777).toBe(0o600)
  }
  expect(statSync(join(dataDir, 'secrets')).mode & 0o777).toBe(0o700)
  await pg.stop()
})

test('neither content nor passwords reach the log of PostgreSQL', async () => {
  const dataDir = dataFolder()
  const pg = await startEmbedded({ dataDir, mode: 'server' })
  const url = pg.ownerUrl()
  await ask(url, 'CREATE TABLE said (id int PRIMARY KEY, word text UNIQUE)')
  await ask(url, "INSERT INTO said VALUES (1, 'CONTENT')")
  await expect(ask(url, "INSERT INTO said VALUES (2, 'CONTENT')")).rejects.toThrow()
  await expect(ask(url, "SELECT 'CONTENT'::int")).rejects.toThrow()
  await expect(ask(url, "SELECT * FROM nowhere WHERE x = 'CONTENT'")).rejects.toThrow()
  await expect(ask(url, "ALTER ROLE nobody_here PASSWORD 'CONTENT'")).rejects.toThrow()
  await expect(
    ask(url, "DO $$ BEGIN RAISE WARNING 'CONTENT'; RAISE EXCEPTION 'CONTENT'; END $$"),
  ).rejects.toThrow()
  const client = new Client({ connectionString: url })
  await client.connect()
  await expect(client.query('SELECT $1::text::int', ['CONTENT'])).rejects.toThrow()
  await client.end()
  await pg.stop()
  const log = readFileSync(join(dataDir, 'postgres', 'postgres.log'), 'utf8')
  expect(log).toContain('ready to accept connections')
  expect(log).not.toContain('CONTENT')
  expect(log).not.toContain(new URL(url).password)
})

test('a killed server leaves PostgreSQL running and the next one adopts it', async () => {
  const dataDir = dataFolder()
  const child = embeddedProcess(dataDir, 'server')
  const pid = Number(await child.line())
  child.kill()
  await child.ended
  expect(startOf(pid)).toBeDefined()
  const next = await startEmbedded({ dataDir, mode: 'server' })
  expect(next).toMatchObject({ adopted: true, pid })
  expect(await ask(next.ownerUrl(), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  await next.stop()
  expect(startOf(pid)).toBeUndefined()
})

test('a command that adopts an orphan stops it when it leaves', async () => {
  const dataDir = dataFolder()
  const child = embeddedProcess(dataDir, 'server')
  const pid = Number(await child.line())
  child.kill()
  await child.ended
  const command = await startEmbedded({ dataDir, mode: 'command' })
  expect(command).toMatchObject({ adopted: true, role: 'client', pid })
  await command.stop()
  expect(startOf(pid)).toBeUndefined()
})

test('when PostgreSQL is killed too, the next start recovers what was committed', async () => {
  const dataDir = dataFolder()
  const child = embeddedProcess(dataDir, 'server')
  const pid = Number(await child.line())
  const command = await startEmbedded({ dataDir, mode: 'command' })
  await ask(command.ownerUrl(), 'CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n')
  // Busy in the middle of a statement, this backend would not notice by itself that its postmaster is gone.
  const busy = new Client({ connectionString: command.ownerUrl() })
  busy.on('error', () => undefined)
  await busy.connect()
  const work = busy.query('SELECT count(*) FROM generate_series(1, 1000000000)').catch(() => 'cut off')
  child.kill()
  process.kill(pid, 'SIGKILL')
  const next = await startEmbedded({ dataDir, mode: 'server' })
  expect(next.adopted).toBe(false)
  expect(await work).toBe('cut off')
  expect(await ask(next.ownerUrl(), 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 1000 }])
  await command.stop()
  expect(await ask(next.ownerUrl(), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  await next.stop()
})

test('a server whose PostgreSQL died brings it back at the same place', async () => {
  const pg = await startEmbedded({ dataDir: dataFolder(), mode: 'server' })
  expect(await pg.revive()).toBe(false)
  const url = pg.ownerUrl()
  process.kill(pg.pid, 'SIGKILL')
  expect(await pg.revive()).toBe(true)
  expect(pg.ownerUrl()).toBe(url)
  expect(await ask(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  await pg.stop()
  expect(await pg.revive()).toBe(false)
})

test('a process number that is a stranger’s by now is not taken for PostgreSQL', async () => {
  const dataDir = dataFolder()
  const first = await startEmbedded({ dataDir, mode: 'server' })
  const file = join(dataDir, 'postgres', 'postmaster.pid')
  const lines = readFileSync(file, 'utf8').split('\n')
  process.kill(first.pid, 'SIGKILL')
  await first.stop()
  // The stranger runs under the account of PostgreSQL, the case that PostgreSQL itself cannot tell.
  const { uid, gid } = statSync(file)
  const stranger = startChild(
    `console.log('up'); ${UNTIL_RELEASED}`,
    process.getuid?.() === 0 ? { uid, gid } : {},
  )
  onTestFinished(() => stranger.kill())
  await stranger.line()
  writeFileSync(file, [stranger.pid, ...lines.slice(1)].join('\n'))
  const next = await startEmbedded({ dataDir, mode: 'server' })
  expect(next.adopted).toBe(false)
  expect(startOf(stranger.pid)).toBeDefined()
  await next.stop()
})

test('when the port of last time is taken another is chosen and kept', async () => {
  const dataDir = dataFolder()
  const first = await startEmbedded({ dataDir, mode: 'server' })
  await first.stop()
  const squatter = createServer()
  await new Promise<void>(done => squatter.listen(first.port, '127.0.0.1', done))
  onTestFinished(() => void squatter.close())
  const second = await startEmbedded({ dataDir, mode: 'server' })
  expect(second.port).not.toBe(first.port)
  expect(await ask(second.ownerUrl(), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  await second.stop()
  const third = await startEmbedded({ dataDir, mode: 'server' })
  expect(third.port).toBe(second.port)
  await third.stop()
})

test('a broken setting fails with what PostgreSQL said, and mending it mends the start', async () => {
  const dataDir = dataFolder()
  await (await startEmbedded({ dataDir, mode: 'server' })).stop()
  const local = join(dataDir, 'postgres', 'local.conf')
  writeFileSync(local, 'no_such_setting = 1\n', { mode: 0o644 })
  await expect(startEmbedded({ dataDir, mode: 'server' })).rejects.toThrow(/no_such_setting/)
  writeFileSync(local, "work_mem = '8MB'\n")
  const pg = await startEmbedded({ dataDir, mode: 'server' })
  expect(await ask(pg.ownerUrl(), 'SHOW work_mem')).toEqual([{ work_mem: '8MB' }])
  await pg.stop()
})
