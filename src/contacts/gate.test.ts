import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharedDatabase } from '../../test/support/database.ts'
import { withClock } from '../base/clock.ts'
import { type Actor, type Db, type House, inTransaction, sql, systemActor } from '../base/index.ts'
import { list } from '../trail/index.ts'
import { openTestHouse } from '../trail/testing.ts'
import { type Choice, choiceAt, processingOf, restrictedBy } from './choice.ts'
import { historyOf } from './consent-history.ts'
import { PROCESSING_MOVES } from './contract.ts'
import {
  type ConsentEvent,
  consentOf,
  markErased,
  mayWrite,
  recordConsent,
  recordOptOut,
  refusersOf,
} from './index.ts'
import { decidePaper, enterPaper, listPapers, readPaperFile } from './paper.ts'

const database = sharedDatabase()
let db: Db
let house: House
let close: () => Promise<void>
beforeAll(async () => {
  ;({ db, house, close } = await openTestHouse(database.appUrl))
})
afterAll(() => close())

let made = 0
const customer = (): string => `wmGate${String(++made).padStart(4, '0')}`
const person = (name: string, role: Actor['role'] = 'lead'): Actor => ({
  ...systemActor(house, name),
  kind: 'person',
  name,
  role,
})
const learn = (
  event: Partial<ConsentEvent> & Pick<ConsentEvent, 'externalUserid' | 'state' | 'effectiveAt'>,
) =>
  inTransaction(db, tx =>
    recordConsent(tx, house, {
      userid: null,
      chatId: null,
      source: 'callback',
      sourceRef: `${event.state}|${event.effectiveAt}|${event.userid}|${event.chatId}`,
      ...event,
    }),
  )

const told = fc.record({
  state: fc.constantFrom(
    'agree' as const,
    'disagree' as const,
    'default_agree' as const,
    'withdrawn' as const,
  ),
  effectiveAt: fc.integer({ min: 1, max: 5 }).map(second => second * 1000),
  where: fc.constantFrom(
    { userid: null, chatId: null },
    { userid: 'zhang', chatId: null },
    { userid: null, chatId: 'wrRoom' },
  ),
})
const orders = fc
  .uniqueArray(told, { minLength: 1, maxLength: 6, selector: one => JSON.stringify(one) })
  .chain(all => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })))
const choices = (all: (typeof told extends fc.Arbitrary<infer T> ? T : never)[]): Choice[] =>
  all.map(({ state, effectiveAt, where }, i) => ({
    id: `${state}${effectiveAt}${where.userid}${where.chatId}`,
    ...where,
    state,
    effectiveAt,
    recordedAt: 10_000 + i,
    source: 'callback',
    sourceRef: `${state}|${effectiveAt}|${where.userid}|${where.chatId}`,
  }))
const CONTEXTS = [
  { userid: 'zhang', chatId: null },
  { userid: 'li', chatId: null },
  { userid: null, chatId: 'wrRoom' },
]

test('refusal, withdrawal and reversal end the same in any order of arrival, for every message and for the customer', () => {
  fc.assert(
    fc.property(orders, ([one, other]) => {
      const [a, b] = [choices(one), choices(other)]
      for (const context of CONTEXTS)
        for (const at of [500, 1500, 2500, 3500, 4500, 9000]) {
          expect(choiceAt(b, context, at)?.id).toBe(choiceAt(a, context, at)?.id)
          expect(restrictedBy(b, context, at)?.id).toBe(restrictedBy(a, context, at)?.id)
        }
      for (const erased of [null, 2500]) expect(processingOf(b, erased)).toBe(processingOf(a, erased))
    }),
    { numRuns: 300 },
  )
})

test('a message said during a refusal is restricted for ever; one said before or after only while somebody refuses today', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(told, { minLength: 1, maxLength: 6, selector: one => JSON.stringify(one) }),
      all => {
        const own = choices(all)
        for (const context of CONTEXTS) {
          const today = choiceAt(own, context, null)
          const refusesToday = today?.state === 'disagree' || today?.state === 'withdrawn'
          for (const at of [500, 1500, 2500, 3500, 4500, 9000]) {
            const then = choiceAt(own, context, at)
            const refusedThen = then?.state === 'disagree' || then?.state === 'withdrawn'
            expect(restrictedBy(own, context, at) !== null).toBe(refusedThen || refusesToday)
          }
        }
      },
    ),
    { numRuns: 300 },
  )
})

test('the database and the pure rule give the same answer, and the journal of moves only legal ones', async () => {
  await fc.assert(
    fc.asyncProperty(orders, async ([, all]) => {
      const externalUserid = customer()
      for (const { state, effectiveAt, where } of all)
        await learn({ externalUserid, state, effectiveAt, ...where })
      const own = choices(all)
      for (const context of CONTEXTS)
        for (const at of [500, 2500, null]) {
          const { state } = await consentOf(db, house, { externalUserid, ...context, at })
          expect(state).toBe(choiceAt(own, context, at)?.state ?? 'unknown')
        }
      const { rows } = await sql<{ from: string; to: string }>`
        SELECT from_state AS "from", to_state AS "to" FROM customer_move WHERE external_userid = ${externalUserid}
        ORDER BY moved_at, id`.execute(db)
      let state = 'active'
      for (const move of rows) {
        expect(move.from).toBe(state)
        expect(PROCESSING_MOVES.some(legal => legal.from === move.from && legal.to === move.to)).toBe(true)
        state = move.to
      }
      expect(state).toBe(processingOf(own, null))
    }),
    { numRuns: 12 },
  )
})

test('what may be written: each reason by itself, and a room asks for everybody in it', async () => {
  const ask = (externalUserid: string, purpose: 'notice' | 'preset' | 'service' | 'marketing') =>
    mayWrite(db, house, { externalUserid, userid: 'zhang', purpose })
  const one = customer()
  const codes = async (purpose: Parameters<typeof ask>[1]) =>
    (await ask(one, purpose)).reasons.map(reason => reason.code)
  expect(await codes('marketing')).toEqual(['notice_unknown'])
  expect(await ask(one, 'service')).toEqual({ verdict: 'allow', reasons: [] })
  await sql`INSERT INTO notice (corp_id, id, kind, staff, party, state, due_at) VALUES (1, gen_random_uuid(), 'contact', 'zhang',
    ${one}, 'proved', now())`.execute(db)
  expect(await codes('marketing')).toEqual([])
  const out = {
    externalUserid: one,
    choice: 'out' as const,
    source: 'message',
    sourceRef: 'm1',
    effectiveAt: 1000,
  }
  const actor = systemActor(house, 'detect')
  expect(await inTransaction(db, tx => recordOptOut(tx, actor, out))).toBe(true)
  expect(await inTransaction(db, tx => recordOptOut(tx, actor, out))).toBe(false)
  expect(await codes('marketing')).toEqual(['opted_out'])
  expect(await codes('service')).toEqual([])
  await inTransaction(db, tx =>
    recordOptOut(tx, actor, { ...out, choice: 'in', sourceRef: 'm2', effectiveAt: 2000 }),
  )
  expect(await codes('marketing')).toEqual([])
  await learn({ externalUserid: one, userid: 'zhang', state: 'disagree', effectiveAt: 3000 })
  expect(await codes('marketing')).toEqual(['refused_archiving', 'restricted'])
  expect(await codes('service')).toEqual(['refused_archiving'])
  expect(await codes('preset')).toEqual([])
  // Towards another employee he refuses nothing, but no marketing while anything of his is restricted.
  expect(await mayWrite(db, house, { externalUserid: one, userid: 'li', purpose: 'service' })).toMatchObject({
    verdict: 'allow',
  })
  await inTransaction(db, tx => markErased(tx, actor, { externalUserid: one, purge: 'PG-1' }))
  expect(await codes('notice')).toEqual(['erased'])
  const [two, three] = [customer(), customer()]
  await sql`INSERT INTO customer_group_member (corp_id, chat_id, party, kind, joined_at) VALUES
    (1, 'wrAsk', ${two}, 2, now()), (1, 'wrAsk', ${three}, 2, now()), (1, 'wrAsk', 'zhang', 1, now())`.execute(
    db,
  )
  await learn({ externalUserid: three, chatId: 'wrAsk', state: 'withdrawn', effectiveAt: 1000 })
  expect(await mayWrite(db, house, { chatId: 'wrAsk', purpose: 'service' })).toEqual({
    verdict: 'deny',
    reasons: [{ code: 'refused_archiving', customer: three }],
  })
  await expect(mayWrite(db, house, { purpose: 'service' })).rejects.toMatchObject({ code: 'request.invalid' })
})

test('only what is restricted may be erased, and a new agreement makes a customer of him again', async () => {
  const externalUserid = customer()
  const actor = systemActor(house, 'purge')
  const erase = () => inTransaction(db, tx => markErased(tx, actor, { externalUserid, purge: 'PG-2' }))
  await expect(erase()).rejects.toMatchObject({ code: 'consent.moved' })
  await withClock(4000, () => learn({ externalUserid, state: 'withdrawn', effectiveAt: 1000 }))
  await withClock(5000, erase)
  const stateNow = async () =>
    (await inTransaction(db, tx => refusersOf(tx, house))).find(one => one.externalUserid === externalUserid)
      ?.state
  expect(await stateNow()).toBe('erased')
  await expect(erase()).rejects.toMatchObject({ code: 'consent.moved' })
  // An agreement older than the erasure brings nothing back.
  await learn({ externalUserid, state: 'agree', effectiveAt: 2000 })
  expect(await stateNow()).toBe('erased')
  await learn({ externalUserid, state: 'agree', effectiveAt: 9000 })
  expect(await stateNow()).toBe('active')
})

const paper = (externalUserid: string, state: 'agree' | 'disagree' | 'withdrawn', effectiveAt: number) => ({
  ...{ externalUserid, userid: null, chatId: null, state, effectiveAt },
  channel: 'counter' as const,
  reference: 'GT-2026-0117',
  note: '',
  file: { name: '同意书.pdf', base64: Buffer.from('%PDF-1.4 同意书').toString('base64') },
})

test('a paper holds at once when it forbids, and only with a second person when it takes a refusal back', async () => {
  const externalUserid = customer()
  const [officer, lead] = [person('xu', 'officer'), person('qin')]
  expect(await enterPaper(db, officer, paper(externalUserid, 'withdrawn', 1000))).toMatchObject({
    state: 'in_force',
  })
  const back = await enterPaper(db, lead, paper(externalUserid, 'agree', 2000))
  expect(back.state).toBe('waiting')
  const consent = () => consentOf(db, house, { externalUserid, userid: 'zhang', at: null })
  expect(await consent()).toMatchObject({ state: 'withdrawn' })
  await expect(decidePaper(db, lead, back.id, 'confirmed')).rejects.toMatchObject({ code: 'approval.own' })
  await expect(decidePaper(db, officer, back.id, 'confirmed')).rejects.toMatchObject({ code: 'auth.denied' })
  await decidePaper(db, person('fu', 'risk'), back.id, 'confirmed')
  expect(await consent()).toMatchObject({ state: 'agree' })
  await expect(decidePaper(db, person('fu', 'risk'), back.id, 'rejected')).rejects.toMatchObject({
    code: 'consent.decided',
  })
  // Whoever writes past us into the tables is stopped by the table itself.
  const again = await enterPaper(db, officer, paper(externalUserid, 'withdrawn', 3000))
  await expect(
    sql`INSERT INTO consent_paper_decision (corp_id, paper_id, entered_by, verdict, decided_by, decided_at)
      VALUES (1, ${again.id}, 'xu', 'confirmed', 'xu', now())`.execute(db),
  ).rejects.toThrow('check')
  const file = await readPaperFile(db, officer, back.id)
  expect(file).toMatchObject({ name: '同意书.pdf', bytes: Buffer.from('%PDF-1.4 同意书') })
  expect((await listPapers(db, officer, externalUserid)).map(one => [one.choice, one.state])).toEqual([
    ['withdrawn', 'in_force'],
    ['agree', 'in_force'],
    ['withdrawn', 'in_force'],
  ])
  const history = await historyOf(db, officer, externalUserid)
  expect(history.state).toBe('restricted')
  expect(
    history.lines.filter(line => line.kind === 'choice').map(line => [line.what, line.happenedAt]),
  ).toEqual([
    ['withdrawn', 3000],
    ['agree', 2000],
    ['withdrawn', 1000],
  ])
  const verbs = (await list(db, officer, { limit: 20 })).items.map(entry => entry.verb)
  expect(verbs.filter(verb => verb.startsWith('consent.'))).toEqual(
    expect.arrayContaining([
      'consent.recorded',
      'consent.confirmed',
      'consent.evidence_opened',
      'consent.history_read',
    ]),
  )
})

test('a paper of a day that has not come, and one by whoever may not, are refused and leave nothing', async () => {
  const externalUserid = customer()
  const future = paper(externalUserid, 'agree', Date.UTC(2099, 0, 1))
  await expect(enterPaper(db, person('xu', 'officer'), future)).rejects.toMatchObject({
    code: 'consent.future',
  })
  await expect(
    enterPaper(db, person('jian', 'auditor'), paper(externalUserid, 'agree', 1000)),
  ).rejects.toMatchObject({
    code: 'auth.denied',
  })
  expect(await listPapers(db, person('xu', 'officer'), externalUserid)).toEqual([])
})
