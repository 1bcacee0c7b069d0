import type { z } from 'zod'
import {
  type Actor,
  addBusinessDays,
  type Db,
  dayOf,
  fail,
  inTransaction,
  newId,
  now,
  seal,
  type Tx,
} from '../base/index.ts'
import { authorise } from '../people/index.ts'
import { record } from '../trail/index.ts'
import {
  type decidePenalty,
  PENALTY_MOVES,
  type PenaltyState,
  type proposePenalty,
  STATEMENT_DAYS,
  type STATEMENT_WAYS,
} from './contract.ts'
import {
  insertPenalty,
  insertStatement,
  lockPenalty,
  markDecided,
  markStated,
  markWithdrawn,
  nextPenaltyNumber,
  type PenaltyRow,
  restedOn,
} from './penalty-store.ts'
import { penaltyContext } from './penalty-view.ts'
import { lineOf, totalAt } from './points.ts'
import { selectViolations } from './store.ts'
import { ownStaff } from './training.ts'

/** Answers whether a package of this number was issued; the room of evidence knows. */
export type EvidenceKnown = (tx: Tx, number: string) => Promise<boolean>

/**
 * Propose a penalty for violations that count, where they are grave: one of P0, or points over a line. The person then has
 * five business days to speak. Returns its id.
 */
export async function propose(
  db: Db,
  actor: Actor,
  known: EvidenceKnown,
  input: z.infer<typeof proposePenalty>,
): Promise<string> {
  return inTransaction(db, async tx => {
    const { house } = actor
    authorise(actor, 'penalty.propose')
    const departments = await groundsOf(tx, actor, input)
    authorise(actor, 'penalty.propose', { departments })
    if (actor.userid === input.staff) throw fail('approval.own', { staff: input.staff })
    if (!(await known(tx, input.evidence))) throw fail('penalty.no_evidence', { number: input.evidence })
    const at = now()
    const number = await nextPenaltyNumber(tx, house.corp, dayOf(at, house.zone).slice(0, 4))
    // After the number's lock: two proposals on one violation at once meet here one after the other.
    const taken = await restedOn(tx, house.corp, input.violations)
    if (taken[0] !== undefined) throw fail('penalty.twice', { number: taken[0] })
    const id = newId()
    const { key } = await house.keys.own(tx)
    await insertPenalty(tx, house.corp, {
      ...{ id, number, departments, proposedAt: at, proposedBy: actor.name },
      ...{ staff: input.staff, kind: input.kind, violations: input.violations, evidence: input.evidence },
      groundsSealed: seal(key, input.grounds, penaltyContext(house.corp, id, 'grounds')),
      statementDueAt: addBusinessDays(at, STATEMENT_DAYS, house.zone),
    })
    const { staff, kind, violations, evidence, grounds } = input
    await record(tx, actor, {
      verb: 'penalty.proposed',
      thing: { kind: 'penalty', id },
      detail: { number, staff, kind, violations, evidence, grounds },
    })
    return id
  })
}

/** Departments of the violations it rests on; refused unless all are his, count, may be told him, and are grave. */
async function groundsOf(tx: Tx, actor: Actor, input: z.infer<typeof proposePenalty>): Promise<number[]> {
  const { house } = actor
  const own = await selectViolations(tx, house.corp, {
    ...{ departments: [], concealed: true, staff: input.staff },
  })
  const rested = own.filter(one => input.violations.includes(one.id))
  if (rested.length !== new Set(input.violations).size) throw fail('thing.missing', { staff: input.staff })
  if (rested.some(one => one.reversedAt !== null)) throw fail('penalty.ground_gone')
  if (rested.some(one => one.concealed)) throw fail('penalty.concealed')
  const grave = rested.some(one => one.severity === 'P0')
  if (!grave && lineOf(totalAt(own, now(), house.zone)) === null) throw fail('penalty.not_grave')
  return [...new Set(rested.flatMap(one => one.departments))].sort((a, b) => a - b)
}

type Statement = { how: (typeof STATEMENT_WAYS)[number]; text: string }

/** The person speaks for himself. He may add to it until the decision. */
export async function stateOwn(db: Db, actor: Actor, id: string, text: string): Promise<void> {
  const staff = ownStaff(actor)
  await inTransaction(db, async tx => {
    const row = await lockPenalty(tx, actor.house.corp, id)
    // Somebody else's is missing to him, not forbidden: he must not learn that it exists.
    if (row?.staff !== staff) throw fail('thing.missing', { penalty: id })
    await takeStatement(tx, actor, row, { how: 'self', text })
  })
}

/** A lead writes down what the person said, and how. */
export async function stateFor(db: Db, actor: Actor, id: string, said: Statement): Promise<void> {
  await inTransaction(db, async tx => {
    const row = await held(tx, actor, 'penalty.propose', id)
    await takeStatement(tx, actor, row, said)
  })
}

async function takeStatement(tx: Tx, actor: Actor, row: PenaltyRow, said: Statement): Promise<void> {
  const { house } = actor
  if (row.state !== 'stated') mustMove(row, 'stated')
  const at = now()
  const id = newId()
  const { key } = await house.keys.own(tx)
  await insertStatement(tx, house.corp, {
    ...{ id, penaltyId: row.id, how: said.how, by: actor.name, at },
    sealed: seal(key, said.text, penaltyContext(house.corp, id, 'statement')),
  })
  if (row.state !== 'stated') await markStated(tx, house.corp, row.id, at)
  await record(tx, actor, {
    verb: 'penalty.stated',
    thing: { kind: 'penalty', id: row.id },
    detail: { number: row.number, how: said.how, text: said.text },
  })
}

/**
 * A second person signs or rejects. Refused to who proposed it and to whom it is about, before the person was heard or his
 * time is over, and for signing when a violation it rests on was taken back meanwhile.
 */
export async function decide(
  db: Db,
  actor: Actor,
  id: string,
  input: z.infer<typeof decidePenalty>,
): Promise<void> {
  await inTransaction(db, async tx => {
    const { house } = actor
    const row = await held(tx, actor, 'penalty.sign', id)
    mustMove(row, input.verdict)
    if (row.proposedBy === actor.name || row.staff === actor.userid)
      throw fail('approval.own', { number: row.number })
    const at = now()
    if (row.statedAt === null && at < row.statementDueAt)
      throw fail('penalty.unheard', { number: row.number })
    if (input.verdict === 'signed') await mustStand(tx, actor, row)
    const { key } = await house.keys.own(tx)
    await markDecided(tx, house.corp, id, {
      ...{ state: input.verdict, by: actor.name, at },
      sealed: seal(key, input.reason, penaltyContext(house.corp, id, 'decision')),
    })
    await record(tx, actor, {
      verb: 'penalty.decided',
      thing: { kind: 'penalty', id },
      detail: {
        number: row.number,
        verdict: input.verdict,
        heard: row.statedAt !== null,
        reason: input.reason,
      },
    })
  })
}

async function mustStand(tx: Tx, actor: Actor, row: PenaltyRow): Promise<void> {
  const rested = await selectViolations(tx, actor.house.corp, {
    ...{ departments: [], concealed: true, ids: row.violations },
  })
  if (rested.some(one => one.reversedAt !== null)) throw fail('penalty.ground_gone', { number: row.number })
}

/** Whoever may propose takes a proposal back before it is decided. */
export async function withdraw(db: Db, actor: Actor, id: string, reason: string): Promise<void> {
  await inTransaction(db, async tx => {
    const { house } = actor
    const row = await held(tx, actor, 'penalty.propose', id)
    mustMove(row, 'withdrawn')
    const { key } = await house.keys.own(tx)
    const sealed = seal(key, reason, penaltyContext(house.corp, id, 'withdrawal'))
    await markWithdrawn(tx, house.corp, id, { by: actor.name, at: now(), sealed })
    await record(tx, actor, {
      verb: 'penalty.withdrawn',
      thing: { kind: 'penalty', id },
      detail: { number: row.number, reason },
    })
  })
}

async function held(
  tx: Tx,
  actor: Actor,
  verb: 'penalty.propose' | 'penalty.sign',
  id: string,
): Promise<PenaltyRow> {
  authorise(actor, verb)
  const row = await lockPenalty(tx, actor.house.corp, id)
  if (!row) throw fail('thing.missing', { penalty: id })
  authorise(actor, verb, { departments: row.departments })
  return row
}

function mustMove(row: PenaltyRow, to: PenaltyState): void {
  const moves: readonly string[] = PENALTY_MOVES[row.state]
  if (!moves.includes(to)) throw fail('penalty.moved', { number: row.number, state: row.state })
}
