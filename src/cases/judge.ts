import type { Actor, FaultCode } from '../base/index.ts'
import { can, scopeOf } from '../people/index.ts'
import { isInChain } from '../policies/index.ts'
import { REVIEW_MOVES, type ReviewMove, type ReviewState } from './contract.ts'
import type { ReviewRow, Sight } from './store.ts'

export type Concerned = Pick<ReviewRow, 'staff' | 'departments'>
type Judged = Concerned & Pick<ReviewRow, 'state' | 'level' | 'assignee' | 'decidedBy'>

/** Why this person may not review this alert, whatever his role: it is about him, or about his own department. */
export function conflictOf(actor: Actor, review: Concerned): 'self' | 'department' | null {
  if (actor.userid !== null && actor.userid === review.staff) return 'self'
  return review.departments.some(department => actor.departments.includes(department)) ? 'department' : null
}

/** A supervisor's departments are what he reads, not a conflict in reading; what is concealed is hidden from him. */
export function mayKnow(actor: Actor, review: Concerned & { concealed: boolean }): boolean {
  return !review.concealed || (!isInChain(actor.role) && conflictOf(actor, review) === null)
}

export function sightOf(actor: Actor): Sight {
  return {
    departments: [...scopeOf(actor)],
    concealed: !isInChain(actor.role),
    userid: actor.userid,
    own: [...actor.departments],
  }
}

/** Where a move leads from a state; undefined where it does not begin there. */
export function leadsTo(move: ReviewMove, state: ReviewState): ReviewState | undefined {
  const to: Partial<Record<ReviewState, ReviewState>> = REVIEW_MOVES[move].to
  return to[state]
}

/** Why this person may not make this move now, or null. Asked before a move and by the screen before it is tried. */
export function refusalOf(actor: Actor, review: Judged, move: ReviewMove): FaultCode | null {
  const { verb, who } = REVIEW_MOVES[move]
  const leads = can(actor, 'case.lead', review)
  if (!can(actor, verb, review)) return 'auth.denied'
  const conflict = conflictOf(actor, review)
  if (conflict !== null) return conflict === 'self' ? 'alert.own' : 'alert.department'
  if (leadsTo(move, review.state) === undefined)
    return review.decidedBy !== null && review.state !== 'watch' ? 'alert.decided' : 'alert.moved'
  if (review.level === 2 && !leads) return 'alert.level'
  const held = review.assignee !== null && review.assignee !== actor.name
  if (who === 'holder' && held && !leads) return 'alert.held'
  if (who === 'other' && review.decidedBy === actor.name) return 'alert.undo_own'
  return null
}

/** Why an alert may not be given to this person, or null. */
export function refusalToTake(target: Actor, review: Judged): FaultCode | null {
  if (!can(target, 'alert.decide', review)) return 'auth.denied'
  const conflict = conflictOf(target, review)
  if (conflict !== null) return conflict === 'self' ? 'alert.own' : 'alert.department'
  return review.level === 2 && !can(target, 'case.lead', review) ? 'alert.level' : null
}
