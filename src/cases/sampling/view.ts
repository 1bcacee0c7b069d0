import { conversationTitles } from '../../archive/index.ts'
import { type Actor, type Db, fail, type House, inTransaction, type Tx } from '../../base/index.ts'
import { authorise, directoryOf, scopeOf } from '../../people/index.ts'
import { record } from '../../trail/index.ts'
import { inspectionStates } from '../inspection/store.ts'
import type { PlanDetail, PlanDocument, PlanRow, UnitRow } from './contract.ts'
import { readDocument } from './fix.ts'
import { planRecord } from './leaf.ts'
import { isOwn } from './own.ts'
import { summary } from './register.ts'
import { openWords } from './sealed.ts'
import { violationRate } from './statistics.ts'
import {
  type PlanStored,
  type Progress,
  progressOf,
  selectDraw,
  selectPlan,
  selectPlans,
  selectUnits,
  type UnitStored,
} from './store.ts'

/** All plans, the newest first. The look is in the trail. */
export async function listPlans(db: Db, actor: Actor): Promise<{ items: PlanRow[] }> {
  authorise(actor, 'sample.read')
  return inTransaction(db, async tx => {
    const { corp } = actor.house
    const plans = await selectPlans(tx, corp)
    const progress = await progressOf(tx, corp)
    const states = await inspectionStates(tx, corp)
    const items: PlanRow[] = []
    for (const plan of plans) {
      const drawn = await selectDraw(tx, corp, plan.id)
      items.push(
        await rowOf(tx, actor.house, plan, {
          ...{ state: states.get(plan.id) ?? 'planned', progress: progress.get(plan.id) },
          ...{ population: drawn?.population ?? null, drawn: drawn?.drawn ?? null },
        }),
      )
    }
    await record(tx, actor, {
      verb: 'sample.listed',
      thing: { kind: 'sample', id: 'all' },
      detail: { shown: items.length },
    })
    return { items }
  })
}

type Stand = {
  state: string
  progress: Progress | undefined
  population: number | null
  drawn: number | null
}

async function rowOf(db: Db, house: House, plan: PlanStored, stand: Stand): Promise<PlanRow> {
  const document = readDocument(plan.document)
  return {
    ...{ id: plan.id, number: plan.number, registeredBy: plan.registeredBy, registeredAt: plan.registeredAt },
    title: (await openWords(db, house, `plan|${plan.id}`, plan.titleSealed)) ?? '',
    ...{ method: document.method, unit: document.unit, line: document.line, days: document.days },
    ...{ state: stand.state, repeated: document.earlier.length },
    ...{ population: stand.population, drawn: stand.drawn },
    done: stand.progress?.done ?? 0,
    findings: stand.progress?.findings ?? 0,
  }
}

/** One plan with its draw and units. The look is in the trail. */
export async function readPlan(db: Db, actor: Actor, id: string): Promise<PlanDetail> {
  authorise(actor, 'sample.read')
  return inTransaction(db, async tx => {
    const { house } = actor
    const stored = await selectPlan(tx, house.corp, id)
    if (!stored) throw fail('thing.missing', { plan: id })
    const plan = readDocument(stored.document)
    const drawn = await selectDraw(tx, house.corp, stored.id)
    const units = await selectUnits(tx, house.corp, stored.id)
    const progress = (await progressOf(tx, house.corp)).get(stored.id)
    const states = await inspectionStates(tx, house.corp)
    const row = await rowOf(tx, house, stored, {
      ...{ state: states.get(stored.id) ?? 'planned', progress },
      ...{ population: drawn?.population ?? null, drawn: drawn?.drawn ?? null },
    })
    await record(tx, actor, {
      verb: 'sample.opened',
      thing: { kind: 'sample', id: stored.id },
      detail: { number: stored.number },
    })
    return {
      ...row,
      ...factsOf(plan, await departmentNames(tx, house, plan.departments)),
      draw: drawn && {
        ...{ size: drawn.size, note: drawn.note, seed: drawn.seed, at: drawn.at },
        ...{ populationSha256: drawn.populationSha256, drawnSha256: drawn.drawnSha256 },
      },
      strata: summary(drawn?.strata ?? []),
      units: await unitRows(tx, actor, units),
      estimate: violationRate(units, drawn?.strata ?? []),
    }
  })
}

function factsOf(plan: PlanDocument, departments: string[]) {
  const { sizes, channels, directions, roster, flags } = plan
  const planHash = planRecord(plan).toString('hex')
  return { sizes, channels, directions, departments, roster: roster.length, flags: flags.length, planHash }
}

async function departmentNames(db: Db, house: House, ids: number[]): Promise<string[]> {
  const { departments } = await directoryOf(db, house)
  return ids.map(id => departments.get(id)?.name ?? String(id))
}

/** Rows of a sample: staff by name, customers masked as everywhere. */
export async function unitRows(tx: Tx, actor: Actor, units: UnitStored[]): Promise<UnitRow[]> {
  const { house } = actor
  const { people, departments } = await directoryOf(tx, house)
  const titles = await conversationTitles(
    tx,
    house,
    units.map(unit => unit.convId),
  )
  const scope = scopeOf(actor)
  const visible = units.filter(unit => scope.length === 0 || scope.includes(unit.department))
  return Promise.all(
    visible.map(async unit => ({
      ...{ unit: unit.unit, place: unit.place, staff: unit.staff, convId: unit.convId, msgid: unit.msgid },
      staffName: people.get(unit.staff)?.name ?? unit.staff,
      department: departments.get(unit.department)?.name ?? '',
      title: titles.get(unit.convId) ?? '',
      ...{ firstAt: unit.firstAt, lastAt: unit.lastAt, messages: unit.messages, group: unit.group },
      ...{ severity: unit.severity, rules: unit.rules, state: unit.state },
      ...{ concludedBy: unit.concludedBy, concludedAt: unit.concludedAt },
      note: await openWords(tx, house, noteContext(unit), unit.noteSealed),
      own: await isOwn(tx, actor, [unit.department]),
    })),
  )
}

export function noteContext(unit: { plan: string; unit: string }): string {
  return `unit|${unit.plan}|${unit.unit}`
}
