import { z } from 'zod'
import { cursor, done, empty, endpoint, list, numbers, RIGHTS, text, upTo, whole } from './endpoint.ts'

const own = { method: 'POST', secret: 'app', idempotent: true, permission: RIGHTS.customer } as const
const ALBUM = { doc: 95096, why: '产品宣传素材经审批，与核准版本一致（M5、M6）' } as const
const LINKS = {
  permission: `${RIGHTS.customer}；获客助手`,
  why: '获客链接经审批并可追溯来源（M5、M13）',
} as const

const pictures = z.array(
  z.looseObject({ type: text, image: z.looseObject({ media_id: text.optional() }).optional() }),
)
const product = {
  product_sn: text.optional(),
  description: text.optional(),
  // 分
  price: whole.optional(),
  attachments: pictures.optional(),
}
const productId = z.looseObject({ product_id: text.min(1) })
const linkId = z.looseObject({ link_id: text.min(1) })
const link = z.looseObject({
  link_id: text.optional(),
  link_name: text.optional(),
  url: text.optional(),
  create_time: whole.optional(),
})
const range = z.looseObject({ user_list: list.optional(), department_list: numbers.optional() })
const linkSettings = { range: range.optional(), skip_verify: z.boolean().optional() }

/** The product album (wecom-api.md §9). */
export const album = {
  add: endpoint({
    ...own,
    ...ALBUM,
    idempotent: false,
    name: '创建商品图册',
    path: 'externalcontact/add_product_album',
    request: z.looseObject({ ...product, description: text, price: whole.min(0), attachments: pictures }),
    reply: productId,
    data: '写入产品编号、说明与图片',
  }),
  get: endpoint({
    ...own,
    ...ALBUM,
    name: '获取商品图册',
    path: 'externalcontact/get_product_album',
    request: productId,
    reply: z.looseObject({
      product: z.looseObject({ product_id: text.optional(), create_time: whole.optional(), ...product }),
    }),
    data: '读取产品说明与图片',
  }),
  list: endpoint({
    ...own,
    ...ALBUM,
    name: '获取商品图册列表',
    path: 'externalcontact/get_product_album_list',
    paging: 'cursor',
    request: z.looseObject({ limit: whole.min(1).max(100).optional(), cursor }),
    reply: z.looseObject({
      product_list: z.array(z.looseObject({ product_id: text, ...product })).optional(),
      next_cursor: cursor,
    }),
    data: '读取全部产品说明与图片',
  }),
  update: endpoint({
    ...own,
    ...ALBUM,
    name: '编辑商品图册',
    path: 'externalcontact/update_product_album',
    request: z.looseObject({ product_id: text.min(1), ...product }),
    reply: done,
    data: '修改产品说明与图片',
  }),
  delete: endpoint({
    ...own,
    ...ALBUM,
    name: '删除商品图册',
    path: 'externalcontact/delete_product_album',
    request: productId,
    reply: done,
    data: '删除产品说明与图片',
  }),
} as const

/** Links that win customers, 获客助手 (wecom-api.md §9). */
export const acquisition = {
  list: endpoint({
    ...own,
    ...LINKS,
    name: '获取获客链接列表',
    path: 'externalcontact/customer_acquisition/list_link',
    paging: 'cursor',
    request: z.looseObject({ limit: whole.min(1).max(100).optional(), cursor }),
    reply: z.looseObject({ link_id_list: list.optional(), next_cursor: cursor }),
    doc: 97297,
    data: '读取获客链接清单',
  }),
  get: endpoint({
    ...own,
    ...LINKS,
    name: '获取获客链接详情',
    path: 'externalcontact/customer_acquisition/get',
    request: linkId,
    reply: z.looseObject({ link, range: range.optional() }),
    doc: 97297,
    data: '读取获客链接的使用范围',
  }),
  create: endpoint({
    ...own,
    ...LINKS,
    idempotent: false,
    name: '创建获客链接',
    path: 'externalcontact/customer_acquisition/create_link',
    request: z.looseObject({ link_name: upTo(30), ...linkSettings, range }),
    reply: z.looseObject({ link }),
    doc: 97297,
    data: '写入获客链接的名称与使用成员',
  }),
  update: endpoint({
    ...own,
    ...LINKS,
    name: '编辑获客链接',
    path: 'externalcontact/customer_acquisition/update_link',
    request: z.looseObject({ link_id: text.min(1), link_name: upTo(30).optional(), ...linkSettings }),
    reply: done,
    doc: 97297,
    data: '修改获客链接的名称与使用成员',
  }),
  delete: endpoint({
    ...own,
    ...LINKS,
    name: '删除获客链接',
    path: 'externalcontact/customer_acquisition/delete_link',
    request: linkId,
    reply: done,
    doc: 97297,
    data: '删除获客链接',
  }),
  customers: endpoint({
    ...own,
    ...LINKS,
    name: '获取由获客链接添加的客户信息',
    path: 'externalcontact/customer_acquisition/customer',
    paging: 'cursor',
    request: z.looseObject({ link_id: text.min(1), limit: whole.min(1).max(1000).optional(), cursor }),
    reply: z.looseObject({
      customer_list: z
        .array(
          z.looseObject({
            external_userid: text,
            userid: text.optional(),
            chat_status: whole.optional(),
            state: text.optional(),
          }),
        )
        .optional(),
      next_cursor: cursor,
    }),
    doc: 97298,
    data: '读取链接带来的客户与来源',
  }),
  quota: endpoint({
    ...own,
    ...LINKS,
    method: 'GET',
    name: '查询获客助手剩余使用量',
    path: 'externalcontact/customer_acquisition_quota',
    request: empty,
    reply: z.looseObject({ total: whole.optional(), balance: whole.optional() }),
    doc: 97375,
    data: '读取剩余使用量',
  }),
  statistic: endpoint({
    ...own,
    ...LINKS,
    name: '查询获客链接使用详情',
    path: 'externalcontact/customer_acquisition/statistic',
    request: z.looseObject({ link_id: text.min(1), start_time: whole, end_time: whole }),
    reply: z.looseObject({
      click_link_customer_cnt: whole.optional(),
      new_customer_cnt: whole.optional(),
    }),
    doc: 97375,
    data: '读取链接的点击与新增客户数',
  }),
} as const
