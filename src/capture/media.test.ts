import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Sim } from '../../sim/index.ts'
import { startChild } from '../../test/support/child.ts'
import type { TestPremises } from '../../test/support/premises.ts'
import { captureAll, simulated, until } from '../../test/support/simulated.ts'
import { verifyWhole } from '../app/index.ts'
import { countMedia, releaseAll } from '../archive/index.ts'
import { readMedia } from '../archive/media.ts'
import { shellActor, sql } from '../base/index.ts'
import type { ArchiveSource } from '../wecom/index.ts'
import { fetchWaiting, startMedia } from './media.ts'

const MIB = 1024 * 1024

function send(sim: Sim, bytes: Buffer, to: string, wrong: { md5sum?: string; filesize?: number } = {}) {
  const { sdkfileid, md5sum, size } = sim.world.media.add(bytes)
  const file = { sdkfileid, md5sum, filesize: size, filename: '合同.pdf', fileext: 'pdf', ...wrong }
  const { msgid } = sim.world.emit({ from: 'linyue', tolist: [to], msgtype: 'file', file })
  return { msgid, sdkfileid }
}

const work = (premises: TestPremises, source: Pick<ArchiveSource, 'media'>) =>
  fetchWaiting({ db: premises.db, house: premises.house, blobs: premises.media, source }, null)

async function row(premises: TestPremises, msgid: string) {
  const { rows } = await sql<{
    convId: string
    sentAt: number
    part: string
    state: string
    sha256: Buffer | null
    reason: string | null
    slices: number
  }>`SELECT conv_id::text AS "convId", (extract(epoch FROM sent_at) * 1000)::bigint AS "sentAt", part, state, sha256, reason,
    resume_slices AS slices FROM message_media WHERE src_msgid = ${msgid}`.execute(premises.db)
  const found = rows[0]
  if (!found) throw new Error('no media row')
  return { ...found, msgid }
}

async function bytesOf(premises: TestPremises, msgid: string): Promise<Buffer> {
  const actor = shellActor(premises.house, 'test')
  const file = await readMedia(premises.db, actor, premises.media, await row(premises, msgid))
  return Buffer.concat(await Array.fromAsync(file.bytes()))
}

/** Counts the questions and what they began with. */
function watched(source: ArchiveSource) {
  const asked: string[] = []
  return {
    asked,
    media: (id: string, index: string) => {
      asked.push(index)
      return source.media(id, index)
    },
  }
}

test('a file is fetched byte for byte, stored once for two conversations, and every part of that is verified', async () => {
  const { sim, premises, source } = await simulated()
  const bytes = randomBytes(MIB + 5000)
  const first = send(sim, bytes, 'boss')
  const second = send(sim, bytes, 'zhao')
  const { services } = await captureAll(sim, premises, source)
  expect(await work(premises, source)).toBe(2)
  expect(await countMedia(premises.db, 1)).toEqual({ fetched: 2 })
  expect((await bytesOf(premises, first.msgid)).equals(bytes)).toBe(true)
  expect((await bytesOf(premises, second.msgid)).equals(bytes)).toBe(true)
  const stored = await sql<{ n: number }>`SELECT count(*) AS n FROM media`.execute(premises.db)
  expect(stored.rows[0]?.n).toBe(1)
  // Three pieces, sealed; nothing is left of the fetching.
  const hex = createHash('sha256').update(bytes).digest('hex')
  const folder = join(premises.folder, 'media', hex.slice(0, 2), hex)
  expect(readdirSync(folder).sort()).toEqual(['0', '1', '2'])
  expect(readFileSync(join(folder, '0')).includes(bytes.subarray(0, 32))).toBe(false)
  const partial = join(premises.folder, 'media', 'partial')
  expect(readdirSync(partial, { recursive: true }).filter(name => /\/\d+$/.test(String(name)))).toEqual([])
  await services.sealer.flush()
  const check = () => verifyWhole(premises, { everyByte: true })
  expect(await check()).toMatchObject({ ok: true, problems: [] })

  const kept = readFileSync(join(folder, '1'))
  const bent = Buffer.from(kept)
  bent.writeUInt8((bent.readUInt8(100) + 1) % 256, 100)
  writeFileSync(join(folder, '1'), bent)
  expect((await check()).problems[0]?.what).toBe('the file does not open')
  await expect(bytesOf(premises, first.msgid)).rejects.toMatchObject({ code: 'key.wrong' })
  rmSync(join(folder, '1'))
  expect((await check()).problems[0]?.what).toBe('the file is gone from the media folder')
  writeFileSync(join(folder, '1'), kept)
  for (const [change, back] of [
    ["state = 'fetched_md5_wrong'", "state = 'fetched'"],
    ['size = size + 1', 'size = size - 1'],
    ["reason = 'x'", 'reason = NULL'],
  ]) {
    await sql.raw(`UPDATE message_media SET ${change}`).execute(premises.owner)
    expect((await check()).problems[0]?.what, change).toMatch(/media record differs/)
    await sql.raw(`UPDATE message_media SET ${back}`).execute(premises.owner)
  }
  expect((await check()).ok).toBe(true)
})

test('of two messages that hold one file, the one whose size was altered is named', async () => {
  const { sim, premises, source } = await simulated()
  const bytes = randomBytes(700)
  send(sim, bytes, 'boss')
  const second = send(sim, bytes, 'boss')
  const { services } = await captureAll(sim, premises, source)
  await work(premises, source)
  await services.sealer.flush()
  const alter = (size: string) =>
    sql`UPDATE message_media SET size = ${sql.raw(size)} WHERE src_msgid = ${second.msgid}`.execute(
      premises.owner,
    )
  await alter('size + 1')
  const { problems } = await verifyWhole(premises, { everyByte: true })
  expect(problems.map(problem => problem.ref)).toEqual([`${second.msgid}|body`])
  await alter('size - 1')
  expect((await verifyWhole(premises, { everyByte: true })).problems).toEqual([])
})

test('md5 empty, md5 wrong and size wrong are recorded, not hidden; a wrong one was fetched twice', async () => {
  const { sim, premises, source } = await simulated()
  const none = send(sim, randomBytes(900), 'boss', { md5sum: '' })
  const wrong = send(sim, randomBytes(900), 'boss', { md5sum: 'a'.repeat(32) })
  const short = send(sim, randomBytes(900), 'boss', { filesize: 901 })
  await captureAll(sim, premises, source)
  const spy = watched(source)
  expect(await work(premises, spy)).toBe(3)
  expect((await row(premises, none.msgid)).state).toBe('fetched_md5_missing')
  expect((await row(premises, wrong.msgid)).state).toBe('fetched_md5_wrong')
  expect((await row(premises, short.msgid)).state).toBe('size_wrong')
  expect(spy.asked).toHaveLength(1 + 2 + 2)
  // What came is there to be looked at all the same.
  expect(await bytesOf(premises, wrong.msgid)).toHaveLength(900)
})

test('an expired file is recorded as a loss, with its reason and its leaf; what fails waits for its next try', async () => {
  const { sim, premises, source } = await simulated()
  const gone = send(sim, randomBytes(100), 'boss')
  const late = send(sim, randomBytes(100), 'zhao')
  sim.world.media.forget(gone.sdkfileid)
  const { services } = await captureAll(sim, premises, source)
  const broken = {
    media: (id: string, index: string) => {
      if (id === late.sdkfileid) throw new Error('the line is dead')
      return source.media(id, index)
    },
  }
  expect(await work(premises, broken)).toBe(1)
  expect(await row(premises, gone.msgid)).toMatchObject({
    state: 'expired',
    sha256: null,
    reason: 'wecom.refused 301048',
  })
  expect((await row(premises, late.msgid)).state).toBe('waiting')
  // Not before its time; then it comes.
  expect(await work(premises, source)).toBe(0)
  await sql`UPDATE message_media SET next_at = now()`.execute(premises.owner)
  expect(await work(premises, source)).toBe(1)
  await services.sealer.flush()
  expect((await verifyWhole(premises, { everyByte: true })).ok).toBe(true)
  const leaves = await sql<{ n: number }>`SELECT count(*) AS n FROM leaf WHERE kind = 'media'`.execute(
    premises.db,
  )
  expect(leaves.rows[0]?.n).toBe(2)
})

test('killed in the middle of a file, the next process goes on at the slice where it stopped', {
  timeout: 60_000,
}, async () => {
  const { sim, premises, source, env } = await simulated()
  const bytes = randomBytes(2 * MIB)
  const { msgid } = send(sim, bytes, 'boss')
  await captureAll(sim, premises, source)
  const setting = {
    ...env,
    TONGJIAN_DATA: premises.folder,
    DATABASE_URL: premises.database.appUrl,
    DATABASE_OWNER_URL: premises.database.ownerUrl,
    LOG_LEVEL: 'silent',
  }
  const src = join(import.meta.dirname, '..')
  const child = startChild(`
    import { openPremises } from '${src}/app/index.ts'
    import { armFailpoint, createLog, loadConfig } from '${src}/base/index.ts'
    import { fetchWaiting } from '${src}/capture/index.ts'
    import { openArchiveSource } from '${src}/wecom/index.ts'
    const config = loadConfig(${JSON.stringify(setting)})
    const premises = await openPremises(config, createLog('silent'), { mode: 'server' })
    armFailpoint('media.slice:2')
    const { db, house, media: blobs } = premises
    await fetchWaiting({ db, house, blobs, source: openArchiveSource(config.wecom) }, null)
  `)
  expect(await child.ended, child.complaint()).toBeUndefined()
  expect(await row(premises, msgid)).toMatchObject({ state: 'waiting', slices: 2 })
  // Its claim runs out by itself in a minute and a half; an embedded database's only process lifts it at once.
  expect(await work(premises, source)).toBe(0)
  await releaseAll(premises.db, 1)
  const spy = watched(source)
  expect(await work(premises, spy)).toBe(1)
  expect(spy.asked).toEqual(['Range:bytes=1048576-1572863', 'Range:bytes=1572864-2097151'])
  expect((await bytesOf(premises, msgid)).equals(bytes)).toBe(true)
})

test('an index that WeCom does not know any more: the file is begun again', async () => {
  const { sim, premises, source } = await simulated()
  const bytes = randomBytes(MIB)
  const { msgid } = send(sim, bytes, 'boss')
  await captureAll(sim, premises, source)
  await sql`UPDATE message_media SET resume_index = 'Range:bytes=9999999-9999999', resume_slices = 1`.execute(
    premises.owner,
  )
  expect(await work(premises, source)).toBe(1)
  expect((await bytesOf(premises, msgid)).equals(bytes)).toBe(true)
})

test('the worker fetches what is archived from then on, without being asked', async () => {
  const { sim, premises, source } = await simulated()
  const { services } = await captureAll(sim, premises, source)
  const running = await startMedia(
    { db: premises.db, house: premises.house, blobs: premises.media, source },
    services.jobs,
  )
  send(sim, randomBytes(5000), 'boss')
  await captureAll(sim, premises, source)
  await until('it is there', async () => (await countMedia(premises.db, 1)).fetched === 1)
  await running.stop()
})
