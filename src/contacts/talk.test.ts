import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharedDatabase } from '../../test/support/database.ts'
import { type Actor, type Db, type House, inTransaction, now, sql, systemActor } from '../base/index.ts'
import { openTestHouse } from '../trail/testing.ts'
import { applyContactEvent } from './events.ts'
import { talkThen } from './index.ts'
import { saveGroup } from './sync.ts'

const database = sharedDatabase()
let db: Db
let house: House
let actor: Actor
let close: () => Promise<void>
beforeAll(async () => {
  ;({ db, house, close } = await openTestHouse(database.appUrl))
  actor = systemActor(house, 'callback')
})
afterAll(() => close())

const T = Date.UTC(2026, 9, 5)
const NOW = { at: null, knownAt: null }
const person = (letter: string) => `wm${letter.repeat(30)}`
const follow = (type: string, UserID: string, ExternalUserID: string, at: number, more = {}) =>
  inTransaction(db, tx =>
    applyContactEvent(tx, actor, {
      type: `change_external_contact.${type}`,
      from: 'sys',
      at,
      fields: { UserID, ExternalUserID, ...more },
    }),
  )
const events = async (
  room: string | null,
  parties: string[],
  moment: { at: number | null; knownAt: number | null } = NOW,
) => (await talkThen(db, house, { room, parties }, moment)).events

test('a customer handed over is told in both conversations, each from its side; a plain end is none', async () => {
  const id = person('H')
  await follow('add_external_contact', 'old', id, T)
  await follow('del_external_contact', 'old', id, T + 60_000, { Source: 'DELETE_BY_TRANSFER' })
  await follow('add_external_contact', 'new', id, T + 61_000)
  await follow('del_follow_user', 'new', id, T + 9_000_000)
  const told = async (staff: string) =>
    (await events(null, [staff, id])).filter(one => one.kind !== 'notice').map(one => [one.kind, one.parties])
  expect(await told('old')).toEqual([
    ['followed', ['old', id]],
    ['handed_over', ['old', 'new']],
  ])
  expect(await told('new')).toEqual([
    ['taken_over', ['new', 'old']],
    ['deleted_by_customer', ['new', id]],
  ])
  expect(await events(null, ['nobody', id])).toEqual([])
})

test('a group keeps the name it had: a rename says the new one, and before it the old one holds', async () => {
  const chat = 'wrRenamedRenamedRenamed'
  const look = (name: string) =>
    inTransaction(db, tx =>
      saveGroup(tx, house, {
        chatId: chat,
        name,
        owner: 'boss',
        createdAt: T,
        members: [
          { id: 'boss', kind: 1, joinedAt: T },
          { id: person('G'), kind: 2, joinedAt: T + 1000 },
        ],
      }),
    )
  await look('理财沙龙')
  const before = now()
  await inTransaction(db, tx =>
    applyContactEvent(tx, actor, {
      type: 'change_external_chat.update',
      from: 'sys',
      at: now() + 2000,
      fields: { ChatId: chat, UpdateDetail: 'change_name' },
    }),
  )
  await look('新理财沙龙')
  const later = now() + 60_000
  const then = (at: number) => talkThen(db, house, { room: chat, parties: [] }, { at, knownAt: null })
  expect((await then(before)).name).toBe('理财沙龙')
  expect((await then(later)).name).toBe('新理财沙龙')
  expect([...((await then(T + 500)).members?.keys() ?? [])]).toEqual(['boss'])
  expect((await then(T + 500)).owner).toBe('boss')
  expect([...((await then(later)).members?.keys() ?? [])].sort()).toEqual(['boss', person('G')].sort())
  const renames = (await then(later)).events.filter(one => one.kind === 'renamed')
  expect(renames.map(one => one.name)).toEqual(['新理财沙龙'])
})

test('a notice is told when it was said, when it was proved, and when it was lost with the reason', async () => {
  const put = (party: string, state: string, more: Record<string, string | Date | null>) =>
    sql`INSERT INTO notice (corp_id, id, kind, staff, party, state, due_at, sent_at, proved_at, proved_msgid, reason)
      VALUES (${house.corp}, gen_random_uuid(), 'contact', 'ann', ${party}, ${state}, ${new Date(T)}, ${more.sent ?? null},
        ${more.proved ?? null}, ${more.msgid ?? null}, ${more.reason ?? null})`.execute(db)
  await put(person('P'), 'proved', { sent: new Date(T + 1000), proved: new Date(T + 2000), msgid: 'm-1' })
  await put(person('L'), 'failed', { reason: 'code_expired' })
  await put(person('W'), 'due', {})
  const told = async (party: string, at: number | null = null) =>
    (await events(null, ['ann', party], { at, knownAt: null })).map(one => [
      one.state,
      one.at - T,
      one.msgid,
      one.reason,
    ])
  expect(await told(person('P'))).toEqual([
    ['sent', 1000, null, null],
    ['proved', 2000, 'm-1', null],
  ])
  expect(await told(person('P'), T + 1500)).toEqual([['sent', 1000, null, null]])
  expect(await told(person('L'))).toEqual([['lost', 0, null, 'code_expired']])
  expect(await told(person('W'))).toEqual([])
  expect(await events(null, ['other', person('P')])).toEqual([])
})

test('what had not reached us then is not told when only what was known counts', async () => {
  const id = person('K')
  const before = now() - 1
  await follow('add_external_contact', 'kim', id, T)
  // A notice keeps no time at which we learnt of it; it is told as of its own.
  const told = async (moment?: { at: number; knownAt: number }) =>
    (await events(null, ['kim', id], moment)).map(one => one.kind).filter(kind => kind !== 'notice')
  expect(await told()).toEqual(['followed'])
  expect(await told({ at: T + 1000, knownAt: before })).toEqual([])
})
