import { z } from 'zod'
import { checked, ids, limited, post, seconds } from './checked.ts'
import { dayOf, dayStart } from './ground.ts'
import type { Route } from './server.ts'
import { behaviourOf, groupFigures } from './statistics.ts'
import type { World } from './world.ts'

const behaviour = z.object({
  userid: ids(100, '81017').default([]),
  partyid: z.array(z.number().int()).max(100, '81017').default([]),
  start_time: seconds,
  end_time: seconds,
})
const owners = z.object({ userid_list: ids(100, '81017').min(1) })
const byOwner = z.object({
  day_begin_time: seconds,
  day_end_time: seconds.optional(),
  owner_filter: owners,
  order_by: z.number().int().min(1).max(4).default(1),
  order_asc: z.number().int().min(0).max(1).default(0),
  offset: z.number().int().min(0).default(0),
  limit: limited(1000, 500),
})
const byDay = byOwner.pick({ day_begin_time: true, day_end_time: true, owner_filter: true })
const SPAN = 30
const KEPT = 180

/** What the members did, day by day (wecom-api.md §7), counted from the archive. */
export function statisticRoutes(world: World): Route[] {
  const { people, office } = world
  const unknown = (userids: readonly string[]): number | undefined => {
    if (userids.some(id => !people.employee.has(id))) return 60111
    return userids.some(id => office.access.hidden.has(id)) ? 50002 : undefined
  }
  return [
    post(
      'externalcontact/get_user_behavior_data',
      checked(behaviour, input => {
        const { userid, partyid } = input
        if (userid.length + partyid.length === 0) return 40063
        if (partyid.some(id => !people.departments.some(one => one.id === id))) return 60123
        const days = daysOf(world, input.start_time, input.end_time)
        const fault = unknown(userid) ?? (days ? undefined : 600018)
        if (fault || !days) return fault ?? 600018
        const inside = people.advisers.filter(one => partyid.includes(one.department)).map(one => one.userid)
        return { behavior_data: behaviourOf(world, new Set([...userid, ...inside]), days) }
      }),
      { empty: { behavior_data: [] } },
    ),
    post(
      'externalcontact/groupchat/statistic',
      checked(byOwner, input => {
        const days = daysOf(world, input.day_begin_time, input.day_end_time ?? input.day_begin_time)
        const fault = unknown(input.owner_filter.userid_list) ?? (days ? undefined : 600018)
        if (fault || !days) return fault ?? 600018
        const key =
          (['new_chat_cnt', 'chat_total', 'new_member_cnt', 'member_total'] as const)[input.order_by - 1] ??
          'new_chat_cnt'
        const rows = input.owner_filter.userid_list
          .map(owner => ({ owner, data: groupFigures(world, [owner], days) }))
          .sort((a, b) => (input.order_asc === 1 ? 1 : -1) * (a.data[key] - b.data[key]))
        const items = rows.slice(input.offset, input.offset + input.limit)
        return { total: rows.length, next_offset: input.offset + items.length, items }
      }),
      { empty: { items: [] } },
    ),
    post(
      'externalcontact/groupchat/statistic_group_by_day',
      checked(byDay, input => {
        const days = daysOf(world, input.day_begin_time, input.day_end_time ?? input.day_begin_time)
        const fault = unknown(input.owner_filter.userid_list) ?? (days ? undefined : 600018)
        if (fault || !days) return fault ?? 600018
        const items = days.map(day => ({
          stat_time: dayStart(day) / 1000,
          data: groupFigures(world, input.owner_filter.userid_list, [day]),
        }))
        return { items }
      }),
      { empty: { items: [] } },
    ),
  ]
}

/** The days of a closed range, or undefined when it is not one (600018): midnights, at most 30 days, of the last 180. */
function daysOf(world: World, from: number, to: number): number[] | undefined {
  const [first, last, today] = [dayOf(from * 1000), dayOf(to * 1000), dayOf(world.now())]
  const midnight = (second: number): boolean => dayStart(dayOf(second * 1000)) === second * 1000
  if (!midnight(from) || !midnight(to) || last < first || last - first > SPAN) return undefined
  if (first < today - KEPT || last > today) return undefined
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
