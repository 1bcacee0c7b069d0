import { type Actor, type Db, fail, type House, inTransaction, now, open, type Tx } from '../base/index.ts'
import { accountNames, authorise, directoryOf, scopeOf } from '../people/index.ts'
import { record } from '../trail/index.ts'
import { isInChain } from './concealed.ts'
import { reversalContext } from './consequence.ts'
import {
  POINT_DECAY,
  type PointEntry,
  type PointsAccount,
  type PointsPerson,
  type PointsView,
} from './contract.ts'
import { selectPenalties } from './penalty-store.ts'
import { ageInDays, countsAt, lineOf, nextDropOf, shareAt, totalAt } from './points.ts'
import { staffParty } from './staff-party.ts'
import { selectViolations, type ViolationFilter, type ViolationRow } from './store.ts'
import { selectTasks, type TaskRow } from './training-store.ts'
import { taskViews } from './training-view.ts'

const DAY = 86_400_000
/** "A month ago", beside the points of today. */
const BEFORE_DAYS = 30
const MONTHS = 12
/** Nothing older counts, a month ago neither. */
const REACH_DAYS = (POINT_DECAY.at(-1)?.days ?? 0) + BEFORE_DAYS + 2

/** What this reader may learn of: a supervisor his departments, and nothing that is hidden from the chain above. */
export function sightOf(actor: Actor): Pick<ViolationFilter, 'departments' | 'concealed'> {
  return { departments: scopeOf(actor), concealed: !isInChain(actor.role) }
}

/** Everybody with points, departments, and the trend of a year. The look is in the trail. */
export async function readPoints(db: Db, actor: Actor): Promise<PointsView> {
  authorise(actor, 'points.read')
  return inTransaction(db, async tx => {
    const { house } = actor
    const at = now()
    const sight = sightOf(actor)
    const violations = await selectViolations(tx, house.corp, { ...sight, since: at - REACH_DAYS * DAY })
    const tasks = await selectTasks(tx, house.corp, { concealed: sight.concealed })
    const view = {
      at,
      people: await peopleOf(tx, house, violations, tasks, at),
      departments: await departmentsWith(tx, actor, violations, at),
      trend: trendOf(violations, at, house.zone),
    }
    await record(tx, actor, {
      verb: 'points.read',
      thing: { kind: 'points', id: 'all' },
      detail: { shown: view.people.length },
    })
    return view
  })
}

async function peopleOf(
  tx: Tx,
  house: House,
  violations: ViolationRow[],
  tasks: TaskRow[],
  at: number,
): Promise<PointsPerson[]> {
  const directory = await directoryOf(tx, house)
  const openTasks = Map.groupBy(
    tasks.filter(task => task.state === 'assigned'),
    task => task.staff,
  )
  const people = [...Map.groupBy(violations, one => one.staff)].map(([staff, own]) => {
    const counting = own.filter(one => countsAt(one, at, house.zone) > 0)
    const points = totalAt(own, at, house.zone)
    const waiting = openTasks.get(staff) ?? []
    const before = own.filter(one => one.happenedAt <= at - BEFORE_DAYS * DAY)
    return {
      staff: staffParty(directory, staff),
      points,
      before: totalAt(before, at - BEFORE_DAYS * DAY, house.zone),
      line: lineOf(points),
      violations: counting.length,
      worst: counting.map(one => one.severity).sort()[0] ?? null,
      openTasks: waiting.length,
      overdueTasks: waiting.filter(task => task.dueAt < at).length,
    }
  })
  return people
    .filter(person => person.points > 0 || person.openTasks > 0)
    .sort((a, b) => b.points - a.points || a.staff.id.localeCompare(b.staff.id))
}

/** By the department that came first when it was done. */
async function departmentsWith(
  tx: Tx,
  actor: Actor,
  violations: ViolationRow[],
  at: number,
): Promise<PointsView['departments']> {
  const { house } = actor
  const directory = await directoryOf(tx, house)
  const scope = scopeOf(actor)
  const home = (one: ViolationRow): number =>
    one.departments.find(id => scope.length === 0 || scope.includes(id)) ?? 0
  return [...Map.groupBy(violations, home)]
    .map(([id, own]) => ({
      id,
      name: directory.departments.get(id)?.name ?? String(id),
      points: totalAt(own, at, house.zone),
      people: new Set(own.filter(one => countsAt(one, at, house.zone) > 0).map(one => one.staff)).size,
      staff: [...directory.people.values()].filter(person => person.departments.includes(id)).length,
    }))
    .filter(department => department.points > 0)
    .sort((a, b) => b.points - a.points || a.id - b.id)
}

function trendOf(violations: ViolationRow[], at: number, zone: string): PointsView['trend'] {
  const month = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, year: 'numeric', month: '2-digit' })
  const [year = 0, running = 1] = month.format(at).split('-').map(Number)
  const standing = violations.filter(one => one.reversedAt === null)
  return Array.from({ length: MONTHS }, (_, index) => {
    const name = new Date(Date.UTC(year, running - MONTHS + index, 1)).toISOString().slice(0, 7)
    const own = standing.filter(one => month.format(one.happenedAt) === name)
    return { month: name, points: own.reduce((sum, one) => sum + one.points, 0), violations: own.length }
  })
}

/** One person's points, line by line. The look is in the trail. `auth.denied` where he is not in the reader's scope. */
export async function readAccount(db: Db, actor: Actor, staff: string): Promise<PointsAccount> {
  return inTransaction(db, async tx => {
    await authoriseStaff(tx, actor, staff)
    await record(tx, actor, {
      verb: 'points.read',
      thing: { kind: 'staff', id: staff },
      detail: { shown: 1 },
    })
    return accountOf(tx, actor, staff)
  })
}

/** May this reader look at this person? By where he works now, or worked when he did it. */
async function authoriseStaff(tx: Tx, actor: Actor, staff: string): Promise<void> {
  authorise(actor, 'points.read')
  const person = (await directoryOf(tx, actor.house)).people.get(staff)
  const violations = await selectViolations(tx, actor.house.corp, { departments: [], concealed: true, staff })
  if (!person && violations.length === 0) throw fail('thing.missing', { staff })
  const departments = [...(person?.departments ?? []), ...violations.flatMap(one => one.departments)]
  authorise(actor, 'points.read', { departments })
}

/** The account without asking who looks: for a person's own page, whose door asked already. */
export async function accountOf(tx: Tx, actor: Actor, staff: string): Promise<PointsAccount> {
  const { house } = actor
  const at = now()
  const sight = sightOf(actor)
  const violations = await selectViolations(tx, house.corp, { ...sight, staff })
  const total = totalAt(violations, at, house.zone)
  const tasks = await selectTasks(tx, house.corp, { staff: [staff], concealed: sight.concealed })
  const penalties = await selectPenalties(tx, house.corp, { departments: sight.departments, staff })
  return {
    staff: staffParty(await directoryOf(tx, house), staff),
    at,
    total,
    line: lineOf(total),
    entries: await entriesOf(tx, house, violations, at),
    tasks: await taskViews(tx, house, tasks),
    penalties: penalties.map(({ id, number, kind, state }) => ({ id, number, kind, state })),
  }
}

/** Lines of the arithmetic, reasons opened and names told. */
export async function entriesOf(
  db: Db,
  house: House,
  violations: ViolationRow[],
  at: number,
): Promise<PointEntry[]> {
  const { key } = await house.keys.own(db)
  const names = await accountNames(
    db,
    house,
    violations.flatMap(one => [one.confirmedBy, ...(one.reversedBy ? [one.reversedBy] : [])]),
  )
  return violations.map(one => {
    const source = { kind: one.sourceKind, id: one.sourceId }
    const age = ageInDays(one.happenedAt, at, house.zone)
    return {
      ...{ id: one.id, severity: one.severity, rules: one.rules, source, points: one.points },
      ...{ happenedAt: one.happenedAt, confirmedAt: one.confirmedAt },
      confirmedBy: names.get(one.confirmedBy) ?? one.confirmedBy,
      ageDays: age,
      share: one.reversedAt === null ? shareAt(age) : 0,
      counts: countsAt(one, at, house.zone),
      nextDrop: nextDropOf(one, at, house.zone),
      reversed:
        one.reversedAt === null || one.reversedBy === null
          ? null
          : {
              by: names.get(one.reversedBy) ?? one.reversedBy,
              at: one.reversedAt,
              reason: one.reasonSealed
                ? open(key, one.reasonSealed, reversalContext(house.corp, source)).toString('utf8')
                : '',
            },
    }
  })
}
