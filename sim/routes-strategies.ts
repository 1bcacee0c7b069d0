import { z } from 'zod'
import { chars, checked, cursor, ids, limited, post } from './checked.ts'
import { seconds } from './ground.ts'
import type { Office } from './office.ts'
import { paged } from './paging.ts'
import type { RangeItem, Strategy } from './reach.ts'
import type { Route } from './server.ts'
import type { Shelf } from './shelf.ts'

const one = { strategy_id: z.number().int().min(1) }
const item = z.union([
  z.object({ type: z.literal(1), userid: z.string().min(1) }),
  z.object({ type: z.literal(2), partyid: z.number().int() }),
])
const range = z.array(item).max(100)
const privilege = z.record(z.string(), z.boolean())
const created = z.object({
  parent_id: z.number().int().min(0).default(0),
  strategy_name: chars(30).min(1),
  admin_list: ids(20).min(1, '40063'),
  privilege: privilege.default({}),
  range: range.min(1, '40063'),
})
const edited = z.object({
  ...one,
  strategy_name: chars(30).min(1).optional(),
  admin_list: ids(20).optional(),
  privilege: privilege.optional(),
  range_add: range.default([]),
  range_del: range.default([]),
})
const pages = { cursor, limit: limited(1000, 1000) }

/** 客户联系规则组 and 朋友圈规则组 (wecom-api.md §9, §5.2): who may do what in the client. */
export function strategyRoutes(office: Office): Route[] {
  const { customerStrategies, momentStrategies } = office.reach
  return [
    ...routesOf(office, 'customer_strategy', customerStrategies),
    ...routesOf(office, 'moment_strategy', momentStrategies),
  ]
}

function routesOf(office: Office, name: string, shelf: Shelf<Strategy>): Route[] {
  const path = (verb: string): string => `externalcontact/${name}/${verb}`
  const { people, now } = office.ground
  const fault = (users: readonly string[], items: readonly RangeItem[]): number | undefined => {
    const named = [...users, ...items.flatMap(other => (other.type === 1 ? other.userid : []))]
    if (named.some(id => !people.employee.has(id))) return 40003
    const parties = items.flatMap(other => (other.type === 2 ? other.partyid : []))
    return parties.some(id => !people.departments.some(d => d.id === id)) ? 60123 : undefined
  }
  const found = (
    id: number,
    handle: (strategy: Strategy) => Record<string, unknown> | number,
  ): Record<string, unknown> | number => {
    const strategy = shelf.get(String(id))
    return strategy ? handle(strategy) : 40058
  }
  return [
    post(
      path('list'),
      checked(z.object(pages), input => {
        const { page, next_cursor } = paged(shelf.entries(), input.cursor, input.limit)
        return { strategy: page.map(([id]) => ({ strategy_id: Number(id) })), next_cursor }
      }),
      { empty: { strategy: [] } },
    ),
    post(
      path('get'),
      checked(z.object(one), input =>
        found(input.strategy_id, ({ range: _, ...strategy }) => ({ strategy: { ...input, ...strategy } })),
      ),
    ),
    post(
      path('get_range'),
      checked(z.object({ ...one, ...pages }), input =>
        found(input.strategy_id, strategy => {
          const { page, next_cursor } = paged(strategy.range, input.cursor, input.limit)
          return { range: page, next_cursor }
        }),
      ),
      { empty: { range: [] } },
    ),
    post(
      path('create'),
      checked(created, input => {
        if (input.parent_id !== 0 && !shelf.get(String(input.parent_id))) return 40058
        const refused = fault(input.admin_list, input.range)
        return refused ?? { strategy_id: Number(shelf.add({ ...input, create_time: seconds(now()) })) }
      }),
    ),
    post(
      path('edit'),
      checked(edited, input =>
        found(input.strategy_id, strategy => {
          const refused = fault(input.admin_list ?? [], input.range_add)
          if (refused) return refused
          shelf.set(String(input.strategy_id), changed(strategy, input))
          return {}
        }),
      ),
    ),
    post(
      path('del'),
      checked(z.object(one), input => (shelf.remove(String(input.strategy_id)) ? {} : 40058)),
    ),
  ]
}

function changed(strategy: Strategy, input: z.infer<typeof edited>): Strategy {
  const key = (other: RangeItem): string => (other.type === 1 ? `1${other.userid}` : `2${other.partyid}`)
  const gone = new Set(input.range_del.map(key))
  const merged = new Map([...strategy.range, ...input.range_add].map(other => [key(other), other]))
  return {
    ...strategy,
    strategy_name: input.strategy_name ?? strategy.strategy_name,
    admin_list: input.admin_list ?? strategy.admin_list,
    privilege: { ...strategy.privilege, ...input.privilege },
    range: [...merged].filter(([id]) => !gone.has(id)).map(([, other]) => other),
  }
}
