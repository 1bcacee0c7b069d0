import { type Actor, type Db, type House, inTransaction } from '../base/index.ts'
import { authorise } from '../people/index.ts'
import { record } from '../trail/index.ts'
import {
  type CursorState,
  type QuarantineListRow,
  selectCapturedUpTo,
  selectCursor,
  selectQuarantine,
  waitingInQuarantine,
} from './store.ts'

/** Where capture stands, for the 系统 page and for `doctor`. Null before the first pull. */
export function captureState(db: Db, actor: Actor, source: string): Promise<CursorState | null> {
  return selectCursor(db, actor.house.corp, source)
}

/** Records that wait for a person. Their content stays sealed; the look is in the trail. */
export async function listQuarantine(
  db: Db,
  actor: Actor,
  limit: number,
): Promise<{ items: QuarantineListRow[]; total: number }> {
  authorise(actor, 'quarantine.read')
  return inTransaction(db, async tx => {
    const page = await selectQuarantine(tx, actor.house.corp, limit)
    await record(tx, actor, {
      verb: 'quarantine.read',
      thing: { kind: 'quarantine', id: 'all' },
      detail: { shown: page.items.length },
    })
    return page
  })
}

/** How many records wait for a person. */
export async function countQuarantine(db: Db, house: House): Promise<number> {
  return waitingInQuarantine(db, house.corp)
}

/** Up to when every source that is still asked has told its messages; null where nothing is captured. */
export function capturedUpTo(db: Db, house: House): Promise<number | null> {
  return selectCapturedUpTo(db, house.corp)
}
