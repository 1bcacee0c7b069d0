import { randomBytes } from 'node:crypto'
import { type Actor, type House, newId, now, open, seal, type Tx } from '../base/index.ts'
import { commitment, recordHash } from '../ledger/index.ts'
import { logLeaves } from '../notary/index.ts'
import type { TrailVerb } from './contract.ts'
import { DETAILS, type TrailDetail } from './detail.ts'
import { insertEntry, type StoredEntry } from './store.ts'

/** Version of the envelope below; it goes into every leaf and never changes its meaning. */
const RECORD_VERSION = 1
const SALT_BYTES = 32

type Thing = { kind: string; id: string }
export type TrailEntry = {
  [V in TrailVerb]: { verb: V; thing: Thing; detail: TrailDetail<V> }
}[TrailVerb]

/**
 * Write down who did what, in the transaction that does it: both stand, or neither. The detail is sealed, because a
 * search query is content; what may be seen without the key stays in the columns. Returns the entry's id.
 */
export async function record(tx: Tx, actor: Actor, entry: TrailEntry): Promise<string> {
  const { house } = actor
  const own = await house.keys.own(tx)
  const id = newId()
  const raw = Buffer.from(JSON.stringify(DETAILS[entry.verb].parse(entry.detail)))
  const salt = randomBytes(SALT_BYTES)
  const stored: StoredEntry = {
    id,
    at: now(),
    actor: actor.name,
    role: actor.role,
    verb: entry.verb,
    thingKind: entry.thing.kind,
    thingId: entry.thing.id,
    sealed: seal(own.key, Buffer.concat([salt, raw]), entryContext(house, id)),
    keyId: own.id,
    commitment: commitment(salt, raw),
  }
  await insertEntry(tx, house.corp, stored)
  await logLeaves(tx, house, 'trail', [
    { kind: 'trail', recordHash: entryRecord(house, stored), conv: '0', sentAt: 0, ref: id },
  ])
  return id
}

/** What stands in the ledger for an entry: every column but the sealed bytes and their key. */
export function entryRecord(house: House, entry: StoredEntry): Buffer {
  const { id, at, actor, role, verb, thingKind, thingId } = entry
  const envelope = { corp: house.corp, id, at, actor, role, verb, thingKind, thingId }
  return recordHash(RECORD_VERSION, 'trail', envelope, entry.commitment)
}

/** Open a sealed detail. `key.wrong` when it stands in another row's place. */
export function openDetail(
  house: House,
  entry: StoredEntry,
  key: Parameters<typeof open>[0],
): { salt: Buffer; raw: Buffer } {
  const bytes = open(key, entry.sealed, entryContext(house, entry.id))
  return { salt: bytes.subarray(0, SALT_BYTES), raw: bytes.subarray(SALT_BYTES) }
}

function entryContext(house: House, id: string): string {
  return `trail|${house.corp}|${id}`
}
