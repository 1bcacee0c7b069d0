import { isDeepStrictEqual } from 'node:util'
import { type Db, type House, inTransaction, newId, now, type Tx } from '../base/index.ts'
import { errcodeOf, limitWait } from '../wecom/index.ts'
import { recordConsents } from './consent.ts'
import type { ConsentState } from './contract.ts'
import {
  type FollowEvent,
  type GroupEvent,
  insertFollowEvents,
  insertGroupEvents,
  insertStays,
  projectFollows,
  replaceSeats,
  selectOpenStays,
  selectUnlisted,
  selectVanished,
} from './history-store.ts'
import { forgetNames } from './parties.ts'
import { followId, openPart, sealPart } from './sealed.ts'
import {
  selectContacts,
  selectFollows,
  selectGroups,
  upsertContacts,
  upsertFollows,
  upsertGroup,
} from './store.ts'

export type SourceContact = {
  externalUserid: string
  name: string
  type: number
  corpName: string
  follow: { userid: string; remark: string; addWay: number; addedAt: number; state: string }
}
export type SourceGroup = {
  chatId: string
  name: string
  owner: string
  createdAt: number
  members: { id: string; kind: number; joinedAt: number; scene?: number }[]
}
type SourceConsent = { userid: string | null; externalUserid: string; state: ConsentState; changedAt: number }
type Pair = { userid: string; externalUserid: string }

/** Where customers, groups and consent come from; `wecomDirectory` is one. */
export type ContactSource = {
  followUsers(): Promise<string[]>
  contactsOf(userids: string[]): AsyncIterable<SourceContact>
  customerGroups(): AsyncIterable<SourceGroup>
  permitUsers(): Promise<string[]>
  singleConsent(pairs: Pair[]): AsyncIterable<SourceConsent>
  roomConsent(roomid: string): Promise<SourceConsent[]>
}
export type ContactsReport = {
  contacts: number
  changed: number
  ended: number
  groups: number
  consents: number
}

/** Rows a transaction: a large institution's sync does not hold one open for minutes. */
const BATCH = 500

/** Make our customers, groups and consent the platform's. Each batch stands when it is written; run it again freely. */
export async function syncContacts(db: Db, house: House, source: ContactSource): Promise<ContactsReport> {
  const startedAt = now()
  const users = await source.followUsers()
  const report: ContactsReport = { contacts: 0, changed: 0, ended: 0, groups: 0, consents: 0 }
  const pairs: Pair[] = []
  for await (const batch of batches(source.contactsOf(users))) {
    pairs.push(...batch.map(({ externalUserid, follow }) => ({ userid: follow.userid, externalUserid })))
    report.changed += await inTransaction(db, tx => saveContacts(tx, house, batch))
  }
  report.contacts = new Set(pairs.map(pair => pair.externalUserid)).size
  // An empty listing is a broken permission; nobody loses every customer between two looks.
  if (pairs.length > 0)
    report.ended = await inTransaction(db, tx => endUnlisted(tx, house, users, pairs, startedAt))
  const groups: SourceGroup[] = []
  for await (const group of source.customerGroups()) {
    groups.push(group)
    await inTransaction(db, tx => saveGroup(tx, house, group))
  }
  report.groups = groups.length
  if (groups.length > 0) await inTransaction(db, tx => dismissUnlisted(tx, house, groups, startedAt))
  forgetNames(house)
  report.consents = await syncConsents(db, house, source, pairs, groups)
  return report
}

/**
 * Who deleted whom a listing cannot say, nor when: an end is written as of the look's beginning, so that it ends nothing
 * that began while we looked. A callback may tell more.
 */
async function endUnlisted(
  tx: Tx,
  house: House,
  users: string[],
  pairs: Pair[],
  effectiveAt: number,
): Promise<number> {
  const gone = await selectUnlisted(tx, house.corp, users, pairs)
  await insertFollowEvents(
    tx,
    house.corp,
    gone.map(pair => ({ ...pair, kind: 'ended' as const, source: 'reconcile' as const, effectiveAt })),
  )
  return gone.length
}

/** A group nobody lists any more is dismissed as far as we can know. */
async function dismissUnlisted(
  tx: Tx,
  house: House,
  groups: SourceGroup[],
  effectiveAt: number,
): Promise<void> {
  const gone = await selectVanished(
    tx,
    house.corp,
    groups.map(group => group.chatId),
  )
  const common = { party: '', kind: 'dismissed' as const, source: 'reconcile' as const, effectiveAt }
  await insertGroupEvents(
    tx,
    house.corp,
    gone.map(chatId => ({ chatId, ...common })),
  )
}

async function syncConsents(
  db: Db,
  house: House,
  source: ContactSource,
  pairs: Pair[],
  groups: SourceGroup[],
): Promise<number> {
  const permitted = new Set(await source.permitUsers())
  await inTransaction(db, tx => replaceSeats(tx, house.corp, [...permitted], now()))
  let fresh = 0
  const asked = pairs.filter(pair => permitted.has(pair.userid))
  for await (const batch of batches(source.singleConsent(asked))) {
    fresh += await saveConsents(db, house, batch, null)
  }
  for (const { chatId, owner, members } of groups) {
    // WeCom answers only for rooms in which somebody's messages are archived.
    if (!permitted.has(owner) && !members.some(member => permitted.has(member.id))) continue
    const consents = await source.roomConsent(chatId).catch(error => refusedRoom(house, error))
    fresh += await saveConsents(db, house, consents, chatId)
  }
  return fresh
}

/** One room WeCom will not speak of (just dismissed, out of range) must not keep us from all others. */
function refusedRoom(house: House, error: unknown): [] {
  const errcode = errcodeOf(error)
  if (errcode === null || limitWait(error) !== null) throw error
  house.log.warn({ errcode }, 'the consents of a group could not be read')
  return []
}

function saveConsents(
  db: Db,
  house: House,
  consents: SourceConsent[],
  chatId: string | null,
): Promise<number> {
  const source = chatId === null ? 'check_single_agree' : 'check_room_agree'
  const events = consents.map(({ userid, externalUserid, state, changedAt }) => {
    const sourceRef = `${chatId ?? userid ?? ''}|${changedAt}|${state}`
    return { externalUserid, userid, chatId, state, source, sourceRef, effectiveAt: changedAt }
  })
  return inTransaction(db, tx => recordConsents(tx, house, events))
}

/** Write what differs; returns how many customers and follows did. */
export async function saveContacts(tx: Tx, house: House, batch: SourceContact[]): Promise<number> {
  const { key } = await house.keys.own(tx)
  const ids = batch.map(contact => contact.externalUserid)
  const contacts = new Map(
    (await selectContacts(tx, house.corp, ids)).map(row => [
      row.id,
      { type: row.type, ...openPart(house, key, 'contact', row) },
    ]),
  )
  const known = await selectFollows(tx, house.corp, ids)
  const follows = new Map(
    known.map(row => {
      const part = openPart(house, key, 'follow', { id: followId(row), sealed: row.sealed })
      return [followId(row), { addedAt: row.addedAt, addWay: row.addWay, ...part }]
    }),
  )
  const ended = new Set(known.filter(row => row.endedBy === 'ended').map(followId))
  const events: FollowEvent[] = []
  const newContacts = new Map<string, { id: string; type: number; sealed: Buffer }>()
  const newFollows = new Map<
    string,
    { userid: string; id: string; addedAt: number; addWay: number; sealed: Buffer }
  >()
  for (const { externalUserid: id, type, name, corpName, follow } of batch) {
    if (!isDeepStrictEqual(contacts.get(id), { type, name, corpName })) {
      newContacts.set(id, { id, type, sealed: sealPart(house, key, 'contact', id, { name, corpName }) })
    }
    const { userid, addedAt, addWay, remark, state } = follow
    const pair = followId({ userid, id })
    const seen = { userid, externalUserid: id, source: 'reconcile' as const }
    if (follows.get(pair)?.addedAt !== addedAt) events.push({ ...seen, kind: 'added', effectiveAt: addedAt })
    // Gone from one listing and back in the next, and no callback said that anybody had deleted anybody.
    else if (ended.has(pair)) events.push({ ...seen, kind: 'seen_again', effectiveAt: now() })
    if (!isDeepStrictEqual(follows.get(pair), { addedAt, addWay, remark, state })) {
      newFollows.set(pair, {
        userid,
        id,
        addedAt,
        addWay,
        sealed: sealPart(house, key, 'follow', pair, { remark, state }),
      })
    }
  }
  const at = now()
  await upsertContacts(tx, house.corp, [...newContacts.values()], at)
  await upsertFollows(tx, house.corp, [...newFollows.values()], at)
  await insertFollowEvents(tx, house.corp, events)
  // What a callback said before the row was here.
  await projectFollows(
    tx,
    house.corp,
    [...newFollows.values()].map(row => ({ userid: row.userid, externalUserid: row.id })),
  )
  return newContacts.size + newFollows.size
}

export async function saveGroup(tx: Tx, house: House, group: SourceGroup): Promise<void> {
  const { key } = await house.keys.own(tx)
  const { chatId, owner, createdAt, name } = group
  const [known] = await selectGroups(tx, house.corp, [chatId])
  const before = known && { ...known, ...openPart(house, key, 'group', known) }
  const events: (GroupEvent & { id?: string; sealed?: Buffer })[] = []
  const seen = { chatId, source: 'reconcile' as const, effectiveAt: now() }
  if (!before) events.push({ ...seen, party: owner, kind: 'created', effectiveAt: createdAt })
  if (before?.dismissed) events.push({ ...seen, party: '', kind: 'seen_again' })
  if (before && before.owner !== owner) events.push({ ...seen, party: owner, kind: 'owner_changed' })
  if (before && before.name !== name) {
    const id = newId()
    events.push({
      ...seen,
      party: '',
      kind: 'renamed',
      id,
      sealed: sealPart(house, key, 'groupEvent', id, { name, was: before.name }),
    })
  }
  if (before?.owner !== owner || before.createdAt !== createdAt || before.name !== name) {
    const sealed = sealPart(house, key, 'group', chatId, { name })
    await upsertGroup(tx, house.corp, { id: chatId, owner, createdAt, sealed }, now())
  }
  events.push(...(await saveStays(tx, house, group)))
  await insertGroupEvents(tx, house.corp, events)
}

/** Open the newcomers' stays; who is no longer listed has left by now, who shows a later joining left before it. */
async function saveStays(tx: Tx, house: House, group: SourceGroup): Promise<GroupEvent[]> {
  const { chatId } = group
  const members = group.members.map(({ id: party, kind, joinedAt, scene = null }) => {
    return { party, kind, joinedAt, scene }
  })
  const standing = await selectOpenStays(tx, house.corp, chatId)
  const listed = new Map(members.map(member => [member.party, member.joinedAt]))
  const stays = new Map(standing.map(stay => [stay.party, stay.joinedAt]))
  const seen = { chatId, source: 'reconcile' as const }
  await insertStays(tx, house.corp, chatId, members)
  const left = standing
    .filter(stay => listed.get(stay.party) !== stay.joinedAt)
    .map(({ party }) => ({ ...seen, party, kind: 'left' as const, effectiveAt: listed.get(party) ?? now() }))
  const joined = members
    .filter(member => stays.get(member.party) !== member.joinedAt)
    .map(({ party, joinedAt, scene }) => {
      return { ...seen, party, kind: 'joined' as const, scene, effectiveAt: joinedAt }
    })
  return [...left, ...joined]
}

async function* batches<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = []
  for await (const item of items) {
    batch.push(item)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
