import type { z } from 'zod'
import { type Actor, type Db, fail, inTransaction, newId, now, open, seal, sql } from '../base/index.ts'
import { authorise } from '../people/index.ts'
import { record } from '../trail/index.ts'
import type { MessageView } from './contract.ts'
import { withDerived } from './derived.ts'
import { MESSAGE_COLUMNS, type MessageRow, openRows, restrictedAmong } from './read.ts'
import type { newUnlock, UnlockView } from './refusal-contract.ts'
import { authoriseConversation } from './transcript.ts'
import {
  insertUnlock,
  insertUnlockDecision,
  lockUnlock,
  selectUnlocks,
  type UnlockRow,
} from './unlock-store.ts'
import { viewsOf } from './view.ts'

/** An approved unlock is open this long (企业内部期限: no rule names a number). */
const OPEN_MS = 24 * 3_600_000
const LISTED = 100
const READ = 500

/** Ask to read what a customer restricts in one conversation and period. Nothing opens until a second person says yes. */
export async function requestUnlock(
  db: Db,
  actor: Actor,
  input: z.output<typeof newUnlock>,
): Promise<string> {
  authorise(actor, 'restricted.request')
  const { house } = actor
  const { convId, from, to, purpose, reference, reason } = input
  if (from > to) throw fail('request.invalid', { hint: 'the period ends before it begins' })
  await authoriseConversation(db, actor, convId)
  return inTransaction(db, async tx => {
    const id = newId()
    const { key } = await house.keys.own(tx)
    const sealed = seal(key, JSON.stringify({ reference, reason }), contextOf(house.corp, id))
    await insertUnlock(tx, house.corp, {
      ...{ id, convId, from, to, purpose, sealed },
      requestedBy: actor.name,
      requestedAt: now(),
    })
    await record(tx, actor, {
      verb: 'restricted.requested',
      thing: { kind: 'conversation', id: convId },
      detail: { purpose, reference, reason, from, to },
    })
    return id
  })
}

/** The second person's word; `approval.own` for whoever asked. */
export async function decideUnlock(
  db: Db,
  actor: Actor,
  id: string,
  verdict: 'approved' | 'rejected',
): Promise<void> {
  authorise(actor, 'restricted.approve')
  const { house } = actor
  await inTransaction(db, async tx => {
    const row = await lockUnlock(tx, house.corp, id)
    if (!row) throw fail('thing.missing', { unlock: id })
    if (row.verdict !== null) throw fail('consent.decided', { state: row.verdict })
    if (row.requestedBy === actor.name) throw fail('approval.own')
    const at = now()
    await insertUnlockDecision(tx, house.corp, row, { verdict, by: actor.name, at, expiresAt: at + OPEN_MS })
    await record(tx, actor, {
      verb: 'restricted.decided',
      thing: { kind: 'conversation', id: row.convId },
      detail: { verdict, requestedBy: row.requestedBy },
    })
  })
}

export async function listUnlocks(db: Db, actor: Actor): Promise<{ items: UnlockView[] }> {
  authorise(actor, 'restricted.read')
  const { house } = actor
  return inTransaction(db, async tx => {
    const rows = await selectUnlocks(tx, house.corp, LISTED)
    const { key } = await house.keys.own(tx)
    await record(tx, actor, {
      verb: 'restricted.listed',
      thing: { kind: 'archive', id: 'restricted' },
      detail: { shown: rows.length },
    })
    return {
      items: rows.map(row => {
        const { sealed, verdict: _, ...shown } = row
        const words = JSON.parse(open(key, sealed, contextOf(house.corp, row.id)).toString()) as {
          reference: string
          reason: string
        }
        return { ...shown, ...words, state: stateOf(row), mine: isParty(actor, row) }
      }),
    }
  })
}

function stateOf({ verdict, expiresAt }: UnlockRow): UnlockView['state'] {
  if (verdict === null) return 'waiting'
  if (verdict === 'rejected') return 'rejected'
  return (expiresAt ?? 0) > now() ? 'open' : 'expired'
}

const isParty = (actor: Actor, row: UnlockRow): boolean =>
  row.requestedBy === actor.name || row.decidedBy === actor.name

/**
 * The restricted messages of an open unlock, for the two who opened it and nobody else (`restricted.locked`). Each look is
 * in the trail.
 */
export async function readUnlocked(
  db: Db,
  actor: Actor,
  id: string,
): Promise<{ items: MessageView[]; more: boolean }> {
  authorise(actor, 'restricted.read')
  const { house } = actor
  return inTransaction(db, async tx => {
    const row = await lockUnlock(tx, house.corp, id)
    if (!row) throw fail('thing.missing', { unlock: id })
    if (stateOf(row) !== 'open' || !isParty(actor, row))
      throw fail('restricted.locked', { state: stateOf(row) })
    await authoriseConversation(tx, actor, row.convId)
    const { rows } = await sql<MessageRow>`
      SELECT ${MESSAGE_COLUMNS} FROM message m WHERE m.corp_id = ${house.corp} AND m.conv_id = ${row.convId}::bigint
        AND m.sent_at BETWEEN ${new Date(row.from)} AND ${new Date(row.to)} AND m.body IS NOT NULL
      ORDER BY m.sent_at, m.src_msgid LIMIT ${READ + 1}`.execute(tx)
    const locked = [...(await restrictedAmong(tx, house, rows.slice(0, READ)))]
    const opened = await withDerived(tx, house, await openRows(tx, house, locked, { restricted: true }))
    await record(tx, actor, {
      verb: 'restricted.read',
      thing: { kind: 'conversation', id: row.convId },
      detail: { unlock: id, shown: opened.length },
    })
    return { items: await viewsOf(tx, house, opened), more: rows.length > READ }
  })
}

function contextOf(corp: number, id: string): string {
  return `restrictedUnlock|${corp}|${id}`
}
