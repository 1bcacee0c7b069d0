import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ask, dataFolder, embeddedProcess, sweepCluster } from '../../../test/support/embedded.ts'
import { testFolder } from '../../../test/support/folder.ts'
import { findBinaries } from './binaries.ts'
import { startEmbedded } from './index.ts'

const asRoot = process.getuid?.() === 0

/** A data folder below a folder that only its owner may enter. */
function closedFolder(): string {
  const home = join(testFolder(), 'home')
  mkdirSync(home, { mode: 0o700 })
  const dataDir = join(home, 'clone', 'data')
  onTestFinished(() => sweepCluster(dataDir))
  return dataDir
}

function outsideOf(dataDir: string): string {
  return JSON.parse(readFileSync(join(dataDir, 'postgres.json'), 'utf8')).outside
}

async function keep(dataDir: string): Promise<void> {
  const pg = await startEmbedded({ dataDir, mode: 'server' })
  await ask(pg.ownerUrl(), 'CREATE TABLE kept ()')
  await pg.stop()
}

async function isKept(dataDir: string): Promise<boolean> {
  const pg = await startEmbedded({ dataDir, mode: 'command' })
  const [row] = await ask(pg.ownerUrl(), "SELECT to_regclass('kept') IS NOT NULL AS kept")
  await pg.stop()
  return row?.kept === true
}

test('a folder name with spaces, quotes and Chinese works', async () => {
  const dataDir = dataFolder("王's 数据 (2026) $HOME %d")
  await keep(dataDir)
  expect(await isKept(dataDir)).toBe(true)
  expect(existsSync(join(dataDir, 'postgres', 'PG_VERSION'))).toBe(true)
})

test('a start killed while it makes the cluster is made good by the next', async () => {
  const dataDir = dataFolder()
  const child = embeddedProcess(dataDir, 'server')
  const drafts = () =>
    existsSync(dataDir) ? readdirSync(dataDir).filter(name => name.startsWith('postgres.draft-')) : []
  const started = () => drafts().some(name => existsSync(join(dataDir, name, 'cluster', 'base')))
  while (!started()) await new Promise(done => setImmediate(done))
  child.kill()
  await child.ended
  expect(existsSync(join(dataDir, 'postgres'))).toBe(false)
  await keep(dataDir)
  expect(await isKept(dataDir)).toBe(true)
  expect(drafts()).toEqual([])
})

test('a start killed between making the cluster and its roles is made good by the next', async () => {
  const dataDir = dataFolder()
  const child = embeddedProcess(dataDir, 'server')
  while (!existsSync(join(dataDir, 'postgres'))) await new Promise(done => setImmediate(done))
  child.kill()
  await child.ended
  await keep(dataDir)
  expect(await isKept(dataDir)).toBe(true)
})

test('an existing folder that is no cluster is left alone', async () => {
  const dataDir = dataFolder()
  mkdirSync(join(dataDir, 'postgres'), { recursive: true })
  chmodSync(dataDir, 0o711)
  writeFileSync(join(dataDir, 'postgres', 'letter.txt'), 'mine')
  if (asRoot) chownSync(join(dataDir, 'postgres'), 65_534, 65_534)
  await expect(startEmbedded({ dataDir, mode: 'server' })).rejects.toThrow('is not a PostgreSQL cluster')
  expect(readFileSync(join(dataDir, 'postgres', 'letter.txt'), 'utf8')).toBe('mine')
})

test('a cluster whose passwords are gone says so and keeps its data', async () => {
  const dataDir = dataFolder()
  await keep(dataDir)
  const file = join(dataDir, 'secrets', 'postgres.json')
  renameSync(file, `${file}.away`)
  await expect(startEmbedded({ dataDir, mode: 'server' })).rejects.toThrow('restore')
  renameSync(`${file}.away`, file)
  expect(await isKept(dataDir)).toBe(true)
})

test('a copied data folder is a database of its own, whoever copied it', async () => {
  const dataDir = dataFolder()
  await keep(dataDir)
  const copy = `${dataDir}-copy`
  onTestFinished(() => sweepCluster(copy))
  cpSync(dataDir, copy, { recursive: true })
  chmodSync(copy, 0o711)
  const [one, two] = await Promise.all(
    [dataDir, copy].map(dir => startEmbedded({ dataDir: dir, mode: 'server' })),
  )
  await ask(one!.ownerUrl(), 'DROP TABLE kept')
  await Promise.all([one!.stop(), two!.stop()])
  expect([await isKept(dataDir), await isKept(copy)]).toEqual([false, true])
})

test('a moved data folder goes on', async () => {
  const dataDir = dataFolder()
  await keep(dataDir)
  const moved = `${dataDir} moved`
  renameSync(dataDir, moved)
  expect(await isKept(moved)).toBe(true)
  expect(await isKept(dataDir)).toBe(false)
})

test.runIf(asRoot)(
  'as root, below a closed home, the cluster goes where PostgreSQL can reach it',
  async () => {
    const dataDir = closedFolder()
    await keep(dataDir)
    const outside = outsideOf(dataDir)
    expect(outside).toMatch(/^\/var\/lib\/tongjian\//)
    expect(existsSync(join(dataDir, 'postgres'))).toBe(false)
    expect(statSync(join(outside, 'postgres')).mode & 0o077).toBe(0)
    expect(await isKept(dataDir)).toBe(true)

    const moved = `${dataDir}-moved`
    renameSync(dataDir, moved)
    expect(await isKept(moved)).toBe(true)
    cpSync(moved, dataDir, { recursive: true })
    await expect(startEmbedded({ dataDir, mode: 'server' })).rejects.toMatchObject({ code: 'data.in_use' })
  },
)

test.runIf(asRoot)('a data folder that was deleted comes back empty', async () => {
  const dataDir = closedFolder()
  await keep(dataDir)
  const before = outsideOf(dataDir)
  onTestFinished(() => rmSync(before, { recursive: true, force: true }))
  rmSync(dataDir, { recursive: true })
  expect(await isKept(dataDir)).toBe(false)
  expect(outsideOf(dataDir)).not.toBe(before)
})

test.runIf(asRoot)('an ordinary user runs PostgreSQL as itself, and root joins it there', async () => {
  const parent = testFolder()
  chownSync(parent, 65_534, 65_534)
  const dataDir = join(parent, 'data')
  onTestFinished(() => sweepCluster(dataDir))
  const child = embeddedProcess(dataDir, 'server', { uid: 65_534, gid: 65_534 })
  expect([await child.line(), child.complaint()]).toEqual([expect.stringMatching(/^\d+$/), ''])
  for (const [name, mode] of [
    ['.', 0o700],
    ['postgres', 0o700],
    ['secrets', 0o700],
  ] as const) {
    expect(statSync(join(dataDir, name))).toMatchObject({ uid: 65_534, mode: 0o040_000 | mode })
  }
  const command = await startEmbedded({ dataDir, mode: 'command' })
  expect(await ask(command.ownerUrl(), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  await command.stop()
  child.release()
  expect(await child.ended).toBe(0)
  await keep(dataDir)
})

test.runIf(asRoot)('binaries below a closed folder are copied once, whole, for all to read', async () => {
  const copies = testFolder(0o755)
  const nobody = { uid: 65_534, gid: 65_534, name: 'nobody' }
  const { root: native } = findBinaries(undefined, copies)
  const closed = join(testFolder(0o700), 'package')
  cpSync(join(native, '..'), closed, { recursive: true, verbatimSymlinks: true })
  // npm run without install scripts leaves no links, and a strict umask closes the files.
  for (const name of readdirSync(join(closed, 'native', 'lib'))) {
    if (/\.so(\.\d+)?$/.test(name) && name.startsWith('libpq')) rmSync(join(closed, 'native', 'lib', name))
  }
  chmodSync(join(closed, 'native', 'lib'), 0o700)
  const found = findBinaries(nobody, copies, join(closed, 'native'))
  expect(found.root.startsWith(copies)).toBe(true)
  expect(existsSync(join(found.root, 'lib', 'libpq.so.5'))).toBe(true)
  expect(statSync(join(found.root, 'lib')).mode & 0o777).toBe(0o755)
  const before = statSync(found.root).ino
  expect(statSync(findBinaries(nobody, copies, join(closed, 'native')).root).ino).toBe(before)
  expect(readdirSync(copies).length).toBe(1)
})
