import {
  type Actor,
  addBusinessDays,
  type Db,
  fail,
  inTransaction,
  newId,
  now,
  type Tx,
} from '../../base/index.ts'
import { authorise } from '../../people/index.ts'
import { confirmViolation } from '../../policies/index.ts'
import { record } from '../../trail/index.ts'
import { conclude, heldUnit } from '../sampling/review.ts'
import { sealWords } from '../sampling/sealed.ts'
import { selectPlan, selectUnits } from '../sampling/store.ts'
import {
  type CheckRectification,
  type DecideFinding,
  FINDING_MOVES,
  type FindingState,
  type ReportFinding,
} from './contract.ts'
import { moveInspection } from './move.ts'
import {
  countFindings,
  type FindingStored,
  insertFinding,
  lockFinding,
  selectFindings,
  selectInspection,
  updateChecked,
  updateDecision,
  updateDue,
  updateRectified,
} from './store.ts'

/** Rectification is due within ten business days unless somebody says otherwise (企业内部预警线). */
const RECTIFY_DAYS = 10

/** A unit is concluded with something to object to. Who reports it does not confirm it. */
export async function reportFinding(
  db: Db,
  actor: Actor,
  plan: string,
  input: ReportFinding,
): Promise<{ id: string; number: string }> {
  return inTransaction(db, async tx => {
    const { house } = actor
    const unit = await heldUnit(tx, actor, { plan, unit: input.unit })
    await conclude(tx, actor, unit, 'finding', input.note)
    const id = newId()
    const number = await numberOf(tx, house.corp, plan)
    const fresh = await insertFinding(tx, house.corp, {
      ...{ id, plan, unit: unit.unit, number, staff: unit.staff, departments: [unit.department] },
      ...{ severity: input.severity, rule: input.rule, convId: unit.convId, happenedAt: unit.firstAt },
      noteSealed: await sealWords(tx, house, `finding|${id}|note`, input.note),
      ...{ foundBy: actor.name, foundAt: now() },
    })
    if (!fresh) throw fail('finding.known', { unit: unit.unit })
    const { severity, rule, note } = input
    await record(tx, actor, {
      verb: 'finding.reported',
      thing: { kind: 'finding', id },
      detail: { number, unit: unit.unit, staff: unit.staff, severity, rule, note },
    })
    return { id, number }
  })
}

async function numberOf(tx: Tx, corp: number, plan: string): Promise<string> {
  const stored = await selectPlan(tx, corp, plan)
  if (!stored) throw fail('thing.missing', { plan })
  return `${stored.number}-F${String((await countFindings(tx, corp, plan)) + 1).padStart(2, '0')}`
}

/** The finding, held; its move must stand in the table and be by another person than `not`. */
async function held(
  tx: Tx,
  actor: Actor,
  id: string,
  move: { to: FindingState; not: (finding: FindingStored) => string | null },
): Promise<FindingStored> {
  const finding = await lockFinding(tx, actor.house.corp, id)
  if (!finding) throw fail('thing.missing', { finding: id })
  const moves: readonly string[] = FINDING_MOVES[finding.state]
  if (!moves.includes(move.to)) throw fail('finding.moved', { state: finding.state, to: move.to })
  if (move.not(finding) === actor.name) throw fail('approval.own')
  return finding
}

/** Another person confirms or dismisses a finding. Confirmed, it counts as a violation: points and training follow. */
export async function decideFinding(
  db: Db,
  actor: Actor,
  id: string,
  input: DecideFinding,
): Promise<{ state: FindingState }> {
  authorise(actor, 'sample.plan')
  return inTransaction(db, async tx => {
    const { house } = actor
    const to = input.verdict
    const finding = await held(tx, actor, id, { to, not: one => one.foundBy })
    const inspection = await selectInspection(tx, house.corp, finding.plan, { lock: true })
    if (inspection?.state !== 'findings')
      throw fail('inspection.moved', { state: inspection?.state ?? '', to: 'findings' })
    const sealed = await sealWords(tx, house, `finding|${id}|decision`, input.note)
    await updateDecision(tx, house.corp, { id, state: to, by: actor.name, at: now(), sealed })
    await record(tx, actor, {
      verb: 'finding.decided',
      thing: { kind: 'finding', id },
      detail: { number: finding.number, verdict: to, note: input.note },
    })
    if (to === 'confirmed')
      await confirmViolation(tx, actor, {
        source: { kind: 'finding', id },
        ...{ staff: finding.staff, departments: finding.departments, severity: finding.severity },
        ...{ rules: [finding.rule], happenedAt: finding.happenedAt },
      })
    return { state: to }
  })
}

const isDone = (state: string): boolean => state === 'clean' || state === 'finding'

/** All units are concluded: findings are looked at by another person. */
export async function endChecking(db: Db, actor: Actor, plan: string) {
  authorise(actor, 'sample.plan')
  return inTransaction(db, async tx => {
    await selectInspection(tx, actor.house.corp, plan, { lock: true })
    const waiting = (await selectUnits(tx, actor.house.corp, plan)).filter(unit => !isDone(unit.state)).length
    if (waiting > 0) throw fail('sample.unread', { waiting })
    return { state: await moveInspection(tx, actor, plan, 'findings') }
  })
}

/** Confirmed findings are to be put right by a day; without any the inspection ends. */
export async function orderRectification(db: Db, actor: Actor, plan: string, dueAt: number | null) {
  authorise(actor, 'sample.plan')
  return inTransaction(db, async tx => {
    const { house } = actor
    const findings = await selectFindings(tx, house.corp, plan)
    if (findings.some(finding => finding.state === 'reported'))
      throw fail('finding.moved', { state: 'reported', to: 'rectifying' })
    const confirmed = findings.filter(finding => finding.state === 'confirmed')
    if (confirmed.length === 0) return { state: await moveInspection(tx, actor, plan, 'closed') }
    const state = await moveInspection(tx, actor, plan, 'rectifying')
    const due = dueAt ?? addBusinessDays(now(), RECTIFY_DAYS, house.zone)
    for (const { id, number } of confirmed) {
      await updateDue(tx, house.corp, id, due)
      await record(tx, actor, {
        verb: 'finding.ordered',
        thing: { kind: 'finding', id },
        detail: { number, dueAt: due },
      })
    }
    return { state }
  })
}

/** What was done about a finding. When the last one is in, the check by another person begins. */
export async function submitRectification(db: Db, actor: Actor, id: string, note: string) {
  authorise(actor, 'sample.review')
  return inTransaction(db, async tx => {
    const { house } = actor
    const finding = await held(tx, actor, id, { to: 'submitted', not: () => null })
    const sealed = await sealWords(tx, house, `finding|${id}|rectified`, note)
    await updateRectified(tx, house.corp, { id, by: actor.name, at: now(), sealed })
    await record(tx, actor, {
      verb: 'finding.rectified',
      thing: { kind: 'finding', id },
      detail: { number: finding.number, note },
    })
    await settle(tx, actor, finding.plan)
    return { state: 'submitted' as const }
  })
}

/** Another person looks whether it was put right: closed, or sent back. */
export async function checkRectification(db: Db, actor: Actor, id: string, input: CheckRectification) {
  authorise(actor, 'sample.plan')
  return inTransaction(db, async tx => {
    const { house } = actor
    const { verdict, note } = input
    const finding = await held(tx, actor, id, { to: verdict, not: one => one.rectifiedBy })
    const inspection = await selectInspection(tx, house.corp, finding.plan, { lock: true })
    if (inspection?.state !== 'rechecking')
      throw fail('inspection.moved', { state: inspection?.state ?? '', to: 'rechecking' })
    const sealed = await sealWords(tx, house, `finding|${id}|checked`, note)
    await updateChecked(tx, house.corp, { id, state: verdict, by: actor.name, at: now(), sealed })
    await record(tx, actor, {
      verb: 'finding.checked',
      thing: { kind: 'finding', id },
      detail: { number: finding.number, verdict, note },
    })
    await settle(tx, actor, finding.plan)
    return { state: verdict }
  })
}

/** The inspection follows its findings: all submitted, one sent back, all closed. */
async function settle(tx: Tx, actor: Actor, plan: string): Promise<void> {
  const inspection = await selectInspection(tx, actor.house.corp, plan, { lock: true })
  const states = (await selectFindings(tx, actor.house.corp, plan)).map(finding => finding.state)
  const open = states.filter(state => state === 'rectifying').length
  const submitted = states.filter(state => state === 'submitted').length
  if (inspection?.state === 'rectifying' && open === 0) await moveInspection(tx, actor, plan, 'rechecking')
  if (inspection?.state !== 'rechecking' || submitted > 0) return
  await moveInspection(tx, actor, plan, open > 0 ? 'rectifying' : 'closed')
}
