import { z } from 'zod'
import { cursor, done, endpoint, list, numbers, RIGHTS, text, upTo, whole } from './endpoint.ts'
import { strategyEndpoints } from './strategy.ts'

const own = { method: 'POST', secret: 'app', idempotent: true, permission: RIGHTS.customer } as const
const WAYS = { doc: 92577, why: '获客入口经审批并可追溯来源（M5、M13）' } as const
const JOINS = { doc: 92229, why: '入群入口经审批并可追溯来源（M5、M13）' } as const
const config = z.looseObject({ config_id: text.min(1) })

const way = {
  style: whole.optional(),
  remark: upTo(30).optional(),
  skip_verify: z.boolean().optional(),
  state: upTo(30).optional(),
  user: list.max(100).optional(),
  party: numbers.optional(),
  expires_in: whole.optional(),
  chat_expires_in: whole.optional(),
  unionid: text.optional(),
  conclusions: z.looseObject({}).optional(),
}
const joinWay = {
  remark: text.optional(),
  auto_create_room: whole.optional(),
  room_base_name: text.optional(),
  room_base_id: whole.optional(),
  chat_id_list: list.max(5),
  state: upTo(30).optional(),
}

/** Ways to be found by customers: 联系我, group codes and rule groups (wecom-api.md §9). */
export const ways = {
  add: endpoint({
    ...own,
    ...WAYS,
    idempotent: false,
    name: '配置客户联系「联系我」方式',
    path: 'externalcontact/add_contact_way',
    request: z.looseObject({
      type: z.union([z.literal(1), z.literal(2)]),
      scene: z.union([z.literal(1), z.literal(2)]),
      is_temp: z.boolean().optional(),
      mark_source: z.boolean().optional(),
      ...way,
    }),
    reply: z.looseObject({ config_id: text, qr_code: text.optional() }),
    data: '写入联系方式的使用成员、来源标记与结束语',
  }),
  get: endpoint({
    ...own,
    ...WAYS,
    name: '获取企业已配置的「联系我」方式',
    path: 'externalcontact/get_contact_way',
    request: config,
    reply: z.looseObject({
      contact_way: z.looseObject({
        config_id: text,
        type: whole.optional(),
        scene: whole.optional(),
        qr_code: text.optional(),
        ...way,
      }),
    }),
    data: '读取联系方式的设置',
  }),
  list: endpoint({
    ...own,
    ...WAYS,
    name: '获取企业已配置的「联系我」列表',
    path: 'externalcontact/list_contact_way',
    paging: 'cursor',
    request: z.looseObject({
      start_time: whole.optional(),
      end_time: whole.optional(),
      cursor,
      limit: whole.min(1).max(1000).optional(),
    }),
    reply: z.looseObject({ contact_way: z.array(config).optional(), next_cursor: cursor }),
    data: '读取联系方式清单',
  }),
  update: endpoint({
    ...own,
    ...WAYS,
    name: '更新企业已配置的「联系我」方式',
    path: 'externalcontact/update_contact_way',
    request: z.looseObject({ config_id: text.min(1), ...way }),
    reply: done,
    data: '修改联系方式的使用成员与来源标记',
  }),
  delete: endpoint({
    ...own,
    ...WAYS,
    name: '删除企业已配置的「联系我」方式',
    path: 'externalcontact/del_contact_way',
    request: config,
    reply: done,
    data: '删除联系方式',
  }),
  closeTemporary: endpoint({
    ...own,
    ...WAYS,
    name: '结束临时会话',
    path: 'externalcontact/close_temp_chat',
    request: z.looseObject({ userid: text.min(1), external_userid: text.min(1) }),
    reply: done,
    data: '结束成员与客户的临时会话',
  }),
  addJoin: endpoint({
    ...own,
    ...JOINS,
    idempotent: false,
    name: '配置客户群进群方式',
    path: 'externalcontact/groupchat/add_join_way',
    request: z.looseObject({ scene: z.union([z.literal(1), z.literal(2)]), ...joinWay }),
    reply: z.looseObject({ config_id: text }),
    data: '写入进群方式与对应客户群',
  }),
  getJoin: endpoint({
    ...own,
    ...JOINS,
    name: '获取客户群进群方式配置',
    path: 'externalcontact/groupchat/get_join_way',
    request: config,
    reply: z.looseObject({
      join_way: z.looseObject({
        config_id: text,
        scene: whole.optional(),
        qr_code: text.optional(),
        ...joinWay,
      }),
    }),
    data: '读取进群方式的设置',
  }),
  updateJoin: endpoint({
    ...own,
    ...JOINS,
    name: '更新客户群进群方式配置',
    path: 'externalcontact/groupchat/update_join_way',
    request: z.looseObject({ config_id: text.min(1), scene: whole.optional(), ...joinWay }),
    reply: done,
    data: '修改进群方式与对应客户群',
  }),
  deleteJoin: endpoint({
    ...own,
    ...JOINS,
    name: '删除客户群进群方式配置',
    path: 'externalcontact/groupchat/del_join_way',
    request: config,
    reply: done,
    data: '删除进群方式',
  }),
} as const

export const customerStrategies = strategyEndpoints({
  kind: 'customer_strategy',
  title: '客户联系规则组',
  doc: 94883,
  why: '收回成员自行群发、分享客户等权限（M5、M13）',
})
