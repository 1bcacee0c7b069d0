import { z } from 'zod'
import { chars, checked, cursor, ids, post } from './checked.ts'
import { DAY, dayOf } from './ground.ts'
import type { Office } from './office.ts'
import { paged } from './paging.ts'
import { errmsgOf } from './replies.ts'
import type { Route } from './server.ts'
import type { TransferKind } from './transfers.ts'

const pair = { handover_userid: z.string('40003').min(1), takeover_userid: z.string('40003').min(1) }
const order = z.object({
  ...pair,
  external_userid: ids(100).min(1),
  transfer_success_msg: chars(200).default(''),
})
const chats = z.object({ chat_id_list: ids(100).min(1), new_owner: z.string('40003').min(1) })
const RESULTS_A_PAGE = 1000
/** A group holds at most so many from WeChat when it comes to a new owner who is not in it (90503). */
const WECHAT_MEMBERS = 99
const GROUPS_A_DAY = 300

/** 在职继承 and 离职继承 (wecom-api.md §4.3). */
export function transferRoutes(office: Office): Route[] {
  const handedOver: GroupMove[] = []
  return [
    begin(office, 'externalcontact/transfer_customer', 'onjob'),
    begin(office, 'externalcontact/resigned/transfer_customer', 'resigned'),
    result(office, 'externalcontact/transfer_result', 'onjob'),
    result(office, 'externalcontact/resigned/transfer_result', 'resigned'),
    groups(office, 'externalcontact/groupchat/transfer', 'resigned', handedOver),
    groups(office, 'externalcontact/groupchat/onjob_transfer', 'onjob', handedOver),
    post(
      'externalcontact/get_unassigned_list',
      checked(
        z.object({
          page_id: z.number().int().min(0).default(0),
          page_size: z.number().int().min(1).max(1000).default(1000),
          cursor,
        }),
        input => {
          if (input.page_id > 0 && input.cursor !== '') return 40058
          const rows = office.resigned.waiting().slice(input.page_id * input.page_size)
          const { page, next_cursor } = paged(rows, input.cursor, input.page_size)
          const info = page.map(({ handover, external, at }) => ({
            handover_userid: handover,
            external_userid: external,
            dimission_time: at,
          }))
          return { info, is_last: next_cursor === '', next_cursor }
        },
      ),
      { empty: { info: [] } },
    ),
  ]
}

function begin(office: Office, path: string, kind: TransferKind): Route {
  return post(
    path,
    checked(order, input => {
      const message = kind === 'onjob' ? input.transfer_success_msg : ''
      const asked = { kind, handover: input.handover_userid, takeover: input.takeover_userid, message }
      const fault = office.transfers.orderFault(asked)
      if (fault) return fault
      return {
        customer: input.external_userid.map(id => ({
          external_userid: id,
          errcode: office.transfers.begin(asked, id),
        })),
      }
    }),
    { empty: { customer: [] } },
  )
}

function result(office: Office, path: string, kind: TransferKind): Route {
  return post(
    path,
    checked(z.object({ ...pair, cursor }), input => {
      const rows = office.transfers.list({
        kind,
        handover: input.handover_userid,
        takeover: input.takeover_userid,
      })
      const { page, next_cursor } = paged(rows, input.cursor, RESULTS_A_PAGE)
      const customer = page.map(one => ({
        external_userid: one.external,
        status: one.status,
        takeover_time: one.status === 2 ? 0 : Math.floor(one.doneAt / 1000),
      }))
      return { customer, next_cursor }
    }),
    { empty: { customer: [] } },
  )
}

type GroupMove = { chatId: string; from: string; to: string; at: number }

function groups(office: Office, path: string, kind: TransferKind, moves: GroupMove[]): Route {
  return post(
    path,
    checked(chats, ({ chat_id_list, new_owner }) => {
      const fault = office.transfers.takeoverFault(new_owner)
      if (fault) return fault
      const failed_chat_list = chat_id_list.flatMap(chat_id => {
        const errcode = moveGroup(office, { chatId: chat_id, to: new_owner, kind, moves })
        return errcode === 0 ? [] : [{ chat_id, errcode, errmsg: errmsgOf(errcode) }]
      })
      return { failed_chat_list }
    }),
    { empty: { failed_chat_list: [] } },
  )
}

type Move = { chatId: string; to: string; kind: TransferKind; moves: GroupMove[] }
function moveGroup(office: Office, { chatId, to, kind, moves }: Move): number {
  const { ground, resigned } = office
  const room = ground.people.room.get(chatId)
  const now = ground.now()
  if (!room?.external) return 90501
  if (room.owner === to) return 90504
  const left = resigned.has(room.owner)
  if (left !== (kind === 'resigned')) return left ? 90502 : 90500
  const inside = room.members.some(one => one.id === to)
  if (!inside && room.members.filter(one => one.type === 2).length > WECHAT_MEMBERS) return 90503
  const recent = moves.filter(one => one.chatId === chatId && one.at > now - 90 * DAY)
  if (kind === 'onjob' && recent.length >= 2) return 40128
  const today = moves.filter(one => one.from === room.owner && one.to === to && dayOf(one.at) === dayOf(now))
  if (kind === 'resigned' && today.length >= GROUPS_A_DAY) return 45009
  moves.push({ chatId, from: room.owner, to, at: now })
  if (!inside)
    room.members.push({ id: to, type: 1, joinTime: Math.floor(now / 1000), scene: 1, invitor: room.owner })
  if (left) {
    room.members = room.members.filter(one => one.id !== room.owner)
    room.status = 3
  }
  room.owner = to
  return 0
}
