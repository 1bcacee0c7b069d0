import { expect, test } from 'vitest'
import { drawn, openSampleHouse, person, type SampleHouse } from '../../../test/support/sample.ts'
import { type Actor, Fault, sql } from '../../base/index.ts'
import { loadRules } from '../../monitor/index.ts'
import { casesPurge, openReviews } from '../purge.ts'
import { planInput } from '../sampling/contract.ts'
import { registerPlan } from '../sampling/register.ts'
import { concludeClean, openUnit } from '../sampling/review.ts'
import { readPlan } from '../sampling/view.ts'
import { FINDING_MOVES, INSPECTION_MOVES } from './contract.ts'
import {
  checkRectification,
  decideFinding,
  endChecking,
  orderRectification,
  reportFinding,
  submitRectification,
} from './findings.ts'
import { findingIds, readInspection } from './view.ts'

const RULES = loadRules()
const SMALL = {
  title: '周期检查',
  method: 'random',
  sizes: {
    ...{ share: 0, minimum: 3, newShare: 0, watchedShare: 0, groupWeekly: 0 },
    ...{ p0: 0, p1: 0, p2: 0, p3: 0 },
  },
}

async function planned(stage: SampleHouse, day: string): Promise<string> {
  const { premises, services } = stage
  const input = planInput.parse({ ...SMALL, from: day, to: day })
  const { id } = await registerPlan(premises.db, person(stage, 'lead'), services.jobs, input)
  await drawn(stage, id)
  return id
}

const finding = (unit: string) => ({ unit, severity: 'P1' as const, rule: 'GUAR-01', note: '承诺保本' })

test('from plan to close: findings are confirmed, put right and checked by another person, and lead to points', async () => {
  const stage = await openSampleHouse()
  const { db } = stage.premises
  const [officer, lead] = [person(stage, 'officer'), person(stage, 'lead')]
  const plan = await planned(stage, '2026-11-02')
  const { units } = await readPlan(db, lead, plan)
  expect(units).toHaveLength(3)
  const [a, b, c] = units.map(unit => ({ plan, unit: unit.unit }))
  // Not opened, it cannot be concluded; opened by another, neither.
  await expect(concludeClean(db, officer, a!, '')).rejects.toMatchObject({ code: 'sample.unread' })
  await expect(concludeClean(db, officer, { plan, unit: 'nothing' }, '')).rejects.toMatchObject({
    code: 'thing.missing',
  })
  await openUnit(db, lead, a!)
  await expect(concludeClean(db, officer, a!, '')).rejects.toMatchObject({ code: 'sample.unread' })
  await openUnit(db, officer, a!)
  await concludeClean(db, officer, a!, '已通读')
  await expect(concludeClean(db, officer, a!, '')).rejects.toMatchObject({ code: 'sample.concluded' })
  await expect(endChecking(db, lead, plan)).rejects.toMatchObject({ code: 'sample.unread' })
  await openUnit(db, officer, b!)
  await reportFinding(db, officer, plan, finding(b!.unit))
  await openUnit(db, lead, c!)
  await reportFinding(db, lead, plan, finding(c!.unit))
  expect((await readPlan(db, lead, plan)).estimate).toMatchObject({ hits: 2, base: 3 })
  await endChecking(db, lead, plan)
  const [byOfficer, byLead] = await findingIds(db, lead, plan)
  const yes = { verdict: 'confirmed' as const, note: '属实' }
  await expect(decideFinding(db, lead, byLead!, yes)).rejects.toMatchObject({ code: 'approval.own' })
  await expect(decideFinding(db, officer, byLead!, yes)).rejects.toMatchObject({ code: 'auth.denied' })
  await decideFinding(db, lead, byOfficer!, yes)
  await expect(orderRectification(db, lead, plan, null)).rejects.toMatchObject({ code: 'finding.moved' })
  const other = person(stage, 'lead', { name: 'lead2' })
  await decideFinding(db, other, byLead!, { verdict: 'dismissed', note: '引用客户原话，不成立' })
  const { rows } = await sql<{ kind: string; points: number }>`
    SELECT source_kind AS kind, points FROM violation`.execute(db)
  expect(rows).toEqual([{ kind: 'finding', points: 3 }])
  await orderRectification(db, lead, plan, null)
  await submitRectification(db, lead, byOfficer!, '已约谈')
  const pass = { verdict: 'closed' as const, note: '通过' }
  await expect(checkRectification(db, lead, byOfficer!, pass)).rejects.toMatchObject({ code: 'approval.own' })
  await checkRectification(db, other, byOfficer!, { verdict: 'rectifying', note: '未见更正' })
  expect((await readInspection(db, lead, RULES, plan)).state).toBe('rectifying')
  await submitRectification(db, officer, byOfficer!, '已更正')
  await checkRectification(db, lead, byOfficer!, pass)
  const closed = await readInspection(db, lead, RULES, plan)
  expect(closed).toMatchObject({ state: 'closed', waiting: 0 })
  expect(closed.findings.map(one => [one.state, one.note, one.rectified])).toEqual([
    ['closed', '承诺保本', '已更正'],
    ['dismissed', '承诺保本', null],
  ])
  const kept = await sql<{ note: Buffer }>`SELECT note_sealed AS note FROM finding`.execute(db)
  for (const { note } of kept.rows) expect(note.includes(Buffer.from('承诺'))).toBe(false)
})

test("nobody reviews his own department's conversations, and the database itself knows the second person", async () => {
  const stage = await openSampleHouse()
  const { db, owner } = stage.premises
  const plan = await planned(stage, '2026-11-02')
  const { units } = await readPlan(db, person(stage, 'lead'), plan)
  const unit = units[0]!
  const colleague = person(stage, 'officer', { userid: unit.staff })
  await expect(openUnit(db, colleague, { plan, unit: unit.unit })).rejects.toMatchObject({
    code: 'sample.own_department',
  })
  expect((await readPlan(db, colleague, plan)).units[0]?.own).toBe(true)
  const officer = person(stage, 'officer')
  await openUnit(db, officer, { plan, unit: unit.unit })
  await reportFinding(db, officer, plan, finding(unit.unit))
  await expect(
    sql`UPDATE finding SET decided_by = found_by, decided_at = now()`.execute(owner),
  ).rejects.toThrow('finding_second_person')
  await expect(sql`UPDATE finding SET rectified_by = 'x', checked_by = 'x'`.execute(owner)).rejects.toThrow(
    'finding_checked_by_another',
  )
  await expect(openUnit(db, person(stage, 'auditor'), { plan, unit: unit.unit })).rejects.toMatchObject({
    code: 'auth.denied',
  })
})

/** A generator with a printed seed (mulberry32), so that a failure can be run again. */
function seeded() {
  const seed = Number(process.env.SEED ?? Math.floor(performance.timeOrigin) % 2 ** 31)
  let state = seed
  const below = (n: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % n
  }
  return { seed, below }
}

type Snapshot = {
  inspection: string
  findings: {
    id: string
    state: string
    found_by: string
    decided_by: string | null
    rectified_by: string | null
    checked_by: string | null
  }[]
  units: { unit: string; state: string; concluded_by: string | null }[]
  trail: number
}

test('random calls by any roles: only moves of the tables, never by the wrong person, none without its trail entry', {
  timeout: 300_000,
}, async () => {
  const { seed, below } = seeded()
  const stage = await openSampleHouse()
  const { db } = stage.premises
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!
  const actors: Actor[] = ['officer', 'lead', 'risk', 'auditor', 'adviser', 'admin', 'supervisor'].map(role =>
    person(stage, role),
  )
  actors.push(person(stage, 'lead', { name: 'lead2' }), person(stage, 'officer', { name: 'officer2' }))
  // Those who may do most are asked most.
  const likely = actors.filter(actor => ['officer', 'lead'].includes(actor.role))
  const seen = new Set<string>()
  let asked = 0
  let accepted = 0
  const snapshot = async (plan: string): Promise<Snapshot> => {
    const rows = async <T>(query: ReturnType<typeof sql<T>>): Promise<T[]> => (await query.execute(db)).rows
    const [one] = await rows(
      sql<{ state: string }>`SELECT state FROM inspection WHERE plan_id::text = ${plan}`,
    )
    const [trail] = await rows(sql<{ n: number }>`SELECT count(*) AS n FROM trail_entry`)
    return {
      inspection: one?.state ?? '',
      findings: await rows(sql<
        Snapshot['findings'][number]
      >`SELECT id::text, state, found_by, decided_by, rectified_by, checked_by
        FROM finding WHERE plan_id::text = ${plan} ORDER BY id`),
      units: await rows(
        sql<
          Snapshot['units'][number]
        >`SELECT unit, state, concluded_by FROM sample_unit WHERE plan_id::text = ${plan} ORDER BY unit`,
      ),
      trail: trail?.n ?? 0,
    }
  }
  const legal = (kind: string, moves: Record<string, readonly string[]>, from: string, to: string): void => {
    if (from === to) return
    expect(moves[from], `seed ${seed}: ${kind} ${from} → ${to}`).toContain(to)
    seen.add(`${kind} ${from} ${to}`)
  }
  const wanted = [
    ...Object.entries(INSPECTION_MOVES).flatMap(([from, to]) => to.map(one => `inspection ${from} ${one}`)),
    ...Object.entries(FINDING_MOVES).flatMap(([from, to]) => to.map(one => `finding ${from} ${one}`)),
  ]
  for (let round = 0; round < 40 && !wanted.every(move => seen.has(move)); round += 1) {
    const plan = await planned(stage, pick(['2026-11-02', '2026-11-03', '2026-11-04']))
    seen.add('inspection planned sampled')
    let before = await snapshot(plan)
    for (let step = 0; step < 90 && before.inspection !== 'closed'; step += 1) {
      const actor = below(5) === 0 ? pick(actors) : pick(likely)
      const unit = pick(before.units).unit
      const id = pick([...before.findings.map(one => one.id), '00000000-0000-7000-8000-000000000000'])
      const acts: (() => Promise<unknown>)[] = [
        () => openUnit(db, actor, { plan, unit }),
        () =>
          openUnit(db, actor, { plan, unit }).then(() => concludeClean(db, actor, { plan, unit }, '已读')),
        () => openUnit(db, actor, { plan, unit }).then(() => reportFinding(db, actor, plan, finding(unit))),
        () => endChecking(db, actor, plan),
        () =>
          decideFinding(db, actor, id, {
            verdict: pick(['confirmed', 'confirmed', 'dismissed']),
            note: '意见',
          }),
        () => orderRectification(db, actor, plan, null),
        () => submitRectification(db, actor, id, '已整改'),
        () => checkRectification(db, actor, id, { verdict: pick(['closed', 'rectifying']), note: '意见' }),
      ]
      asked += 1
      // Two in three suit the stage, so that the last stages are reached often; the rest is anything.
      const suited: Record<string, number[]> = {
        ...{ sampled: [0, 1, 2], checking: [1, 2, 3], findings: [4, 4, 4, 5] },
        ...{ rectifying: [6], rechecking: [7] },
      }
      const act = acts[below(3) === 0 ? below(acts.length) : pick(suited[before.inspection] ?? [0])]!
      const done = await act().then(
        () => true,
        error => {
          expect(error, `seed ${seed}`).toBeInstanceOf(Fault)
          return false
        },
      )
      if (done) accepted += 1
      const after = await snapshot(plan)
      legal('inspection', INSPECTION_MOVES, before.inspection, after.inspection)
      for (const now of after.findings) {
        const was = before.findings.find(one => one.id === now.id)
        if (was) legal('finding', FINDING_MOVES, was.state, now.state)
        expect(now.decided_by, `seed ${seed}`).not.toBe(now.found_by)
        if (now.checked_by !== null) expect(now.checked_by, `seed ${seed}`).not.toBe(now.rectified_by)
      }
      const { trail: entries, ...rest } = after
      const { trail: had, ...was } = before
      if (JSON.stringify(rest) !== JSON.stringify(was)) expect(entries, `seed ${seed}`).toBeGreaterThan(had)
      before = after
    }
  }
  const share = ((100 * accepted) / asked).toFixed(0)
  process.stdout.write(
    `inspection moves: seed ${seed}, ${asked} calls, ${share} % accepted, ${seen.size}/${wanted.length} transitions\n`,
  )
  expect(wanted.filter(move => !seen.has(move))).toEqual([])
})

test('what an open inspection has drawn is not destroyed; once closed, what was written about it goes with the messages', async () => {
  const stage = await openSampleHouse()
  const { db, owner, house } = stage.premises
  const officer = person(stage, 'officer')
  const plan = await planned(stage, '2026-11-02')
  const { units } = await readPlan(db, officer, plan)
  for (const { unit } of units) {
    await openUnit(db, officer, { plan, unit })
    await reportFinding(db, officer, plan, finding(unit))
  }
  const keys = units.map(unit => ({ convId: unit.convId, sentAt: unit.firstAt, msgid: unit.msgid }))
  expect((await openReviews(db, house, keys)).size).toBe(3)
  await sql`UPDATE inspection SET state = 'closed'`.execute(owner)
  expect((await openReviews(db, house, keys)).size).toBe(0)
  const purge = await stage.premises.purgeDb()
  await purge!.transaction().execute(tx => casesPurge(tx, house, keys.slice(0, 2)))
  const { findings } = await readInspection(db, officer, RULES, plan)
  expect(findings.filter(one => one.note === null)).toHaveLength(2)
})
