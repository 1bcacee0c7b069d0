import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { sharedDatabase } from '../../test/support/database.ts'
import { withClock } from '../base/clock.ts'
import { type Actor, type Db, fail, type House, inTransaction, sql, systemActor } from '../base/index.ts'
import { list } from '../trail/index.ts'
import { openTestHouse } from '../trail/testing.ts'
import { coverageOf, exportNotices, listNotices } from './coverage.ts'
import { replaceSeats } from './history-store.ts'
import {
  applyContactEvent,
  DEFAULT_NOTICE,
  followNotices,
  type NoticeSender,
  proveNotices,
  recordConsent,
  registerNotice,
  type SaidMessage,
  sendDueNotices,
} from './index.ts'
import { saveContacts, saveGroup } from './sync.ts'

const database = sharedDatabase()
let db: Db
let house: House
let actor: Actor
let close: () => Promise<void>
const said: string[] = []
let answer: () => Promise<void> = async () => undefined
let taskState: 'waiting' | 'sent' | 'failed' = 'waiting'
const sender: NoticeSender = {
  async welcome(code, text) {
    await answer()
    said.push(`${code} ${text === DEFAULT_NOTICE}`)
  },
  async groupTask(owner, chatId) {
    await answer()
    said.push(`task ${owner} ${chatId}`)
    return `msg-${chatId}`
  },
  groupTaskState: async () => taskState,
}
beforeAll(async () => {
  ;({ db, house, close } = await openTestHouse(database.appUrl))
  actor = systemActor(house, 'notice')
  await registerNotice(db, house, '旧的会话存档告知')
  await withClock(Date.now() + 1000, () => registerNotice(db, house, DEFAULT_NOTICE))
  await inTransaction(db, tx => replaceSeats(tx, house.corp, ['zhang'], 1))
})
afterAll(() => close())
beforeEach(() => {
  said.length = 0
  answer = async () => undefined
  taskState = 'waiting'
})

const T = Date.UTC(2026, 5, 1, 2)
const HOUR = 3_600_000
const add = (id: string, at: number, more: Record<string, string> = {}, userid = 'zhang') =>
  inTransaction(db, tx =>
    applyContactEvent(tx, actor, {
      type: 'change_external_contact.add_external_contact',
      from: 'sys',
      at,
      fields: { UserID: userid, ExternalUserID: id, WelcomeCode: `code-${id}`, ...more },
    }),
  )
const join = (chat: string, at: number, members: string[]) =>
  inTransaction(db, tx =>
    applyContactEvent(tx, actor, {
      type: 'change_external_chat.update',
      from: 'sys',
      at,
      fields: { ChatId: chat, UpdateDetail: 'add_member', MemChangeList: JSON.stringify(members) },
    }),
  )
const group = (chatId: string, members: { id: string; kind: number; joinedAt: number }[]) =>
  inTransaction(db, tx =>
    saveGroup(tx, house, { chatId, name: '=沙龙', owner: 'zhang', createdAt: T, members }),
  )
const friend = (id: string, addedAt: number) =>
  inTransaction(db, tx =>
    saveContacts(tx, house, [
      {
        externalUserid: id,
        name: '王语嫣',
        type: 1,
        corpName: '',
        follow: { userid: 'zhang', remark: '', addWay: 1, addedAt, state: '' },
      },
    ]),
  )
const send = (at: number) => withClock(at, () => sendDueNotices(db, actor, sender, DEFAULT_NOTICE))
const message = (more: Partial<SaidMessage>): SaidMessage => {
  return {
    msgid: 'm',
    from: 'zhang',
    to: [],
    room: null,
    sentAt: T,
    text: `您好！\n${DEFAULT_NOTICE}`,
    ...more,
  }
}
const prove = (more: Partial<SaidMessage>) =>
  inTransaction(db, tx => proveNotices(tx, actor, [message(more)]))
type Row = {
  state: string
  reason: string | null
  errcode: number | null
  task: string | null
  msgid: string | null
}
async function noticesOf(party: string): Promise<Row[]> {
  const { rows } = await sql<Row>`
    SELECT state, reason, errcode, task_id AS task, proved_msgid AS msgid FROM notice WHERE party = ${party} ORDER BY due_at`.execute(
    db,
  )
  return rows
}

test('a new customer is told at once, and only once however often the event comes', async () => {
  await add('wmOnce000000000000000000', T)
  await add('wmOnce000000000000000000', T)
  expect(await send(T + 800)).toBe(1)
  expect(await send(T + 900)).toBe(0)
  expect(said).toEqual(['code-wmOnce000000000000000000 true'])
  expect(await noticesOf('wmOnce000000000000000000')).toMatchObject([{ state: 'sent', reason: null }])
  const { rows } = await sql`SELECT sealed FROM notice WHERE party = 'wmOnce000000000000000000'`.execute(db)
  expect(rows).toEqual([{ sealed: null }])
})

test('the archive proves it: the words must be all there, from the employee, in that conversation', async () => {
  await add('wmProof00000000000000000', T)
  await send(T + 800)
  expect(await prove({ msgid: 'm1', to: ['wmProof00000000000000000'], text: DEFAULT_NOTICE.slice(5) })).toBe(
    0,
  )
  expect(await prove({ msgid: 'm2', from: 'wmProof00000000000000000', to: ['zhang'] })).toBe(0)
  expect(await prove({ msgid: 'm3', to: ['wmProof00000000000000000'], sentAt: T + 1000 })).toBe(1)
  expect(await noticesOf('wmProof00000000000000000')).toMatchObject([{ state: 'proved', msgid: 'm3' }])
  expect(await prove({ msgid: 'm3', to: ['wmProof00000000000000000'], sentAt: T + 1000 })).toBe(0)
})

test('an old notice does not prove a later one, an old wording proves what was said then', async () => {
  expect(
    await prove({
      msgid: 'o1',
      to: ['wmOld0000000000000000000'],
      sentAt: T - HOUR,
      text: '旧的会话存档告知。',
    }),
  ).toBe(1)
  await add('wmOld0000000000000000000', T)
  await send(T + 500)
  expect(await noticesOf('wmOld0000000000000000000')).toMatchObject([
    { state: 'proved', msgid: 'o1' },
    { state: 'sent' },
  ])
})

test('the archive may be faster than the answer of WeCom', async () => {
  await add('wmFast000000000000000000', T)
  answer = async () => void (await prove({ msgid: 'f1', to: ['wmFast000000000000000000'], sentAt: T + 300 }))
  await send(T + 200)
  expect(await noticesOf('wmFast000000000000000000')).toMatchObject([{ state: 'proved', msgid: 'f1' }])
})

test('what cannot be said is on record with its reason', async () => {
  await add('wmNoCode0000000000000000', T, { WelcomeCode: '' })
  await add('wmLate000000000000000000', T)
  await add('wmElsewhere0000000000000', T, {}, 'nobody-archived')
  expect(await send(T + 21_000)).toBe(1)
  expect(said).toEqual([])
  expect(await noticesOf('wmNoCode0000000000000000')).toMatchObject([
    { state: 'missing', reason: 'no_welcome_code' },
  ])
  expect(await noticesOf('wmLate000000000000000000')).toMatchObject([
    { state: 'failed', reason: 'code_expired' },
  ])
  expect(await noticesOf('wmElsewhere0000000000000')).toEqual([])
  await add('wmRefused000000000000000', T)
  answer = () => Promise.reject(fail('wecom.refused', { api: 'send_welcome_msg', errcode: 41050 }))
  await send(T + 100)
  expect(await noticesOf('wmRefused000000000000000')).toMatchObject([{ state: 'refused', errcode: 41050 }])
  await add('wmDown000000000000000000', T)
  answer = () => Promise.reject(fail('wecom.unreachable', { api: 'send_welcome_msg' }))
  await send(T + 100)
  expect(await noticesOf('wmDown000000000000000000')).toMatchObject([
    { state: 'failed', reason: 'wecom.unreachable' },
  ])
})

test('said and not found in the archive within a day is missing, until it is found after all', async () => {
  await add('wmMissing000000000000000', T)
  await send(T + 500)
  await withClock(T + 23 * HOUR, () => followNotices(db, actor, sender))
  expect(await noticesOf('wmMissing000000000000000')).toMatchObject([{ state: 'sent' }])
  await withClock(T + 25 * HOUR, () => followNotices(db, actor, sender))
  expect(await noticesOf('wmMissing000000000000000')).toMatchObject([
    { state: 'missing', reason: 'not_in_archive' },
  ])
  await prove({ msgid: 'late', to: ['wmMissing000000000000000'], sentAt: T + 1000 })
  expect(await noticesOf('wmMissing000000000000000')).toMatchObject([{ state: 'proved', reason: null }])
})

test("a group is told once a day through its owner's hands, and says so while he has not confirmed", async () => {
  const chat = 'wrSalonSalonSalon'
  await join(chat, T, ['wmA000000000000000000000'])
  await join(chat, T + HOUR, ['wmB000000000000000000000'])
  await join(chat, T - HOUR, ['zhang'])
  // Nobody knows its owner yet: the look that the event asked for brings him.
  expect(await send(T + HOUR)).toBe(0)
  await group(chat, [
    { id: 'zhang', kind: 1, joinedAt: T },
    { id: 'wmA000000000000000000000', kind: 2, joinedAt: T },
  ])
  await send(T + HOUR)
  expect(said).toEqual([`task zhang ${chat}`])
  // Who joined an hour later is told when the first notice is a day old.
  expect(await noticesOf(chat)).toMatchObject([
    { state: 'pending_owner', task: `msg-${chat}` },
    { state: 'due' },
  ])
  await withClock(T + 2 * HOUR, () => followNotices(db, actor, sender))
  expect(await noticesOf(chat)).toMatchObject([{ state: 'pending_owner' }, { state: 'due' }])
  taskState = 'sent'
  await withClock(T + 3 * HOUR, () => followNotices(db, actor, sender))
  expect(await noticesOf(chat)).toMatchObject([{ state: 'sent' }, { state: 'due' }])
  await prove({ msgid: 'g1', room: chat, to: ['wmA000000000000000000000'], sentAt: T + 3 * HOUR })
  expect(await noticesOf(chat)).toMatchObject([{ state: 'proved', msgid: 'g1' }, { state: 'due' }])
  await send(T + 23 * HOUR)
  expect(said).toHaveLength(1)
  await send(T + 24 * HOUR)
  expect(said).toHaveLength(2)
})

test('coverage counts standing friendships and groups of archived staff, with consent', async () => {
  const before = await coverageOf(db, actor)
  for (const id of [
    'wmP000000000000000000000',
    'wmS000000000000000000000',
    'wmN000000000000000000000',
    'wmGone000000000000000000',
  ])
    await friend(id, T)
  await add('wmP000000000000000000000', T)
  await add('wmS000000000000000000000', T)
  await send(T + 500)
  await prove({ msgid: 'c1', to: ['wmP000000000000000000000'], sentAt: T + 700 })
  await inTransaction(db, tx =>
    applyContactEvent(tx, actor, {
      type: 'change_external_contact.del_follow_user',
      from: 'sys',
      at: T + 1000,
      fields: { UserID: 'zhang', ExternalUserID: 'wmGone000000000000000000' },
    }),
  )
  await inTransaction(db, tx =>
    recordConsent(tx, house, {
      externalUserid: 'wmS000000000000000000000',
      userid: 'zhang',
      chatId: null,
      state: 'disagree',
      source: 'message',
      sourceRef: 'x',
      effectiveAt: T,
    }),
  )
  const after = await coverageOf(db, actor)
  expect(after.text).toBe(DEFAULT_NOTICE)
  const more = (of: (tally: typeof after.contacts) => number) => of(after.contacts) - of(before.contacts)
  expect(more(tally => tally.total)).toBe(3)
  expect(more(tally => tally.notice.proved)).toBe(1)
  expect(more(tally => tally.notice.sent)).toBe(1)
  expect(more(tally => tally.notice.missing)).toBe(1)
  expect(more(tally => tally.consent.disagree)).toBe(1)
  const all = (await listNotices(db, actor, { kind: 'contact', staff: 'zhang' })).items
  const of = (id: string) => all.find(item => item.party.id === id)
  expect(of('wmP000000000000000000000')).toMatchObject({
    notice: 'proved',
    way: 'welcome',
    processing: 'active',
  })
  expect(of('wmS000000000000000000000')).toMatchObject({ processing: 'restricted' })
  // Of a notice nobody said there is no way.
  expect(of('wmN000000000000000000000')).toMatchObject({ notice: 'missing', way: null, version: null })
  expect((await listNotices(db, actor, { kind: 'contact', staff: 'nobody' })).total).toBe(0)
  expect((await listNotices(db, actor, { kind: 'contact', department: 99 })).total).toBe(0)
  expect(after.staff.find(one => one.party.id === 'zhang')).toMatchObject({ refused: 1 })
  const { items, total } = await listNotices(db, actor, { kind: 'contact', consent: 'disagree' })
  expect(total).toBe(1)
  expect(items[0]).toMatchObject({ notice: 'sent', party: { id: 'wmS000000000000000000000', name: '王**' } })
  const [entry] = (await list(db, actor, { verb: 'notice.listed', limit: 1 })).items
  expect(entry).toMatchObject({ thingId: 'contact', detail: { shown: 1 } })
})

test('a group is covered only when everybody in it joined before the proof', async () => {
  const chat = 'wrCoverCoverCover'
  const member = (id: string, joinedAt: number) => ({ id, kind: id.startsWith('wm') ? 2 : 1, joinedAt })
  await group(chat, [member('zhang', T), member('wmA000000000000000000000', T)])
  await prove({ msgid: 'k1', room: chat, to: ['wmA000000000000000000000'], sentAt: T + 1000 })
  const own = async () =>
    (await listNotices(db, actor, { kind: 'group' })).items.find(item => item.party.id === chat)
  expect(await own()).toMatchObject({ notice: 'proved', customers: 1, uncovered: 0, consent: 'unknown' })
  await group(chat, [
    member('zhang', T),
    member('wmA000000000000000000000', T),
    member('wmLater00000000000000000', T + HOUR),
  ])
  expect(await own()).toMatchObject({ notice: 'missing', reason: 'joined_later', customers: 2, uncovered: 1 })
  await join(chat, T + HOUR, ['wmLater00000000000000000'])
  expect(await own()).toMatchObject({ notice: 'pending', uncovered: 1 })
  await prove({ msgid: 'k2', room: chat, to: ['wmA000000000000000000000'], sentAt: T + 2 * HOUR })
  expect(await own()).toMatchObject({ notice: 'proved', msgid: 'k2', uncovered: 0 })
})

test('the exported table opens in a spreadsheet and runs nothing there', async () => {
  const csv = await exportNotices(db, actor, { kind: 'group' })
  expect(csv.startsWith('\uFEFF类型,')).toBe(true)
  expect(csv).toContain("'=沙龙")
  expect(csv.trimEnd().split('\r\n').length).toBeGreaterThan(2)
})

test('who may not see it is refused', async () => {
  const admin: Actor = { ...actor, kind: 'person', role: 'admin' }
  await expect(coverageOf(db, admin)).rejects.toMatchObject({ code: 'auth.denied' })
  await expect(exportNotices(db, admin, { kind: 'contact' })).rejects.toMatchObject({ code: 'auth.denied' })
})
