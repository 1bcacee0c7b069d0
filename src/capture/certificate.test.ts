import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Sim } from '../../sim/index.ts'
import { captureAll, simulated } from '../../test/support/simulated.ts'
import { verifyWhole } from '../app/index.ts'
import { withClock } from '../base/clock.ts'
import { dayOf, shellActor, sql } from '../base/index.ts'
import { type Canonical, canonicalJson, openNote } from '../ledger/index.ts'
import { insertSeats, selectSeats } from './care-store.ts'
import { certificates, certify } from './certificate.ts'
import { dayBefore } from './certificate-facts.ts'
import { boundsOf, selectCertificate } from './certificate-store.ts'
import { fetchWaiting } from './media.ts'
import { repull } from './repull.ts'
import { selectCursor } from './store.ts'

const CUSTOMER = 'wmErxtDgAA9AW32YyyuYRimKr7D1KWlw'
const DAY_MS = 86_400_000

function say(sim: Sim, from: string, to: string, content: string) {
  return sim.world.emit({ from, tolist: [to], msgtype: 'text', text: { content } })
}

async function oneDay() {
  const { sim, premises, source } = await simulated()
  say(sim, 'linyue', CUSTOMER, '您好')
  say(sim, CUSTOMER, 'linyue', '请讲')
  say(sim, 'zhao', CUSTOMER, '明天见')
  const { sdkfileid } = sim.world.media.add(randomBytes(10))
  sim.world.emit({
    from: 'linyue',
    tolist: [CUSTOMER],
    msgtype: 'image',
    image: { sdkfileid, md5sum: '', filesize: 10 },
  })
  sim.world.emitRaw('{"msgid":"half","from":"a","te', 'half')
  const { services, actor } = await captureAll(sim, premises, source)
  const deps = { db: premises.db, actor, outside: premises.outside, source: source.name }
  const today = dayOf(Date.now(), premises.house.zone)
  return { sim, premises, source, services, actor, deps, today }
}

test('a certificate counts people, kinds, keys, quarantine, media and seats, and says what could not be known', async () => {
  const { premises, source, deps, today, services } = await oneDay()
  await insertSeats(premises.db, 1, today, Date.now(), ['linyue', 'lead9'])
  await fetchWaiting({ db: premises.db, house: premises.house, blobs: premises.media, source }, null)
  const { certificate: c, sha256, note } = await certify(deps, today)
  expect(c).toMatchObject({
    day: today,
    zone: 'Asia/Shanghai',
    revision: 1,
    messages: { total: 4, byKind: { image: 1, text: 3 }, undated: 0, late: 0 },
    people: [
      { id: 'linyue', sent: 2, received: 1 },
      { id: 'zhao', sent: 1, received: 0 },
    ],
    customers: { people: 1, sent: 1 },
    keys: [{ version: 1, records: 5 }],
    quarantine: [{ reason: 'broken_json', waiting: 1, resolved: 0 }],
    conflicts: 0,
    media: { fetched_md5_missing: 1 },
    seats: { licensed: 2, archived: 2, silent: 1, unlicensed: ['zhao'] },
  })
  expect(c.seq.numbered).toBe(4)
  expect(c.unknown.map(thing => thing.code)).toEqual([
    'platform_scope',
    'day_not_over',
    'not_repulled',
    'quarantine_waiting',
    'media_unproven',
  ])
  // Anybody can check it with the public key: canonical JSON, hash, signed note.
  const hash = createHash('sha256')
    .update(canonicalJson(c as unknown as Canonical))
    .digest('hex')
  expect(hash).toBe(sha256)
  expect(openNote(note, [premises.outside.verifier]).text).toBe(
    `tongjian/${premises.house.corpid}/certificate\n${today} 1\n${hash}\n`,
  )
  await services.sealer.flush()
  expect(await verifyWhole(premises, { everyByte: true })).toMatchObject({ ok: true })
})

test('the same facts give the same revision; what comes late gives the next, and both stand', async () => {
  const { sim, premises, source, deps, today } = await oneDay()
  expect(await certify(deps, today)).toMatchObject({ fresh: true })
  expect(await certify(deps, today)).toMatchObject({ fresh: false, certificate: { revision: 1 } })
  say(sim, 'linyue', CUSTOMER, '还有一句')
  await captureAll(sim, premises, source)
  expect(await certify(deps, today)).toMatchObject({
    fresh: true,
    certificate: { revision: 2, messages: { total: 5 } },
  })
  expect(await selectCertificate(premises.db, 1, today, 1)).not.toBeNull()
  const { items } = await certificates(premises.db, shellActor(premises.house, 'test'), 5)
  expect(items).toMatchObject([{ day: today, revision: 2, messages: 5, people: 2 }])
})

test('a certificate altered in any column, taken away or smuggled in is found by verify', async () => {
  const { premises, deps, today, services } = await oneDay()
  await certify(deps, today)
  await services.sealer.flush()
  const first = async () => (await verifyWhole(premises, { everyByte: false })).problems[0]
  expect(await first()).toBeUndefined()
  await sql`CREATE TABLE kept AS TABLE completeness_certificate`.execute(premises.owner)
  for (const change of [
    'document = replace(document, \'"total":4\', \'"total":5\')',
    "note = replace(note, ' 1', ' 2')",
    'facts = set_byte(facts, 0, (get_byte(facts, 0) + 1) % 256)',
    "issued_at = issued_at + interval '1 second'",
  ]) {
    await sql.raw(`UPDATE completeness_certificate SET ${change}`).execute(premises.owner)
    expect((await first())?.what, change).toBe('a column of the certificate differs from its leaf')
    await sql
      .raw('DELETE FROM completeness_certificate; INSERT INTO completeness_certificate SELECT * FROM kept')
      .execute(premises.owner)
  }
  await sql`UPDATE completeness_certificate SET revision = 2`.execute(premises.owner)
  expect((await first())?.what).toBe('certificate missing')
  await sql`INSERT INTO completeness_certificate SELECT * FROM kept`.execute(premises.owner)
  expect(await first()).toMatchObject({ index: null, what: 'certificate unknown to the ledger' })
})

test('a re-pull finds what capture skipped, archives it, leaves the cursor alone, and the certificate says so', async () => {
  const { sim, premises, source, services, actor, deps, today } = await oneDay()
  const skipped = say(sim, 'linyue', CUSTOMER, '被跳过的一句')
  await sql`UPDATE capture_cursor SET seq = ${skipped.seq}`.execute(premises.owner)
  say(sim, 'linyue', CUSTOMER, '之后的一句')
  await captureAll(sim, premises, source)
  const archived = async () =>
    (
      await sql<{ n: number }>`SELECT count(*) AS n FROM message WHERE src_msgid = ${skipped.msgid}`.execute(
        premises.db,
      )
    ).rows[0]?.n
  expect(await archived()).toBe(0)
  const before = await selectCursor(premises.db, 1, source.name)
  const again = { db: premises.db, actor, jobs: services.jobs, source, pauseMs: 0 }
  expect(await repull(again)).toMatchObject({ records: 7, late: 1, quarantined: 0, trouble: null })
  expect(await archived()).toBe(1)
  expect((await selectCursor(premises.db, 1, source.name))?.seq).toBe(before?.seq)
  // Everything is known now, what waits in quarantine too.
  expect(await repull(again)).toMatchObject({ records: 7, late: 0, quarantined: 0 })
  expect((await certify(deps, today)).certificate.messages.late).toBe(1)
})

test('a re-pull after the end of the day is the proof the certificate names', async () => {
  const { premises, source, services, actor, deps, today } = await oneDay()
  const { to } = await boundsOf(premises.db, 1, today, premises.house.zone)
  await withClock(to + 3_600_000, async () => {
    const again = { db: premises.db, actor, jobs: services.jobs, source, pauseMs: 0 }
    await repull(again)
    await repull(again)
    const { certificate } = await certify(deps, dayBefore(to + 3_600_000, premises.house.zone))
    expect(certificate.day).toBe(today)
    expect(certificate.repulls).toHaveLength(1)
    expect(certificate.unknown.map(thing => thing.code)).not.toContain('not_repulled')
    expect(certificate.unknown.map(thing => thing.code)).not.toContain('day_not_over')
  })
})

test('an outage longer than the window is an unknown loss, and a day before capture is said to be one', async () => {
  const { premises, deps, today } = await oneDay()
  const { from } = await boundsOf(premises.db, 1, today, premises.house.zone)
  await sql`INSERT INTO capture_outage VALUES (1, 'simulator', ${new Date(from - 5.5 * DAY_MS)}, ${new Date(from + 1000)}, 'h72')`.execute(
    premises.owner,
  )
  const { certificate } = await certify(deps, today)
  expect(certificate.outages).toHaveLength(1)
  expect(certificate.unknown).toContainEqual(expect.objectContaining({ code: 'beyond_window', n: 1 }))
  const early = await certify(deps, dayOf(from - 10 * DAY_MS, premises.house.zone))
  expect(early.certificate.unknown.map(thing => thing.code)).toContain('before_capture')
  expect(await selectSeats(premises.db, 1, '2020-01-01')).toBeNull()
})
