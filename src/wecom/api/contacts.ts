import { z } from 'zod'
import { cursor, done, empty, endpoint, list, RIGHTS, text, upTo, whole } from './endpoint.ts'

const own = { method: 'POST', secret: 'app', idempotent: true, permission: RIGHTS.customer } as const
const pair = { userid: text.min(1), external_userid: text.min(1) }

const customer = z.looseObject({
  external_userid: text,
  name: text.optional(),
  position: text.optional(),
  avatar: text.optional(),
  corp_name: text.optional(),
  corp_full_name: text.optional(),
  // 1 a WeChat user, 2 a WeCom user.
  type: whole.optional(),
  gender: whole.optional(),
  unionid: text.optional(),
})
const follow = {
  userid: text,
  remark: text.optional(),
  description: text.optional(),
  createtime: whole.optional(),
  remark_corp_name: text.optional(),
  remark_mobiles: list.optional(),
  oper_userid: text.optional(),
  add_way: whole.optional(),
  state: text.optional(),
}
const tag = z.looseObject({
  id: text,
  name: text.optional(),
  create_time: whole.optional(),
  order: whole.optional(),
  deleted: z.boolean().optional(),
})
const tagGroup = z.looseObject({
  group_id: text,
  group_name: text.optional(),
  create_time: whole.optional(),
  order: whole.optional(),
  deleted: z.boolean().optional(),
  tag: z.array(tag).optional(),
})

/** Customers and their tags (wecom-api.md §4.1). */
export const contacts = {
  followUsers: endpoint({
    ...own,
    method: 'GET',
    name: '获取配置了客户联系功能的成员列表',
    path: 'externalcontact/get_follow_user_list',
    request: empty,
    reply: z.looseObject({ follow_user: list.optional() }),
    doc: 92264,
    data: '读取可添加客户的成员 userid',
    why: '确定谁在对客展业，逐人核对资格与存档（M1、M8）',
  }),
  ofMember: endpoint({
    ...own,
    method: 'GET',
    name: '获取客户列表',
    path: 'externalcontact/list',
    request: z.looseObject({ userid: text.min(1) }),
    reply: z.looseObject({ external_userid: list.optional() }),
    doc: 92264,
    data: '读取一名成员的客户 external_userid',
    why: '客户归属与流失核对（M13）',
  }),
  one: endpoint({
    ...own,
    method: 'GET',
    name: '获取客户详情',
    path: 'externalcontact/get',
    paging: 'cursor',
    request: z.looseObject({ external_userid: text.min(1), cursor }),
    reply: z.looseObject({
      external_contact: customer,
      follow_user: z
        .array(
          z.looseObject({
            ...follow,
            tags: z
              .array(
                z.looseObject({
                  group_name: text.optional(),
                  tag_name: text.optional(),
                  tag_id: text.optional(),
                  type: whole.optional(),
                }),
              )
              .optional(),
            wechat_channels: z
              .looseObject({ nickname: text.optional(), source: whole.optional() })
              .optional(),
          }),
        )
        .optional(),
      next_cursor: cursor,
    }),
    doc: 92265,
    data: '读取一名客户的昵称、类型、添加人、来源、备注与标签',
    why: '归档消息显示客户，核对客户来源与归属（M8、M13）',
  }),
  ofMembers: endpoint({
    ...own,
    name: '批量获取客户详情',
    path: 'externalcontact/batch/get_by_user',
    paging: 'cursor',
    request: z.looseObject({
      userid_list: list.min(1).max(100),
      cursor,
      limit: whole.min(1).max(100).optional(),
    }),
    reply: z.looseObject({
      external_contact_list: z
        .array(
          z.looseObject({
            external_contact: customer,
            follow_info: z.looseObject({ ...follow, tag_id: list.optional() }),
          }),
        )
        .optional(),
      next_cursor: cursor,
    }),
    doc: 93010,
    data: '读取成员名下全部客户的昵称、类型、来源、备注与标签',
    why: '客户名册按时间留痕，核对归属与流失（M8、M13）',
  }),
  remark: endpoint({
    ...own,
    name: '修改客户备注信息',
    path: 'externalcontact/remark',
    request: z.looseObject({
      ...pair,
      remark: upTo(20).optional(),
      description: upTo(150).optional(),
      remark_company: upTo(20).optional(),
      remark_mobiles: list.optional(),
      remark_pic_mediaid: text.optional(),
    }),
    reply: done,
    doc: 92694,
    data: '写入成员对客户的备注与描述',
    why: '客户交接时带走统一的备注（M13、M14）',
  }),
  tags: endpoint({
    ...own,
    name: '获取企业标签库',
    path: 'externalcontact/get_corp_tag_list',
    request: z.looseObject({ tag_id: list.optional(), group_id: list.optional() }),
    reply: z.looseObject({ tag_group: z.array(tagGroup).optional() }),
    doc: 92696,
    data: '读取企业客户标签',
    why: '按风险等级、合格投资者标签限定触达对象（M6、M14）',
  }),
  addTags: endpoint({
    ...own,
    idempotent: false,
    name: '添加企业客户标签',
    path: 'externalcontact/add_corp_tag',
    request: z.looseObject({
      group_id: text.optional(),
      group_name: upTo(30).optional(),
      order: whole.optional(),
      tag: z.array(z.looseObject({ name: upTo(30), order: whole.optional() })).min(1),
      agentid: whole.optional(),
    }),
    reply: z.looseObject({ tag_group: tagGroup }),
    doc: 92696,
    data: '写入企业客户标签',
    why: '建立风险等级、投资者类别标签（M6、M14）',
  }),
  editTag: endpoint({
    ...own,
    name: '编辑企业客户标签',
    path: 'externalcontact/edit_corp_tag',
    request: z.looseObject({ id: text.min(1), name: upTo(30).optional(), order: whole.optional() }),
    reply: done,
    doc: 92696,
    data: '修改企业客户标签的名称与次序',
    why: '维护风险等级、投资者类别标签（M6、M14）',
  }),
  deleteTags: endpoint({
    ...own,
    name: '删除企业客户标签',
    path: 'externalcontact/del_corp_tag',
    request: z.looseObject({ tag_id: list.optional(), group_id: list.optional() }),
    reply: done,
    doc: 92696,
    data: '删除企业客户标签',
    why: '维护风险等级、投资者类别标签（M6、M14）',
  }),
  mark: endpoint({
    ...own,
    name: '编辑客户企业标签',
    path: 'externalcontact/mark_tag',
    request: z.looseObject({ ...pair, add_tag: list.optional(), remove_tag: list.optional() }),
    reply: done,
    doc: 92697,
    data: '写入或移除客户身上的企业标签',
    why: '适当性结果落到客户标签，限定触达对象（M6、M14）',
  }),
} as const
