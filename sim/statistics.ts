import { dayOf, dayStart } from './ground.ts'
import { isOutside, type Stored } from './message.ts'
import type { World } from './world.ts'

const MINUTE = 60_000

function ofDay(world: World, day: number): Stored[] {
  return world.archive.all().filter(({ message }) => dayOf(message.msgtime ?? 0) === day)
}

/** One line for each day, the members taken together (wecom-api.md §7). */
export function behaviourOf(
  world: World,
  users: ReadonlySet<string>,
  days: readonly number[],
): Record<string, unknown>[] {
  return days.map(day => {
    const follows = world.people.contacts.flatMap(one => one.follows).filter(one => users.has(one.userid))
    const fresh = follows.filter(one => dayOf(one.createtime * 1000) === day)
    const lost = world.deletions().filter(one => users.has(one.userid) && dayOf(one.at * 1000) === day)
    return {
      stat_time: dayStart(day) / 1000,
      ...talkOf(ofDay(world, day), users),
      negative_feedback_cnt: lost.length,
      // What a member asked for himself: by phone number, card or group.
      new_apply_cnt: fresh.filter(one => [2, 3, 4].includes(one.addWay)).length,
      new_contact_cnt: fresh.length,
    }
  })
}

type Chat = { sent: number; opened: number; answeredAt: number }

/** reply_percentage and avg_reply_time are left out when no customer opened a chat. */
function talkOf(stored: readonly Stored[], users: ReadonlySet<string>): Record<string, unknown> {
  const chats = new Map<string, Chat>()
  for (const { message } of stored) {
    const { from = '', tolist = [], roomid = '', msgtime = 0, action } = message
    const other = tolist[0] ?? ''
    if (roomid !== '' || action !== 'send' || tolist.length !== 1) continue
    const staff = users.has(from) && isOutside(other)
    if (!staff && !(users.has(other) && isOutside(from))) continue
    const key = staff ? `${from}|${other}` : `${other}|${from}`
    const chat = chats.get(key) ?? { sent: 0, opened: staff ? 0 : msgtime, answeredAt: 0 }
    if (staff) {
      chat.sent++
      if (chat.opened > 0 && chat.answeredAt === 0) chat.answeredAt = msgtime
    }
    chats.set(key, chat)
  }
  const all = [...chats.values()]
  const opened = all.filter(one => one.opened > 0)
  const answered = opened.filter(one => one.answeredAt > 0)
  const waited = answered.reduce((sum, one) => sum + one.answeredAt - one.opened, 0)
  return {
    chat_cnt: all.filter(one => one.sent > 0).length,
    message_cnt: all.reduce((sum, one) => sum + one.sent, 0),
    ...(opened.length > 0
      ? { reply_percentage: Math.round((answered.length / opened.length) * 10_000) / 100 }
      : {}),
    ...(answered.length > 0 ? { avg_reply_time: Math.round(waited / answered.length / MINUTE) } : {}),
  }
}

export type GroupFigures = Record<
  | 'new_chat_cnt'
  | 'chat_total'
  | 'chat_has_msg'
  | 'new_member_cnt'
  | 'member_total'
  | 'member_has_msg'
  | 'msg_total'
  | 'migrate_trainee_chat_cnt',
  number
>

export function groupFigures(world: World, owners: readonly string[], days: readonly number[]): GroupFigures {
  const rooms = world.people.rooms.filter(one => one.external && owners.includes(one.owner))
  const within = (second: number): boolean => days.includes(dayOf(second * 1000))
  const last = days.at(-1) ?? 0
  const until = (second: number): boolean => dayOf(second * 1000) <= last
  const ids = new Set(rooms.map(one => one.id))
  const said = days.flatMap(day => ofDay(world, day)).filter(({ message }) => ids.has(message.roomid ?? ''))
  const members = rooms.flatMap(one => one.members)
  return {
    new_chat_cnt: rooms.filter(one => within(one.createTime)).length,
    chat_total: rooms.filter(one => until(one.createTime)).length,
    chat_has_msg: new Set(said.map(({ message }) => message.roomid)).size,
    new_member_cnt: members.filter(one => within(one.joinTime)).length,
    member_total: members.filter(one => until(one.joinTime)).length,
    member_has_msg: new Set(said.map(({ message }) => `${message.roomid}|${message.from}`)).size,
    msg_total: said.length,
    migrate_trainee_chat_cnt: 0,
  }
}
