import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import {
  type Db,
  fail,
  type House,
  inTransaction,
  type JobQueue,
  now,
  systemActor,
} from '../../base/index.ts'
import { fixingCheckpoint, leafIndexOf } from '../../notary/index.ts'
import { record } from '../../trail/index.ts'
import { moveInspection } from '../inspection/move.ts'
import { type PlanDocument, planDocument } from './contract.ts'
import { type Draw, draw, drawnDigest, populationDigest, seedOf, type Unit, unitsOf } from './draw.ts'
import { PLAN_REGISTERED } from './jobs.ts'
import { logDraw } from './leaf.ts'
import { sealedOf } from './register.ts'
import { insertDraw, insertUnits, selectPlan, type UnitInsert } from './store.ts'

/** The sealer is there within a second; after this the job is tried again later. */
const PATIENCE_MS = 20_000
const POLL_MS = 150

/** Draw every plan as soon as a signed checkpoint covers it. Idempotent by plan. */
export async function workSampling(db: Db, house: House, jobs: JobQueue): Promise<void> {
  await jobs.work(PLAN_REGISTERED, async payload => {
    const deadline = performance.now() + PATIENCE_MS
    while (!(await drawPlan(db, house, payload.plan))) {
      if (performance.now() > deadline) throw fail('ledger.unsealed', { plan: payload.plan })
      await wait(POLL_MS)
    }
  })
}

/** The document of a stored plan. */
export function readDocument(text: string): PlanDocument {
  return planDocument.parse(JSON.parse(text))
}

type Fixed = { note: string; size: number; units: Unit[]; draw: Draw; seed: Buffer }

/** The draw of a plan from the archive as it stands: population, seed and what is drawn. Null before its checkpoint. */
async function computeDraw(db: Db, house: House, plan: PlanDocument): Promise<Fixed | null> {
  const index = await leafIndexOf(db, house, 'archive', { kind: 'plan', ref: plan.id })
  const fixing = index === null ? null : await fixingCheckpoint(db, house, 'archive', index)
  if (!fixing) return null
  const { note, size } = fixing.fixed
  const units = unitsOf(plan, await sealedOf(db, house, plan, size))
  const seed = seedOf(note, plan.id)
  return { note, size, units, seed, draw: draw(plan, units, seed) }
}

/** True when the plan is drawn, now or before. */
export async function drawPlan(db: Db, house: House, id: string): Promise<boolean> {
  return inTransaction(db, async tx => {
    const stored = await selectPlan(tx, house.corp, id)
    if (!stored) return true
    const plan = readDocument(stored.document)
    const fixed = await computeDraw(tx, house, plan)
    if (!fixed) return false
    const document = {
      ...{ corp: house.corp, plan: id, size: fixed.size },
      checkpoint: createHash('sha256').update(fixed.note).digest('hex'),
      seed: fixed.seed.toString('hex'),
      population: fixed.units.length,
      populationSha256: populationDigest(fixed.units).toString('hex'),
      drawn: fixed.draw.drawn.length,
      drawnSha256: drawnDigest(fixed.draw.drawn).toString('hex'),
      at: now(),
    }
    if (!(await insertDraw(tx, { ...document, note: fixed.note, strata: fixed.draw.strata }))) return true
    await insertUnits(tx, house.corp, id, rowsOf(fixed))
    await logDraw(tx, house, document)
    const actor = systemActor(house, 'sampling')
    await moveInspection(tx, actor, id, 'sampled')
    await record(tx, actor, {
      verb: 'sample.drawn',
      thing: { kind: 'sample', id },
      detail: { number: plan.number, size: fixed.size, seed: document.seed, drawn: document.drawn },
    })
    return true
  })
}

function rowsOf({ units, draw: { drawn } }: Fixed): UnitInsert[] {
  const byId = new Map(units.map(unit => [unit.id, unit]))
  return drawn.flatMap(({ id, rules }, place) => {
    const unit = byId.get(id)
    if (!unit) return []
    const times = unit.messages.map(message => Number(message.sentAt.slice(0, -3) || '0'))
    const first = unit.messages.reduce((a, b) => (Number(b.sentAt) < Number(a.sentAt) ? b : a))
    return [
      {
        ...{ unit: id, place, staff: unit.staff, department: unit.department, convId: unit.conv },
        ...{ firstAt: Math.min(...times), lastAt: Math.max(...times), msgid: first.msgid },
        ...{ messages: unit.messages.length, group: unit.group, severity: unit.severity, rules },
      },
    ]
  })
}
