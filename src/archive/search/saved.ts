import { type Actor, type Db, fail, inTransaction, newId, now, open, seal } from '../../base/index.ts'
import { authorise } from '../../people/index.ts'
import { record } from '../../trail/index.ts'
import type { NewSavedSearch, RecentSearch, SavedSearch, SearchFields } from '../contract.ts'
import {
  insertSaved,
  noteRecent,
  type StoredSearch,
  selectRecent,
  selectSaved,
  selectSavedOf,
  setDeleted,
  setRun,
} from './saved-store.ts'

const MOST_SAVED = 200
type Sealed = { name: string; fields: SearchFields }

/** Keep a search by name, for oneself or for everybody who may search. */
export async function saveSearch(db: Db, actor: Actor, input: NewSavedSearch): Promise<{ id: string }> {
  authorise(actor, 'message.search')
  const ownerId = accountOf(actor)
  return inTransaction(db, async tx => {
    const own = await actor.house.keys.own(tx)
    const kept = await selectSavedOf(tx, actor.house.corp, ownerId)
    if (kept.filter(search => search.ownerId === ownerId).length >= MOST_SAVED)
      throw fail('request.invalid', { hint: `at most ${MOST_SAVED} saved searches; delete one first` })
    const id = newId()
    const sealed: Sealed = { name: input.name, fields: input.fields }
    await insertSaved(tx, actor.house.corp, {
      id,
      ownerId,
      owner: actor.name,
      shared: input.shared,
      sealed: seal(own.key, JSON.stringify(sealed), context(actor, id)),
      createdAt: now(),
    })
    await tell(tx, actor, id, 'saved', input.shared)
    return { id }
  })
}

/** One's own and the team's, the last used first. */
export async function savedSearches(db: Db, actor: Actor): Promise<SavedSearch[]> {
  authorise(actor, 'message.search')
  const ownerId = accountOf(actor)
  const own = await actor.house.keys.own(db)
  const rows = await selectSavedOf(db, actor.house.corp, ownerId)
  return rows.map(row => {
    const { name, fields } = JSON.parse(
      open(own.key, row.sealed, context(actor, row.id)).toString('utf8'),
    ) as Sealed
    const { id, owner, shared, createdAt, runAt } = row
    return { id, name, fields, owner, mine: row.ownerId === ownerId, shared, createdAt, runAt }
  })
}

/** It was run again: the list shows when. */
export async function runSaved(db: Db, actor: Actor, id: string): Promise<void> {
  authorise(actor, 'message.search')
  const stored = await visible(db, actor, id)
  await setRun(db, actor.house.corp, stored.id, now())
}

/** Delete one's own, or take that back. Another's is his to delete. */
export async function deleteSaved(db: Db, actor: Actor, id: string, deleted: boolean): Promise<void> {
  authorise(actor, 'message.search')
  const stored = await visible(db, actor, id)
  if (stored.ownerId !== accountOf(actor)) throw fail('auth.denied', { verb: 'message.search' })
  await inTransaction(db, async tx => {
    await setDeleted(tx, actor.house.corp, id, deleted ? now() : null)
    await tell(tx, actor, id, deleted ? 'deleted' : 'restored', stored.shared)
  })
}

async function visible(db: Db, actor: Actor, id: string): Promise<StoredSearch> {
  const stored = await selectSaved(db, actor.house.corp, id)
  if (!stored || (stored.ownerId !== accountOf(actor) && !stored.shared))
    throw fail('thing.missing', { search: id })
  return stored
}

function tell(
  tx: Parameters<typeof record>[0],
  actor: Actor,
  id: string,
  what: 'saved' | 'deleted' | 'restored',
  shared: boolean,
): Promise<string> {
  return record(tx, actor, {
    verb: 'search.kept',
    thing: { kind: 'saved_search', id },
    detail: { what, shared },
  })
}

/** A person's last searches, newest first; the shell has none. */
export async function recentSearches(db: Db, actor: Actor): Promise<RecentSearch[]> {
  authorise(actor, 'message.search')
  if (actor.accountId === null) return []
  const own = await actor.house.keys.own(db)
  const rows = await selectRecent(db, actor.house.corp, actor.accountId)
  return rows.map(row => ({
    fields: JSON.parse(
      open(own.key, row.sealed, recentContext(actor, row.fingerprint)).toString('utf8'),
    ) as SearchFields,
    at: row.at,
  }))
}

/** Remember a search of this person; the same again moves to the front. */
export async function remember(db: Db, actor: Actor, fields: SearchFields): Promise<void> {
  if (actor.accountId === null) return
  const own = await actor.house.keys.own(db)
  const text = JSON.stringify(fields)
  const fingerprint = await actor.house.keys.fingerprint(db, Buffer.from(`search|${actor.accountId}|${text}`))
  const sealed = seal(own.key, text, recentContext(actor, fingerprint))
  await noteRecent(db, actor.house.corp, actor.accountId, { fingerprint, sealed, at: now() })
}

function recentContext(actor: Actor, fingerprint: Buffer): string {
  return `recent|${actor.house.corp}|${actor.accountId}|${fingerprint.toString('hex')}`
}

function context(actor: Actor, id: string): string {
  return `saved|${actor.house.corp}|${id}`
}

function accountOf(actor: Actor): string {
  if (actor.accountId === null) throw fail('auth.denied', { verb: 'message.search' })
  return actor.accountId
}
