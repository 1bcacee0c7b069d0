import { z } from 'zod'
import { attachment, cursor, done, endpoint, list, RIGHTS, text, upToBytes, whole } from './endpoint.ts'

const own = { method: 'POST', secret: 'app', idempotent: true, permission: RIGHTS.customer } as const
const words = z.looseObject({ content: upToBytes(4000).optional() })
const attachments = z.array(attachment).max(9)
const message = z.looseObject({ msgid: text.min(1) })
const told = { text: words.optional(), attachments: attachments.optional() }
const saysSomething = (one: { text?: unknown; attachments?: unknown[] | undefined }): boolean =>
  one.text !== undefined || (one.attachments?.length ?? 0) > 0
const SAYS_NOTHING = 'text and attachments are both empty'

const groupWelcome = {
  text: z.looseObject({ content: upToBytes(3000) }).optional(),
  image: attachment.shape.image,
  link: attachment.shape.link,
  miniprogram: attachment.shape.miniprogram,
  file: attachment.shape.file,
  video: attachment.shape.video,
}

/** Group sends and welcome messages (wecom-api.md §5.1). A task is made; the member must confirm it himself. */
export const groupsend = {
  create: endpoint({
    ...own,
    idempotent: false,
    name: '创建企业群发',
    path: 'externalcontact/add_msg_template',
    request: z
      .looseObject({
        chat_type: z.enum(['single', 'group']).optional(),
        external_userid: list.max(10_000).optional(),
        chat_id_list: list.max(2000).optional(),
        tag_filter: z
          .looseObject({ group_list: z.array(z.looseObject({ tag_list: list.max(100) })) })
          .optional(),
        sender: text.optional(),
        allow_select: z.boolean().optional(),
        ...told,
      })
      .refine(saysSomething, SAYS_NOTHING),
    reply: z.looseObject({ fail_list: list.optional(), msgid: text.optional() }),
    doc: 92135,
    data: '发送经审批的文案、附件、发送人与接收客户范围',
    why: '先审后发：审批通过的内容由机构下达（M5）',
  }),
  remind: endpoint({
    ...own,
    idempotent: false,
    name: '提醒成员群发',
    path: 'externalcontact/remind_groupmsg_send',
    request: message,
    reply: done,
    doc: 97610,
    data: '发送群发任务 ID',
    why: '提醒未执行群发的成员，每条 24 小时最多 3 次（M5、M14）',
  }),
  cancel: endpoint({
    ...own,
    name: '停止企业群发',
    path: 'externalcontact/cancel_groupmsg_send',
    request: message,
    reply: done,
    doc: 97611,
    data: '发送群发任务 ID',
    why: '发现问题时立即停止尚未发出的群发（M5、M9）',
  }),
  records: endpoint({
    ...own,
    name: '获取群发记录列表',
    path: 'externalcontact/get_groupmsg_list_v2',
    paging: 'cursor',
    request: z.looseObject({
      chat_type: z.enum(['single', 'group']),
      start_time: whole,
      end_time: whole,
      creator: text.optional(),
      filter_type: whole.min(0).max(2).optional(),
      limit: whole.min(1).max(100).optional(),
      cursor,
    }),
    reply: z.looseObject({
      group_msg_list: z
        .array(
          z.looseObject({
            msgid: text,
            creator: text.optional(),
            create_time: whole.optional(),
            // 0 by the institution, 1 by the member himself.
            create_type: whole.optional(),
            text: z.looseObject({ content: text.optional() }).optional(),
            attachments: z.array(z.looseObject({ msgtype: text })).optional(),
          }),
        )
        .optional(),
      next_cursor: cursor,
    }),
    doc: 93338,
    data: '读取企业与个人发起的群发内容与发起人',
    why: '发现未经审批的个人群发（M5、M11）',
  }),
  tasks: endpoint({
    ...own,
    name: '获取群发成员发送任务列表',
    path: 'externalcontact/get_groupmsg_task',
    paging: 'cursor',
    request: z.looseObject({ msgid: text.min(1), limit: whole.min(1).max(1000).optional(), cursor }),
    reply: z.looseObject({
      task_list: z
        .array(z.looseObject({ userid: text, status: whole, send_time: whole.optional() }))
        .optional(),
      next_cursor: cursor,
    }),
    doc: 93338,
    data: '读取各成员是否已执行群发及时间',
    why: '证明审批的内容何时由谁发出（M5）',
  }),
  results: endpoint({
    ...own,
    name: '获取企业群发成员执行结果',
    path: 'externalcontact/get_groupmsg_send_result',
    paging: 'cursor',
    request: z.looseObject({
      msgid: text.min(1),
      userid: text.min(1),
      limit: whole.min(1).max(1000).optional(),
      cursor,
    }),
    reply: z.looseObject({
      send_list: z
        .array(
          z.looseObject({
            external_userid: text.optional(),
            chat_id: text.optional(),
            userid: text,
            // 0 not yet, 1 sent, 2 no longer a friend, 3 over the customer's cap.
            status: whole,
            send_time: whole.optional(),
          }),
        )
        .optional(),
      next_cursor: cursor,
    }),
    doc: 93338,
    data: '读取每位客户的送达状态',
    why: '送达结果留痕，避免过度打扰客户（M3、M5）',
  }),
  welcome: endpoint({
    ...own,
    // The code works once: a second send is refused, never doubled.
    idempotent: true,
    name: '发送新客户欢迎语',
    path: 'externalcontact/send_welcome_msg',
    request: z.looseObject({ welcome_code: text.min(1), ...told }).refine(saysSomething, SAYS_NOTHING),
    reply: done,
    doc: 92599,
    data: '向新客户发送欢迎语与存档告知',
    why: '添加客户时即告知会话存档与风险提示（M6、M8）',
  }),
  addGroupWelcome: endpoint({
    ...own,
    idempotent: false,
    name: '添加入群欢迎语素材',
    path: 'externalcontact/group_welcome_template/add',
    request: z.looseObject({ ...groupWelcome, agentid: whole.optional(), notify: whole.optional() }),
    reply: z.looseObject({ template_id: text }),
    doc: 93438,
    data: '写入入群欢迎语与存档告知',
    why: '客户入群时即告知会话存档与风险提示（M6、M8）',
  }),
  editGroupWelcome: endpoint({
    ...own,
    name: '编辑入群欢迎语素材',
    path: 'externalcontact/group_welcome_template/edit',
    request: z.looseObject({ template_id: text.min(1), ...groupWelcome, agentid: whole.optional() }),
    reply: done,
    doc: 93438,
    data: '修改入群欢迎语与存档告知',
    why: '告知文本变更后及时生效（M6、M8）',
  }),
  groupWelcome: endpoint({
    ...own,
    name: '获取入群欢迎语素材',
    path: 'externalcontact/group_welcome_template/get',
    request: z.looseObject({ template_id: text.min(1) }),
    reply: z.looseObject({ ...groupWelcome }),
    doc: 93438,
    data: '读取入群欢迎语',
    why: '核对生效中的告知文本（M6、M8）',
  }),
  deleteGroupWelcome: endpoint({
    ...own,
    name: '删除入群欢迎语素材',
    path: 'externalcontact/group_welcome_template/del',
    request: z.looseObject({ template_id: text.min(1), agentid: whole.optional() }),
    reply: done,
    doc: 93438,
    data: '删除入群欢迎语',
    why: '停用过期的告知文本（M6、M8）',
  }),
} as const
