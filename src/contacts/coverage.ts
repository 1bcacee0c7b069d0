import { type Actor, type Db, inTransaction, now } from '../base/index.ts'
import { authorise } from '../people/index.ts'
import { record } from '../trail/index.ts'
import {
  CONSENTS,
  NOTICE_STATES,
  type NoticeCoverage,
  type NoticeList,
  type NoticeQuery,
} from './contract.ts'
import { countCoverage, selectCoverage } from './coverage-store.ts'
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
  return {
    at: now(),
    version: current?.version ?? null,
    text: current?.text ?? null,
    proofHours: PROOF_HOURS,
    contacts: await tallyOf(db, house.corp, 'contact'),
    groups: await tallyOf(db, house.corp, 'group'),
  }
}

async function tallyOf(db: Db, corp: number, kind: NoticeQuery['kind']): Promise<NoticeCoverage['contacts']> {
  const rows = await countCoverage(db, corp, kind)
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
  const { items, total } = await selectCoverage(db, house.corp, query, limit)
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
  ...['告知', '告知时间', '未完成原因', '企业微信错误码', '存档消息编号'],
  ...['存档同意', '同意时间', '客户数', '未覆盖客户数'],
]

/** The same as a table for a spreadsheet (RFC 4180, UTF-8 with a mark so that Excel reads it as such). */
export async function exportNotices(db: Db, actor: Actor, query: NoticeQuery): Promise<string> {
  const { items } = await listNotices(db, actor, query, EXPORTED)
  const moment = (at: number | null): string => (at === null ? '' : new Date(at).toISOString())
  const rows = items.map(item => [
    ...[query.kind, item.staff.name, item.staff.id, item.party.name, item.party.id, moment(item.since)],
    ...[item.notice, moment(item.noticeAt), item.reason ?? '', item.errcode ?? '', item.msgid ?? ''],
    ...[item.consent, moment(item.consentAt), item.customers, item.uncovered],
  ])
  return `\uFEFF${[HEAD, ...rows].map(row => row.map(cell).join(',')).join('\r\n')}\r\n`
}

/** Names come from outside: a cell that begins like a formula must not be one (CWE-1236). */
function cell(value: string | number): string {
  const text = String(value)
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
