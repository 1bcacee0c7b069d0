import { type Db, type House, now, open } from '../base/index.ts'
import { accountNames, directoryOf } from '../people/index.ts'
import type { TaskView } from './contract.ts'
import { staffParty } from './staff-party.ts'
import type { TaskRow } from './training-store.ts'

export const taskContext = (corp: number, id: string): string => `training|${corp}|${id}`

/** Tasks as the screens show them. Overdue is a matter of the clock, not of a state. */
export async function taskViews(db: Db, house: House, rows: TaskRow[]): Promise<TaskView[]> {
  const directory = await directoryOf(db, house)
  const { key } = await house.keys.own(db)
  const names = await accountNames(
    db,
    house,
    rows.flatMap(row => (row.assignedBy === null ? [] : [row.assignedBy])),
  )
  const at = now()
  return rows.map(row => ({
    ...{ id: row.id, course: row.course, state: row.state, dueAt: row.dueAt, assignedAt: row.assignedAt },
    staff: staffParty(directory, row.staff),
    assignedBy: names.get(row.assignedBy ?? '') ?? row.assignedBy ?? '',
    endedAt: row.endedAt,
    overdue: row.state === 'assigned' && row.dueAt < at,
    byHand: row.violationId === null,
    reason: row.reasonSealed
      ? open(key, row.reasonSealed, taskContext(house.corp, row.id)).toString('utf8')
      : null,
    attempts: row.attempts,
    best: row.best,
  }))
}
