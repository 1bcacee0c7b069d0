import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startChild } from '../../../test/support/child.ts'
import { ended, openClass, person, REASON, verifyAll } from '../../../test/support/keep.ts'
import { archiveAll, textMessage } from '../../../test/support/messages.ts'
import { type TestPremises, testPremises, testServices } from '../../../test/support/premises.ts'
import { type FailpointName, sql } from '../../base/index.ts'
import { keepSlice, settleFetched } from '../media.ts'
import { readDestruction } from './certificate.ts'
import { executePurge } from './execute.ts'
import { decidePurgeRequest, listPurges, requestPurge } from './requests.ts'

/** One kill within each stage, and with KEEP_POINTS=all the others; a process of its own costs seconds. */
const POINTS: readonly [FailpointName, number][] = [
  ['purge.part', 2],
  ['purge.file', 1],
  ['purge.before_certificate', 1],
  ...(process.env.KEEP_POINTS === 'all'
    ? ([
        ['purge.part', 1],
        ['purge.part_committed', 1],
        ['purge.file', 2],
      ] satisfies [FailpointName, number][])
    : []),
]
const BYTES = Buffer.from('the bytes of an old picture')
const OTHER = Buffer.from('the bytes of another picture')

/** The same picture in an old and in a new message, another in an old one alone, and a talk of two old months. */
async function withPictures() {
  const premises = await testPremises()
  const services = await testServices(premises)
  const picture = (file: string, at: number, to: string) =>
    textMessage('', {
      msgtype: 'image',
      tolist: [to],
      msgtime: at,
      image: {
        sdkfileid: `file-${file}-${at}`,
        md5sum: createHash('md5').update(file).digest('hex'),
        filesize: file.length,
      },
    })
  const [old, later] = ['wmOldCustomer00000000000000000000', 'wmNewCustomer00000000000000000000']
  const done = await archiveAll(premises, services, [
    picture('shared', Date.UTC(2005, 2, 5), old),
    picture('alone', Date.UTC(2005, 3, 5), old),
    textMessage('四月的话', { tolist: [old], msgtime: Date.UTC(2005, 3, 6) }),
    picture('shared', Date.UTC(2026, 9, 5), later),
  ])
  for (const [at, bytes] of [
    [0, BYTES],
    [1, OTHER],
    [3, BYTES],
  ] as const)
    await store(premises, done.archived[at], bytes)
  await services.sealer.flush()
  const conv = done.archived[0]?.conv ?? ''
  await openClass(premises)
  await ended(premises, conv, '2006-01-01')
  await sql`UPDATE media_reading SET state = 'skipped', reason = 'test'`.execute(premises.owner)
  while ((await services.jobs.counts()).some(c => c.waiting + c.active > 0))
    await new Promise(r => setTimeout(r, 30))
  const request = await requestPurge(services.keep, person(premises, 'lead'), {
    scope: { kind: 'conversation', id: conv },
    reason: REASON,
  })
  await services.stop()
  return { premises, keep: services.keep, request, conv }
}

async function store(
  premises: TestPremises,
  item: { conv: string; sentAt: number; incoming: { normal: { msgid: string } } } | undefined,
  bytes: Buffer,
) {
  if (!item) throw new Error('not archived')
  const { db, house, media } = premises
  const ref = { convId: item.conv, sentAt: item.sentAt, msgid: item.incoming.normal.msgid, part: 'body' }
  const { rows } = await sql<{
    part: string
  }>`SELECT part FROM message_media WHERE src_msgid = ${ref.msgid}`.execute(db)
  ref.part = rows[0]?.part ?? 'body'
  await keepSlice(db, house, media, ref, { number: 0, data: bytes, next: '' })
  const measured = { sha256: createHash('sha256').update(bytes).digest(), md5: '', size: bytes.length }
  await settleFetched(db, house, media, ref, 1, measured, 'fetched')
}

const files = (premises: TestPremises): string[] =>
  readdirSync(premises.media.where, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))

/** A process of its own that carries the purge out and dies at the point. */
function executor(premises: TestPremises, request: string, point: string): string {
  const { database, folder } = premises
  const at = (file: string) => JSON.stringify(join(import.meta.dirname, '..', '..', file))
  return `
    import { openPremises } from ${at('app/house.ts')}
    import { armFailpoint, createLog, loadConfig } from ${at('base/index.ts')}
    import { executePurge } from ${at('archive/index.ts')}
    const config = loadConfig(${JSON.stringify({
      TONGJIAN_DATA: folder,
      DATABASE_URL: database.appUrl,
      DATABASE_PURGE_URL: database.purgeUrl,
    })})
    const premises = await openPremises(config, createLog('silent'), { mode: 'command' })
    const purgeDb = await premises.purgeDb()
    armFailpoint(${JSON.stringify(point)})
    await executePurge({ purgeDb, house: premises.house, blobs: premises.media, institution: 'bank', guards: [], reaches: [] }, ${JSON.stringify(request)})
    console.log('not killed')`
}

test('a purge killed at any point goes on where it was, and verify is green at each', {
  timeout: 180_000,
}, async () => {
  for (const [name, nth] of POINTS) {
    const { premises, keep, request, conv } = await withPictures()
    expect(files(premises)).toHaveLength(2)
    await decidePurgeRequest(keep, person(premises, 'risk'), request, { verdict: 'approved', reason: REASON })
    const child = startChild(executor(premises, request, `${name}:${nth}`))
    expect(await child.ended, `${name}:${nth} ${child.complaint()}`).toBeUndefined()
    expect((await verifyAll(premises)).problems, `killed at ${name}:${nth}`).toEqual([])
    const purgeDb = await premises.purgeDb()
    if (!purgeDb) throw new Error('no purge connection')
    const { house, media: blobs } = premises
    await executePurge({ purgeDb, house, blobs, institution: 'bank', guards: [], reaches: [] }, request)
    const [view] = (await listPurges(premises.db, person(premises, 'lead'))).items
    expect(view, name).toMatchObject({
      state: 'done',
      certificate: true,
      progress: { done: 2, of: 2, messages: 3 },
    })
    const { certificate } = await readDestruction(premises.db, person(premises, 'lead'), request)
    expect(certificate).toMatchObject({ messages: 3, records: 5, keys: 2, files: { removed: 1, shared: 1 } })
    expect(files(premises)).toHaveLength(1)
    const { rows } = await sql<{
      n: number
    }>`SELECT count(body) AS n FROM message WHERE conv_id = ${conv}::bigint`.execute(premises.db)
    expect(rows[0]?.n).toBe(0)
    const services = await testServices(premises)
    await services.sealer.flush()
    expect((await verifyAll(premises)).problems, `after ${name}:${nth}`).toEqual([])
    await services.stop()
  }
})
