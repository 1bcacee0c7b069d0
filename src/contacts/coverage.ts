import { type Actor, type Db, type House, inTransaction, now } from '../base/index.ts'
import { authorise, directoryOf } from '../people/index.ts'
import { record } from '../trail/index.ts'
import {
  CONSENTS,
  NOTICE_STATES,
  type NoticeCoverage,
  type NoticeList,
  type NoticeQuery,
} from './contract.ts'
import { type CoverageCount, countCoverage, selectCoverage } from './coverage-store.ts'
import { PROOF_HOURS } from './notice.ts'
import { noticeTexts } from './notice-text.ts'
import { partiesOf } from './parties.ts'

const SHOWN = 200
/** A spreadsheet opens no more rows than this. */
const EXPORTED = 1_000_000

/** How many of those whose talk is archived were told, and what they said to it. Counts only. */
export async function coverageOf(db: Db, actor: Actor): Promise<NoticeCoverage> {
  authorise(actor, 'notice.read')
  const { house } = actor
  const [current] = await noticeTexts(db, house)
  const contacts = await countCoverage(db, house.corp, 'contact')
  const groups = await countCoverage(db, house.corp, 'group')
  return {
    at: now(),
    version: current?.version ?? null,
    text: current?.text ?? null,
    proofHours: PROOF_HOURS,
    contacts: tallyOf(contacts),
    groups: tallyOf(groups),
    ...(await staffOf(db, house, [...contacts, ...groups])),
  }
}

/** The same by employee, and the departments they stand in. */
async function staffOf(
  db: Db,
  house: House,
  rows: CoverageCount[],
): Promise<Pick<NoticeCoverage, 'departments' | 'staff'>> {
  const directory = await directoryOf(db, house)
  const names = await partiesOf(
    db,
    house,
    rows.map(row => row.staff),
  )
  const staff = [...Map.groupBy(rows, row => row.staff)].map(([id, own]) => {
    const sum = (wanted: (row: CoverageCount) => boolean): number =>
      own.filter(wanted).reduce((all, row) => all + row.n, 0)
    return {
      party: names.get(id) ?? unknown(id),
      departments: directory.people.get(id)?.departments ?? [],
      total: sum(() => true),
      proved: sum(row => row.notice === 'proved'),
      agreed: sum(row => row.consent === 'agree' || row.consent === 'default_agree'),
      refused: sum(row => row.consent === 'disagree' || row.consent === 'withdrawn'),
      unknown: sum(row => row.consent === 'unknown'),
    }
  })
  staff.sort((a, b) => a.proved / a.total - b.proved / b.total || b.total - a.total)
  const departments = [...directory.departments.values()].map(({ id, name }) => ({ id, name }))
  return { departments, staff }
}

/** The employees a question is about; null: all of them. */
async function amongOf(db: Db, house: House, query: NoticeQuery): Promise<string[] | null> {
  if (query.staff === undefined && query.department === undefined) return null
  if (query.department === undefined) return query.staff === undefined ? null : [query.staff]
  const directory = await directoryOf(db, house)
  const below = new Set([query.department])
  // A tree of a few levels: go on until nothing is added.
  for (let size = 0; size !== below.size; ) {
    size = below.size
    for (const department of directory.departments.values())
      if (below.has(department.parentId)) below.add(department.id)
  }
  return [...directory.people.values()]
    .filter(one => one.departments.some(id => below.has(id)))
    .map(one => one.userid)
    .filter(id => query.staff === undefined || id === query.staff)
}

function tallyOf(rows: CoverageCount[]): NoticeCoverage['contacts'] {
  const sum = (wanted: (row: (typeof rows)[number]) => boolean): number =>
    rows.filter(wanted).reduce((all, row) => all + row.n, 0)
  const entries = <K extends string>(keys: readonly K[], of: (row: (typeof rows)[number]) => string) =>
    Object.fromEntries(keys.map(key => [key, sum(row => of(row) === key)])) as Record<K, number>
  return {
    total: sum(() => true),
    notice: entries(NOTICE_STATES, row => row.notice),
    consent: entries(CONSENTS, row => row.consent),
  }
}

/** Who was told and who was not, customers masked. The look is in the trail. */
export async function listNotices(
  db: Db,
  actor: Actor,
  query: NoticeQuery,
  limit = SHOWN,
): Promise<NoticeList> {
  authorise(actor, 'notice.read')
  const { house } = actor
  const among = await amongOf(db, house, query)
  const { items, total } = await selectCoverage(db, house.corp, { ...query, among }, limit)
  const parties = await partiesOf(
    db,
    house,
    items.flatMap(item => [item.staff, item.party]),
  )
  await inTransaction(db, tx =>
    record(tx, actor, {
      verb: 'notice.listed',
      thing: { kind: 'notice', id: query.kind },
      detail: { state: query.notice, shown: items.length },
    }),
  )
  return {
    total,
    items: items.map(item => ({
      ...item,
      staff: parties.get(item.staff) ?? unknown(item.staff),
      party: parties.get(item.party) ?? unknown(item.party),
    })),
  }
}

const unknown = (id: string) => ({ id, kind: 'unknown' as const, name: id, department: null })

const HEAD = [
  ...['类型', '员工', '员工账号', '客户或客户群', '对象编号', '建立时间'],
  ...['告知', '告知时间', '未完成原因', '企业微信错误码', '存档消息编号', '告知文本版本', '告知方式'],
  ...['存档同意', '同意时间', '同意来源', '处理状态', '客户数', '未覆盖客户数'],
]

/** The same as a table for a spreadsheet (RFC 4180, UTF-8 with a mark so that Excel reads it as such). */
export async function exportNotices(db: Db, actor: Actor, query: NoticeQuery): Promise<string> {
  const { items } = await listNotices(db, actor, query, EXPORTED)
  const moment = (at: number | null): string => (at === null ? '' : new Date(at).toISOString())
  const rows = items.map(item => [
    ...[query.kind, item.staff.name, item.staff.id, item.party.name, item.party.id, moment(item.since)],
    ...[item.notice, moment(item.noticeAt), item.reason ?? '', item.errcode ?? '', item.msgid ?? ''],
    ...[item.version ?? '', item.way ?? ''],
    ...[
      item.consent,
      moment(item.consentAt),
      item.consentSource ?? '',
      item.processing,
      item.customers,
      item.uncovered,
    ],
  ])
  return `\uFEFF${[HEAD, ...rows].map(row => row.map(cell).join(',')).join('\r\n')}\r\n`
}

/** Names come from outside: a cell that begins like a formula must not be one (CWE-1236). */
function cell(value: string | number): string {
  const text = String(value)
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
