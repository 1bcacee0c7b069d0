import { z } from 'zod'
import { cursor, done, endpoint, list, RIGHTS, text, whole } from './endpoint.ts'

const range = z.array(
  z.looseObject({
    // 1 a member, 2 a department.
    type: z.union([z.literal(1), z.literal(2)]),
    userid: text.optional(),
    partyid: whole.optional(),
  }),
)
const privilege = z.record(z.string(), z.boolean())
const settings = {
  strategy_name: text.optional(),
  admin_list: list.max(20).optional(),
  privilege: privilege.optional(),
}
const one = z.looseObject({ strategy_id: whole })

type Strategy = { kind: 'customer_strategy' | 'moment_strategy'; title: string; doc: number; why: string }

/** Rule groups of customers (§9) and of Moments (§5.2) are built alike. An application sees those it made itself. */
export function strategyEndpoints({ kind, title, doc, why }: Strategy) {
  const own = {
    method: 'POST',
    secret: 'app',
    idempotent: true,
    serial: true,
    permission: RIGHTS.customer,
    doc,
    why,
  } as const
  const path = (end: string): string => `externalcontact/${kind}/${end}`
  return {
    list: endpoint({
      ...own,
      name: `获取${title}列表`,
      path: path('list'),
      paging: 'cursor',
      request: z.looseObject({ cursor, limit: whole.min(1).max(1000).optional() }),
      reply: z.looseObject({ strategy: z.array(one).optional(), next_cursor: cursor }),
      data: `读取${title}编号`,
    }),
    get: endpoint({
      ...own,
      name: `获取${title}详情`,
      path: path('get'),
      request: one,
      reply: z.looseObject({
        strategy: z.looseObject({
          strategy_id: whole,
          parent_id: whole.optional(),
          create_time: whole.optional(),
          ...settings,
        }),
      }),
      data: `读取${title}的名称、负责人与权限`,
    }),
    range: endpoint({
      ...own,
      name: `获取${title}管理范围`,
      path: path('get_range'),
      paging: 'cursor',
      request: z.looseObject({ strategy_id: whole, cursor, limit: whole.min(1).max(1000).optional() }),
      reply: z.looseObject({ range: range.optional(), next_cursor: cursor }),
      data: `读取${title}适用的成员与部门`,
    }),
    ...writing({ path, title, own }),
  }
}

type Own = {
  method: 'POST'
  secret: 'app'
  idempotent: true
  serial: true
  permission: string
  doc: number
  why: string
}

function writing({ path, title, own }: { path: (end: string) => string; title: string; own: Own }) {
  return {
    create: endpoint({
      ...own,
      idempotent: false,
      name: `创建${title}`,
      path: path('create'),
      request: z.looseObject({ parent_id: whole.optional(), ...settings, range }),
      reply: one,
      data: `写入${title}的名称、负责人、权限与范围`,
    }),
    edit: endpoint({
      ...own,
      name: `编辑${title}`,
      path: path('edit'),
      request: z.looseObject({
        strategy_id: whole,
        ...settings,
        range_add: range.optional(),
        range_del: range.optional(),
      }),
      reply: done,
      data: `修改${title}的权限与范围`,
    }),
    delete: endpoint({
      ...own,
      name: `删除${title}`,
      path: path('del'),
      request: one,
      reply: done,
      data: `删除${title}`,
    }),
  }
}
