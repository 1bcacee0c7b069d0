import { expect, test } from 'vitest'
import { ended, openClass, person, purgeAll, REASON, verifyAll } from '../../../test/support/keep.ts'
import { archiveAll, CUSTOMER, textMessage } from '../../../test/support/messages.ts'
import { type TestPremises, testPremises, testServices } from '../../../test/support/premises.ts'
import { inTransaction, now, sql } from '../../base/index.ts'
import { recordConsent } from '../../contacts/index.ts'
import { readTranscript } from '../transcript.ts'
import { readDestruction } from './certificate.ts'
import { approvePurgeClass, endPurgeClass, proposePurgeClass } from './classes.ts'
import { explainRetention } from './explain.ts'
import { place, release } from './holds.ts'
import {
  decidePurgeRequest,
  listPurges,
  previewPurge,
  purgeByCustomer,
  requestPurge,
  withdrawPurge,
} from './requests.ts'

const OLD = Date.UTC(2005, 2, 10, 2)
const old = (content: string, fields: Record<string, unknown> = {}) =>
  textMessage(content, { msgtime: OLD + Math.floor(Math.random() * 1e9), ...fields })

/** Three old messages of one conversation, one of another, and their conversation ids. */
async function oldDays() {
  const premises = await testPremises()
  const services = await testServices(premises)
  const done = await archiveAll(premises, services, [
    old('您好，2005 年的旧事'),
    old('理财到期了吗', { from: CUSTOMER, tolist: ['linyue'] }),
    old('', {
      msgtype: 'chatrecord',
      chatrecord: { title: '记录', item: [{ type: 'ChatRecordText', content: '{"content":"转发的一句"}' }] },
    }),
    old('另一位客户', { tolist: ['wmAnotherCustomer0000000000000000'] }),
  ])
  const convs = [...new Set(done.archived.map(item => item.conv))]
  const [conv = '', other = ''] = convs
  await openClass(premises)
  await ended(premises, conv, '2006-01-01')
  await ended(premises, other, '2006-01-01')
  // Detection and intake must have had their look: an unsettled alert keeps.
  while ((await services.jobs.counts()).some(c => c.waiting + c.active > 0))
    await new Promise(r => setTimeout(r, 30))
  return { premises, services, conv, other, first: done.archived[0]?.incoming.normal.msgid ?? '' }
}

async function bodies(premises: TestPremises, conv: string): Promise<number> {
  const { rows } = await sql<{
    n: number
  }>`SELECT count(body) AS n FROM message WHERE conv_id = ${conv}::bigint`.execute(premises.db)
  return rows[0]?.n ?? -1
}

test('what is over goes by two people: bodies, texts and grams, key shredded, certified, and verify stays green', async () => {
  const { premises, services, conv, other, first } = await oldDays()
  const { id, view } = await purgeAll(premises, services, conv)
  expect(view).toMatchObject({ state: 'done', certificate: true, progress: { messages: 3 } })
  expect(await bodies(premises, conv)).toBe(0)
  expect(await bodies(premises, other)).toBe(1)
  const left = await sql<{
    n: number
  }>`SELECT (SELECT count(*) FROM message_gram WHERE conv_id = ${conv}::bigint)
    + (SELECT count(body) FROM derived_text WHERE conv_id = ${conv}::bigint)
    + (SELECT count(wrapped) FROM data_key WHERE conv_id = ${conv}::bigint) AS n`.execute(premises.db)
  expect(left.rows[0]?.n).toBe(0)
  const found = await readDestruction(premises.db, person(premises, 'auditor'), id)
  expect(found.certificate).toMatchObject({
    requestedBy: 'lead',
    approvedBy: 'risk',
    messages: 3,
    records: 4,
    keys: 1,
  })
  expect(found.list).toHaveLength(4)
  expect(found.ledgerIndex).not.toBeNull()
  expect(found.certificate.basis[0]?.rules[0]).toContain('〔D〕')
  expect(await verifyAll(premises)).toMatchObject({ ok: true, problems: [] })
  const talk = await readTranscript(premises.db, person(premises, 'officer'), conv, {
    limit: 20,
    recalled: 'folded',
  })
  expect(talk.items.map(item => item.absent)).toEqual(['purged', 'purged', 'purged'])
  expect(await explainRetention(services.keep, person(premises, 'officer'), first)).toMatchObject({
    purged: { request: id },
  })
})

test('a body removed without a certificate is red, a certified one that stands again is named, a changed list too', async () => {
  const { premises, services, conv, other } = await oldDays()
  const { owner } = premises
  await sql`CREATE TABLE kept AS SELECT * FROM message WHERE conv_id = ${conv}::bigint`.execute(owner)
  await purgeAll(premises, services, conv)
  const what = async () => (await verifyAll(premises)).problems.map(problem => problem.what)
  await sql`UPDATE message m SET body = k.body FROM kept k WHERE m.src_msgid = k.src_msgid AND k.kind = 'text' AND k.direction = 'customer'`.execute(
    owner,
  )
  expect(await what()).toContainEqual(
    expect.stringMatching(/^m\d+_external is certified as destroyed and its content still stands$/),
  )
  await sql`UPDATE message SET body = NULL WHERE conv_id = ${conv}::bigint`.execute(owner)
  expect(await what()).toEqual([])
  await sql`UPDATE message SET body = NULL WHERE conv_id = ${other}::bigint`.execute(owner)
  expect(await what()).toEqual(['the body is gone without a destruction leaf'])
  // Whoever writes it on the list himself is found by the list.
  await sql`INSERT INTO destroyed SELECT m.corp_id, m.conv_id, m.sent_at, m.src_msgid, 'body', m.commitment, d.request_id, d.month
    FROM message m, (SELECT request_id, month FROM destroyed LIMIT 1) d WHERE m.conv_id = ${other}::bigint`.execute(
    owner,
  )
  expect(await what()).toEqual(['destruction unknown to the ledger'])
  await sql`UPDATE destroyed SET conv_id = ${conv}::bigint WHERE conv_id = ${other}::bigint`.execute(owner)
  expect(await what()).toContain('the hash list of the destruction differs from its leaf')
  await sql`DELETE FROM destroyed`.execute(owner)
  expect(await what()).toContain('the body is gone without a destruction leaf')
})

test('an altered hold, release or certificate is found', async () => {
  const { premises, services, conv, other } = await oldDays()
  const { db, owner } = premises
  const id = await place(db, person(premises, 'officer'), {
    scope: { kind: 'conversation', id: other },
    cause: 'litigation',
    caseNo: '（2026）沪01民初1号',
    reason: REASON,
  })
  await release(db, person(premises, 'risk'), id, { reason: REASON })
  await purgeAll(premises, services, conv)
  expect((await verifyAll(premises)).problems).toEqual([])
  for (const [harm, found] of [
    ["UPDATE hold SET cause = 'dispute'", 'a column of the hold differs from its leaf'],
    ["UPDATE hold_release SET released_by = 'lead'", 'a column of the hold differs from its leaf'],
    ['DELETE FROM hold_release', 'hold or release missing'],
    [
      `UPDATE destruction SET certificate = certificate || '{"messages": 2}'`,
      'the certificate differs from its leaf',
    ],
    ['UPDATE purge_item SET records = records + 1', 'a column of the destruction differs from its leaf'],
  ] as const) {
    await sql
      .raw(
        `CREATE TABLE k1 AS TABLE hold; CREATE TABLE k2 AS TABLE hold_release; CREATE TABLE k3 AS TABLE destruction; CREATE TABLE k4 AS TABLE purge_item`,
      )
      .execute(owner)
    await sql.raw(harm).execute(owner)
    expect(
      (await verifyAll(premises)).problems.map(problem => problem.what),
      harm,
    ).toContain(found)
    await sql
      .raw(`DELETE FROM hold_release; UPDATE hold h SET cause = k1.cause FROM k1 WHERE h.id = k1.id; INSERT INTO hold_release TABLE k2;
      UPDATE destruction d SET certificate = k3.certificate FROM k3 WHERE d.id = k3.id;
      UPDATE purge_item i SET records = k4.records FROM k4 WHERE i.request_id = k4.request_id AND i.conv_id = k4.conv_id AND i.month = k4.month;
      DROP TABLE k1, k2, k3, k4`)
      .execute(owner)
  }
  expect((await verifyAll(premises)).problems).toEqual([])
})

test.each([
  ['litigation', 'held'],
  ['dispute', 'disputed'],
  ['complaint', 'disputed'],
  ['investigation', 'investigated'],
] as const)(
  'under a hold for %s a purge is refused as %s, and possible when a second person released it',
  async (cause, reason) => {
    const { premises, services, conv } = await oldDays()
    const scopes = [
      { kind: 'conversation', id: conv },
      { kind: 'person', id: 'linyue' },
      { kind: 'customer', id: CUSTOMER },
      { kind: 'search', q: '旧事' },
    ] as const
    const scope = scopes[['litigation', 'dispute', 'complaint', 'investigation'].indexOf(cause)]
    if (!scope) throw new Error(cause)
    const id = await place(premises.db, person(premises, 'officer'), {
      scope,
      cause,
      caseNo: '1',
      reason: REASON,
    })
    const counts = await previewPurge(services.keep, person(premises, 'lead'), {
      kind: 'conversation',
      id: conv,
    })
    // A search holds the message that matches; people and conversations are held whole.
    expect(counts).toMatchObject({ refused: { [reason]: scope.kind === 'search' ? 1 : 3 } })
    if (scope.kind !== 'search') {
      const { view } = await purgeAll(premises, services, conv)
      expect(view).toMatchObject({ state: 'refused', counts: { messages: 0, refused: { [reason]: 3 } } })
      expect(await bodies(premises, conv)).toBe(3)
    }
    await expect(
      release(premises.db, person(premises, 'officer'), id, { reason: REASON }),
    ).rejects.toMatchObject({ code: 'auth.denied' })
    await release(premises.db, person(premises, 'lead'), id, { reason: REASON })
    expect((await purgeAll(premises, services, conv)).view).toMatchObject({
      state: 'done',
      progress: { messages: 3 },
    })
  },
)

test('a hold placed between approval and execution wins, for the message a search catches as for a whole conversation', async () => {
  const { premises, services, conv } = await oldDays()
  const lead = person(premises, 'lead')
  const id = await requestPurge(services.keep, lead, {
    scope: { kind: 'conversation', id: conv },
    reason: REASON,
  })
  await place(premises.db, person(premises, 'officer'), {
    scope: { kind: 'search', q: '到期 理财' },
    cause: 'dispute',
    caseNo: '1',
    reason: REASON,
  })
  await decidePurgeRequest(services.keep, person(premises, 'risk'), id, {
    verdict: 'approved',
    reason: REASON,
  })
  let view = (await listPurges(premises.db, lead)).items[0]
  while (view?.state === 'running') {
    await new Promise(r => setTimeout(r, 50))
    view = (await listPurges(premises.db, lead)).items[0]
  }
  expect(view).toMatchObject({ state: 'done', progress: { messages: 2, refused: { disputed: 1 } } })
  await services.sealer.flush()
  const found = await readDestruction(premises.db, lead, id)
  expect(found.certificate).toMatchObject({ keys: 0, refused: { disputed: 1 } })
  expect(await verifyAll(premises)).toMatchObject({ ok: true })
})

test('an alert nobody has settled keeps its message; too young, without a class and internal talk stay with their reason', async () => {
  const { premises, services, conv } = await oldDays()
  const done = await archiveAll(premises, services, [
    old('您放一百个心，这款保本保息，亏了算我的'),
    textMessage('今天说的话'),
    old('内部闲聊', { tolist: ['zhouyu'], msgid: 'internal_only' }),
  ])
  const review = () => sql`SELECT 1 FROM review`.execute(premises.db)
  while ((await review()).rows.length === 0) await new Promise(r => setTimeout(r, 50))
  const lead = person(premises, 'lead')
  const counts = await previewPurge(services.keep, lead, { kind: 'conversation', id: conv })
  expect(counts).toMatchObject({ messages: 3, refused: { under_review: 1, too_young: 1 } })
  const internal = done.archived.find(item => item.incoming.normal.msgid === 'internal_only')?.conv ?? ''
  expect(await previewPurge(services.keep, lead, { kind: 'conversation', id: internal })).toMatchObject({
    messages: 0,
    refused: { no_period: 1 },
  })
})

test('who may what: below the law is 422 with its basis, nobody approves his own, not even in the database', async () => {
  const { premises, services, conv } = await oldDays()
  const { db, owner } = premises
  const [lead, risk] = [person(premises, 'lead'), person(premises, 'risk')]
  const input = { material: 'kyc', years: 9, note: REASON } as const
  await expect(proposePurgeClass(db, lead, 'bank', input)).rejects.toMatchObject({
    code: 'retention.below_law',
    status: 422,
    details: { least: 10, basis: '反洗钱法 第三十四条' },
  })
  await expect(proposePurgeClass(db, lead, 'bank', { ...input, material: 'internal' })).rejects.toMatchObject(
    { code: 'retention.no_period' },
  )
  await expect(proposePurgeClass(db, risk, 'bank', { ...input, years: 10 })).rejects.toMatchObject({
    code: 'auth.denied',
  })
  const id = await proposePurgeClass(db, lead, 'bank', { ...input, years: 12 })
  await expect(approvePurgeClass(db, lead, id)).rejects.toMatchObject({ code: 'auth.denied' })
  // One name in both roles, as after a change of office.
  await expect(approvePurgeClass(db, person(premises, 'risk', 'lead'), id)).rejects.toMatchObject({
    code: 'approval.own',
  })
  await expect(
    sql`INSERT INTO retention_class_approval VALUES (1, ${id}::uuid, 'lead', 'lead', now())`.execute(owner),
  ).rejects.toThrow(/check/)
  await endPurgeClass(db, risk, id, { reason: REASON })
  await expect(approvePurgeClass(db, risk, id)).rejects.toMatchObject({ code: 'retention.moved' })

  const purge = await requestPurge(services.keep, lead, {
    scope: { kind: 'conversation', id: conv },
    reason: REASON,
  })
  const yes = { verdict: 'approved', reason: REASON } as const
  await expect(
    decidePurgeRequest(services.keep, person(premises, 'risk', 'lead'), purge, yes),
  ).rejects.toMatchObject({ code: 'approval.own' })
  await expect(
    sql`INSERT INTO purge_decision VALUES (1, ${purge}::uuid, 'approved', 'lead', 'lead', '', now())`.execute(
      owner,
    ),
  ).rejects.toThrow(/check/)
  await expect(
    sql`INSERT INTO destruction VALUES (1, ${purge}::uuid, 'lead', 'somebody', '{}', now())`.execute(owner),
  ).rejects.toThrow(/foreign key/)
  await withdrawPurge(services.keep, lead, purge, { reason: REASON })
  await expect(decidePurgeRequest(services.keep, risk, purge, yes)).rejects.toMatchObject({
    code: 'retention.moved',
  })
  await expect(
    sql`INSERT INTO destruction VALUES (1, ${purge}::uuid, 'lead', 'risk', '{}', now())`.execute(db),
  ).rejects.toThrow(/permission denied/)
  await expect(sql`UPDATE message SET body = NULL`.execute(db)).rejects.toThrow(/permission denied/)
})

test('a customer is purged by one call: his conversation whole, of a group only what he said himself', async () => {
  const { premises, services, conv } = await oldDays()
  const done = await archiveAll(premises, services, [
    old('群里客户说', { from: CUSTOMER, tolist: ['linyue', 'zhouyu'], roomid: 'wrGroup0000000000000' }),
    old('群里员工说', { tolist: [CUSTOMER, 'zhouyu'], roomid: 'wrGroup0000000000000' }),
  ])
  const group = done.archived[0]?.conv ?? ''
  await ended(premises, group, '2006-01-01')
  while ((await services.jobs.counts()).some(c => c.waiting + c.active > 0))
    await new Promise(r => setTimeout(r, 30))
  // He has taken his consent back: only then is he erased when his words are gone.
  await inTransaction(premises.db, tx =>
    recordConsent(tx, premises.house, {
      ...{ externalUserid: CUSTOMER, userid: null, chatId: null, state: 'withdrawn' },
      ...{ source: 'paper', sourceRef: 'GT-1', effectiveAt: now() },
    }),
  )
  const id = await purgeByCustomer(services.keep, person(premises, 'lead'), CUSTOMER, REASON)
  await decidePurgeRequest(services.keep, person(premises, 'risk'), id, {
    verdict: 'approved',
    reason: REASON,
  })
  while (!(await listPurges(premises.db, person(premises, 'lead'))).items[0]?.certificate)
    await new Promise(r => setTimeout(r, 50))
  expect(await bodies(premises, conv)).toBe(0)
  expect(await bodies(premises, group)).toBe(1)
  const moves = () =>
    sql<{ to: string }>`SELECT to_state AS "to" FROM customer_move ORDER BY moved_at, id`.execute(premises.db)
  while ((await moves()).rows.length < 2) await new Promise(r => setTimeout(r, 50))
  expect((await moves()).rows.map(row => row.to)).toEqual(['restricted', 'erased'])
  await services.sealer.flush()
  expect(await verifyAll(premises)).toMatchObject({ ok: true })
})
