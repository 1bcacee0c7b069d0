import { expect, onTestFinished, test } from 'vitest'
import { archiveAll, CUSTOMER, textMessage } from '../../test/support/messages.ts'
import { type TestPremises, testPremises, testServices } from '../../test/support/premises.ts'
import { JOB_KINDS, verifyWhole } from '../app/index.ts'
import { withClock } from '../base/clock.ts'
import { inTransaction, openJobs, sql, systemActor } from '../base/index.ts'
import { ingest, read } from '../capture/ingest.ts'
import { type ConsentEvent, recordConsent } from '../contacts/index.ts'
import { startSealer } from '../notary/index.ts'
import { readMessages, search } from './index.ts'

const ROOM = 'wrErxtDgAA9AW32YyyuYRimKr7D1Kxxx'
const OTHER = 'wmOtherDgAA9AW32YyyuYRimKr7D1Kyyy'
const T = Date.UTC(2026, 10, 23, 1)
const choice = (
  state: ConsentEvent['state'],
  at: number,
  more: Partial<ConsentEvent> = {},
): ConsentEvent => ({
  externalUserid: CUSTOMER,
  userid: 'linyue',
  chatId: null,
  state,
  source: 'callback',
  sourceRef: `${state}|${at}`,
  effectiveAt: at,
  ...more,
})
const learn = (premises: TestPremises, event: ConsentEvent) =>
  inTransaction(premises.db, tx => recordConsent(tx, premises.house, event))

/** What archiving needs and no more: rules are loaded only where they are to be silent. */
async function office(env: Record<string, string> = {}) {
  const premises = await testPremises(env)
  const { db, house, outside, appUrl, role } = premises
  const jobs = await openJobs(appUrl, JOB_KINDS, { worker: false, log: house.log, role })
  const sealer = startSealer(db, house, outside, ['archive', 'trail'])
  onTestFinished(async () => {
    await sealer.stop()
    await jobs.stop()
  })
  return { premises, services: { jobs, sealer } }
}

type Stored = {
  msgid: string
  body: Buffer | null
  event: string | null
  word: string | null
  grams: number
  files: number
}
async function stored(premises: TestPremises): Promise<Map<string, Stored>> {
  const { rows } = await sql<Stored>`
    SELECT m.src_msgid AS msgid, m.body, m.consent_event::text AS event, m.meta ->> 'consent' AS word,
      (SELECT count(*)::int FROM message_gram g WHERE g.src_msgid = m.src_msgid) AS grams,
      (SELECT count(*)::int FROM message_media a WHERE a.src_msgid = m.src_msgid) AS files
    FROM message m`.execute(premises.db)
  return new Map(rows.map(row => [row.msgid, row]))
}
async function opened(premises: TestPremises) {
  const { rows } = await sql<{ convId: string; sentAt: number; msgid: string }>`
    SELECT conv_id::text AS "convId", (extract(epoch FROM sent_at) * 1000)::bigint AS "sentAt", src_msgid AS msgid FROM message`.execute(
    premises.db,
  )
  const messages = await readMessages(premises.db, premises.house, rows)
  return new Map(messages.map(message => [message.key.msgid, message]))
}
const verified = async (premises: TestPremises) =>
  (await verifyWhole(premises, { everyByte: true })).problems.map(problem => problem.what)

test('while the customer refuses, both sides of the talk leave nothing but metadata, and verify knows why', async () => {
  const premises = await testPremises()
  const services = await testServices(premises)
  await learn(premises, choice('disagree', T))
  await archiveAll(premises, services, [
    textMessage('保本保息，亏了我赔', { msgid: 'staff', msgtime: T + 1000 }),
    textMessage('我的卡号是 6222', {
      msgid: 'customer',
      from: CUSTOMER,
      tolist: ['linyue'],
      msgtime: T + 2000,
    }),
    textMessage('', {
      msgid: 'picture',
      msgtype: 'image',
      image: { md5sum: 'a'.repeat(32), filesize: 9, sdkfileid: 'x' },
      msgtime: T + 3000,
    }),
    textMessage('之前说的', { msgid: 'before', msgtime: T - 1000 }),
  ])
  const rows = await stored(premises)
  for (const id of ['staff', 'customer', 'picture'])
    expect(rows.get(id)).toMatchObject({
      body: null,
      word: 'refused',
      grams: 0,
      files: 0,
      event: expect.any(String),
    })
  expect(rows.get('before')).toMatchObject({ word: null, event: null })
  expect(await verified(premises)).toEqual([])
  const seen = await opened(premises)
  expect(seen.get('staff')).toMatchObject({ absent: 'refused', texts: [], normal: null })
  while ((await services.jobs.counts()).some(count => count.waiting + count.active > 0))
    await new Promise(resolve => setTimeout(resolve, 30))
  const { rows: marks } = await sql<{ id: string; value: string }>`
    SELECT src_msgid AS id, value FROM message_mark WHERE kind = 'unread' ORDER BY 1`.execute(premises.db)
  expect(marks).toEqual([
    { id: 'before', value: 'consent_restricted' },
    { id: 'customer', value: 'consent_refused' },
    { id: 'picture', value: 'consent_refused' },
    { id: 'staff', value: 'consent_refused' },
  ])
  const { rows: alerts } = await sql`SELECT FROM alert`.execute(premises.db)
  expect(alerts).toEqual([])
})

test("in a group only the refuser's own words are dropped; the others' are kept and flagged", async () => {
  const { premises, services } = await office()
  await learn(premises, choice('disagree', T, { userid: null, chatId: ROOM }))
  const group = { roomid: ROOM, tolist: ['linyue', CUSTOMER, OTHER], msgtime: T + 1000 }
  await archiveAll(premises, services, [
    textMessage('大家好', { ...group, msgid: 'staff' }),
    textMessage('我不同意', { ...group, msgid: 'refuser', from: CUSTOMER, tolist: ['linyue', OTHER] }),
    textMessage('我同意', { ...group, msgid: 'other', from: OTHER, tolist: ['linyue', CUSTOMER] }),
    textMessage('单聊里没有拒绝', { msgid: 'single', msgtime: T + 2000 }),
  ])
  const rows = await stored(premises)
  expect(rows.get('refuser')).toMatchObject({ body: null, word: 'refused' })
  for (const id of ['staff', 'other'])
    expect(rows.get(id)).toMatchObject({
      body: expect.any(Buffer),
      word: 'others',
      event: rows.get('refuser')?.event,
    })
  expect(rows.get('single')).toMatchObject({ body: expect.any(Buffer), word: null })
  expect(await verified(premises)).toEqual([])
  expect((await opened(premises)).get('other')).toMatchObject({ absent: null, texts: [{ text: '我同意' }] })
})

test('a refusal and what follows it may come in one page, in any order', async () => {
  const { premises, services } = await office()
  const disagree = {
    ...textMessage('', { msgid: 'no', from: CUSTOMER, tolist: ['linyue'], msgtime: T, msgtype: 'disagree' }),
    disagree: { userid: CUSTOMER, disagree_time: T },
  }
  const agree = {
    ...textMessage('', {
      msgid: 'yes',
      from: CUSTOMER,
      tolist: ['linyue'],
      msgtime: T + 5000,
      msgtype: 'agree',
    }),
    agree: { userid: CUSTOMER, agree_time: T + 5000 },
  }
  await archiveAll(premises, services, [
    textMessage('这段时间不同意', { msgid: 'between', msgtime: T + 1000 }),
    textMessage('后来同意了', { msgid: 'after', msgtime: T + 6000 }),
    agree,
    disagree,
  ])
  const rows = await stored(premises)
  expect(rows.get('between')).toMatchObject({ body: null, word: 'refused' })
  expect(rows.get('after')).toMatchObject({ body: expect.any(Buffer), word: null })
  // A choice is its own proof: its message is kept.
  expect(rows.get('no')?.body).not.toBeNull()
  expect(await verified(premises)).toEqual([])
  // The same page again is nothing new.
  const again = await archiveAll(premises, services, [
    agree,
    disagree,
    textMessage('这段时间不同意', { msgid: 'between', msgtime: T + 1000 }),
  ])
  expect(again).toMatchObject({ archived: [], conflicts: [] })
})

test('a refusal learnt late restricts what was kept: not shown, not found, and back when the customer agrees', async () => {
  const { premises, services } = await office()
  await archiveAll(premises, services, [
    textMessage('旧时的话', { msgid: 'old', msgtime: T - 1000 }),
    textMessage('拒绝之后的话', { msgid: 'during', msgtime: T + 1000 }),
  ])
  const found = async () => {
    const result = await search(premises.db, systemActor(premises.house, 'test'), {
      q: '的话',
      exact: 'false',
      limit: 30,
    })
    return result.items.map(item => item.key.msgid).toSorted()
  }
  expect(await found()).toEqual(['during', 'old'])
  await learn(premises, choice('withdrawn', T))
  expect(await found()).toEqual([])
  const seen = await opened(premises)
  expect([seen.get('old')?.absent, seen.get('during')?.absent]).toEqual(['restricted', 'restricted'])
  expect((await stored(premises)).get('during')?.body).not.toBeNull()
  await learn(premises, choice('agree', T + 5000))
  // What was said while consent stood comes back; what was said during the refusal does not.
  expect(await found()).toEqual(['old'])
  expect((await opened(premises)).get('during')).toMatchObject({ absent: 'restricted', texts: [] })
  await services.sealer.flush()
  expect(await verified(premises)).toEqual([])
})

test('where a law demands the archive the words are kept, flagged, read by the rules and searchable', async () => {
  const { premises, services } = await office({
    TONGJIAN_ON_REFUSAL: 'archive',
    TONGJIAN_ARCHIVE_BASIS: '证券法第一百三十七条',
  })
  await learn(premises, choice('disagree', T))
  await archiveAll(premises, services, [textMessage('依法留存的话', { msgid: 'kept', msgtime: T + 1000 })])
  expect((await stored(premises)).get('kept')).toMatchObject({
    body: expect.any(Buffer),
    word: 'by_law',
    event: expect.any(String),
  })
  expect((await opened(premises)).get('kept')).toMatchObject({ absent: null })
  expect(await verified(premises)).toEqual([])
})

test('archive without a law named is refused at the start', async () => {
  await expect(office({ TONGJIAN_ON_REFUSAL: 'archive' })).rejects.toMatchObject({ code: 'config.invalid' })
})

test('verify tells a dropped body from a stolen one, and a consent event that was touched', async () => {
  const { premises, services } = await office()
  await learn(premises, choice('disagree', T))
  await archiveAll(premises, services, [
    textMessage('不留正文', { msgid: 'dropped', msgtime: T + 1000 }),
    textMessage('其他客户的话', { msgid: 'stolen', tolist: [OTHER], msgtime: T + 1000 }),
  ])
  const { owner } = premises
  await sql`UPDATE message SET body = NULL WHERE src_msgid = 'stolen'`.execute(owner)
  expect(await verified(premises)).toEqual(['the body is gone without a destruction leaf'])
  // Dressing the theft up as a refusal changes columns that stand in the leaf.
  await sql`UPDATE message SET meta = meta || '{"consent":"refused"}', consent_event = (SELECT id FROM consent_event)
    WHERE src_msgid = 'stolen'`.execute(owner)
  expect(await verified(premises)).toEqual(['a column of the message or a link differs from its leaf'])
  await sql`DELETE FROM message WHERE src_msgid = 'stolen'`.execute(owner)
  await sql`UPDATE consent_event SET state = 'agree'`.execute(owner)
  expect(await verified(premises)).toEqual(
    expect.arrayContaining([
      'a column of the consent event differs from its leaf',
      'refused: metadata only, but its consent event is no refusal',
    ]),
  )
  await sql`DELETE FROM consent_event`.execute(owner)
  expect(await verified(premises)).toEqual(
    expect.arrayContaining([
      'consent event missing',
      'refused: metadata only, but its consent event is missing',
    ]),
  )
})

test('a body that was put where none was kept, and a choice nobody logged, are found', async () => {
  const { premises, services } = await office()
  await learn(premises, choice('disagree', T))
  await archiveAll(premises, services, [textMessage('不留正文', { msgid: 'dropped', msgtime: T + 1000 })])
  const { owner } = premises
  await sql`UPDATE message SET body = 'x'::bytea`.execute(owner)
  expect(await verified(premises)).toEqual(['a body stands where none was kept'])
  await sql`UPDATE message SET body = NULL`.execute(owner)
  await sql`INSERT INTO consent_event (corp_id, id, external_userid, state, source, source_ref, effective_at, recorded_at)
    VALUES (1, gen_random_uuid(), ${CUSTOMER}, 'agree', 'smuggled', 'x', now(), now())`.execute(owner)
  expect(await verified(premises)).toEqual(['consent event unknown to the ledger'])
})

test('a message without a credible time does not slip past a refusal', async () => {
  const { premises, services } = await office()
  await learn(premises, choice('disagree', T))
  await withClock(T + 60_000, () =>
    archiveAll(premises, services, [
      textMessage('没有时间', { msgid: 'none', msgtime: 0 }),
      textMessage('未来的时间', { msgid: 'future', msgtime: Date.UTC(2099, 0, 1) }),
    ]),
  )
  const rows = await stored(premises)
  expect([rows.get('none')?.body, rows.get('future')?.body]).toEqual([null, null])
})

test('a crash before the commit leaves neither the choice nor the message, and the same page again leaves both once', async () => {
  const { premises, services } = await office()
  const disagree = {
    ...textMessage('', {
      msgid: 'no',
      from: CUSTOMER,
      tolist: ['linyue'],
      msgtime: T,
      msgtype: 'disagree',
    }),
    disagree: { userid: CUSTOMER, disagree_time: T },
  }
  const page = [disagree, textMessage('不留', { msgid: 'after', msgtime: T + 1 })].map(message =>
    read(Buffer.from(JSON.stringify(message)), null, null, 'test'),
  )
  const actor = systemActor(premises.house, 'test')
  const crash = () => Promise.reject(new Error('the process died'))
  const counts = async () => {
    const { rows } = await sql<{ n: number[] }>`
      SELECT ARRAY[(SELECT count(*)::int FROM message), (SELECT count(*)::int FROM consent_event),
        (SELECT count(*)::int FROM customer_move)] AS n`.execute(premises.db)
    return rows[0]?.n
  }
  await expect(ingest(premises.db, actor, services.jobs, page, 'test', crash)).rejects.toThrow('died')
  expect(await counts()).toEqual([0, 0, 0])
  await ingest(premises.db, actor, services.jobs, page, 'test')
  await ingest(premises.db, actor, services.jobs, page, 'test')
  expect(await counts()).toEqual([2, 1, 1])
  await services.sealer.flush()
  expect(await verified(premises)).toEqual([])
})
