import type { Actor, Db, House } from '../base/index.ts'
import type { RuleSet } from '../monitor/index.ts'
import { scopeOf } from '../people/index.ts'
import type { AlertRow } from './contract.ts'
import { conflictOf, mayKnow } from './judge.ts'
import type { BoardEvent } from './live.ts'
import { type ReviewRow, selectReview } from './store.ts'
import { rowsFor } from './view.ts'

type Shown = { review: ReviewRow; row: Omit<AlertRow, 'conflict'> | undefined } | null

/** Boards hear of one event within a moment of each other; what was read for the first serves the others. */
const KEPT = 64

export type LiveRows = {
  /** The row of this event for this person, or null when he may not see it. */
  rowFor(actor: Actor, event: BoardEvent): Promise<AlertRow | null>
}

/**
 * Rows for live boards, read and decrypted once an event and not once a board. An event is the key: the next event of the
 * same alert is another object and reads anew, so no board shows what stood there before.
 */
export function openLiveRows(db: Db, house: House, rules: () => RuleSet): LiveRows {
  const read = new Map<BoardEvent, Promise<Shown>>()
  const shownOf = (event: BoardEvent): Promise<Shown> => {
    const known = read.get(event)
    if (known) return known
    const reading = readRow(db, house, rules(), event.id)
    read.set(event, reading)
    const [oldest] = read.keys()
    if (read.size > KEPT && oldest) read.delete(oldest)
    return reading
  }
  return {
    async rowFor(actor, event) {
      const shown = await shownOf(event)
      if (!shown) return null
      const scope = scopeOf(actor)
      const { review, row } = shown
      const visible =
        mayKnow(actor, review) &&
        (scope.length === 0 || review.departments.some(department => scope.includes(department)))
      return visible && row ? { ...row, conflict: conflictOf(actor, review) } : null
    },
  }
}

async function readRow(db: Db, house: House, set: RuleSet, id: string): Promise<Shown> {
  const review = await selectReview(db, house.corp, id)
  if (!review) return null
  const [row] = await rowsFor(db, house, set, [review])
  return { review, row }
}
