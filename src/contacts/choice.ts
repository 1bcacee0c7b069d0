import { fail } from '../base/index.ts'
import { CONSENT_STATES, type ConsentState, type Processing } from './contract.ts'

/** A customer's choice as it stands in `consent_event`. `userid` and `chatId` both null: towards everybody, everywhere. */
export type Choice = {
  id: string
  userid: string | null
  chatId: string | null
  state: ConsentState
  source: string
  sourceRef: string
  effectiveAt: number
  recordedAt: number
}

/** Where something is said: to this employee alone, or in this room. */
export type Context = { userid: string | null; chatId: string | null }

/** Of two choices of the same instant the one that allows less holds. */
const STRICTEST: readonly ConsentState[] = ['withdrawn', 'disagree', 'agree', 'default_agree']

/** A state this version does not know is not guessed at. */
export function consentState(state: string): ConsentState {
  const known = CONSENT_STATES.find(one => one === state)
  if (!known) throw fail('schema.newer', { consent: state })
  return known
}

/** Rows of a state this version knows. */
export const inKnownState = <T extends { state: string }>(row: T): row is T & { state: ConsentState } =>
  CONSENT_STATES.some(one => one === row.state)

export const isRefusal = (state: ConsentState): boolean => state === 'disagree' || state === 'withdrawn'

/** A choice towards everybody holds in rooms as well; one towards an employee only in talk with him alone. */
function covers(choice: Choice, { userid, chatId }: Context): boolean {
  if (choice.chatId === null && choice.userid === null) return true
  if (chatId !== null) return choice.chatId === chatId
  return choice.chatId === null && (userid === null || choice.userid === userid)
}

/**
 * The choice in force at `at` as far as we knew at `knownAt` (null: now), or null. The same answer as `selectConsent` in
 * the database, whatever order the choices came in.
 */
export function choiceAt(
  choices: readonly Choice[],
  context: Context,
  at: number | null,
  knownAt: number | null = null,
): Choice | null {
  let found: Choice | null = null
  for (const choice of choices) {
    if (!covers(choice, context)) continue
    if (at !== null && choice.effectiveAt > at) continue
    if (knownAt !== null && choice.recordedAt > knownAt) continue
    if (found === null || outranks(choice, found)) found = choice
  }
  return found
}

function outranks(a: Choice, b: Choice): boolean {
  if (a.effectiveAt !== b.effectiveAt) return a.effectiveAt > b.effectiveAt
  const [strict, other] = [STRICTEST.indexOf(a.state), STRICTEST.indexOf(b.state)]
  if (strict !== other) return strict < other
  return `${a.source}\0${a.sourceRef}` < `${b.source}\0${b.sourceRef}`
}

/** Why the body of a kept message is not shown: refused when it was said, or refused today. Null: it may be shown. */
export function restrictedBy(choices: readonly Choice[], context: Context, at: number): Choice | null {
  const then = choiceAt(choices, context, at)
  if (then && isRefusal(then.state)) return then
  const today = choiceAt(choices, context, null)
  return today && isRefusal(today.state) ? today : null
}

/** Where a customer refuses today. */
export function refusedToday(choices: readonly Choice[]): Choice[] {
  const contexts = new Map<string, Context>()
  for (const { userid, chatId } of choices) contexts.set(`${userid}|${chatId}`, { userid, chatId })
  const found = [...contexts.values()].flatMap(context => {
    const today = choiceAt(choices, context, null)
    return today && isRefusal(today.state) ? [today] : []
  })
  return [...new Set(found)]
}

/**
 * The state of a customer, from all that is known and from nothing else: the order in which we learnt it leaves no trace.
 * What was erased stays erased until the customer agrees to something later than the erasure.
 */
export function processingOf(choices: readonly Choice[], erasedAt: number | null): Processing {
  const since = erasedAt ?? Number.NEGATIVE_INFINITY
  const again = choices.some(choice => !isRefusal(choice.state) && choice.effectiveAt > since)
  if (erasedAt !== null && !again) return 'erased'
  return refusedToday(choices).length > 0 ? 'restricted' : 'active'
}
