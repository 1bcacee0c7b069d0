import { z } from 'zod'
import { attachment, cursor, done, endpoint, list, numbers, RIGHTS, text, upTo, whole } from './endpoint.ts'
import { strategyEndpoints } from './strategy.ts'

const own = { method: 'POST', secret: 'app', idempotent: true, permission: RIGHTS.customer } as const
const page = { cursor, limit: whole.min(1).optional() }
/** The official text says 20, one SDK 100: the smaller is safe (§5.2). */
const LIST_LIMIT = 20
const people = z.looseObject({ user_list: list.optional(), department_list: numbers.optional() })
const tagged = z.looseObject({ tag_list: list.optional() })
const when = z.array(
  z.looseObject({
    external_userid: text.optional(),
    userid: text.optional(),
    create_time: whole.optional(),
  }),
)

/** Nine pictures, or one video, or one link. */
function oneKind(attachments: { msgtype: string }[]): boolean {
  const kinds = new Set(attachments.map(one => one.msgtype))
  return kinds.size <= 1 && (kinds.has('image') || attachments.length <= 1)
}

/** Moments shown to customers (wecom-api.md §5.2). A task is made; the member must publish it himself. */
export const moments = {
  create: endpoint({
    ...own,
    idempotent: false,
    name: '创建客户朋友圈发表任务',
    path: 'externalcontact/add_moment_task',
    request: z
      .looseObject({
        text: z.looseObject({ content: upTo(2000).optional() }).optional(),
        attachments: z
          .array(attachment)
          .max(9)
          .refine(oneKind, 'nine pictures, or one video, or one link')
          .optional(),
        visible_range: z
          .looseObject({ sender_list: people.optional(), external_contact_list: tagged.optional() })
          .optional(),
      })
      .refine(one => one.text !== undefined || (one.attachments?.length ?? 0) > 0, 'it says nothing'),
    reply: z.looseObject({ jobid: text }),
    doc: 95094,
    data: '发送经审批的朋友圈文案、素材、发表人与可见客户范围',
    why: '先审后发：审批通过的内容由机构下达（M5）',
  }),
  taskResult: endpoint({
    ...own,
    method: 'GET',
    name: '获取朋友圈发表任务创建结果',
    path: 'externalcontact/get_moment_task_result',
    request: z.looseObject({ jobid: text.min(1) }),
    reply: z.looseObject({
      // 1 begun, 2 being made, 3 done.
      status: whole,
      type: text.optional(),
      result: z
        .looseObject({
          errcode: whole.optional(),
          errmsg: text.optional(),
          moment_id: text.optional(),
          invalid_sender_list: people.optional(),
          invalid_external_contact_list: tagged.optional(),
        })
        .optional(),
    }),
    doc: 95094,
    data: '读取任务状态与无效的发表人、标签',
    why: '下达的任务是否建成可查（M5）',
  }),
  cancel: endpoint({
    ...own,
    name: '停止发表企业朋友圈',
    path: 'externalcontact/cancel_moment_task',
    request: z.looseObject({ moment_id: text.min(1) }),
    reply: done,
    doc: 97612,
    data: '发送朋友圈 ID',
    why: '发现问题时立即停止尚未发表的朋友圈（M5、M9）',
  }),
  list: endpoint({
    ...own,
    name: '获取企业全部的发表列表',
    path: 'externalcontact/get_moment_list',
    paging: 'cursor',
    request: z.looseObject({
      start_time: whole,
      end_time: whole,
      creator: text.optional(),
      filter_type: whole.min(0).max(2).optional(),
      cursor,
      limit: whole.min(1).max(LIST_LIMIT).optional(),
    }),
    reply: z.looseObject({
      moment_list: z
        .array(
          z.looseObject({
            moment_id: text,
            creator: text.optional(),
            create_time: whole.optional(),
            // 0 by the institution, 1 by the member himself.
            create_type: whole.optional(),
            visible_type: whole.optional(),
            text: z.looseObject({ content: text.optional() }).optional(),
            image: z.array(z.looseObject({ media_id: text })).optional(),
            video: z.looseObject({ media_id: text, thumb_media_id: text.optional() }).optional(),
            link: z.looseObject({ title: text.optional(), url: text.optional() }).optional(),
            location: z
              .looseObject({
                latitude: z.union([text, z.number()]).optional(),
                longitude: z.union([text, z.number()]).optional(),
                name: text.optional(),
              })
              .optional(),
          }),
        )
        .optional(),
      next_cursor: cursor,
    }),
    doc: 93333,
    data: '读取企业与个人发表的朋友圈内容',
    why: '发现未经审批的个人朋友圈（M5、M11）',
  }),
  tasks: endpoint({
    ...own,
    name: '获取客户朋友圈企业发表的列表',
    path: 'externalcontact/get_moment_task',
    paging: 'cursor',
    request: z.looseObject({ moment_id: text.min(1), ...page }),
    reply: z.looseObject({
      task_list: z.array(z.looseObject({ userid: text, publish_status: whole })).optional(),
      next_cursor: cursor,
    }),
    doc: 93333,
    data: '读取各成员是否已发表',
    why: '证明审批的内容由谁发表（M5）',
  }),
  visibleTo: endpoint({
    ...own,
    name: '获取客户朋友圈发表时选择的可见范围',
    path: 'externalcontact/get_moment_customer_list',
    paging: 'cursor',
    request: z.looseObject({ moment_id: text.min(1), userid: text.min(1), ...page }),
    reply: z.looseObject({
      customer_list: z.array(z.looseObject({ userid: text, external_userid: text })).optional(),
      next_cursor: cursor,
    }),
    doc: 93333,
    data: '读取朋友圈可见的客户',
    why: '宣传对象是否限于适当客户（M5、M6）',
  }),
  results: endpoint({
    ...own,
    name: '获取客户朋友圈发表后的可见客户列表',
    path: 'externalcontact/get_moment_send_result',
    paging: 'cursor',
    request: z.looseObject({
      moment_id: text.min(1),
      userid: text.min(1),
      cursor,
      limit: whole.min(1).max(5000).optional(),
    }),
    reply: z.looseObject({
      customer_list: z.array(z.looseObject({ external_userid: text })).optional(),
      next_cursor: cursor,
    }),
    doc: 93333,
    data: '读取朋友圈实际触达的客户',
    why: '触达结果留痕（M5）',
  }),
  comments: endpoint({
    ...own,
    name: '获取客户朋友圈的互动数据',
    path: 'externalcontact/get_moment_comments',
    request: z.looseObject({ moment_id: text.min(1), userid: text.min(1) }),
    reply: z.looseObject({ comment_list: when.optional(), like_list: when.optional() }),
    doc: 93333,
    data: '读取评论与点赞的人员和时间（无评论内容）',
    why: '客户互动进入运营概览（M3、M15）',
  }),
} as const

export const momentStrategies = strategyEndpoints({
  kind: 'moment_strategy',
  title: '客户朋友圈规则组',
  doc: 94890,
  why: '限定谁可以自行发表朋友圈（M5）',
})
