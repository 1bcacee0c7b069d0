import type { z } from 'zod'
import { type Actor, Fault, fail, inTransaction } from '../base/index.ts'
import type { RuleSet } from '../monitor/index.ts'
import { detailOf, visibleReview } from './board.ts'
import type {
  AlertDetail,
  decide as decideInput,
  decideTogether,
  MoveInput,
  ReviewState,
} from './contract.ts'
import { type CaseDeps, moveIn } from './move.ts'
import { lockReviews } from './store.ts'

/** Decide an alert, as one transaction; earlier decisions stay. */
export function decide(
  deps: CaseDeps,
  actor: Actor,
  set: RuleSet,
  id: string,
  input: z.output<typeof decideInput>,
): Promise<AlertDetail> {
  return act(deps, actor, set, id, { move: input.conclusion, ...input })
}

/** Any other move; the alert as it stands then. */
export function move(
  deps: CaseDeps,
  actor: Actor,
  set: RuleSet,
  id: string,
  input: MoveInput,
): Promise<AlertDetail> {
  return act(deps, actor, set, id, input)
}

function act(
  { db, jobs }: CaseDeps,
  actor: Actor,
  set: RuleSet,
  id: string,
  input: Parameters<typeof moveIn>[4],
): Promise<AlertDetail> {
  return inTransaction(db, async tx => {
    await moveIn(tx, jobs, actor, id, input)
    return detailOf(tx, actor, set, await visibleReview(tx, actor, id))
  })
}

/**
 * One conclusion for near-duplicates: each its own decision, move and trail entry, all in one transaction. Refused as a
 * whole when one of them may not be moved so; what is concealed is decided alone.
 */
export async function concludeTogether(
  { db, jobs }: CaseDeps,
  actor: Actor,
  input: z.output<typeof decideTogether>,
): Promise<{ decided: number; state: ReviewState }> {
  return inTransaction(db, async tx => {
    // In the order of their ids, so that two who take overlapping groups never wait for each other in a ring.
    const ids = [...new Set(input.ids)].toSorted()
    const reviews = await lockReviews(tx, actor.house.corp, ids)
    const groups = new Set(reviews.map(review => review.leadId ?? review.alertId))
    if (reviews.length < ids.length) throw fail('thing.missing', { alerts: ids.length - reviews.length })
    if (groups.size > 1) throw fail('alert.together', { number: '', why: 'alert.apart' })
    for (const { alertId, number, concealed } of reviews) {
      if (concealed) throw fail('alert.together', { number, why: 'alert.concealed' })
      try {
        await moveIn(tx, jobs, actor, alertId, { move: input.conclusion, note: input.note, tags: input.tags })
      } catch (error) {
        if (error instanceof Fault && !['auth.denied', 'alert.note'].includes(error.code))
          throw fail('alert.together', { number, why: error.code }, error)
        throw error
      }
    }
    return { decided: reviews.length, state: input.conclusion }
  })
}
