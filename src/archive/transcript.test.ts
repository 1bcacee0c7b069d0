import { setTimeout as wait } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { createRng, type Rng } from '../../sim/rng.ts'
import { archiveAll, CUSTOMER, textMessage } from '../../test/support/messages.ts'
import { filePremises, type TestPremises } from '../../test/support/premises.ts'
import { type Services, startServices } from '../app/index.ts'
import { type Actor, inTransaction, now, shellActor, sql, systemActor } from '../base/index.ts'
import { applyContactEvent, recordConsent } from '../contacts/index.ts'
import { syncDirectory } from '../people/index.ts'
import { list } from '../trail/index.ts'
import type { Transcript } from './contract.ts'
import { findPlace, mark, readOriginal, readTranscript } from './index.ts'

const BASE = Date.UTC(2026, 9, 5, 2)
const STEP = 60_000
const QUERY = { limit: 100, recalled: 'shown' } as const
const STAFF = 'linyue'
const customer = (letter: string) => `wm${letter.repeat(30)}`
const PEOPLE = ['A', 'B', 'C'].map(customer)

let premises: TestPremises
let services: Services
let actor: Actor
let system: Actor
beforeAll(async () => {
  premises = await filePremises()
  services = await startServices(premises, { capture: false })
  actor = shellActor(premises.house, 'test')
  system = systemActor(premises.house, 'test')
  await directory('林悦', '城东支行')
  return () => services.stop()
})

async function directory(name: string, department: string): Promise<void> {
  await syncDirectory(premises.db, premises.house, {
    async *departments() {
      yield { id: 7, parentId: 1, name: department, position: 1, leaders: [] }
    },
    async *members() {
      yield { userid: STAFF, name, title: '', departments: [7], leads: [], status: 1 }
    },
  })
}

async function conversationOf(msgid: string): Promise<string> {
  const { rows } = await sql<{
    conv: string
  }>`SELECT conv_id::text AS conv FROM message WHERE src_msgid = ${msgid}`.execute(premises.db)
  return rows[0]?.conv ?? ''
}

const put = (...messages: object[]) => archiveAll(premises, services, messages)
const revoke = (id: string, target: string, at: number, more: object = {}) =>
  textMessage('', {
    msgid: id,
    action: 'recall',
    msgtime: at,
    msgtype: 'revoke',
    revoke: { pre_msgid: target },
    ...more,
  })

/** What a reader sees, without what only says when it was asked. */
function seen({ head, items, events }: Transcript): unknown {
  const { moment: _, last: __, ...rest } = head
  return {
    head: rest,
    items: items.map(item => ({ id: item.key.msgid, texts: item.texts, recalledAt: item.recalledAt })),
    events: events.map(event => [
      event.kind,
      event.at,
      event.parties.map(party => party.id),
      event.state,
      event.name,
    ]),
  }
}

/** One more thing happens in a group at this moment. */
async function happen(rng: Rng, chat: string, at: number, said: string[]): Promise<void> {
  const room = { tolist: PEOPLE, roomid: chat }
  const event = (type: string, fields: Record<string, string>) =>
    inTransaction(premises.db, tx =>
      applyContactEvent(tx, system, {
        type: `change_external_chat.${type}`,
        from: 'sys',
        at,
        fields: { ChatId: chat, ...fields },
      }),
    )
  const who = rng.pick(PEOPLE)
  const turn = said.length === 0 ? 0 : rng.int(0, 5)
  if (turn <= 1) {
    const msgid = `${chat}-${at}_external`
    said.push(msgid)
    await put(textMessage(`说 ${at}`, { ...room, msgid, msgtime: at }))
  } else if (turn === 2) await put(revoke(`${chat}-${at}-r_external`, rng.pick(said), at, room))
  else if (turn === 3)
    await event('update', { UpdateDetail: 'add_member', JoinScene: '3', MemChangeList: who })
  else if (turn === 4)
    await event('update', { UpdateDetail: 'del_member', QuitScene: '0', MemChangeList: who })
  else
    await inTransaction(premises.db, tx =>
      recordConsent(tx, premises.house, {
        externalUserid: who,
        userid: null,
        chatId: chat,
        state: rng.pick(['agree', 'disagree']),
        source: 'check_room_agree',
        sourceRef: `${chat}${at}`,
        effectiveAt: at,
      }),
    )
}

test.each(['one', 'two', 'three'])(
  'as of any moment it looks as it looked at that moment (seed %s)',
  async seed => {
    const rng = createRng(seed)
    const chat = `wrTheGroupOf${seed}xxxxxx`
    const said: string[] = []
    const looks: { at: number; seen: unknown }[] = []
    let convId = ''
    for (let step = 0; step < 24; step++) {
      const at = BASE + step * STEP
      await happen(rng, chat, at, said)
      convId ||= await conversationOf(said[0] ?? '')
      if (step % 3 === 0)
        looks.push({ at, seen: seen(await readTranscript(premises.db, actor, convId, QUERY)) })
    }
    for (const look of looks) {
      const then = await readTranscript(premises.db, actor, convId, { ...QUERY, at: look.at + STEP / 2 })
      expect(seen(then)).toEqual(look.seen)
      expect(then.head.moment).toBe(look.at + STEP / 2)
    }
  },
)

test('pages in both directions hold every message and every happening once', async () => {
  const chat = 'wrTheGroupOfPagesxxxxxx'
  const rng = createRng('pages')
  const said: string[] = []
  for (let step = 0; step < 40; step++) await happen(rng, chat, BASE + step * STEP, said)
  const convId = await conversationOf(said[0] ?? '')
  const whole = await readTranscript(premises.db, actor, convId, QUERY)
  const middle = whole.items[Math.floor(whole.items.length / 2)]
  let page = await readTranscript(premises.db, actor, convId, {
    limit: 4,
    recalled: 'shown',
    around: middle?.key.sentAt,
    msgid: middle?.key.msgid,
  })
  const items = new Map(page.items.map(item => [item.key.msgid, item]))
  const events = new Map(page.events.map(event => [event.id, event]))
  const keep = (more: Transcript) => {
    for (const item of more.items) items.set(item.key.msgid, item)
    for (const event of more.events) events.set(event.id, event)
  }
  let { before, after } = page
  while (before !== null) {
    page = await readTranscript(premises.db, actor, convId, { limit: 4, recalled: 'shown', before })
    keep(page)
    before = page.before
  }
  for (;;) {
    page = await readTranscript(premises.db, actor, convId, {
      limit: 4,
      recalled: 'shown',
      after: after ?? '',
    })
    keep(page)
    if (page.items.length === 0) break
    after = page.after
  }
  expect([...items.keys()].sort()).toEqual(whole.items.map(item => item.key.msgid).sort())
  expect([...events.keys()].sort()).toEqual(whole.events.map(event => event.id).sort())
})

test('a recalled message is folded on request, stands open before its recall, and who opens it is written down', async () => {
  const first = { msgid: 'fold-1_external', msgtime: BASE }
  await put(textMessage('原来的话', first), revoke('fold-2_external', 'fold-1_external', BASE + STEP))
  const convId = await conversationOf('fold-1_external')
  const folded = await readTranscript(premises.db, actor, convId, { limit: 50, recalled: 'folded' })
  const item = folded.items.find(one => one.key.msgid === 'fold-1_external')
  expect(item).toMatchObject({ absent: 'recalled', texts: [], recalledAt: BASE + STEP })
  expect(JSON.stringify(folded)).not.toContain('原来的话')
  const before = await readTranscript(premises.db, actor, convId, {
    limit: 50,
    recalled: 'folded',
    at: BASE + STEP - 1,
  })
  expect(before.items.map(one => [one.texts[0]?.text, one.recalledAt, one.absent])).toEqual([
    ['原来的话', null, null],
  ])
  const key = item?.key ?? { convId, sentAt: BASE, msgid: '' }
  expect((await readOriginal(premises.db, actor, key)).texts[0]?.text).toBe('原来的话')
  const [entry] = (await list(premises.db, actor, { verb: 'original.opened', limit: 1 })).items
  expect(entry).toMatchObject({ thingId: convId, detail: { msgid: 'fold-1_external', recalled: true } })
})

test('people bear the names they bore; nobody outside their departments reads an original', async () => {
  await put(textMessage('旧名时', { msgid: 'name-1_external', msgtime: BASE + 10 * STEP }))
  const convId = await conversationOf('name-1_external')
  const then = now()
  await wait(5)
  await directory('林悦悦', '城西支行')
  const named = async (at?: number) =>
    (await readTranscript(premises.db, actor, convId, { ...QUERY, ...(at ? { at } : {}) })).items[0]?.from
  expect(await named()).toMatchObject({ name: '林悦悦', department: '城西支行' })
  expect(await named(then)).toMatchObject({ name: '林悦', department: '城东支行' })
  // Before our first look at the directory nothing better is known than that look.
  expect(await named(BASE + 11 * STEP)).toMatchObject({ name: '林悦', department: '城东支行' })
  const stranger: Actor = { ...actor, kind: 'person', role: 'supervisor', name: 'other', departments: [99] }
  const key = { convId, sentAt: BASE + 10 * STEP, msgid: 'name-1_external' }
  await expect(readOriginal(premises.db, stranger, key)).rejects.toMatchObject({ code: 'auth.denied' })
  await expect(readTranscript(premises.db, stranger, convId, QUERY)).rejects.toMatchObject({
    code: 'auth.denied',
  })
  await expect(
    findPlace(premises.db, stranger, convId, { to: 'next', from: 0, msgid: '' }),
  ).rejects.toMatchObject({
    code: 'auth.denied',
  })
  await expect(readOriginal(premises.db, actor, { ...key, msgid: 'nobody' })).rejects.toMatchObject({
    code: 'thing.missing',
  })
})

test('consent is told as it was, and as it was known', async () => {
  const id = customer('Z')
  await put(textMessage('您好', { msgid: 'consent-1_external', tolist: [id], msgtime: BASE + 20 * STEP }))
  const convId = await conversationOf('consent-1_external')
  const before = now()
  await wait(5)
  const say = (state: 'agree' | 'disagree', effectiveAt: number) =>
    inTransaction(premises.db, tx =>
      recordConsent(tx, premises.house, {
        externalUserid: id,
        userid: STAFF,
        chatId: null,
        state,
        source: 'callback',
        sourceRef: String(effectiveAt),
        effectiveAt,
      }),
    )
  await say('agree', BASE + 5 * STEP)
  await say('disagree', BASE + 30 * STEP)
  const head = async (more: object) =>
    (await readTranscript(premises.db, actor, convId, { ...QUERY, ...more })).head
  const at = BASE + 25 * STEP
  expect((await head({})).consent?.state).toBe('disagree')
  expect((await head({ at })).consent?.state).toBe('agree')
  expect((await head({ at, knownAt: before })).consent?.state).toBe('unknown')
  const member = (await head({ at })).members.find(one => one.party.id === id)
  expect(member?.consent).toEqual({ state: 'agree', at: BASE + 5 * STEP })
  const { events } = await readTranscript(premises.db, actor, convId, { ...QUERY, at: BASE + 40 * STEP })
  expect(events.map(event => [event.kind, event.state])).toEqual([
    ['consent', 'agree'],
    ['consent', 'disagree'],
  ])
})

test('a reply knows the message it quotes, however often its words were said', async () => {
  const ask = '到期怎么安排'
  const reply = `这是一条引用/回复消息：\n"客户:\n${ask}"\n------\n会转入活期`
  const talk = { from: CUSTOMER, tolist: ['quoter'] }
  await put(
    textMessage(ask, { ...talk, msgid: 'q1_external', msgtime: BASE + 1 }),
    textMessage(ask, { ...talk, msgid: 'q2_external', msgtime: BASE + 2 }),
    textMessage(reply, { from: 'quoter', tolist: [CUSTOMER], msgid: 'q3_external', msgtime: BASE + 3 }),
    textMessage(ask, { ...talk, msgid: 'q4_external', msgtime: BASE + 4 }),
    textMessage(reply.replace(ask, '从未说过'), {
      from: 'quoter',
      tolist: [CUSTOMER],
      msgid: 'q5_external',
      msgtime: BASE + 5,
    }),
  )
  const convId = await conversationOf('q3_external')
  const { items } = await readTranscript(premises.db, actor, convId, QUERY)
  expect(items.map(item => item.quote?.of?.msgid ?? null)).toEqual([null, null, 'q2_external', null, null])
  expect(items[2]?.quote).toMatchObject({ author: '客户', text: ask })
  const place = (to: 'next' | 'previous', from: number, at?: number) =>
    findPlace(premises.db, actor, convId, {
      to,
      from,
      msgid: to === 'next' ? '~' : '',
      ...(at ? { at } : {}),
    })
  expect((await place('next', BASE + 3)).key?.msgid).toBe('q4_external')
  expect((await place('previous', BASE + 3)).key?.msgid).toBe('q2_external')
  expect((await place('next', BASE + 4, BASE + 3)).key).toBeNull()
  const key = { convId, sentAt: BASE + 3, msgid: 'q3_external' }
  await inTransaction(premises.db, tx => mark(tx, system, [{ key, kind: 'severity', value: 'P1' }]))
  const hit = (to: 'next-hit' | 'previous-hit', from: number) =>
    findPlace(premises.db, actor, convId, { to, from, msgid: '~' })
  expect((await hit('next-hit', BASE)).key).toEqual(key)
  expect((await hit('next-hit', BASE + 3)).key).toBeNull()
  expect((await hit('previous-hit', BASE + 5)).key).toEqual(key)
})
