import type { Ground } from './ground.ts'
import { createShelf, type Shelf } from './shelf.ts'

type Loose = Record<string, unknown>
export type RangeItem = { type: 1; userid: string } | { type: 2; partyid: number }
export type Strategy = {
  parent_id: number
  strategy_name: string
  admin_list: string[]
  privilege: Record<string, boolean>
  create_time: number
  range: RangeItem[]
}
export type Link = {
  link_name: string
  create_time: number
  skip_verify: boolean
  range: { user_list: string[]; department_list: number[] }
}

/** How customers are reached and by whose right: 联系我, 入群, 规则组, 商品图册, 获客助手, 入群欢迎语 (wecom-api.md §9, §5.1). */
export type Reach = {
  contactWays: Shelf<Loose & { create_time: number }>
  joinWays: Shelf<Loose & { chat_id_list: string[] }>
  customerStrategies: Shelf<Strategy>
  momentStrategies: Shelf<Strategy>
  products: Shelf<Loose>
  links: Shelf<Link>
  groupWelcomes: Shelf<Loose & { text?: { content: string } }>
  /** Which template a group's owner has chosen; chat_id to template_id. */
  welcomeOf: Map<string, string>
}

export function createReach(ground: Ground): Reach {
  const { rng } = ground
  const hex = (): string => rng.bytes(16).toString('hex')
  const number = (): (() => string) => {
    let last = 0
    return () => String(++last)
  }
  const reach: Reach = {
    contactWays: createShelf(hex),
    joinWays: createShelf(hex),
    customerStrategies: createShelf(number()),
    momentStrategies: createShelf(number()),
    products: createShelf(() => `pAcJ7k${rng.id(26)}`),
    links: createShelf(() => `cawcde${rng.id(14)}`),
    groupWelcomes: createShelf(() => `msgcJ7k${rng.id(20)}`),
    welcomeOf: new Map(),
  }
  return reach
}

/** The owner's welcome to whoever has just joined, when the group has one. */
export function welcomeJoined(ground: Ground, reach: Reach, chatId: string): void {
  const template = reach.groupWelcomes.get(reach.welcomeOf.get(chatId) ?? '')
  const room = ground.people.room.get(chatId)
  if (!template?.text || !room) return
  const tolist = room.members.map(one => one.id).filter(id => id !== room.owner)
  ground.say({ from: room.owner, tolist, roomid: room.id, msgtype: 'text', text: template.text })
}
