import { populationOf } from '../../archive/index.ts'
import {
  type Actor,
  type Db,
  dayOf,
  fail,
  type House,
  inTransaction,
  type JobQueue,
  newId,
  now,
  type Tx,
} from '../../base/index.ts'
import { canonicalJson } from '../../ledger/index.ts'
import { authorise, directoryOf, type Person } from '../../people/index.ts'
import { record } from '../../trail/index.ts'
import { startInspection } from '../inspection/start.ts'
import type { PlanDocument, PlanInput, PlanOptions, Preview, RosterEntry } from './contract.ts'
import { SAMPLE_FORMAT } from './contract.ts'
import { draw, type SealedMessage, unitsOf } from './draw.ts'
import { PLAN_REGISTERED } from './jobs.ts'
import { logPlan, planRecord } from './leaf.ts'
import { scopeKey } from './scope.ts'
import { sealWords } from './sealed.ts'
import { sampleSize } from './statistics.ts'
import { alertFlags, alertsOfStaff, insertPlan, lockPlans, nextPlanNumber, plansOfScope } from './store.ts'

const DAY = 86_400_000
/** Alerts of this many days make a person's weight. */
const RISK_DAYS = 90
const MOST_RISK = 10
/** Alerts in the plan itself; beyond this the period is too long for one plan. */
const MOST_FLAGS = 50_000
/** regulation.md §5.5: ± 5 %, 95 %. */
const MARGIN = 0.05

/**
 * Register a plan: its document becomes a leaf of the archive's ledger. What may be drawn is fixed by the first signed
 * checkpoint above that leaf, which nobody knows yet; a job draws then.
 */
export async function registerPlan(
  db: Db,
  actor: Actor,
  jobs: Pick<JobQueue, 'enqueue'>,
  input: PlanInput,
): Promise<{ id: string; number: string }> {
  authorise(actor, 'sample.plan')
  const { house } = actor
  return inTransaction(db, async tx => {
    await lockPlans(tx, house.corp)
    const document = await documentOf(tx, actor, input, newId(), true)
    if (document.roster.length === 0) throw fail('sample.nobody')
    await insertPlan(tx, house.corp, {
      id: document.id,
      number: document.number,
      scopeKey: scopeKey(document),
      document: canonicalJson(document),
      titleSealed: await sealWords(tx, house, `plan|${document.id}`, input.title),
      registeredBy: actor.name,
      registeredAt: document.registeredAt,
    })
    await logPlan(tx, house, document)
    await startInspection(tx, actor, document.id)
    await record(tx, actor, {
      verb: 'sample.planned',
      thing: { kind: 'sample', id: document.id },
      detail: {
        number: document.number,
        title: input.title,
        plan: planRecord(document).toString('hex'),
        repeated: document.earlier.length,
      },
    })
    await jobs.enqueue(tx, PLAN_REGISTERED, { corp: house.corp, plan: document.id })
    return { id: document.id, number: document.number }
  })
}

/** What a plan would come to; writes nothing. */
export async function previewPlan(db: Db, actor: Actor, input: PlanInput): Promise<Preview> {
  authorise(actor, 'sample.plan')
  return inTransaction(db, async tx => {
    const plan = await documentOf(tx, actor, input, '', false)
    const messages = await sealedOf(tx, actor.house, plan, null)
    const units = unitsOf(plan, messages)
    // Strata and their sizes do not depend on the seed; which units two rules share does, a little.
    const { drawn, strata } = draw(plan, units, Buffer.alloc(32))
    return {
      population: units.length,
      drawn: drawn.length,
      staff: new Set(units.map(unit => unit.staff)).size,
      messages: units.reduce((sum, unit) => sum + unit.messages.length, 0),
      repeated: plan.earlier.length,
      enough: sampleSize(units.length, MARGIN),
      strata: summary(strata),
    }
  })
}

export function summary(strata: ReturnType<typeof draw>['strata']): Preview['strata'] {
  return [...Map.groupBy(strata, stratum => stratum.rule)].map(([rule, own]) => ({
    rule,
    strata: own.length,
    population: own.reduce((sum, { population }) => sum + population, 0),
    drawn: own.reduce((sum, { quota }) => sum + quota, 0),
  }))
}

/** Every sealed message the plan may be about; `size`: below that leaf. */
export function sealedOf(
  db: Db,
  house: House,
  plan: PlanDocument,
  size: number | null,
): Promise<SealedMessage[]> {
  const { from, to, directions } = plan
  return populationOf(db, house.corp, {
    from,
    to,
    directions,
    size,
    staff: plan.roster.map(one => one.staff),
  })
}

async function documentOf(
  tx: Tx,
  actor: Actor,
  input: PlanInput,
  id: string,
  withFlags: boolean,
): Promise<PlanDocument> {
  const { house } = actor
  const at = now()
  const offset = offsetMinutes(house.zone, Date.parse(`${input.from}T00:00:00Z`))
  const edge = (day: string): number => Date.parse(`${day}T00:00:00Z`) - offset * 60_000
  const scope = { from: edge(input.from), to: edge(input.to) + DAY }
  const departments = [...new Set(input.departments)].sort((a, b) => a - b)
  const roster = await rosterOf(tx, actor, input, departments)
  const flags = await alertFlags(tx, house.corp, { ...scope, staff: roster.map(entry => entry.staff) })
  if (withFlags && flags.length > MOST_FLAGS) throw fail('sample.too_long', { alerts: flags.length })
  const document: PlanDocument = {
    ...{ format: SAMPLE_FORMAT, corp: house.corp, id, number: '' },
    ...{ unit: input.unit, method: input.method, ...scope, days: [input.from, input.to] },
    ...{ offsetMinutes: offset, departments, channels: inOrder(input.channels) },
    ...{ directions: inOrder(input.directions), line: input.line, sizes: { ...input.sizes } },
    ...{ roster, flags, earlier: [], registeredBy: actor.name, registeredAt: at },
  }
  const siblings = await plansOfScope(tx, house.corp, scopeKey(document))
  document.earlier = siblings.map(plan => plan.id)
  if (id !== '') document.number = await nextPlanNumber(tx, house.corp, dayOf(at, house.zone).slice(0, 4))
  return document
}

const inOrder = <T extends string>(values: T[]): T[] => [...new Set(values)].sort()

/** How far the institution's clock is from UTC, by the zone's rules at that moment. */
function offsetMinutes(zone: string, at: number): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  const name = parts.formatToParts(at).find(part => part.type === 'timeZoneName')?.value ?? 'GMT'
  const [, sign, hours, minutes] = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(name) ?? []
  const total = Number(hours ?? 0) * 60 + Number(minutes ?? 0)
  return sign === '-' ? -total : total
}

/** Who was on the list when the plan was made; it stands in the plan, so a later change of the directory changes nothing. */
async function rosterOf(
  tx: Tx,
  actor: Actor,
  input: PlanInput,
  departments: number[],
): Promise<RosterEntry[]> {
  const { people } = await directoryOf(tx, actor.house)
  const alerts = await alertsOfStaff(tx, actor.house.corp, now() - RISK_DAYS * DAY)
  const fresh = new Set(input.newStaff)
  const watched = new Set(input.watched)
  const groupOf = (id: string): RosterEntry['group'] =>
    watched.has(id) ? 'watched' : fresh.has(id) ? 'new' : 'normal'
  return [...people.values()]
    .flatMap(person => {
      const department = departmentIn(person, departments)
      if (department === null) return []
      const weight = Math.min(MOST_RISK, 1 + (alerts.get(person.userid) ?? 0))
      return [{ staff: person.userid, department, group: groupOf(person.userid), weight }]
    })
    .sort((a, b) => Buffer.compare(Buffer.from(a.staff), Buffer.from(b.staff)))
}

function departmentIn(person: Person, departments: number[]): number | null {
  if (departments.length === 0) return person.departments[0] ?? 0
  return person.departments.find(department => departments.includes(department)) ?? null
}

/** Alerts of a person against the middle of all who have any: three times as many stand out (企业内部预警线). */
const STANDS_OUT = 3

/** What the form of a plan offers. */
export async function planOptions(db: Db, actor: Actor): Promise<PlanOptions> {
  authorise(actor, 'sample.plan')
  const { people, departments } = await directoryOf(db, actor.house)
  const alerts = await alertsOfStaff(db, actor.house.corp, now() - RISK_DAYS * DAY)
  const counts = [...alerts.values()].sort((a, b) => a - b)
  const middle = counts[Math.floor(counts.length / 2)] ?? 0
  const line = Math.max(STANDS_OUT, middle * STANDS_OUT)
  return {
    departments: [...departments.values()].map(({ id, name }) => ({ id, name })),
    staff: [...people.values()].map(person => ({
      id: person.userid,
      name: person.name,
      department: departments.get(person.departments[0] ?? -1)?.name ?? '',
    })),
    suggested: [...alerts].filter(([, n]) => n >= line).map(([staff]) => staff),
  }
}
