import { z } from 'zod'
import { endpoint, list, RIGHTS, text, whole } from './endpoint.ts'

const own = {
  method: 'POST',
  secret: 'archive',
  idempotent: true,
  permission: RIGHTS.archive,
  doc: 91782,
} as const

/** Three states; one WeCom adds later is kept as it came. */
const agreement = z.looseObject({
  status_change_time: whole.optional(),
  userid: text.optional(),
  // Misspelt by the platform (§3.6).
  exteranalopenid: text,
  agree_status: text,
})
const agreements = z.looseObject({ agreeinfo: z.array(agreement).optional() })

/** Conversation archive over HTTP (wecom-api.md §3.6); messages and media come through Tencent's own library. */
export const audit = {
  permitUsers: endpoint({
    ...own,
    name: '获取会话内容存档开启成员列表',
    path: 'msgaudit/get_permit_user_list',
    request: z.looseObject({ type: z.union([z.literal(1), z.literal(2), z.literal(3)]).optional() }),
    reply: z.looseObject({ ids: list.optional() }),
    perMinute: 1000,
    doc: 91614,
    data: '读取已开启存档的成员 userid',
    why: '核对应存档人员与已存档人员，出具完整性证明（M8）',
  }),
  singleAgree: endpoint({
    ...own,
    name: '获取单聊会话同意情况',
    path: 'msgaudit/check_single_agree',
    request: z.looseObject({
      info: z
        .array(z.looseObject({ userid: text, exteranalopenid: text }))
        .min(1)
        .max(100),
    }),
    reply: agreements,
    perMinute: 2500,
    data: '读取客户对单聊存档的同意状态与时间',
    why: '存档须经告知同意，同意状态按时间留痕（M8）',
  }),
  roomAgree: endpoint({
    ...own,
    name: '获取群聊会话同意情况',
    path: 'msgaudit/check_room_agree',
    request: z.looseObject({ roomid: text.min(1) }),
    reply: agreements,
    perMinute: 1500,
    data: '读取群内外部成员对存档的同意状态与时间',
    why: '存档须经告知同意，同意状态按时间留痕（M8）',
  }),
  internalGroup: endpoint({
    ...own,
    name: '获取会话内容存档内部群信息',
    path: 'msgaudit/groupchat/get',
    request: z.looseObject({ roomid: text.min(1) }),
    reply: z.looseObject({
      roomname: text.optional(),
      creator: text.optional(),
      room_create_time: whole.optional(),
      notice: text.optional(),
      members: z.array(z.looseObject({ memberid: text, jointime: whole.optional() })).optional(),
    }),
    doc: 92951,
    data: '读取内部群名称、群主、公告与成员',
    why: '归档消息显示所在内部群及其成员（M8、M11）',
  }),
  robot: endpoint({
    ...own,
    method: 'GET',
    name: '获取机器人信息',
    path: 'msgaudit/get_robot_info',
    request: z.looseObject({ robot_id: text.min(1) }),
    reply: z.looseObject({
      data: z.looseObject({ robot_id: text, name: text.optional(), creator_userid: text.optional() }),
    }),
    doc: 91774,
    data: '读取机器人名称与创建人',
    why: '归档消息中机器人的责任人可查（M8、M11）',
  }),
} as const
