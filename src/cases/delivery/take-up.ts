import { type Db, Fault, inTransaction, type JobQueue } from '../../base/index.ts'
import type { RuleSet } from '../../monitor/index.ts'
import { moveIn } from '../move.ts'
import { selectReview } from '../store.ts'
import { mayHear, type Receiver } from './audience.ts'
import { subjectOf } from './facts.ts'

/** What taking an alert up came to, and who holds or decided it where that is somebody else (a username). */
export type TakenUp = {
  outcome: 'taken' | 'again' | 'held' | 'decided' | 'denied' | 'missing'
  by: string | null
}

/**
 * Take an alert up as the person who pressed the card: the desk's own claim, with his rights and none besides. The row is
 * locked by the claim, so of two who press at once the second is told who was faster.
 */
export async function takeUp(
  db: Db,
  actor: Receiver,
  set: RuleSet,
  jobs: Pick<JobQueue, 'enqueue'>,
  id: string,
): Promise<TakenUp> {
  try {
    return await inTransaction(db, async tx => {
      const review = await selectReview(tx, actor.house.corp, id)
      if (!review) return { outcome: 'missing', by: null }
      if (!mayHear(actor, subjectOf(set, review))) return { outcome: 'denied', by: null }
      if (review.state === 'claimed' && review.assignee === actor.name) return { outcome: 'again', by: null }
      await moveIn(tx, jobs, actor, id, { move: 'claim' })
      return { outcome: 'taken', by: null }
    })
  } catch (error) {
    return refusalOf(error)
  }
}

const DENIED = new Set(['auth.denied', 'alert.own', 'alert.department', 'alert.level'])

function refusalOf(error: unknown): TakenUp {
  if (!(error instanceof Fault)) throw error
  const by = typeof error.details.by === 'string' && error.details.by !== '' ? error.details.by : null
  if (DENIED.has(error.code)) return { outcome: 'denied', by: null }
  if (error.code === 'thing.missing') return { outcome: 'missing', by: null }
  if (error.code === 'alert.decided') return { outcome: 'decided', by }
  if (error.code === 'alert.moved' || error.code === 'alert.held') return { outcome: 'held', by }
  throw error
}
