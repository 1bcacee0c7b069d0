import type { Outgoing } from './message.ts'
import type { Contact, Follow } from './people.ts'
import { createRng } from './rng.ts'
import type { Room } from './rooms.ts'
import type { World } from './world.ts'

/** Between two happenings, in ms of this world's clock. */
const EVERY_MS = 25_000
const FIRST_MS = 4000
/** Between two lines of a scene. */
const LINE_MS = 1700

type Payload = Omit<Outgoing, 'from' | 'tolist' | 'roomid' | 'msgid'> & { msgtype: string }
type Said = { msgid: string }

/**
 * What goes on beside talk: people join and leave groups, groups are renamed, customers agree to archiving and refuse,
 * advisers hand customers over. And one scene in a group and one between two with everything a conversation can hold.
 * Returns what ends it.
 */
export function startBustle(world: World, seed: string | number): () => void {
  const rng = createRng(`bustle/${seed}`)
  let ended = false
  const later = (ms: number, act: () => void): void =>
    void world.time.after(ms, () => {
      if (!ended) act()
    })
  const room = world.people.rooms.find(one => one.external && one.members.some(m => m.type === 2))
  const happenings = [join, leave, agree, refuse, join, rename, handOver, leave]
  let turn = 0
  const next = (): void => {
    const target = turn % 3 === 0 && room ? room : rng.pick(world.people.rooms.filter(one => one.external))
    happenings[turn % happenings.length]?.({ world, room: target, pick: rng.pick })
    turn += 1
    later(EVERY_MS * (0.6 + rng.next() * 0.8), next)
  }
  later(FIRST_MS, next)
  if (room) play(later, FIRST_MS, inGroup(world, room))
  const pair = pairOf(world)
  if (pair) play(later, FIRST_MS + 1000, betweenTwo(world, pair.adviser, pair.contact.id))
  return () => {
    ended = true
  }
}

type Stage = { world: World; room: Room; pick: <T>(from: readonly T[]) => T }

function join({ world, room, pick }: Stage): void {
  const outside = world.people.contacts.filter(one => !room.members.some(member => member.id === one.id))
  if (outside.length > 0) world.joinGroup(room.id, [pick(outside).id], pick([1, 2, 3] as const))
}

function leave({ world, room, pick }: Stage): void {
  const customers = room.members.filter(member => member.type === 2)
  if (customers.length > 4) world.leaveGroup(room.id, [pick(customers).id], pick([0, 0, 1] as const))
}

function rename({ world, room }: Stage): void {
  const plain = room.name.replace(/（.*）$/, '')
  world.changeGroup(room.id, { name: room.name === plain ? `${plain}（新）` : plain })
}

const held = (world: World, wanted: (follow: Follow) => boolean) =>
  world.people.contacts.flatMap(contact => {
    const follow = contact.follows.find(wanted)
    return follow ? [{ contact, follow }] : []
  })

function agree({ world, pick }: Stage): void {
  const found = held(world, follow => follow.consent !== 'Agree')
  if (found.length === 0) return
  const { contact, follow } = pick(found)
  world.agree(follow.userid, contact.id)
}

function refuse({ world, pick }: Stage): void {
  const found = held(world, follow => follow.consent === 'Default_Agree')
  if (found.length === 0) return
  const { contact, follow } = pick(found)
  world.disagree(follow.userid, contact.id)
}

/** As WeCom completes a transfer: the old adviser loses the customer, the new one is told as if added. */
function handOver({ world, pick }: Stage): void {
  const { contact, follow } = pick(held(world, () => true))
  const others = [...world.people.employee.values()].filter(
    one => one.adviser && !contact.follows.some(other => other.userid === one.userid),
  )
  if (others.length === 0) return
  world.deleteContact(follow.userid, contact.id, 'DELETE_BY_TRANSFER')
  world.addContact(pick(others).userid, contact.id, { addWay: 202, noWelcome: true })
}

function pairOf(world: World): { adviser: string; contact: Contact } | undefined {
  const contact = world.people.contacts.findLast(one => one.follows[0]?.consent === 'Agree')
  const adviser = contact?.follows[0]?.userid
  return contact && adviser ? { adviser, contact } : undefined
}

type Scene = (() => void)[]

function play(later: (ms: number, act: () => void) => void, from: number, scene: Scene): void {
  scene.forEach((act, index) => {
    later(from + index * LINE_MS, act)
  })
}

const text = (content: string): Payload => ({ msgtype: 'text', text: { content } })
const entry = (type: string, at: number, content: Record<string, unknown>) => ({
  type: `ChatRecord${type}`,
  msgtime: Math.floor(at / 1000),
  content: JSON.stringify(content),
  from_chatroom: false,
})

function voice(world: World, seconds: number): Payload {
  const { md5sum, size, sdkfileid } = world.media.voice(seconds)
  return { msgtype: 'voice', voice: { md5sum, voice_size: size, play_length: seconds, sdkfileid } }
}

function picture(world: World, name?: string): Payload {
  const { md5sum, size, sdkfileid } = name ? world.media.drawing(name) : world.media.chart()
  return { msgtype: 'image', image: { md5sum, filesize: size, sdkfileid } }
}

function paper(world: World, filename: string, lines: string[]): Payload {
  const { md5sum, size, sdkfileid } = world.media.document(lines)
  return { msgtype: 'file', file: { md5sum, filename, fileext: 'docx', filesize: size, sdkfileid } }
}

function clip(world: World, seconds: number): Payload {
  const { md5sum, size, sdkfileid } = world.media.video(seconds)
  return { msgtype: 'video', video: { md5sum, filesize: size, play_length: seconds, sdkfileid } }
}

/** A record with a picture and a record of its own within. */
function record(world: World): Payload {
  const at = world.now() - 3_600_000
  const { md5sum, size, sdkfileid } = world.media.chart()
  const item = [
    entry('Text', at, { content: '客户：上次那款产品现在净值多少？' }),
    entry('Image', at + 40_000, { md5sum, filesize: size, sdkfileid }),
    entry('Text', at + 80_000, { content: '我：截图发您了，净值有波动，过往业绩不代表未来表现' }),
    entry('record', at + 120_000, {
      title: '客户与前任经理的聊天记录',
      item: [
        entry('Text', at - 86_400_000, { content: '前任经理：这款是净值型的，不承诺收益' }),
        entry('Text', at - 86_340_000, { content: '客户：明白，那我先看看' }),
      ],
    }),
  ]
  return { msgtype: 'chatrecord', chatrecord: { title: '客户沟通记录', item } }
}

function speaker(world: World, from: string, tolist: string[], roomid: string) {
  return (payload: Payload): Said => world.emit({ from, tolist, roomid, ...payload })
}

function betweenTwo(world: World, adviser: string, customer: string): Scene {
  const say = speaker(world, adviser, [customer], '')
  const hear = speaker(world, customer, [adviser], '')
  let recalled: Said | undefined
  return [
    () => hear(text('您好，我那笔理财下周到期，想问问怎么安排')),
    () => say(text('您好，先给您发一份产品资料，您看完我们再聊')),
    () =>
      say(
        paper(world, '稳健理财产品说明书.docx', [
          '产品为净值型，不保证本金和收益',
          '风险等级 R2，投资须谨慎',
        ]),
      ),
    () => say(picture(world)),
    () => hear(voice(world, 7)),
    () =>
      say(
        text(
          '这是一条引用/回复消息：\n"客户:\n您好，我那笔理财下周到期，想问问怎么安排"\n------\n到期会自动转入活期，不会影响您用款',
        ),
      ),
    () => {
      recalled = say(text('起息日我记成周三了，您先别按这个算'))
    },
    () => void (recalled && world.recall(recalled.msgid)),
    () => say(text('刚才日期写错，已撤回。起息日以产品合同为准')),
    () => say(record(world)),
    () =>
      say({
        msgtype: 'location',
        location: {
          longitude: 120.27,
          latitude: 31.92,
          address: '澄江路 1 号',
          title: '澄江银行城东支行',
          zoom: 15,
        },
      }),
    () =>
      say({
        msgtype: 'weapp',
        weapp: {
          title: '风险测评',
          description: '到期请重新测评',
          username: 'gh_cj0demo@app',
          displayname: '澄江手机银行',
        },
      }),
    () => say(clip(world, 12)),
    () => hear(voice(world, 12)),
    () => say(voice(world, 5)),
  ]
}

function saloon(world: World, creatorname: string, attendeename: string[]): Payload {
  const starttime = Math.floor(world.now() / 1000) + 172_800
  const when = { starttime, endtime: starttime + 7200 }
  return {
    msgtype: 'calendar',
    calendar: {
      title: '投资者教育沙龙',
      creatorname,
      attendeename,
      ...when,
      place: '城东支行二楼',
      remarks: '',
    },
  }
}

function inGroup(world: World, room: Room): Scene {
  const members = room.members.map(one => one.id)
  const to = (from: string) =>
    speaker(
      world,
      from,
      members.filter(id => id !== from),
      room.id,
    )
  const customer = room.members.find(one => one.type === 2)?.id ?? ''
  const say = to(room.owner)
  const hear = to(customer)
  let recalled: Said | undefined
  return [
    () => say(text('各位下午好，本周沙龙的安排发在这里')),
    () => say(saloon(world, room.owner, members.slice(0, 3))),
    () =>
      say({
        msgtype: 'vote',
        vote: {
          votetitle: '沙龙时间投票',
          voteitem: ['周六上午', '周六下午', '周日上午'],
          votetype: 101,
          voteid: '202611300001',
        },
      }),
    () => hear(voice(world, 9)),
    () => hear(picture(world, 'official')),
    () =>
      say({
        msgtype: 'link',
        link: {
          title: '净值型理财产品信息披露',
          description: '第三季度运作报告',
          link_url: 'https://m.cjbank.example/p/202609',
          image_url: 'https://m.cjbank.example/i/cover.png',
        },
      }),
    () => {
      recalled = hear(text('有没有人知道怎么提前赎回？我的卡号是……'))
    },
    () => void (recalled && world.recall(recalled.msgid)),
    () =>
      world.joinGroup(
        room.id,
        world.people.contacts.slice(-3).map(one => one.id),
        3,
      ),
    () =>
      hear({
        msgtype: 'external_redpacket',
        redpacket: { type: 2, wish: '谢谢各位', totalcnt: 5, totalamount: 2000 },
      }),
    () => say(record(world)),
    () => world.leaveGroup(room.id, [room.members.filter(one => one.type === 2).at(-4)?.id ?? ''], 0),
    () => say({ msgtype: 'todo', todo: { title: '群待办', content: '请在周五前完成风险测评' } }),
  ]
}
