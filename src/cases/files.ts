import type { z } from 'zod'
import {
  type Actor,
  type Db,
  type FaultCode,
  fail,
  type House,
  inTransaction,
  newId,
  now,
  open,
  seal,
  type Tx,
} from '../base/index.ts'
import { partiesOf } from '../contacts/index.ts'
import { authorise, can } from '../people/index.ts'
import { record } from '../trail/index.ts'
import { visibleReview } from './board.ts'
import {
  CASE_MOVES,
  type CaseList,
  type CaseMove,
  type CaseState,
  type CaseRow as CaseView,
  type caseMove,
  type caseQuery,
} from './file-contract.ts'
import {
  type CaseMoveRow,
  type CaseRow,
  countCases,
  insertCaseMove,
  selectCase,
  selectCases,
  updateCase,
} from './file-store.ts'
import { gather } from './gather.ts'
import { conflictOf, mayKnow, sightOf } from './judge.ts'

/** Cases this person may see. The look is in the trail. */
export function listCases(db: Db, actor: Actor, query: z.output<typeof caseQuery>): Promise<CaseList> {
  authorise(actor, 'alert.read')
  return inTransaction(db, async tx => {
    const { corp } = actor.house
    const rows = await selectCases(tx, corp, sightOf(actor), query)
    const counts = await countCases(tx, corp, sightOf(actor))
    await record(tx, actor, {
      verb: 'case.listed',
      thing: { kind: 'case', id: query.state },
      detail: { shown: rows.length },
    })
    return {
      items: await caseViews(tx, actor, rows),
      counts: {
        investigating: counts.get('investigating') ?? 0,
        rectifying: counts.get('rectifying') ?? 0,
        closed: counts.get('closed') ?? 0,
      },
    }
  })
}

export async function caseViews(db: Db, actor: Actor, rows: CaseRow[]): Promise<CaseView[]> {
  const parties = await partiesOf(
    db,
    actor.house,
    rows.map(row => row.staff),
  )
  return rows.map(({ departments, ...row }) => ({
    ...row,
    staff: parties.get(row.staff) ?? { id: row.staff, kind: 'staff', name: row.staff, department: null },
    conflict: conflictOf(actor, { staff: row.staff, departments }),
  }))
}

/** The case, if it exists and this person may see it. */
export async function visibleCase(db: Db, actor: Actor, id: string, lock = false): Promise<CaseRow> {
  authorise(actor, 'alert.read')
  const file = await selectCase(db, actor.house.corp, id, lock)
  if (!file || !mayKnow(actor, file)) throw fail('thing.missing', { case: id })
  authorise(actor, 'alert.read', file)
  return file
}

/** Open a case from an alert by hand; where the alert stands in one already, that one. */
export async function openByHand(db: Db, actor: Actor, alert: string): Promise<{ id: string }> {
  return inTransaction(db, async tx => {
    const review = await visibleReview(tx, actor, alert)
    authorise(actor, 'alert.decide', review)
    refuseConflict(actor, review)
    return { id: await gather(tx, actor, [review], 'hand', review.severity) }
  })
}

function refuseConflict(actor: Actor, thing: { staff: string; departments: number[] }): void {
  const conflict = conflictOf(actor, thing)
  if (conflict !== null) throw fail(conflict === 'self' ? 'alert.own' : 'alert.department')
}

function caseLeadsTo(move: CaseMove, state: CaseState): CaseState | undefined {
  const to: Partial<Record<CaseState, CaseState>> = CASE_MOVES[move].to
  return to[state]
}

/** Why this person may not make this move now, or null. */
export function caseRefusal(actor: Actor, file: CaseRow, move: CaseMove): FaultCode | null {
  if (!can(actor, CASE_MOVES[move].verb, file)) return 'auth.denied'
  const conflict = conflictOf(actor, file)
  if (conflict !== null) return conflict === 'self' ? 'alert.own' : 'alert.department'
  if (caseLeadsTo(move, file.state) === undefined) return 'case.moved'
  if (move === 'close' && file.undecided > 0) return 'case.undecided'
  if (move === 'close' && file.openedBy === actor.name) return 'case.own'
  if (move === 'reopen' && file.closedBy === actor.name) return 'case.undo_own'
  return null
}

export const caseMovesFrom = (state: CaseState): CaseMove[] =>
  (Object.keys(CASE_MOVES) as CaseMove[]).filter(move => caseLeadsTo(move, state) !== undefined)

/** Make one move of a case: the state, its row and its trail entry, or nothing. */
export async function moveCase(
  tx: Tx,
  actor: Actor,
  id: string,
  { move, note }: z.output<typeof caseMove>,
): Promise<void> {
  const { house } = actor
  const file = await visibleCase(tx, actor, id, true)
  const refused = caseRefusal(actor, file, move)
  if (refused !== null) throw fail(refused, { number: file.number, state: file.state })
  const to = caseLeadsTo(move, file.state) ?? file.state
  const at = now()
  const closed = to === 'closed' ? { closedBy: actor.name, closedAt: at } : { closedBy: null, closedAt: null }
  await updateCase(tx, house.corp, id, { state: to, ...closed })
  const own = await house.keys.own(tx)
  const moveId = newId()
  await insertCaseMove(tx, house.corp, {
    ...{ id: moveId, caseId: id, at, move, from: file.state, to, by: actor.name, role: actor.role },
    undoes: move === 'reopen' ? file.closedBy : null,
    sealed: seal(own.key, note, noteContext(house, moveId)),
  })
  await record(tx, actor, {
    verb: 'case.moved',
    thing: { kind: 'case', id },
    detail: { number: file.number, from: file.state, to, note },
  })
}

export async function openCaseNote(db: Db, house: House, move: CaseMoveRow): Promise<string | null> {
  if (move.sealed === null) return null
  const own = await house.keys.own(db)
  return open(own.key, move.sealed, noteContext(house, move.id)).toString('utf8')
}

const noteContext = (house: House, id: string): string => `case move|${house.corp}|${id}`
