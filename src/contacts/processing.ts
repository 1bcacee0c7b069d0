import { type Actor, fail, type House, hash63, newId, now, type Tx } from '../base/index.ts'
import { type Choice, processingOf, refusedToday } from './choice.ts'
import {
  choicesOf,
  choicesOfRefusers,
  insertMove,
  lockRefusals,
  type MoveRow,
  selectMoves,
  selectRefusers,
} from './consent-store.ts'
import { PROCESSING_MOVES, type Processing } from './contract.ts'

type Told = Choice & { externalUserid: string; by?: string }

/**
 * Write down the moves that new choices make. Nearly every choice is an agreement of somebody who never refused: for
 * those there is nothing to do, and nothing is read but one index.
 */
export async function settleProcessing(tx: Tx, house: House, told: readonly Told[]): Promise<void> {
  if (told.length === 0) return
  const { corp } = house
  const touched = [...new Set(told.map(event => event.externalUserid))]
  const refusers = new Set((await choicesOfRefusers(tx, corp, touched)).map(row => row.externalUserid))
  if (refusers.size === 0) return
  await lockRefusals(tx, hash63('tongjian refusals v1', String(corp)))
  const ids = [...refusers]
  const choices = Map.groupBy(await choicesOf(tx, corp, ids), row => row.externalUserid)
  const moves = Map.groupBy(await selectMoves(tx, corp, ids), row => row.externalUserid)
  for (const externalUserid of ids) {
    const history = moves.get(externalUserid) ?? []
    const from = history.at(-1)?.to ?? 'active'
    const to = processingOf(choices.get(externalUserid) ?? [], erasedAt(history))
    const event = told.findLast(one => one.externalUserid === externalUserid)
    if (from === to || !event) continue
    const cause = to === 'restricted' ? 'refusal' : 'agreement'
    await insertMove(tx, corp, {
      id: newId(),
      externalUserid,
      from,
      to,
      cause,
      causeRef: event.id,
      by: event.by ?? event.source,
      at: now(),
    })
  }
}

export function erasedAt(history: readonly MoveRow[]): number | null {
  return history.findLast(move => move.to === 'erased')?.at ?? null
}

/** A customer who refuses or once refused. */
export type Refuser = {
  externalUserid: string
  state: Processing
  choices: Choice[]
  /** Where he refuses today. */
  today: Choice[]
  /** What holds: the newest refusal of today, or the newest choice of all. */
  newest: Choice
}

/** All of them, those who refuse today first, the newest on top. They are few. */
export async function refusersOf(tx: Tx, house: House): Promise<Refuser[]> {
  const ids = await selectRefusers(tx, house.corp)
  const choices = Map.groupBy(await choicesOf(tx, house.corp, ids), row => row.externalUserid)
  const moves = Map.groupBy(await selectMoves(tx, house.corp, ids), row => row.externalUserid)
  const found = ids.flatMap(externalUserid => {
    const own = choices.get(externalUserid) ?? []
    const today = refusedToday(own).toSorted((a, b) => b.effectiveAt - a.effectiveAt)
    const newest = today[0] ?? own.at(-1)
    const state = processingOf(own, erasedAt(moves.get(externalUserid) ?? []))
    return newest ? [{ externalUserid, state, choices: own, today, newest }] : []
  })
  return found.sort(
    (a, b) =>
      Number(b.state === 'restricted') - Number(a.state === 'restricted') ||
      b.newest.effectiveAt - a.newest.effectiveAt,
  )
}

/** The state of a customer, with all that led to it. */
export async function processing(
  tx: Tx,
  house: House,
  externalUserid: string,
): Promise<{ state: Processing; choices: Choice[]; moves: MoveRow[] }> {
  const choices = await choicesOf(tx, house.corp, [externalUserid])
  const moves = await selectMoves(tx, house.corp, [externalUserid])
  return { state: processingOf(choices, erasedAt(moves)), choices, moves }
}

/**
 * What a customer said is destroyed: called when the purge is done and nothing had to stay. Legal only from `restricted`
 * (`consent.moved` otherwise); `purge` names the certificate.
 */
export async function markErased(
  tx: Tx,
  actor: Actor,
  erased: { externalUserid: string; purge: string },
): Promise<void> {
  const { house } = actor
  await lockRefusals(tx, hash63('tongjian refusals v1', String(house.corp)))
  const { state } = await processing(tx, house, erased.externalUserid)
  if (!mayMove(state, 'erased')) throw fail('consent.moved', { state })
  await insertMove(tx, house.corp, {
    id: newId(),
    externalUserid: erased.externalUserid,
    from: state,
    to: 'erased',
    cause: 'purge',
    causeRef: erased.purge,
    by: actor.name,
    at: now(),
  })
}

function mayMove(from: Processing, to: Processing): boolean {
  return PROCESSING_MOVES.some(move => move.from === from && move.to === to)
}
