import type { z } from 'zod'
import {
  type Actor,
  type Db,
  fail,
  type House,
  inTransaction,
  newId,
  now,
  open,
  seal,
} from '../base/index.ts'
import type { RuleSet } from '../monitor/index.ts'
import { authorise } from '../people/index.ts'
import { record } from '../trail/index.ts'
import { detailOf, visibleReview } from './board.ts'
import { type AlertDetail, type decide as decideInput, REVIEW_MOVES } from './contract.ts'
import { announce, type Decision, insertDecision, lockReview } from './store.ts'

/** Decide an alert. The decision, the new state and the trail entry are one transaction; earlier decisions stay. */
export async function decide(
  db: Db,
  actor: Actor,
  set: RuleSet,
  id: string,
  input: z.infer<typeof decideInput>,
): Promise<AlertDetail> {
  return inTransaction(db, async tx => {
    const { house } = actor
    const seen = await visibleReview(tx, actor, id)
    authorise(actor, 'alert.decide', { departments: seen.departments })
    const review = await lockReview(tx, house.corp, id)
    if (!review) throw fail('thing.missing', { alert: id })
    const moves: readonly string[] = REVIEW_MOVES[review.state]
    if (!moves.includes(input.conclusion)) {
      throw fail('alert.decided', {
        state: review.state,
        by: review.decidedBy ?? '',
        conclusion: input.conclusion,
      })
    }
    const decisionId = newId()
    const own = await house.keys.own(tx)
    await insertDecision(tx, house.corp, id, {
      id: decisionId,
      conclusion: input.conclusion,
      sealed: seal(own.key, input.note, `decision|${house.corp}|${decisionId}`),
      by: actor.name,
      at: now(),
    })
    await record(tx, actor, {
      verb: 'alert.decided',
      thing: { kind: 'alert', id },
      detail: { number: review.number, from: review.state, to: input.conclusion, note: input.note },
    })
    await announce(tx, { kind: 'decision', corp: house.corp, id })
    return detailOf(tx, actor, set, await visibleReview(tx, actor, id))
  })
}

export async function openNote(db: Db, house: House, decision: Decision): Promise<string> {
  const own = await house.keys.own(db)
  return open(own.key, decision.sealed, `decision|${house.corp}|${decision.id}`).toString('utf8')
}
