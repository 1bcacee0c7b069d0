import { type Actor, type Db, epochMs, inTransaction, sql } from '../base/index.ts'
import { authorise } from '../people/index.ts'
import { record } from '../trail/index.ts'
import type { CustomerHistory } from './contract.ts'
import { listPapers } from './paper.ts'
import { partiesOf } from './parties.ts'
import { processing } from './processing.ts'
import { selectOptOuts } from './write-store.ts'

type Line = CustomerHistory['lines'][number]

/**
 * All that happened between a customer and the archive, with both times: when it happened and when we learnt it. The look
 * is in the trail.
 */
export async function historyOf(db: Db, actor: Actor, id: string): Promise<CustomerHistory> {
  authorise(actor, 'notice.read')
  const { house } = actor
  return inTransaction(db, async tx => {
    const { state, choices, moves } = await processing(tx, house, id)
    const opts = await selectOptOuts(tx, house.corp, id)
    const papers = await listPapers(tx, actor, id)
    const lines: Line[] = [
      ...choices.map(choice => ({
        kind: 'choice' as const,
        happenedAt: choice.effectiveAt,
        learntAt: choice.recordedAt,
        what: choice.state,
        scope: { userid: choice.userid, chatId: choice.chatId },
        by: choice.source,
        ref: choice.source === 'message' ? choice.sourceRef : choice.id,
      })),
      ...moves.map(move => ({
        kind: 'move' as const,
        happenedAt: move.at,
        learntAt: move.at,
        what: `${move.from}>${move.to}`,
        scope: NOBODY,
        by: move.by,
        ref: move.causeRef,
      })),
      ...opts.map(opt => ({
        kind: 'opt_out' as const,
        happenedAt: opt.effectiveAt,
        learntAt: opt.recordedAt,
        what: opt.choice,
        scope: NOBODY,
        by: opt.by,
        ref: opt.sourceRef,
      })),
      ...papers
        .filter(paper => paper.state !== 'in_force')
        .map(paper => ({
          kind: 'paper' as const,
          happenedAt: paper.effectiveAt,
          learntAt: paper.enteredAt,
          what: `${paper.choice}:${paper.state}`,
          scope: { userid: paper.userid, chatId: paper.chatId },
          by: paper.enteredBy,
          ref: paper.reference,
        })),
      ...(await notices(tx, house.corp, id)),
    ]
    lines.sort((a, b) => b.happenedAt - a.happenedAt || b.learntAt - a.learntAt)
    const others = lines.flatMap(line => [line.scope.userid, line.scope.chatId]).filter(one => one !== null)
    const names = await partiesOf(tx, house, [id, ...others])
    await record(tx, actor, {
      verb: 'consent.history_read',
      thing: { kind: 'contact', id },
      detail: { shown: lines.length },
    })
    return {
      customer: names.get(id) ?? { id, kind: 'customer', name: id, department: null },
      state,
      optedOut: opts[0]?.choice === 'out',
      names: Object.fromEntries([...names].map(([key, found]) => [key, found.name])),
      lines,
      papers,
    }
  })
}

const NOBODY = { userid: null, chatId: null }

/** What this customer was told, in talk of two and in the groups he belongs to now. */
async function notices(db: Db, corp: number, id: string): Promise<Line[]> {
  const { rows } = await sql<{
    kind: string
    staff: string
    party: string
    state: string
    due: number
    at: number
    version: string | null
  }>`
    SELECT n.kind, n.staff, n.party, n.state, ${epochMs('n.due_at')} AS due, n.version,
      ${epochMs('coalesce(n.proved_at, n.sent_at, n.due_at)')} AS at FROM notice n
    WHERE n.corp_id = ${corp} AND (n.kind = 'contact' AND n.party = ${id} OR n.kind = 'group' AND n.party IN (
      SELECT m.chat_id FROM customer_group_member m WHERE m.corp_id = ${corp} AND m.party = ${id} AND m.left_at IS NULL))
    ORDER BY n.due_at DESC LIMIT 100`.execute(db)
  return rows.map(row => ({
    kind: 'notice' as const,
    happenedAt: row.at,
    learntAt: row.at,
    what: row.state,
    scope: row.kind === 'group' ? { userid: null, chatId: row.party } : { userid: row.staff, chatId: null },
    by: row.version ?? '',
    ref: row.party,
  }))
}
