import type { z } from 'zod'
import { type Actor, type Db, inTransaction, now, open, type Tx } from '../base/index.ts'
import { accountNames, authorise, directoryOf, scopeOf } from '../people/index.ts'
import { record } from '../trail/index.ts'
import type { MyRecord, PenaltyView, penaltyQuery } from './contract.ts'
import { type PenaltyRow, type StatementRow, selectPenalties, selectStatements } from './penalty-store.ts'
import { accountOf, entriesOf } from './points-view.ts'
import { staffParty } from './staff-party.ts'
import { selectViolations } from './store.ts'
import { ownStaff } from './training.ts'

type Part = 'grounds' | 'statement' | 'decision' | 'withdrawal'
export const penaltyContext = (corp: number, id: string, part: Part): string =>
  `penalty|${corp}|${id}|${part}`

/** Penalty decisions: those that wait first. The look is in the trail. */
export async function listPenalties(
  db: Db,
  actor: Actor,
  query: z.infer<typeof penaltyQuery>,
): Promise<{ items: PenaltyView[] }> {
  authorise(actor, 'points.read')
  return inTransaction(db, async tx => {
    const rows = await selectPenalties(tx, actor.house.corp, {
      departments: scopeOf(actor),
      ...(query.staff === undefined ? {} : { staff: query.staff }),
      ...(query.state === 'all' ? {} : { state: query.state }),
    })
    await record(tx, actor, {
      verb: 'penalty.listed',
      thing: { kind: 'penalty', id: query.state },
      detail: { shown: rows.length },
    })
    return { items: await viewsOf(tx, actor, rows) }
  })
}

/** What stands in my own record: points line by line, training, decisions about me. */
export async function readMyRecord(db: Db, actor: Actor): Promise<MyRecord> {
  const staff = ownStaff(actor)
  return inTransaction(db, async tx => ({
    points: await accountOf(tx, actor, staff),
    penalties: await viewsOf(
      tx,
      actor,
      await selectPenalties(tx, actor.house.corp, { departments: [], staff }),
    ),
  }))
}

async function viewsOf(tx: Tx, actor: Actor, rows: PenaltyRow[]): Promise<PenaltyView[]> {
  const { house } = actor
  const { key } = await house.keys.own(tx)
  const ids = rows.flatMap(row => row.violations)
  const violations = await selectViolations(tx, house.corp, { departments: [], concealed: true, ids })
  const entries = new Map((await entriesOf(tx, house, violations, now())).map(entry => [entry.id, entry]))
  const statements = await selectStatements(
    tx,
    house.corp,
    rows.map(row => row.id),
  )
  const names = await accountNames(tx, house, namedIn(rows, statements))
  const directory = await directoryOf(tx, house)
  const name = (account: string): string => names.get(account) ?? account
  const opened = (sealed: Buffer, id: string, part: Part): string =>
    open(key, sealed, penaltyContext(house.corp, id, part)).toString('utf8')
  const act = (row: PenaltyRow, part: 'decision' | 'withdrawal') => {
    const [by, at, sealed] =
      part === 'decision'
        ? [row.decidedBy, row.decidedAt, row.decisionSealed]
        : [row.withdrawnBy, row.withdrawnAt, row.withdrawalSealed]
    return by === null || at === null || sealed === null
      ? null
      : { by: name(by), at, reason: opened(sealed, row.id, part) }
  }
  return rows.map(row => ({
    ...{ id: row.id, number: row.number, kind: row.kind, state: row.state, evidence: row.evidence },
    staff: staffParty(directory, row.staff),
    grounds: opened(row.groundsSealed, row.id, 'grounds'),
    violations: row.violations.flatMap(id => entries.get(id) ?? []),
    proposedBy: name(row.proposedBy),
    own: row.proposedBy === actor.name,
    proposedAt: row.proposedAt,
    statementDueAt: row.statementDueAt,
    heard: row.statedAt !== null || now() >= row.statementDueAt,
    statements: statements
      .filter(one => one.penaltyId === row.id)
      .map(one => ({
        how: one.how,
        text: opened(one.sealed, one.id, 'statement'),
        by: name(one.by),
        at: one.at,
      })),
    decision: act(row, 'decision'),
    withdrawal: act(row, 'withdrawal'),
  }))
}

function namedIn(rows: PenaltyRow[], statements: StatementRow[]): string[] {
  return [
    ...rows.flatMap(row => [row.proposedBy, row.decidedBy, row.withdrawnBy]),
    ...statements.map(one => one.by),
  ].filter(name => name !== null)
}
