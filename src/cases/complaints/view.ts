import type { z } from 'zod'
import { type Actor, type Db, fail, inTransaction, now, type Tx } from '../../base/index.ts'
import { maskName, partiesOf } from '../../contacts/index.ts'
import type { Institution } from '../../detect/index.ts'
import { accountNames, authorise, directoryOf, type Party, scopeOf } from '../../people/index.ts'
import { record } from '../../trail/index.ts'
import { dayOfClock, daysOf, isOverdue } from './clock.ts'
import {
  CLOCK_BY_LAW,
  COMPLAINT_KINDS,
  type ComplaintDetail,
  type ComplaintDistribution,
  type ComplaintList,
  type ComplaintRow,
  type complaintQuery,
} from './contract.ts'
import { possible } from './handle.ts'
import { hasInterest } from './interest.ts'
import { openParts, openWords, type Words } from './sealed.ts'
import { newestExtension, type Stored, selectComplaint, selectComplaints, selectSteps } from './store.ts'

const DAY = 86_400_000
/** Days left below which a countdown is told in the head of the page. */
const SOON = 3
const MONTHS = 12

const isOpen = (row: Stored): boolean =>
  row.state !== 'answered' && row.state !== 'closed' && row.state !== 'withdrawn'

/** Complaints: open ones by deadline. The look is in the trail. */
export async function listComplaints(
  db: Db,
  actor: Actor,
  type: Institution,
  query: z.infer<typeof complaintQuery>,
): Promise<ComplaintList> {
  authorise(actor, 'complaint.read')
  return inTransaction(db, async tx => {
    const at = now()
    const all = await selectComplaints(tx, actor.house.corp, scopeOf(actor))
    const open = all.filter(isOpen)
    const late = open.filter(row => isOverdue(row, at))
    const items = all.filter(row => {
      if (query.state === 'all') return true
      if (query.state === 'open') return isOpen(row) || row.state === 'answered'
      return query.state === 'overdue' ? late.includes(row) : row.state === query.state
    })
    await record(tx, actor, {
      verb: 'complaint.listed',
      thing: { kind: 'complaint', id: query.state },
      detail: { shown: items.length },
    })
    const kinds = Object.entries(COMPLAINT_KINDS) as [ComplaintRow['kind'], readonly Institution[]][]
    return {
      items: await rowsOf(tx, actor, items),
      counts: {
        ...{ open: open.length, overdue: late.length },
        soon: open.filter(row => row.dueAt >= at && row.dueAt - at < SOON * DAY).length,
      },
      kinds: kinds.filter(([, types]) => types.includes(type)).map(([kind]) => kind),
      byLaw: CLOCK_BY_LAW.some(one => one === type),
    }
  })
}

/** One complaint with all its steps, and what the reader may do now. The look is in the trail. */
export async function readComplaint(db: Db, actor: Actor, id: string): Promise<ComplaintDetail> {
  return inTransaction(db, async tx => {
    const row = await visibleComplaint(tx, actor, id)
    await record(tx, actor, {
      verb: 'complaint.opened',
      thing: { kind: 'complaint', id },
      detail: { number: row.number },
    })
    return detailOf(tx, actor, row)
  })
}

export async function visibleComplaint(tx: Tx, actor: Actor, id: string): Promise<Stored> {
  authorise(actor, 'complaint.read')
  const row = await selectComplaint(tx, actor.house.corp, id)
  if (!row) throw fail('thing.missing', { complaint: id })
  authorise(actor, 'complaint.read', { departments: row.departments })
  return row
}

async function detailOf(tx: Tx, actor: Actor, row: Stored): Promise<ComplaintDetail> {
  const { house } = actor
  const [complaint] = await rowsOf(tx, actor, [row])
  if (!complaint) throw fail('thing.missing', { complaint: row.id })
  const opened = await openParts(tx, house)
  const steps = await selectSteps(tx, house.corp, row.id)
  const extension = await newestExtension(tx, house.corp, row.id)
  const names = await accountNames(
    tx,
    house,
    [...steps.map(one => one.by), extension?.handler, extension?.decidedBy].filter(
      name => typeof name === 'string',
    ),
  )
  const name = (account: string): string => names.get(account) ?? account
  const told = steps.map(one => ({
    ...{ act: one.act, from: one.from, to: one.to, at: one.at, by: name(one.by) },
    note: opened('step', one.id, one.sealed),
  }))
  const interest = hasInterest(actor, row, await directoryOf(tx, house))
  return {
    complaint,
    contact: maskContact((await openWords(tx, house, row)).contact),
    message: row.message,
    steps: told,
    answer: row.answeredAt === null ? null : (told.findLast(one => one.act === 'answer')?.note ?? null),
    severity: row.severity,
    extension: extension && {
      reason: opened('extension', extension.id, extension.reasonSealed),
      ...{ by: name(extension.handler), at: extension.askedAt, own: extension.handler === actor.name },
      verdict: extension.verdict,
      decidedBy: extension.decidedBy === null ? null : name(extension.decidedBy),
      decision: extension.decisionSealed && opened('decision', extension.id, extension.decisionSealed),
    },
    can: possible(actor, row, extension, interest),
    interest,
  }
}

async function rowsOf(tx: Tx, actor: Actor, rows: Stored[]): Promise<ComplaintRow[]> {
  const { house } = actor
  const parties = await partiesOf(
    tx,
    house,
    rows.flatMap(row => [row.staff, row.customer]).filter(id => id !== null),
  )
  const names = await accountNames(
    tx,
    house,
    rows.map(row => row.handler).filter(name => name !== null),
  )
  const at = now()
  return Promise.all(
    rows.map(async row => {
      const words = await openWords(tx, house, row)
      const { id, number, state, source, kind, product, channel, grade, extended, receivedAt, dueAt } = row
      const party = (of: string | null): Party | null => (of === null ? null : (parties.get(of) ?? null))
      return {
        ...{ id, number, state, source, kind, product, channel, grade, extended, receivedAt, dueAt },
        ...{ staff: party(row.staff), customer: party(row.customer), text: words.text },
        complainant: complainantOf(words, party(row.customer)),
        ...{ day: dayOfClock(row, at, house.zone), days: daysOf(row) },
        overdue: row.state !== 'withdrawn' && isOverdue(row, at),
        handler: row.handler === null ? null : (names.get(row.handler) ?? row.handler),
        mine: row.handler === actor.name,
        ...{ outcome: row.outcome, answeredAt: row.answeredAt, endedAt: row.endedAt },
      }
    }),
  )
}

function complainantOf(words: Words, customer: Party | null): string {
  if (words.name !== '') return maskName(words.name)
  return customer?.name ?? '匿名'
}

/** Enough of a number to tell two apart, not enough to call. */
function maskContact(contact: string): string {
  return contact.length <= 4 ? '*'.repeat(contact.length) : `${contact.slice(0, 3)}****${contact.slice(-2)}`
}

/** Name and contact in clear, for a reason that is in the trail. */
export async function revealComplainant(
  db: Db,
  actor: Actor,
  id: string,
  reason: string,
): Promise<{ name: string; contact: string }> {
  authorise(actor, 'contact.reveal')
  return inTransaction(db, async tx => {
    const row = await visibleComplaint(tx, actor, id)
    await record(tx, actor, {
      verb: 'complaint.revealed',
      thing: { kind: 'complaint', id },
      detail: { number: row.number, reason },
    })
    const { name, contact } = await openWords(tx, actor.house, row)
    return { name, contact }
  })
}

/** Month by month: how many, of what kind, about which product, person and channel. The look is in the trail. */
export async function readDistribution(db: Db, actor: Actor): Promise<ComplaintDistribution> {
  authorise(actor, 'complaint.read')
  return inTransaction(db, async tx => {
    const { house } = actor
    const rows = await selectComplaints(tx, house.corp, scopeOf(actor))
    const parties = await partiesOf(
      tx,
      house,
      rows.map(row => row.staff).filter(id => id !== null),
    )
    const month = new Intl.DateTimeFormat('sv-SE', {
      timeZone: house.zone,
      year: 'numeric',
      month: '2-digit',
    })
    const months = [...Map.groupBy(rows, row => month.format(row.receivedAt))]
    await record(tx, actor, {
      verb: 'complaint.listed',
      thing: { kind: 'complaint', id: 'distribution' },
      detail: { shown: rows.length },
    })
    return {
      months: months
        .toSorted(([a], [b]) => b.localeCompare(a))
        .slice(0, MONTHS)
        .map(([name, own]) => ({
          ...{ month: name, n: own.length },
          ...{ kind: sharesOf(own, row => row.kind), product: sharesOf(own, row => row.product) },
          staff: sharesOf(
            own,
            row => row.staff,
            id => parties.get(id)?.name ?? id,
          ),
          channel: sharesOf(own, row => row.channel),
        })),
    }
  })
}

function sharesOf(
  rows: Stored[],
  by: (row: Stored) => string | null,
  name: (id: string) => string = id => id,
): { id: string; name: string; n: number }[] {
  return [...Map.groupBy(rows, by)]
    .flatMap(([id, own]) => (id === null ? [] : [{ id, name: name(id), n: own.length }]))
    .sort((a, b) => b.n - a.n || a.id.localeCompare(b.id))
}
