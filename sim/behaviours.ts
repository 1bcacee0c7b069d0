import type { Outgoing } from './message.ts'
import { createRng } from './rng.ts'
import type { Plant } from './truth.ts'
import type { World } from './world.ts'

const MINUTE = 60_000
/** Between two scenes while traffic is live, and between two of their lines, in ms of this world's clock. */
const EVERY_MS = 40_000
const LINE_MS = 1800
const FIRST_MS = 9000
/** By then the platform's callback address is known. */
const DELETED_MS = 90_000
const DELETING = 5
/** Long enough ago that two business hours have passed, whatever the day of the week. */
const COMPLAINED_MS = 4 * 24 * 60 * MINUTE

/** One line of a scene: so long after the one before, said by whom; what is planted stands on the line that completes it. */
type Line = { gap: number; message: Outgoing; behaviour?: string; plant?: Plant }
type Pair = { adviser: string; customer: string }
type Cast = { pairs: Pair[]; room: { id: string; members: string[]; staff: string[] } | undefined }
type Scene = (cast: Cast, turn: number) => Line[]

/** Conduct that no single sentence shows. Each scene is told by the same people that other talk is told by. */
const SCENES: Scene[] = [burst, packet, cards, cardAndAdd, silentAdvice, lists, recalled, splitInGroup]

const text = (content: string): Outgoing => ({ msgtype: 'text', text: { content } })

const say = ({ adviser, customer }: Pair, payload: Outgoing): Outgoing => ({
  from: adviser,
  tolist: [customer],
  roomid: '',
  ...payload,
})
const hear = ({ adviser, customer }: Pair, payload: Outgoing): Outgoing => ({
  from: customer,
  tolist: [adviser],
  roomid: '',
  ...payload,
})

/** Three advisers send the same to their customers. */
function burst({ pairs }: Cast, turn: number): Line[] {
  const series = ['澄稳', '澄享', '澄益', '澄盈'][turn % 4]
  const said = text(`${series}系列第${turn + 3}期明天上午九点开始认购，需要的客户请跟我登记一下`)
  const three = apart(pairs, 3)
  return three.map((pair, i) => ({
    gap: 4 * MINUTE,
    message: say(pair, said),
    ...(i === 2 ? { behaviour: 'BURST-01' } : {}),
  }))
}

function packet({ pairs }: Cast): Line[] {
  const [pair] = apart(pairs, 1)
  if (!pair) return []
  const redpacket = { type: 1, wish: '感谢您一直以来的支持', totalcnt: 1, totalamount: 8800 }
  return [
    { gap: 0, message: hear(pair, text('手续都办好了，谢谢')) },
    {
      gap: 2 * MINUTE,
      message: say(pair, { msgtype: 'external_redpacket', redpacket }),
      behaviour: 'GIFT-01',
    },
  ]
}

/** One adviser hands the same card to three customers. */
function cards({ pairs }: Cast): Line[] {
  const own = Map.groupBy(pairs, pair => pair.adviser)
  const three = [...own.values()].find(list => list.length >= 3)?.slice(0, 3) ?? []
  return three.map((pair, i) => ({
    gap: 20 * MINUTE,
    message: say(pair, {
      msgtype: 'card',
      card: { corpname: '', userid: 'wmErxtDgAAfriend000000000000001' },
    }),
    ...(i === 2 ? { behaviour: 'GIFT-02' } : {}),
  }))
}

function cardAndAdd({ pairs }: Cast): Line[] {
  const [pair] = apart(pairs.slice(4), 1)
  if (!pair) return []
  return [
    { gap: 0, message: hear(pair, text('上次说的那件事谁来办')) },
    {
      gap: MINUTE,
      message: say(pair, {
        msgtype: 'card',
        card: { corpname: '', userid: 'wmErxtDgAAfriend000000000000002' },
      }),
    },
    { gap: MINUTE, message: say(pair, text('您添加一下名片上这位，由他来对接')), behaviour: 'MOVE-02' },
  ]
}

/** A product is recommended; of risk not a word. */
function silentAdvice({ pairs }: Cast, turn: number): Line[] {
  const pair = apart(pairs.slice(9 + (turn % 5)), 1)[0]
  if (!pair) return []
  const lines: [by: 'say' | 'hear', content: string][] = [
    ['hear', '手上有点闲钱，放哪儿好'],
    ['say', '建议您买这款九十天的，期限短，办起来也快'],
    ['hear', '多少起'],
    ['say', '一万起'],
    ['hear', '在哪儿操作'],
    ['say', '手机银行首页第二屏'],
    ['hear', '看到了'],
    ['say', '点进去就能看到'],
    ['hear', '要不要带身份证'],
    ['say', '线上办不用带'],
    ['hear', '好的，我先转过去'],
    ['say', '转好了跟我说一声'],
    ['hear', '弄好了'],
    ['say', '收到，到期我提醒您'],
  ]
  return lines.map(([by, content], i) => ({
    gap: i === 0 ? 0 : MINUTE,
    message: (by === 'say' ? say : hear)(pair, text(content)),
    ...(i === 1 ? { behaviour: 'DISCLOSE-01', plant: advice(content) } : {}),
  }))
}

/** Advice to one person is high-risk by itself: its words alert too. */
const advice = (said: string): Plant => ({
  categories: ['ADVICE'],
  severity: 'P2',
  disguise: null,
  alert: true,
  text: said,
})

/** Lists of customers, sent to a colleague one after the other. */
function lists({ pairs }: Cast, turn: number): Line[] {
  const [from, to] = apart(pairs.slice(turn % 7), 2)
  if (!from || !to) return []
  return ['高净值客户名单.xlsx', '存量客户台账.xlsx', '客户持仓明细.xlsx'].map((filename, i) => ({
    gap: 3 * MINUTE,
    message: {
      from: from.adviser,
      tolist: [to.adviser],
      roomid: '',
      msgtype: 'file',
      file: { filename, fileext: 'xlsx', filesize: 20_480 + i },
    },
    ...(i === 2 ? { behaviour: 'EXPORT-01' } : {}),
  }))
}

/** A promise, taken back once the customer has read it. */
function recalled({ pairs }: Cast, turn: number): Line[] {
  const pair = apart(pairs.slice(14 + (turn % 6)), 1)[0]
  if (!pair) return []
  const promise = '这款保本保息，亏了算我的'
  const plant = {
    categories: ['GUAR'],
    severity: 'P0' as const,
    disguise: null,
    alert: true,
    text: promise,
  }
  return [
    { gap: 0, message: hear(pair, text('会不会跌')) },
    { gap: MINUTE, message: say(pair, text(promise)), plant },
    { gap: MINUTE, message: { action: 'recall' }, behaviour: 'RECALL-01' },
    { gap: MINUTE, message: hear(pair, text('我看到了，那就买十万')) },
  ]
}

/** Half of a promise by one, the other half by another. */
function splitInGroup({ room }: Cast): Line[] {
  const [first, second] = room?.staff ?? []
  if (!room || !first || !second) return []
  const inRoom = (from: string, content: string): Outgoing => ({
    from,
    tolist: room.members.filter(id => id !== from),
    roomid: room.id,
    ...text(content),
  })
  return [
    { gap: 0, message: inRoom(first, '这款要是亏了') },
    { gap: MINUTE, message: inRoom(second, '都算我们的'), behaviour: 'SPLIT-01' },
  ]
}

/** The first pairs of different advisers and customers. */
function apart(pairs: Pair[], n: number): Pair[] {
  const found: Pair[] = []
  for (const pair of pairs) {
    if (found.length === n) break
    if (!found.some(one => one.adviser === pair.adviser || one.customer === pair.customer)) found.push(pair)
  }
  return found
}

function castOf(world: World, skip: number): Cast {
  const pairs = world.people.contacts.flatMap(contact =>
    contact.follows
      .filter(one => one.consent === 'Agree')
      .map(one => ({ adviser: one.userid, customer: contact.id })),
  )
  const at = (skip * 11) % Math.max(pairs.length, 1)
  const rooms = world.people.rooms.filter(
    one => one.external && one.members.filter(member => member.type === 1).length > 1,
  )
  const room = rooms[skip % Math.max(rooms.length, 1)]
  return {
    pairs: [...pairs.slice(at), ...pairs.slice(0, at)],
    room: room && {
      id: room.id,
      members: room.members.map(member => member.id),
      staff: room.members.filter(member => member.type === 1).map(member => member.id),
    },
  }
}

function plantOf(line: Line): Plant | undefined {
  if (!line.behaviour) return line.plant
  return {
    categories: [],
    severity: 'P2',
    disguise: null,
    alert: false,
    text: '',
    ...line.plant,
    behaviour: line.behaviour,
  }
}

function put(world: World, line: Line, before: string | undefined, at?: number): string {
  const when = at === undefined ? {} : { msgtime: Math.floor(at) }
  if (line.message.action !== 'recall') return world.emit({ ...line.message, ...when }, plantOf(line)).msgid
  const target = before === undefined ? undefined : world.archive.find(before)?.message
  const { from = '', tolist = [], roomid = '' } = target ?? {}
  const revoke = {
    action: 'recall' as const,
    from,
    tolist,
    roomid,
    msgtype: 'revoke',
    revoke: { pre_msgid: before },
  }
  return world.emit({ ...revoke, ...when }, plantOf(line)).msgid
}

/** Each scene once among the hours just past; told late, as messages that were held up are. */
export function pastBehaviours(world: World, seed: string | number): void {
  const rng = createRng(`behaviours/${seed}`)
  SCENES.forEach((scene, turn) => {
    const lines = scene(castOf(world, turn), turn)
    const length = lines.reduce((sum, line) => sum + line.gap, 0)
    let at = world.now() - length - rng.int(20, 150) * MINUTE
    let before: string | undefined
    for (const line of lines) {
      at += line.gap
      before = put(world, line, before, at)
    }
  })
  unanswered(world)
}

/** A complaint of some days ago that nobody answered. */
function unanswered(world: World): void {
  const [pair] = castOf(world, SCENES.length + 1).pairs
  if (!pair) return
  const message = hear(pair, text('你们没告诉我会亏，我要投诉'))
  put(world, { gap: 0, message, behaviour: 'NOREPLY-01' }, undefined, world.now() - COMPLAINED_MS)
}

/**
 * One scene after the other while traffic is live, and once five customers who delete the same adviser. Returns what ends
 * it.
 */
export function startBehaviours(world: World): () => void {
  let ended = false
  const later = (ms: number, act: () => void): void =>
    void world.time.after(ms, () => {
      if (!ended) act()
    })
  let turn = SCENES.length
  const next = (): void => {
    const lines = SCENES[turn % SCENES.length]?.(castOf(world, turn), turn) ?? []
    let before: string | undefined
    lines.forEach((line, i) => {
      later(i * LINE_MS, () => {
        before = put(world, line, before)
      })
    })
    turn += 1
    later(EVERY_MS, next)
  }
  later(FIRST_MS, next)
  later(DELETED_MS, () => deleted(world))
  return () => {
    ended = true
  }
}

/** Five customers delete one adviser within a minute. */
function deleted(world: World): void {
  const own = Map.groupBy(
    world.people.contacts.flatMap(contact =>
      contact.follows.map(one => ({ adviser: one.userid, customer: contact.id })),
    ),
    pair => pair.adviser,
  )
  const most = [...own.values()].toSorted((a, b) => b.length - a.length)[0] ?? []
  for (const pair of most.slice(-DELETING)) world.deleteFollow(pair.adviser, pair.customer)
}
