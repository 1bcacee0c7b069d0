import { isDeepStrictEqual } from 'node:util'
import { type Db, type House, inTransaction, now, type Tx } from '../base/index.ts'
import { type ConsentState, recordConsents } from './consent.ts'
import { forgetNames } from './parties.ts'
import { followId, openPart, sealPart } from './sealed.ts'
import {
  deleteFollowsBut,
  selectContacts,
  selectFollows,
  selectGroups,
  updateMembers,
  upsertContacts,
  upsertFollows,
  upsertGroup,
} from './store.ts'

type SourceContact = {
  externalUserid: string
  name: string
  type: number
  corpName: string
  follow: { userid: string; remark: string; addWay: number; addedAt: number; state: string }
}
type SourceGroup = {
  chatId: string
  name: string
  owner: string
  createdAt: number
  members: { id: string; kind: number; joinedAt: number }[]
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
    report.ended = await inTransaction(db, tx => deleteFollowsBut(tx, house.corp, users, pairs))
  const chats: string[] = []
  for await (const group of source.customerGroups()) {
    chats.push(group.chatId)
    await inTransaction(db, tx => saveGroup(tx, house, group))
  }
  report.groups = chats.length
  forgetNames(house)
  report.consents = await syncConsents(db, house, source, pairs, chats)
  return report
}

async function syncConsents(
  db: Db,
  house: House,
  source: ContactSource,
  pairs: Pair[],
  chats: string[],
): Promise<number> {
  const permitted = new Set(await source.permitUsers())
  let fresh = 0
  const asked = pairs.filter(pair => permitted.has(pair.userid))
  for await (const batch of batches(source.singleConsent(asked))) {
    fresh += await saveConsents(db, house, batch, null)
  }
  for (const chat of chats) fresh += await saveConsents(db, house, await source.roomConsent(chat), chat)
  return fresh
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
async function saveContacts(tx: Tx, house: House, batch: SourceContact[]): Promise<number> {
  const { key } = await house.keys.own(tx)
  const ids = batch.map(contact => contact.externalUserid)
  const contacts = new Map(
    (await selectContacts(tx, house.corp, ids)).map(row => [
      row.id,
      { type: row.type, ...openPart(house, key, 'contact', row) },
    ]),
  )
  const follows = new Map(
    (await selectFollows(tx, house.corp, ids)).map(row => {
      const part = openPart(house, key, 'follow', { id: followId(row), sealed: row.sealed })
      return [followId(row), { addedAt: row.addedAt, addWay: row.addWay, ...part }]
    }),
  )
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
  return newContacts.size + newFollows.size
}

async function saveGroup(tx: Tx, house: House, group: SourceGroup): Promise<void> {
  const { key } = await house.keys.own(tx)
  const { chatId: id, owner, createdAt, name } = group
  const [known] = await selectGroups(tx, house.corp, [id])
  const before = known && {
    owner: known.owner,
    createdAt: known.createdAt,
    ...openPart(house, key, 'group', known),
  }
  if (!isDeepStrictEqual(before, { owner, createdAt, name })) {
    const sealed = sealPart(house, key, 'group', id, { name })
    await upsertGroup(tx, house.corp, { id, owner, createdAt, sealed }, now())
  }
  const members = group.members.map(({ id: party, kind, joinedAt }) => ({ party, kind, joinedAt }))
  await updateMembers(tx, house.corp, id, members, now())
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
