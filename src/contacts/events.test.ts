import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharedDatabase } from '../../test/support/database.ts'
import { type Actor, type Db, type House, inTransaction, sql, systemActor } from '../base/index.ts'
import { openTestHouse } from '../trail/testing.ts'
import { readEvent, type WecomEvent } from '../wecom/index.ts'
import { applyContactEvent, consentOf } from './index.ts'
import { type SourceContact, saveContacts, saveGroup } from './sync.ts'

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

const apply = (event: WecomEvent) => inTransaction(db, tx => applyContactEvent(tx, actor, event))
let made = 0
/** Ids of their own for each run, so that runs do not meet. */
const fresh = () => {
  made += 1
  return { userid: `zhang${made}`, id: `wmCustomer${made}`, chat: `wrGroupGroupGroup${made}` }
}
type Ids = ReturnType<typeof fresh>

const customer = (type: string, { userid, id }: Ids, at: number, more = {}): WecomEvent => ({
  type: `change_external_contact.${type}`,
  from: 'sys',
  at,
  fields: { UserID: userid, ExternalUserID: id, ...more },
})
const room = (change: string, { chat }: Ids, at: number, more = {}): WecomEvent => ({
  type: `change_external_chat.${change}`,
  from: 'sys',
  at,
  fields: { ChatId: chat, ...more },
})
const listed = ({ userid, id }: Ids, addedAt: number): SourceContact[] => [
  {
    externalUserid: id,
    name: '王语嫣',
    type: 1,
    corpName: '',
    follow: { userid, remark: '', addWay: 1, addedAt, state: '' },
  },
]
const look = (ids: Ids, addedAt: number) =>
  inTransaction(db, tx => saveContacts(tx, house, listed(ids, addedAt)))
const lookAtGroup = ({ chat, userid }: Ids, members: { id: string; kind: number; joinedAt: number }[]) =>
  inTransaction(db, tx =>
    saveGroup(tx, house, { chatId: chat, name: '理财沙龙', owner: userid, createdAt: 1000, members }),
  )

async function stateOf({ userid, id, chat }: Ids): Promise<unknown> {
  const bare = (text: string | null) =>
    text?.replaceAll(userid, 'U').replaceAll(id, 'C').replaceAll(chat, 'G')
  const { rows } = await sql<{ state: string }>`SELECT jsonb_build_object(
    'follow', (SELECT jsonb_build_array(ended_at, ended_by) FROM contact_follow WHERE userid = ${userid}),
    'history', (SELECT jsonb_agg(jsonb_build_array(kind, source, reason, effective_at) ORDER BY effective_at, kind, source)
      FROM follow_event WHERE userid = ${userid}),
    'group', (SELECT dismissed_at FROM customer_group WHERE chat_id = ${chat}),
    'stays', (SELECT jsonb_agg(jsonb_build_array(party, joined_at, left_at) ORDER BY party, joined_at)
      FROM customer_group_member WHERE chat_id = ${chat}),
    'talk', (SELECT jsonb_agg(jsonb_build_array(party, kind, scene, effective_at) ORDER BY effective_at, kind, party)
      FROM group_event WHERE chat_id = ${chat} AND source = 'callback'),
    'consent', (SELECT jsonb_agg(jsonb_build_array(state, effective_at) ORDER BY effective_at) FROM consent_event
      WHERE external_userid = ${id}),
    'notices', (SELECT jsonb_agg(jsonb_build_array(kind, due_at) ORDER BY due_at) FROM notice
      WHERE party = ${id}),
    'wanted', (SELECT jsonb_agg(kind ORDER BY kind) FROM refresh_wanted WHERE id IN (${id}, ${chat})))::text AS state`.execute(
    db,
  )
  return JSON.parse(bare(rows[0]?.state ?? null) ?? 'null')
}

const TYPES = [
  'add_external_contact',
  'add_half_external_contact',
  'edit_external_contact',
  'del_external_contact',
  'del_follow_user',
  'transfer_fail',
  'msg_audit_approved',
]
const anyEvent = fc.record({
  type: fc.constantFrom(
    ...TYPES,
    'create',
    'add_member',
    'del_member',
    'change_owner',
    'change_name',
    'dismiss',
  ),
  // Few instants, so that events meet in the same second.
  at: fc.integer({ min: 1, max: 8 }).map(second => second * 1000),
})
function eventOf(ids: Ids, { type, at }: { type: string; at: number }): WecomEvent {
  if (TYPES.includes(type)) return customer(type, ids, at, { WelcomeCode: 'CODE' })
  if (type === 'create' || type === 'dismiss') return room(type, ids, at)
  const more = { UpdateDetail: type, JoinScene: '1', QuitScene: '0', MemChangeList: JSON.stringify([ids.id]) }
  return room('update', ids, at, more)
}

test('events twice and in any order, before or after the look at WeCom, come to the same', async () => {
  const order = fc.array(anyEvent, { minLength: 1, maxLength: 8 }).chain(events =>
    fc.record({
      events: fc.constant(events),
      told: fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }),
      lookAfter: fc.nat({ max: 16 }),
    }),
  )
  await fc.assert(
    fc.asyncProperty(order, async ({ events, told, lookAfter }) => {
      const [plain, mixed] = [fresh(), fresh()]
      const see = async (ids: Ids) => {
        await look(ids, 500)
        await lookAtGroup(ids, [{ id: ids.id, kind: 2, joinedAt: 500 }])
      }
      await see(plain)
      for (const event of events.toSorted((a, b) => a.at - b.at)) await apply(eventOf(plain, event))
      for (const [index, event] of told.entries()) {
        if (index === lookAfter) await see(mixed)
        await apply(eventOf(mixed, event))
      }
      if (lookAfter >= told.length) await see(mixed)
      expect(await stateOf(mixed)).toEqual(await stateOf(plain))
    }),
    { numRuns: 25 },
  )
})

test('who deleted whom is known, and the end is the first one after the newest beginning', async () => {
  const ids = fresh()
  await look(ids, 1000)
  await apply(customer('del_external_contact', ids, 9000, { Source: 'DELETE_BY_TRANSFER' }))
  await apply(customer('del_follow_user', ids, 5000))
  expect(await stateOf(ids)).toMatchObject({ follow: ['1970-01-01T00:00:05+00:00', 'deleted_by_customer'] })
  await apply(customer('add_external_contact', ids, 7000))
  expect(await stateOf(ids)).toMatchObject({ follow: ['1970-01-01T00:00:09+00:00', 'deleted_by_staff'] })
  await apply(customer('add_external_contact', ids, 12_000))
  expect(await stateOf(ids)).toMatchObject({ follow: [null, null] })
  const { rows } =
    await sql`SELECT kind, reason FROM follow_event WHERE userid = ${ids.userid} ORDER BY effective_at`.execute(
      db,
    )
  expect(
    rows.map(row =>
      Object.values(row as object)
        .join(' ')
        .trim(),
    ),
  ).toEqual(['added', 'deleted_by_customer', 'added', 'deleted_by_staff DELETE_BY_TRANSFER', 'added'])
})

test('a leaving told by callback is known to the second, one found by a look only as of the look', async () => {
  const ids = fresh()
  const member = (id: string) => ({ id, kind: 2, joinedAt: 2000 })
  await lookAtGroup(ids, [member('wmA'), member('wmB')])
  await lookAtGroup(ids, [])
  const left = { UpdateDetail: 'del_member', QuitScene: '1', MemChangeList: '{"Item":"wmA"}' }
  await apply(room('update', ids, 6000, left))
  const { stays } = (await stateOf(ids)) as { stays: string[][] }
  expect(stays[0]?.[2]).toBe('1970-01-01T00:00:06+00:00')
  expect(new Date(stays[1]?.[2] ?? 0).getTime()).toBeGreaterThan(Date.UTC(2024))
})

const item = (id: string) => `<Item>${id}</Item>`
const list = (inner: string) => `<MemChangeList>${inner}</MemChangeList>`
test.each([
  ['items', list(item('wmA') + item('wmB')), ['wmA', 'wmB']],
  ['one item', list(item('wmA')), ['wmA']],
  ['an item of digits', list(item('1001')), ['1001']],
  ['an item twice, with spaces', list(item(' wmA ') + item('wmA')), ['wmA']],
  ['the element twice', list(item('wmA')) + list(item('wmB')), ['wmA', 'wmB']],
  ['an empty item', list(item('')), ['']],
  ['an empty element', list(''), ['']],
  ['no element', '', ['']],
  ['text', list('wmA,wmB,'), ['wmA', 'wmB']],
  ['text of digits', list('1001'), ['1001']],
  ['text of a word of JSON', list('null'), ['null']],
  ['brackets that are no JSON', list('[wmA'), ['']],
  ['items of another name', list('<Member>wmA</Member>'), ['']],
])('members come as %s', async (_, xml, parties) => {
  const ids = fresh()
  const event = readEvent(
    `<xml><FromUserName>sys</FromUserName><CreateTime>6</CreateTime><MsgType>event</MsgType>
    <Event>change_external_chat</Event><ChangeType>update</ChangeType><ChatId>${ids.chat}</ChatId>
    <UpdateDetail>add_member</UpdateDetail>${xml}</xml>`,
  )
  if (!event) throw new Error('no event')
  await apply(event)
  const { talk } = (await stateOf(ids)) as { talk: string[][] }
  expect(talk.map(([party]) => party)).toEqual(parties)
})

test("the customer's approval of archiving is a consent from then on", async () => {
  const ids = fresh()
  await apply(customer('msg_audit_approved', ids, 3000))
  const asked = { externalUserid: ids.id, userid: ids.userid }
  expect(await consentOf(db, house, { ...asked, at: 2999 })).toMatchObject({ state: 'unknown' })
  expect(await consentOf(db, house, { ...asked, at: null })).toMatchObject({ state: 'agree', at: 3000 })
})

test('what is not about contacts, or says too little, passes without a trace', async () => {
  for (const type of [
    'msgaudit_notify',
    'change_external_tag.create',
    'change_external_contact.new_thing',
    'constructor',
    '',
  ]) {
    await apply({ type, from: 'sys', at: 1, fields: {} })
  }
  const ids = fresh()
  await apply(room('update', ids, 1, { UpdateDetail: 'constructor' }))
  for (const type of [
    ...TYPES.map(name => `change_external_contact.${name}`),
    'change_external_chat.update',
  ]) {
    await apply({ type, from: 'sys', at: 1, fields: {} })
  }
})
