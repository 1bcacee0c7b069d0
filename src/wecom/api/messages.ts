import { z } from 'zod'
import { done, endpoint, list, numbers, RIGHTS, text, upToBytes, whole } from './endpoint.ts'

const own = { method: 'POST', secret: 'app', permission: RIGHTS.message } as const
const flag = z.union([z.literal(0), z.literal(1)])
const CARDS = [
  'text_notice',
  'news_notice',
  'button_interaction',
  'vote_interaction',
  'multiple_interaction',
] as const

/** A card; everything beside what is bounded here is the platform's to judge (§8.2). */
const card = z.looseObject({
  card_type: z.enum(CARDS),
  // Unique for ever within the application; cards that ask need it.
  task_id: z
    .string()
    .regex(/^[0-9A-Za-z_\-@]{1,128}$/)
    .optional(),
  main_title: z.looseObject({ title: text.optional(), desc: text.optional() }).optional(),
  sub_title_text: text.optional(),
  horizontal_content_list: z
    .array(z.looseObject({ keyname: text }))
    .max(6)
    .optional(),
  jump_list: z
    .array(z.looseObject({ title: text }))
    .max(3)
    .optional(),
  card_action: z.looseObject({ type: whole, url: text.optional() }).optional(),
  button_list: z.array(z.looseObject({ text })).max(6).optional(),
})
const asksSomething = (one: { card_type: string; task_id?: string | undefined }): boolean =>
  !one.card_type.endsWith('_interaction') || one.task_id !== undefined

/** Messages of the application to employees (wecom-api.md §8.2). */
export const messages = {
  send: endpoint({
    ...own,
    // Twice would be two messages.
    idempotent: false,
    name: '发送应用消息',
    path: 'message/send',
    request: z.looseObject({
      touser: text.optional(),
      toparty: text.optional(),
      totag: text.optional(),
      msgtype: text,
      agentid: whole,
      text: z.looseObject({ content: upToBytes(2048) }).optional(),
      markdown: z.looseObject({ content: upToBytes(2048) }).optional(),
      textcard: z
        .looseObject({
          title: upToBytes(128),
          description: upToBytes(512),
          url: upToBytes(2048),
          btntxt: text.optional(),
        })
        .optional(),
      template_card: card.refine(asksSomething, 'a card that asks needs a task_id').optional(),
      enable_id_trans: flag.optional(),
      enable_duplicate_check: flag.optional(),
      duplicate_check_interval: whole.min(0).max(14_400).optional(),
    }),
    reply: z.looseObject({
      invaliduser: text.optional(),
      invalidparty: text.optional(),
      invalidtag: text.optional(),
      unlicenseduser: text.optional(),
      msgid: text.optional(),
      response_code: text.optional(),
    }),
    doc: 90236,
    data: '向员工发送预警、审批与待办提醒（不含客户对话原文）',
    why: '预警与审批及时送达责任人（M5、M9、M14）',
  }),
  recall: endpoint({
    ...own,
    idempotent: true,
    name: '撤回应用消息',
    path: 'message/recall',
    request: z.looseObject({ msgid: text.min(1) }),
    reply: done,
    doc: 90236,
    data: '发送消息 ID',
    why: '撤回误发的提醒（M9、M14）',
  }),
  updateCard: endpoint({
    ...own,
    // The response code works once.
    idempotent: true,
    name: '更新模板卡片消息',
    path: 'message/update_template_card',
    request: z.looseObject({
      userids: list.optional(),
      partyids: numbers.optional(),
      tagids: numbers.optional(),
      atall: flag.optional(),
      agentid: whole,
      response_code: text.min(1),
      button: z.looseObject({ replace_name: text }).optional(),
      template_card: card.optional(),
    }),
    reply: z.looseObject({ invaliduser: list.optional() }),
    doc: 94945,
    data: '更新审批卡片的处理状态',
    why: '审批办结后卡片同步为已处理（M5、M14）',
  }),
} as const
