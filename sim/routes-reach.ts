import { createHash } from 'node:crypto'
import { z } from 'zod'
import { attachment } from './attachments.ts'
import { bytes, chars, checked, cursor, ids, limited, post, seconds } from './checked.ts'
import { seconds as second } from './ground.ts'
import type { Office } from './office.ts'
import { paged } from './paging.ts'
import { followOf } from './routes-customers.ts'
import type { Route } from './server.ts'

const config = { config_id: z.string().min(1) }
const way = {
  style: z.number().int().optional(),
  remark: chars(30).optional(),
  skip_verify: z.boolean().default(true),
  state: chars(30).optional(),
  user: ids(100, '41041').default([]),
  party: z.array(z.number().int()).default([]),
  expires_in: z.number().int().min(1).optional(),
  chat_expires_in: z.number().int().min(1).optional(),
  unionid: z.string().optional(),
  conclusions: z.record(z.string(), z.unknown()).optional(),
  mark_source: z.boolean().optional(),
}
const newWay = z.object({
  ...way,
  type: z.union([z.literal(1), z.literal(2)]),
  scene: z.union([z.literal(1), z.literal(2)]),
  is_temp: z.boolean().default(false),
})
const changedWay = z.object({
  ...way,
  ...config,
  skip_verify: z.boolean().optional(),
  user: ids(100, '41041').optional(),
  party: z.array(z.number().int()).optional(),
})
const join = {
  scene: z.union([z.literal(1), z.literal(2)]),
  remark: chars(30).optional(),
  auto_create_room: z.number().int().min(0).max(1).optional(),
  room_base_name: chars(40).optional(),
  room_base_id: z.number().int().optional(),
  chat_id_list: ids(5).min(1, '40063'),
  state: chars(30).optional(),
}
const greeting = {
  text: z.object({ content: bytes(3000) }).optional(),
  image: attachment.shape.image,
  link: attachment.shape.link,
  miniprogram: attachment.shape.miniprogram,
  file: attachment.shape.file,
  video: attachment.shape.video,
}
const template = { template_id: z.string().min(1) }
/** wecom-api.md §9. */
const WAYS = 500_000

/** 联系我, 加入群聊 and 入群欢迎语 (wecom-api.md §9, §5.1). */
export function reachRoutes(office: Office): Route[] {
  return [...contactWays(office), ...joinWays(office), ...greetings(office)]
}

function qrcode(id: string): string {
  return `https://wework.qpic.cn/wwpic/${createHash('sha1').update(id).digest('hex')}/0`
}

function contactWays(office: Office): Route[] {
  const { contactWays: shelf } = office.reach
  const { people, now } = office.ground
  const strangers = (
    users: readonly string[] | undefined,
    parties: readonly number[] | undefined,
  ): number | undefined => {
    if (users?.some(id => !people.employee.get(id)?.adviser)) return 40003
    return parties?.some(id => !people.departments.some(one => one.id === id)) ? 60123 : undefined
  }
  return [
    post(
      'externalcontact/add_contact_way',
      checked(newWay, input => {
        if (input.user.length + input.party.length === 0) return 40063
        if (input.type === 1 && input.user.length > 1) return 40058
        const fault = strangers(input.user, input.party)
        if (fault) return fault
        if (shelf.entries().length >= WAYS) return 41045
        const config_id = shelf.add({ ...input, create_time: second(now()) })
        return { config_id, ...(input.scene === 2 ? { qr_code: qrcode(config_id) } : {}) }
      }),
    ),
    post(
      'externalcontact/get_contact_way',
      checked(z.object(config), ({ config_id }) => {
        const found = shelf.get(config_id)
        if (!found) return 40058
        const { create_time, ...rest } = found
        return {
          contact_way: { config_id, ...rest, ...(rest.scene === 2 ? { qr_code: qrcode(config_id) } : {}) },
        }
      }),
    ),
    listContactWays(office),
    post(
      'externalcontact/update_contact_way',
      checked(changedWay, ({ config_id, ...change }) => {
        const found = shelf.get(config_id)
        const fault = strangers(change.user, change.party)
        if (!found || fault) return fault ?? 40058
        const given = Object.entries(change).filter(([, value]) => value !== undefined)
        return shelf.set(config_id, { ...found, ...Object.fromEntries(given) }) ? {} : 40058
      }),
    ),
    post(
      'externalcontact/del_contact_way',
      checked(z.object(config), ({ config_id }) => (shelf.remove(config_id) ? {} : 40058)),
    ),
    post(
      'externalcontact/close_temp_chat',
      checked(z.object({ userid: z.string('40003'), external_userid: z.string('40096') }), input => {
        const follow = followOf(office, input)
        return typeof follow === 'number' ? follow : {}
      }),
    ),
  ]
}

function listContactWays(office: Office): Route {
  const { contactWays: shelf } = office.reach
  const { now } = office.ground
  return post(
    'externalcontact/list_contact_way',
    checked(
      z.object({
        start_time: seconds.default(0),
        end_time: seconds.optional(),
        cursor,
        limit: limited(1000, 100),
      }),
      input => {
        const end = input.end_time ?? second(now())
        if (end < input.start_time) return 600018
        const rows = shelf
          .entries()
          .filter(([, one]) => one.create_time >= input.start_time && one.create_time <= end)
        const { page, next_cursor } = paged(rows, input.cursor, input.limit)
        return { contact_way: page.map(([config_id]) => ({ config_id })), next_cursor }
      },
    ),
    { empty: { contact_way: [] } },
  )
}

function joinWays(office: Office): Route[] {
  const { joinWays: shelf } = office.reach
  const unknown = (list: readonly string[]): boolean =>
    list.some(id => !office.ground.people.room.get(id)?.external)
  const path = (name: string): string => `externalcontact/groupchat/${name}_join_way`
  return [
    post(
      path('add'),
      checked(z.object(join), input =>
        unknown(input.chat_id_list) ? 90501 : { config_id: shelf.add(input) },
      ),
    ),
    post(
      path('get'),
      checked(z.object(config), ({ config_id }) => {
        const found = shelf.get(config_id)
        return found ? { join_way: { config_id, ...found, qr_code: qrcode(config_id) } } : 40058
      }),
    ),
    post(
      path('update'),
      checked(z.object({ ...join, ...config }), ({ config_id, ...change }) => {
        if (unknown(change.chat_id_list)) return 90501
        return shelf.set(config_id, change) ? {} : 40058
      }),
    ),
    post(
      path('del'),
      checked(z.object(config), ({ config_id }) => (shelf.remove(config_id) ? {} : 40058)),
    ),
  ]
}

function greetings(office: Office): Route[] {
  const { groupWelcomes: shelf } = office.reach
  const path = (name: string): string => `externalcontact/group_welcome_template/${name}`
  const agentid = z.number().int().optional()
  const empty = (said: Record<string, unknown>): boolean =>
    Object.keys(greeting).every(key => said[key] === undefined)
  return [
    post(
      path('add'),
      checked(
        z.object({ ...greeting, agentid, notify: z.number().int().min(0).max(1).optional() }),
        input => {
          const { agentid: _, notify: __, ...said } = input
          return empty(said) ? 40063 : { template_id: shelf.add(said) }
        },
      ),
    ),
    post(
      path('edit'),
      checked(z.object({ ...greeting, ...template, agentid }), ({ template_id, agentid: _, ...said }) => {
        if (empty(said)) return 40063
        return shelf.set(template_id, said) ? {} : 40058
      }),
    ),
    post(
      path('get'),
      checked(z.object(template), ({ template_id }) => shelf.get(template_id) ?? 40058),
    ),
    post(
      path('del'),
      checked(z.object({ ...template, agentid }), ({ template_id }) =>
        shelf.remove(template_id) ? {} : 40058,
      ),
    ),
  ]
}
