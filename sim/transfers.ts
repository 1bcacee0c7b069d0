import type { Access } from './access.ts'
import { DAY, type Ground, HOUR, seconds } from './ground.ts'
import type { Contact, Follow } from './people.ts'
import type { Resigned } from './resigned.ts'

export type TransferKind = 'onjob' | 'resigned'
/** 1 done, 2 waiting, 3 refused by the customer, 4 the new employee has no room left (wecom-api.md §4.3). */
type TransferStatus = 1 | 2 | 3 | 4
type Transfer = {
  kind: TransferKind
  handover: string
  takeover: string
  external: string
  status: TransferStatus
  startedAt: number
  /** Milliseconds; when waiting, when it will be. */
  doneAt: number
  message: string
}
type TransferOrder = { kind: TransferKind; handover: string; takeover: string; message: string }

export type Transfers = {
  /** What refuses the whole order, before any customer is looked at. */
  orderFault(order: TransferOrder): number | undefined
  /** 0 when it has begun, otherwise why this customer is not handed over. */
  begin(order: TransferOrder, external: string): number
  list(order: Pick<Transfer, 'kind' | 'handover' | 'takeover'>): Transfer[]
  /** The customer says no, while it is waiting. */
  refuse(external: string): boolean
  /** Completes what is due by now. */
  settle(): void
  /** Why this member cannot be handed anything. */
  takeoverFault(userid: string): number | undefined
}

const WAIT = 24 * HOUR
const WINDOW = 90 * DAY
const TIMES_A_WINDOW = 2
/** wecom-api.md §4.1: by default. */
const MEMBER_LIMIT = 5000

export function createTransfers(ground: Ground, access: Access, resigned: Resigned): Transfers {
  const all: Transfer[] = []
  const { people } = ground
  const customers = (userid: string): number =>
    people.contacts.filter(one => one.follows.some(f => f.userid === userid)).length
  const takeoverFault = (userid: string): number | undefined => {
    const found = people.employee.get(userid)
    if (!found) return 60111
    if (access.hidden.has(userid)) return 50002
    if (found.status && found.status !== 1) return 41054
    if (!found.adviser) return 84074
    return found.verified === false ? 40098 : undefined
  }
  const settle = (): void => {
    for (const one of all)
      if (one.status === 2 && one.doneAt <= ground.now())
        complete(ground, resigned, one, customers(one.takeover) >= MEMBER_LIMIT)
  }
  return {
    takeoverFault,
    settle,
    orderFault: ({ kind, handover, takeover }) => {
      if (handover === takeover) return 40130
      const known = people.employee.has(handover)
      if (kind === 'resigned' && known) return 40097
      if (kind === 'onjob' ? !known : !resigned.has(handover)) return 60111
      if (access.hidden.has(handover)) return 50002
      return takeoverFault(takeover)
    },
    begin: (order, external) => {
      settle()
      const contact = people.contact.get(external)
      if (!contact) return 40096
      if (all.some(one => one.external === external && one.status === 2)) return 40129
      const held =
        order.kind === 'resigned'
          ? resigned.find(order.handover, external)
          : contact.follows.find(one => one.userid === order.handover)
      if (!held) return 40131
      if (customers(order.takeover) >= MEMBER_LIMIT) return 40099
      const recent = all.filter(one => one.external === external && one.startedAt > ground.now() - WINDOW)
      if (recent.length >= TIMES_A_WINDOW) return 40128
      const at = ground.now()
      all.push({ ...order, external, status: 2, startedAt: at, doneAt: at + WAIT })
      ground.after(WAIT, settle)
      return 0
    },
    list: ({ kind, handover, takeover }) => {
      settle()
      return all.filter(one => one.kind === kind && one.handover === handover && one.takeover === takeover)
    },
    refuse: external => {
      settle()
      const one = all.find(other => other.external === external && other.status === 2)
      if (!one) return false
      fail(ground, one, 3, ground.now())
      return true
    },
  }
}

function fail(ground: Ground, one: Transfer, status: 3 | 4, at: number): void {
  one.status = status
  one.doneAt = at
  const FailReason = status === 3 ? 'customer_refused' : 'customer_limit_exceed'
  const fields = { FailReason, UserID: one.takeover, ExternalUserID: one.external }
  ground.tell({ type: 'change_external_contact.transfer_fail', fields, at })
}

/** The customer moves over; the old employee loses them, the new one is told, as if added. */
function complete(ground: Ground, resigned: Resigned, one: Transfer, full: boolean): void {
  const contact = ground.people.contact.get(one.external)
  const old = contact && takeAway(contact, one, resigned)
  if (!contact || !old) {
    one.status = 3
    return
  }
  if (full) {
    giveBack(contact, one, old)
    fail(ground, one, 4, one.doneAt)
    return
  }
  one.status = 1
  const at = one.doneAt
  const tell = (change: string, fields: Record<string, unknown>): void =>
    ground.tell({ type: `change_external_contact.${change}`, fields, at })
  const ExternalUserID = one.external
  if (one.kind === 'onjob')
    tell('del_external_contact', { UserID: one.handover, ExternalUserID, Source: 'DELETE_BY_TRANSFER' })
  // Nothing is told when they were friends before.
  if (contact.follows.some(follow => follow.userid === one.takeover)) return
  contact.follows.push({ ...old, userid: one.takeover, createtime: seconds(at), addWay: 202 })
  tell('add_external_contact', { UserID: one.takeover, ExternalUserID })
  if (one.message !== '') {
    const text = { content: one.message }
    ground.say({ from: one.takeover, tolist: [one.external], roomid: '', msgtype: 'text', text })
  }
}

function takeAway(contact: Contact, one: Transfer, resigned: Resigned): Follow | undefined {
  if (one.kind === 'resigned') {
    const waiting = resigned.find(one.handover, one.external)
    if (waiting) resigned.take(waiting)
    return waiting?.follow
  }
  const index = contact.follows.findIndex(follow => follow.userid === one.handover)
  return index < 0 ? undefined : contact.follows.splice(index, 1)[0]
}

function giveBack(contact: Contact, one: Transfer, follow: Follow): void {
  if (one.kind === 'onjob') contact.follows.push(follow)
}
