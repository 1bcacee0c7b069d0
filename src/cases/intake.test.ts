import { expect, test } from 'vitest'
import { filePremises, type TestPremises } from '../../test/support/premises.ts'
import { type Actor, inTransaction, newId, sql } from '../base/index.ts'
import { loadRules } from '../monitor/index.ts'
import { countAlerts, listAlerts, readAlert } from './board.ts'
import { alertQuery } from './contract.ts'
import { deadlines } from './deadline.ts'
import { intake } from './intake.ts'
import { leadOf, textKey } from './near.ts'

const RULES = loadRules()
const HOUR = 3_600_000
const MONDAY = Date.UTC(2026, 10, 23, 2)
const premises: Promise<TestPremises> = filePremises()
let serial = 0

type Raised = { staff: string; rules: string[]; severity: 'P0' | 'P1' | 'P2'; at: number }

async function raise({ staff, rules, severity, at }: Raised): Promise<string> {
  const { owner, db, house } = await premises
  const id = newId()
  serial += 1
  const sent = new Date(at).toISOString()
  await sql`INSERT INTO alert (corp_id, id, conv_id, sent_at, src_msgid, severity, rules, staff, counterpart, room, raised_at)
    VALUES (1, ${id}, 77, ${sent}, ${`planted${serial}`}, ${severity}, ${rules}::text[], ${staff}, 'wm1', false, ${sent})`.execute(
    owner,
  )
  await intake(db, house, { enqueue: async () => '' }, [id])
  return id
}

async function reviewOf(id: string) {
  const { owner } = await premises
  const { rows } = await sql<{
    severity: string
    upgraded: string | null
    lead: string | null
    concealed: boolean
    moves: number
    case: string | null
  }>`SELECT r.severity, r.upgraded, r.lead_id::text AS lead, r.concealed, r.moves, f.number || ' ' || f.origin || ' ' || f.severity AS case
    FROM review r LEFT JOIN case_alert a ON a.alert_id = r.alert_id LEFT JOIN case_file f ON f.id = a.case_id
    WHERE r.alert_id = ${id}`.execute(owner)
  return rows[0]!
}

function person(role: string, fields: Partial<Actor> = {}): Promise<Actor> {
  return premises.then(({ house }) => ({
    ...{ house, kind: 'person' as const, name: role, role, accountId: null, userid: null, departments: [] },
    ...fields,
  }))
}

test('deadlines follow the severity, in hours or in business days', () => {
  const friday = Date.UTC(2026, 10, 27, 2)
  expect(deadlines('P0', friday, 'Asia/Shanghai')).toEqual({
    ...{ accept: friday + 15 * 60_000, first: friday + 4 * HOUR, close: friday + 24 * HOUR },
  })
  expect(deadlines('P1', friday, 'Asia/Shanghai').close).toBe(friday + 24 * HOUR)
  expect(deadlines('P2', friday, 'Asia/Shanghai').close).toBe(Date.UTC(2026, 11, 2, 2))
})

test('the third P2 of a kind within seven days is P1, and says why', async () => {
  const say = (rule: string, days: number) =>
    raise({ staff: 'often', rules: [rule], severity: 'P2', at: MONDAY + days * 24 * HOUR })
  const ids = [
    await say('SUPER-01', 0),
    await say('PRESSURE-01', 1),
    await say('SUPER-02', 3),
    await say('SUPER-01', 6),
  ]
  const [first, , second, third] = await Promise.all(ids.map(reviewOf))
  expect([first?.severity, second?.severity, third?.severity]).toEqual(['P2', 'P2', 'P1'])
  expect(third).toMatchObject({ upgraded: 'repeat', moves: 1 })
  expect((await reviewOf(await say('SUPER-01', 20))).severity).toBe('P2')
})

test('who evades the archive and deals privately within a day is one P0 case', async () => {
  const [a, b] = [
    await raise({ staff: 'sly', rules: ['OFFPLATFORM-02'], severity: 'P1', at: MONDAY }),
    await raise({ staff: 'sly', rules: ['EVADE-01'], severity: 'P0', at: MONDAY + 5 * HOUR }),
  ]
  const [first, second] = [await reviewOf(a), await reviewOf(b)]
  expect(first).toMatchObject({ severity: 'P0', upgraded: 'merge' })
  expect(first.case).toMatch(/^C-\d{4}-\d{4} merge P0$/)
  expect(second.case).toBe(first.case)
  const later = await raise({ staff: 'sly', rules: ['PROXY-01'], severity: 'P0', at: MONDAY + 20 * HOUR })
  expect((await reviewOf(later)).case).toBe(first.case)
  const other = await raise({ staff: 'calm', rules: ['EVADE-01'], severity: 'P0', at: MONDAY })
  expect((await reviewOf(other)).case).toBeNull()
})

test('near-duplicates follow the first of their group; the same words are known again after a week', async () => {
  const { db, house } = await premises
  const say = (staff: string, at: number) => raise({ staff, rules: ['EXAG-01'], severity: 'P1', at })
  const first = await say('echo', MONDAY)
  const second = await reviewOf(await say('echo', MONDAY + 3 * HOUR))
  const apart = await reviewOf(await say('echo', MONDAY + 90 * HOUR))
  expect([second.lead, apart.lead, (await reviewOf(await say('other', MONDAY))).lead]).toEqual([
    first,
    null,
    null,
  ])
  const own = await house.keys.own(db)
  const key = textKey(house, own.key, ['年化能到 8%，稳！'])
  expect(textKey(house, own.key, ['年化能到８％， 稳'])).toEqual(key)
  expect(textKey(house, own.key, ['年化能到 9%，稳'])).not.toEqual(key)
  await sql`UPDATE review SET text_key = ${key} WHERE alert_id = ${first}`.execute((await premises).owner)
  const said = {
    staff: 'echo',
    rules: ['EXAG-01'],
    sentAt: MONDAY + 200 * HOUR,
    concealed: false,
    textKey: key,
  }
  expect(await inTransaction(db, tx => leadOf(tx, house.corp, said))).toBe(first)
  expect(await inTransaction(db, tx => leadOf(tx, house.corp, { ...said, textKey: null }))).toBeNull()
})

test('insider dealing and laundering are hidden from the chain above and from whom they are about', async () => {
  const { db } = await premises
  const id = await raise({ staff: 'insider', rules: ['INSIDER-01'], severity: 'P0', at: MONDAY })
  await sql`UPDATE review SET departments = '{2}' WHERE alert_id = ${id}`.execute((await premises).owner)
  expect((await reviewOf(id)).concealed).toBe(true)
  const chain = await person('supervisor', { departments: [2] })
  const himself = await person('lead', { userid: 'insider' })
  const ofHis = await person('officer', { departments: [2] })
  for (const hidden of [chain, himself, ofHis]) {
    await expect(readAlert(db, hidden, RULES, id)).rejects.toMatchObject({ code: 'thing.missing' })
    const listed = await listAlerts(db, hidden, RULES, alertQuery.parse({ staff: 'insider', state: 'all' }))
    expect(listed.items).toEqual([])
  }
  const officer = await person('officer')
  expect((await readAlert(db, officer, RULES, id)).alert.concealed).toBe(true)
  const [seen, unseen] = [await countAlerts(db, officer), await countAlerts(db, ofHis)]
  expect(seen.open.P0 - unseen.open.P0).toBe(1)
})
