import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { type Actor, type Db, fail, type House, inTransaction, newId, now } from '../../base/index.ts'
import { recordHash } from '../../ledger/index.ts'
import { logLeaves } from '../../notary/index.ts'
import { authorise } from '../../people/index.ts'
import { record } from '../../trail/index.ts'
import type { becauseOf, HoldScope, HoldView, placeHold, recordAnchor } from './contract.ts'
import { namesOf } from './names.ts'
import { openWords, sealWords } from './sealed.ts'
import {
  type ClearScope,
  conversationExists,
  type HoldRow,
  insertAnchor,
  insertHold,
  insertRelease,
  keepLock,
  selectHolds,
} from './store.ts'

const RECORD_VERSION = 1

/** Place a hold: from the commit of this transaction on, nothing it covers is destroyed. Its leaf stands in the ledger. */
export async function place(db: Db, actor: Actor, input: z.infer<typeof placeHold>): Promise<string> {
  authorise(actor, 'hold.place')
  const { house } = actor
  return inTransaction(db, async tx => {
    await keepLock(tx, house.corp)
    const { scope, cause, caseNo, reason } = input
    if (scope.kind === 'conversation' && !(await conversationExists(tx, house.corp, scope.id)))
      throw fail('thing.missing', { conversation: scope.id })
    const id = newId()
    const q = scope.kind === 'search' ? scope.q : undefined
    const sealed = await sealWords(tx, house, 'hold', id, { reason, caseNo, q })
    const row = { id, scope: clearOf(scope), cause, sealed, placedBy: actor.name, placedAt: now() }
    await insertHold(tx, house.corp, row)
    await logLeaves(tx, house, 'archive', [leaf(id, placementRecord(house, row))])
    await record(tx, actor, {
      verb: 'hold.placed',
      thing: { kind: 'hold', id },
      detail: {
        scope: scope.kind,
        target: scope.kind === 'search' ? scope.q : scope.id,
        cause,
        caseNo,
        reason,
      },
    })
    return id
  })
}

function clearOf(scope: HoldScope): ClearScope {
  if (scope.kind !== 'search') return scope
  const { q: _, ...clear } = scope
  return clear
}

/** A second person lifts it, with a reason. Whoever placed a hold cannot release it (`approval.own`). */
export async function release(
  db: Db,
  actor: Actor,
  id: string,
  input: z.infer<typeof becauseOf>,
): Promise<void> {
  authorise(actor, 'hold.release')
  const { house } = actor
  await inTransaction(db, async tx => {
    await keepLock(tx, house.corp)
    const row = (await selectHolds(tx, house.corp, 'all')).find(hold => hold.id === id)
    if (!row) throw fail('thing.missing', { hold: id })
    if (row.releasedBy !== null) throw fail('retention.moved', { state: 'released' })
    if (row.placedBy === actor.name) throw fail('approval.own')
    const sealed = await sealWords(tx, house, 'holdRelease', id, input)
    const done = { id, placedBy: row.placedBy, by: actor.name, at: now(), sealed }
    await insertRelease(tx, house.corp, done)
    await logLeaves(tx, house, 'archive', [leaf(`${id}|released`, releaseRecord(house, done))])
    await record(tx, actor, {
      verb: 'hold.released',
      thing: { kind: 'hold', id },
      detail: { cause: row.cause, reason: input.reason },
    })
  })
}

function leaf(ref: string, hash: Buffer) {
  return { kind: 'hold', recordHash: hash, conv: '0', sentAt: 0, ref }
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** What stands in the ledger for a placement; the sealed words by their hash. */
export function placementRecord(
  house: House,
  row: Pick<HoldRow, 'id' | 'scope' | 'cause' | 'sealed' | 'placedBy' | 'placedAt'>,
): Buffer {
  const { id, scope, cause, placedBy, placedAt, sealed } = row
  const envelope = { corp: house.corp, id, scope, cause, placedBy, placedAt, sealed: sha256(sealed) }
  return recordHash(RECORD_VERSION, 'hold', envelope, null)
}

export function releaseRecord(
  house: House,
  row: { id: string; placedBy: string; by: string; at: number; sealed: Buffer },
): Buffer {
  const { id, placedBy, by, at, sealed } = row
  return recordHash(
    RECORD_VERSION,
    'hold',
    { corp: house.corp, id, placedBy, releasedBy: by, at, sealed: sha256(sealed) },
    null,
  )
}

/** All holds, newest first, with their words; the look is in the trail. */
export async function listHolds(db: Db, actor: Actor): Promise<{ items: HoldView[] }> {
  authorise(actor, 'retention.read')
  const { house } = actor
  return inTransaction(db, async tx => {
    const rows = await selectHolds(tx, house.corp, 'all')
    const about = (kind: 'conversation' | 'people'): string[] =>
      rows.flatMap(({ scope }) =>
        (scope.kind === 'conversation') === (kind === 'conversation') && scope.id ? [scope.id] : [],
      )
    const names = await namesOf(tx, house, { people: about('people'), convs: about('conversation') })
    const items = await Promise.all(rows.map(row => viewOf(tx, house, row, names)))
    await record(tx, actor, {
      verb: 'retention.read',
      thing: { kind: 'hold', id: 'all' },
      detail: { shown: items.length },
    })
    return { items }
  })
}

async function viewOf(db: Db, house: House, row: HoldRow, names: Map<string, string>): Promise<HoldView> {
  const words = await openWords(db, house, 'hold', row.id, row.sealed)
  const released = row.releaseSealed && (await openWords(db, house, 'holdRelease', row.id, row.releaseSealed))
  const { id, cause, placedBy, placedAt, releasedBy, releasedAt } = row
  const { scope, name } = shown(row.scope, words.q, names)
  return {
    id,
    scope,
    name,
    cause,
    caseNo: words.caseNo,
    reason: words.reason,
    placedBy,
    placedAt,
    releasedBy,
    releasedAt,
    releaseReason: released ? released.reason : null,
  }
}

function shown(
  clear: ClearScope,
  q: string | undefined,
  names: Map<string, string>,
): { scope: HoldScope; name: string } {
  if (clear.kind === 'search') return { scope: { ...clear, kind: 'search', q: q ?? '' }, name: q ?? '' }
  const id = clear.id ?? ''
  return { scope: { kind: clear.kind, id }, name: names.get(id) ?? id }
}

/** Write down what starts a period, or that it goes on after all. A later day wins over an earlier one. */
export async function anchorConversation(
  db: Db,
  actor: Actor,
  input: z.infer<typeof recordAnchor>,
): Promise<void> {
  authorise(actor, 'retention.propose')
  const { house } = actor
  await inTransaction(db, async tx => {
    await keepLock(tx, house.corp)
    if (!(await conversationExists(tx, house.corp, input.convId)))
      throw fail('thing.missing', { conversation: input.convId })
    await insertAnchor(tx, house.corp, { ...input, id: newId(), by: actor.name, at: now() })
    const { convId, anchor, startsOn, resumed, basis } = input
    await record(tx, actor, {
      verb: 'retention.anchored',
      thing: { kind: 'conversation', id: convId },
      detail: { anchor, startsOn, resumed, basis },
    })
  })
}
