import { z } from 'zod'
import { cursor, endpoint, list, RIGHTS, text, upTo, whole } from './endpoint.ts'

const own = { method: 'POST', secret: 'app', idempotent: true, permission: RIGHTS.customer } as const
const parties = { handover_userid: text.min(1), takeover_userid: text.min(1) }

/** Each customer has an errcode of his own: 0 means begun, not done. */
const begun = z.looseObject({
  customer: z.array(z.looseObject({ external_userid: text, errcode: whole })).optional(),
})
const results = z.looseObject({
  customer: z
    .array(z.looseObject({ external_userid: text, status: whole, takeover_time: whole.optional() }))
    .optional(),
  next_cursor: cursor,
})
const groupsMoved = z.looseObject({
  failed_chat_list: z
    .array(z.looseObject({ chat_id: text, errcode: whole, errmsg: text.optional() }))
    .optional(),
})
const groupsToMove = z.looseObject({ chat_id_list: list.min(1).max(100), new_owner: text.min(1) })

/** Transfer and inheritance (wecom-api.md §4.3). */
export const transfer = {
  customers: endpoint({
    ...own,
    idempotent: false,
    name: '分配在职成员的客户',
    path: 'externalcontact/transfer_customer',
    request: z.looseObject({
      ...parties,
      external_userid: list.min(1).max(100),
      transfer_success_msg: upTo(200).optional(),
    }),
    reply: begun,
    doc: 94096,
    data: '写入客户的新跟进人与转接提示语',
    why: '客户属于机构，调岗时有序交接（M13）',
  }),
  result: endpoint({
    ...own,
    name: '查询客户接替状态',
    path: 'externalcontact/transfer_result',
    paging: 'cursor',
    request: z.looseObject({ ...parties, cursor }),
    reply: results,
    doc: 94097,
    data: '读取客户接替结果',
    why: '交接是否完成、客户是否拒绝可查（M13）',
  }),
  unassigned: endpoint({
    ...own,
    name: '获取待分配的离职成员列表',
    path: 'externalcontact/get_unassigned_list',
    paging: 'cursor',
    request: z.looseObject({
      page_id: whole.min(0).optional(),
      page_size: whole.min(1).max(1000).optional(),
      cursor,
    }),
    reply: z.looseObject({
      info: z
        .array(
          z.looseObject({
            handover_userid: text,
            external_userid: text,
            dimission_time: whole.optional(),
          }),
        )
        .optional(),
      is_last: z.boolean().optional(),
      next_cursor: cursor,
    }),
    doc: 92273,
    data: '读取离职成员名下未分配的客户',
    why: '离职人员的客户无人跟进即预警（M13）',
  }),
  resignedCustomers: endpoint({
    ...own,
    idempotent: false,
    name: '分配离职成员的客户',
    path: 'externalcontact/resigned/transfer_customer',
    request: z.looseObject({ ...parties, external_userid: list.min(1).max(100) }),
    reply: begun,
    doc: 94100,
    data: '写入离职成员客户的新跟进人',
    why: '客户属于机构，离职时有序继承（M13）',
  }),
  resignedResult: endpoint({
    ...own,
    name: '查询离职客户接替状态',
    path: 'externalcontact/resigned/transfer_result',
    paging: 'cursor',
    request: z.looseObject({ ...parties, cursor }),
    reply: results,
    doc: 94101,
    data: '读取离职客户接替结果',
    why: '继承是否完成、客户是否拒绝可查（M13）',
  }),
  resignedGroups: endpoint({
    ...own,
    idempotent: false,
    name: '分配离职成员的客户群',
    path: 'externalcontact/groupchat/transfer',
    request: groupsToMove,
    reply: groupsMoved,
    doc: 93242,
    data: '写入离职成员客户群的新群主',
    why: '客户群属于机构，离职时有序继承（M13）',
  }),
  groups: endpoint({
    ...own,
    idempotent: false,
    name: '分配在职成员的客户群',
    path: 'externalcontact/groupchat/onjob_transfer',
    request: groupsToMove,
    reply: groupsMoved,
    doc: 95703,
    data: '写入在职成员客户群的新群主',
    why: '客户群属于机构，调岗时有序交接（M13）',
  }),
} as const
