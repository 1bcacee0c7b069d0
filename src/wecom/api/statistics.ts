import { z } from 'zod'
import { endpoint, list, numbers, RIGHTS, text, whole } from './endpoint.ts'

const own = { method: 'POST', secret: 'app', idempotent: true, permission: RIGHTS.customer } as const
const owners = z.looseObject({ userid_list: list.max(100).optional() })
const days = { day_begin_time: whole, day_end_time: whole.optional(), owner_filter: owners.optional() }
const groupCounts = z.looseObject({
  new_chat_cnt: whole.optional(),
  chat_total: whole.optional(),
  chat_has_msg: whole.optional(),
  new_member_cnt: whole.optional(),
  member_total: whole.optional(),
  member_has_msg: whole.optional(),
  msg_total: whole.optional(),
})

/** Behaviour figures (wecom-api.md §7): 30 days a call, 180 days kept. */
export const statistics = {
  behaviour: endpoint({
    ...own,
    name: '获取联系客户统计数据',
    path: 'externalcontact/get_user_behavior_data',
    request: z
      .looseObject({
        userid: list.max(100).optional(),
        partyid: numbers.max(100).optional(),
        start_time: whole,
        end_time: whole,
      })
      .refine(
        one => (one.userid?.length ?? 0) + (one.partyid?.length ?? 0) > 0,
        'userid and partyid are both empty',
      ),
    reply: z.looseObject({
      behavior_data: z
        .array(
          z.looseObject({
            stat_time: whole,
            chat_cnt: whole.optional(),
            message_cnt: whole.optional(),
            // Absent when there was nothing to answer.
            reply_percentage: z.number().optional(),
            avg_reply_time: z.number().optional(),
            negative_feedback_cnt: whole.optional(),
            new_apply_cnt: whole.optional(),
            new_contact_cnt: whole.optional(),
          }),
        )
        .optional(),
    }),
    doc: 92275,
    data: '读取成员的聊天数、回复率、被删除或拉黑数等汇总数',
    why: '零投诉运营：客户删除、拉黑上升即预警（M2、M3、M15）',
  }),
  groupsByOwner: endpoint({
    ...own,
    name: '获取群聊数据统计（按群主）',
    path: 'externalcontact/groupchat/statistic',
    paging: 'offset',
    request: z.looseObject({
      ...days,
      order_by: whole.min(1).max(4).optional(),
      order_asc: whole.min(0).max(1).optional(),
      offset: whole.min(0).optional(),
      limit: whole.min(1).max(1000).optional(),
    }),
    reply: z.looseObject({
      total: whole.optional(),
      next_offset: whole.optional(),
      items: z.array(z.looseObject({ owner: text, data: groupCounts })).optional(),
    }),
    doc: 93476,
    data: '读取群主名下客户群的汇总数',
    why: '客户群运营概览（M3、M15）',
  }),
  groupsByDay: endpoint({
    ...own,
    name: '获取群聊数据统计（按日）',
    path: 'externalcontact/groupchat/statistic_group_by_day',
    request: z.looseObject(days),
    reply: z.looseObject({
      items: z.array(z.looseObject({ stat_time: whole, data: groupCounts })).optional(),
    }),
    doc: 93476,
    data: '读取客户群每日的汇总数',
    why: '客户群运营概览（M3、M15）',
  }),
} as const
