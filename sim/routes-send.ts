import { z } from 'zod'
import { type Content, content, contentFault } from './attachments.ts'
import { checked, cursor, ids, limited, post, seconds } from './checked.ts'
import type { GroupSend } from './group-sends.ts'
import type { Office } from './office.ts'
import { paged } from './paging.ts'
import { targetsOf } from './send-targets.ts'
import type { Route } from './server.ts'

const task = z.object({
  chat_type: z.enum(['single', 'group']).default('single'),
  external_userid: ids(10_000).default([]),
  chat_id_list: ids(2000).default([]),
  tag_filter: z.object({ group_list: z.array(z.object({ tag_list: ids(100) })) }).optional(),
  sender: z.string('40003').optional(),
  allow_select: z.boolean().default(false),
  ...content,
})
export type SendOrder = z.infer<typeof task>
const msgid = z.string().min(1)
const listing = z.object({
  chat_type: z.enum(['single', 'group']),
  start_time: seconds,
  end_time: seconds,
  creator: z.string().optional(),
  filter_type: z.number().int().min(0).max(2).default(2),
  limit: limited(100, 50),
  cursor,
})
const MONTH = 31 * 86_400

/** 企业群发 and the welcome message (wecom-api.md §5.1). Creating a task sends nothing: the member must confirm. */
export function sendRoutes(office: Office): Route[] {
  const { groupSends, files, welcomes } = office
  const found = (
    id: string,
    handle: (one: GroupSend) => Record<string, unknown> | number,
  ): Record<string, unknown> | number => {
    const one = groupSends.find(id)
    return one ? handle(one) : 40058
  }
  const act = (path: string, run: (one: GroupSend) => number | undefined): Route =>
    post(
      path,
      checked(z.object({ msgid }), input => found(input.msgid, one => run(one) ?? {})),
    )
  const part = z.object({ msgid, limit: limited(1000, 500), cursor })
  return [
    post(
      'externalcontact/add_msg_template',
      checked(task, input => create(office, input)),
      { empty: { fail_list: [] } },
    ),
    act('externalcontact/remind_groupmsg_send', groupSends.remind),
    act('externalcontact/cancel_groupmsg_send', groupSends.cancel),
    post(
      'externalcontact/get_groupmsg_list_v2',
      checked(listing, input => list(office, input)),
      { empty: { group_msg_list: [] } },
    ),
    post(
      'externalcontact/get_groupmsg_task',
      checked(part, input =>
        found(input.msgid, one => {
          const { page, next_cursor } = paged(one.parts, input.cursor, input.limit)
          const task_list = page.map(({ userid, status, sendTime }) => ({
            userid,
            status,
            ...(status === 2 ? { send_time: sendTime } : {}),
          }))
          return { task_list, next_cursor }
        }),
      ),
      { empty: { task_list: [] } },
    ),
    post(
      'externalcontact/get_groupmsg_send_result',
      checked(part.extend({ userid: z.string('40003').min(1) }), input =>
        found(input.msgid, one => {
          if (groupSends.dispatching(one)) return 41063
          const own = one.parts.find(other => other.userid === input.userid)
          if (!own) return 40003
          const { page, next_cursor } = paged(own.targets, input.cursor, input.limit)
          return { send_list: page.map(target => targetView(one, own.userid, target)), next_cursor }
        }),
      ),
      { empty: { send_list: [] } },
    ),
    post(
      'externalcontact/send_welcome_msg',
      checked(z.object({ welcome_code: z.string().min(1, '41050'), ...content }), input => {
        const said: Content = input
        return contentFault(said, files) ?? welcomes.send(input.welcome_code, said) ?? {}
      }),
    ),
  ]
}

function targetView(
  task: GroupSend,
  userid: string,
  target: { id: string; status: number; sendTime: number },
): Record<string, unknown> {
  const who = task.chatType === 'group' ? { chat_id: target.id } : { external_userid: target.id }
  const when = target.status === 0 ? {} : { send_time: target.sendTime }
  return { ...who, userid, status: target.status, ...when }
}

function create(office: Office, input: SendOrder): Record<string, unknown> | number {
  const said: Content = { text: input.text, attachments: input.attachments }
  const fault = contentFault(said, office.files)
  if (fault) return fault
  const targets = targetsOf(office, input)
  if (typeof targets === 'number') return targets
  const { parts, fail_list } = targets
  if (parts.length === 0) return 41048
  const made = office.groupSends.create({
    creator: '',
    chatType: input.chat_type,
    said,
    allowSelect: input.allow_select,
    parts,
  })
  return { fail_list, msgid: made.msgid }
}

function list(office: Office, input: z.infer<typeof listing>): Record<string, unknown> | number {
  const { start_time, end_time, filter_type, creator } = input
  if (end_time < start_time || end_time - start_time > MONTH) return 600018
  const rows = office.groupSends
    .all()
    .filter(
      one =>
        one.chatType === input.chat_type &&
        one.createTime >= start_time &&
        one.createTime <= end_time &&
        (filter_type === 2 || one.createType === filter_type) &&
        (!creator || one.creator === creator),
    )
  const { page, next_cursor } = paged(rows, input.cursor, input.limit)
  const group_msg_list = page.map(one => ({
    msgid: one.msgid,
    creator: one.creator,
    create_time: one.createTime,
    create_type: one.createType,
    ...(one.said.text ? { text: one.said.text } : {}),
    attachments: one.said.attachments,
  }))
  return { group_msg_list, next_cursor }
}
