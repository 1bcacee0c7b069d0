import { createHash } from 'node:crypto'
import type { Contact, Employee } from './people.ts'
import type { Rng } from './rng.ts'

export type Member = { id: string; type: 1 | 2; joinTime: number; scene: 1 | 2 | 3; invitor: string }
/** A customer group (`external`) or a group of colleagues. */
export type Room = {
  id: string
  name: string
  owner: string
  external: boolean
  createTime: number
  notice: string
  members: Member[]
  /** 0, when left out, in order; 1 the owner has left, 2 is being inherited, 3 was inherited. */
  status?: 0 | 1 | 2 | 3
}

/** Changes exactly when somebody joins or leaves. */
export function memberVersion(room: Room): string {
  const ids = room.members.map(one => one.id)
  return createHash('md5').update(ids.join()).digest('hex')
}

const CUSTOMER_ROOMS = [
  '城东财富中心·客户服务群',
  '城东稳健理财交流群',
  '滨江私行活动通知群',
  '城西社区金融课堂',
  '退休生活与理财服务群',
  '代发客户服务一群',
  '代发客户服务二群',
  '亲子财商活动群',
  '养老金业务咨询群',
  '企业主服务群',
  '城西新客户服务群',
  '净值型产品信息披露群',
]
const INNER_ROOMS = [
  '财富管理部通知群',
  '城东财富中心',
  '城西财富中心',
  '滨江私人银行中心',
  '远程财富顾问团队',
]
const NOTICE =
  '本群由澄江银行提供服务，会话内容依法存档。理财非存款，产品有风险，投资须谨慎。请勿在群内发送个人敏感信息。'
const DAY = 86_400

export function createRooms(rng: Rng, employees: Employee[], contacts: Contact[], now: number): Room[] {
  const advisers = employees.filter(one => one.adviser)
  const outside = CUSTOMER_ROOMS.map(name => customerRoom(rng, name, advisers, contacts, now))
  const inside = INNER_ROOMS.map((name, index) => innerRoom(rng, name, index, employees, now))
  return [...outside, ...inside]
}

function customerRoom(rng: Rng, name: string, advisers: Employee[], contacts: Contact[], now: number): Room {
  const owner = rng.pick(advisers)
  const createTime = now - rng.int(40 * DAY, 500 * DAY)
  const colleagues = advisers.filter(one => one.department === owner.department && one !== owner)
  const staff = [owner, rng.pick(colleagues)]
  const own = contacts.filter(one => one.follows.some(f => staff.some(s => s.userid === f.userid)))
  const others = Array.from({ length: rng.int(8, 24) }, () => rng.pick(contacts))
  const outside = [...new Set([...own, ...others])].slice(0, rng.int(18, 42))
  const join = (id: string, type: 1 | 2): Member => ({
    id,
    type,
    joinTime: createTime + rng.int(1, 20 * DAY),
    scene: type === 1 ? 1 : rng.pick([1, 3, 3]),
    invitor: owner.userid,
  })
  const members = [...staff.map(one => join(one.userid, 1)), ...outside.map(one => join(one.id, 2))]
  return { id: roomId(rng), name, owner: owner.userid, external: true, createTime, notice: NOTICE, members }
}

function innerRoom(rng: Rng, name: string, index: number, employees: Employee[], now: number): Room {
  const inside =
    index === 0 ? employees : employees.filter(one => one.department === 10 + index || one.department === 2)
  const leader = inside.find(one => one.leader && one.department === (index === 0 ? 2 : 10 + index))
  const owner = leader?.userid ?? 'qinshouzheng'
  const createTime = now - 700 * DAY
  const members = inside.map(one => ({
    id: one.userid,
    type: 1 as const,
    joinTime: createTime,
    scene: 1 as const,
    invitor: owner,
  }))
  return { id: roomId(rng), name, owner, external: false, createTime, notice: '', members }
}

function roomId(rng: Rng): string {
  return `wrcJ7kDQAA${rng.id(22)}`
}
