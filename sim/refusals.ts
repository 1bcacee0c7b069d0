import type { World } from './world.ts'

/** Between two lines, in ms of this world's clock. */
const LINE_MS = 2600
const FIRST_MS = 6000
const AGAIN_MS = 600_000

const text = (content: string) => ({ msgtype: 'text', text: { content } })

/**
 * Customers who refuse the archive, take their consent back and give it again, in talk of two and in a group, so that one
 * sees what is then kept. Told again every ten minutes with other people. Returns what ends it.
 */
export function startRefusals(world: World): () => void {
  let ended = false
  const later = (ms: number, act: () => void): void =>
    void world.time.after(ms, () => {
      if (!ended) act()
    })
  let turn = 0
  const round = (): void => {
    const scenes = [changesMind(world, turn), refusesInGroup(world, turn), staysAway(world, turn)]
    for (const [place, scene] of scenes.entries())
      for (const [index, act] of scene.entries()) later(FIRST_MS + place * 700 + index * LINE_MS, act)
    turn += 1
    later(AGAIN_MS, round)
  }
  round()
  return () => {
    ended = true
  }
}

type Scene = (() => void)[]
type Payload = { msgtype: string; [payload: string]: unknown }

/** The nth friendship of a customer who agreed; not one of those that other scenes use. */
function pair(world: World, skip: number): { userid: string; customer: string } | undefined {
  const found = world.people.contacts.flatMap(contact => {
    const follow = contact.follows.find(one => one.consent === 'Agree')
    return follow ? [{ userid: follow.userid, customer: contact.id }] : []
  })
  return found[(20 + skip) % Math.max(found.length, 1)]
}

function talk(world: World, { userid, customer }: { userid: string; customer: string }) {
  const say = (content: string) => () =>
    void world.emit({ from: userid, tolist: [customer], roomid: '', ...text(content) })
  const hear = (content: string) => () =>
    void world.emit({ from: customer, tolist: [userid], roomid: '', ...text(content) })
  return { say, hear }
}

/** Agreed, takes it back, and agrees again. */
function changesMind(world: World, turn: number): Scene {
  const who = pair(world, turn * 3)
  if (!who) return []
  const { say, hear } = talk(world, who)
  return [
    hear('您好，我想了解一下大额存单'),
    say('您好，大额存单二十万元起存，利率以当日公告为准'),
    hear('你们一直在存档聊天记录吗？我不想被存'),
    () => void world.disagree(who.userid, who.customer),
    say('好的，尊重您的选择，您可以到网点或拨打客服热线办理'),
    hear('那我问下，我尾号 6630 的卡还能用吗'),
    say('这个请您致电客服核实身份后查询'),
    hear('行，想了想还是同意存档吧，方便'),
    () => void world.agree(who.userid, who.customer),
    say('感谢您的理解，之后的沟通会依法存档'),
    hear('大额存单怎么预约'),
  ]
}

/** Refuses and stays with it. */
function staysAway(world: World, turn: number): Scene {
  const who = pair(world, turn * 3 + 1)
  if (!who) return []
  const { say, hear } = talk(world, who)
  return [
    say('您好，您的定期存款下周到期，请留意'),
    hear('我不同意聊天被存档'),
    () => void world.disagree(who.userid, who.customer),
    hear('到期以后麻烦你电话联系我'),
    say('好的，我们改用电话与您联系'),
  ]
}

/** One in a group refuses: his own words are not kept, the others' are. */
function refusesInGroup(world: World, turn: number): Scene {
  const rooms = world.people.rooms.filter(
    one => one.external && one.members.filter(member => member.type === 2).length > 4,
  )
  const room = rooms[(1 + turn) % Math.max(rooms.length, 1)]
  const customers = room?.members.filter(member => member.type === 2).map(member => member.id) ?? []
  const [other = '', refuser = ''] = customers.slice(2)
  if (!room || refuser === '') return []
  const members = room.members.map(member => member.id)
  const by = (from: string, payload: Payload) => () =>
    void world.emit({ from, tolist: members.filter(id => id !== from), roomid: room.id, ...payload })
  const disagree = () =>
    by(refuser, {
      msgtype: 'disagree',
      disagree: { userid: refuser, disagree_time: world.now() },
    })()
  return [
    by(room.owner, text('本周六的投资者教育讲座还有几个座位，需要的请在群里说一声')),
    by(refuser, text('群里聊天会存档吗？我不同意存档')),
    disagree,
    by(refuser, text('帮我留两个座位')),
    by(room.owner, text('好的，稍后电话与您确认')),
    by(other, text('也给我留一个，谢谢')),
    by(refuser, text('我是李女士，手机尾号 2208')),
  ]
}
