import { z } from 'zod'
import { cursor, endpoint, list, RIGHTS, text, whole } from './endpoint.ts'

const own = { method: 'POST', secret: 'app', idempotent: true, permission: RIGHTS.customer } as const

/** Customer groups (wecom-api.md §4.2). */
export const groups = {
  list: endpoint({
    ...own,
    name: '获取客户群列表',
    path: 'externalcontact/groupchat/list',
    paging: 'cursor',
    request: z.looseObject({
      status_filter: whole.min(0).max(3).optional(),
      owner_filter: z.looseObject({ userid_list: list.max(100) }).optional(),
      cursor,
      limit: whole.min(1).max(1000),
    }),
    reply: z.looseObject({
      group_chat_list: z.array(z.looseObject({ chat_id: text, status: whole.optional() })).optional(),
      next_cursor: cursor,
    }),
    doc: 93414,
    data: '读取客户群 ID 与跟进状态',
    why: '客户群名册与继承状态（M8、M13）',
  }),
  one: endpoint({
    ...own,
    name: '获取客户群详情',
    path: 'externalcontact/groupchat/get',
    request: z.looseObject({
      chat_id: text.min(1),
      need_name: z.union([z.literal(0), z.literal(1)]).optional(),
    }),
    reply: z.looseObject({
      group_chat: z.looseObject({
        chat_id: text,
        name: text.optional(),
        owner: text.optional(),
        create_time: whole.optional(),
        notice: text.optional(),
        member_list: z
          .array(
            z.looseObject({
              userid: text,
              // 1 an employee, 2 outside.
              type: whole,
              unionid: text.optional(),
              join_time: whole.optional(),
              join_scene: whole.optional(),
              invitor: z.looseObject({ userid: text.optional() }).optional(),
              group_nickname: text.optional(),
              name: text.optional(),
            }),
          )
          .optional(),
        admin_list: z.array(z.looseObject({ userid: text })).optional(),
        member_version: text.optional(),
      }),
    }),
    doc: 92707,
    data: '读取群名、群主、公告、成员昵称与入群方式',
    why: '归档消息显示所在群，群成员变动按时间留痕（M8、M13）',
  }),
} as const
