import { type Db, dayOf, type House, now } from '../base/index.ts'
import { isExternal, isRobot } from '../wecom/index.ts'
import { repullsSince, selectSeats } from './care-store.ts'
import {
  boundsOf,
  countKinds,
  countLate,
  countMediaStates,
  countQuarantined,
  countReceived,
  countSent,
  countUndated,
  type Day,
  firstCapture,
  keyVersions,
  membersWithout,
  outagesOf,
  seqRange,
} from './certificate-store.ts'
import type { CertificateDocument, UnknownThing } from './contract.ts'
import { WINDOW_MS } from './lag.ts'

const SEQ_NOTE = 'seq 按平台设计不连续，跳号不代表缺失；完整性以重新拉取后逐条比对为准'

/** All that a certificate says but its revision and when it was issued. */
export type Facts = Omit<CertificateDocument, 'revision' | 'issuedAt'>

/** Count one local day. Give a transaction of one snapshot, so that the counts belong together. */
export async function factsOf(db: Db, house: House, source: string, day: string): Promise<Facts> {
  const bounds = await boundsOf(db, house.corp, day, house.zone)
  const kinds = await countKinds(db, bounds)
  const parties = await partiesOf(db, bounds)
  const quarantine = await countQuarantined(db, bounds)
  const media = await countMediaStates(db, bounds)
  const repulls = await repullsSince(db, house.corp, source, bounds.to)
  const outages = await outagesOf(db, bounds, source)
  const seats = await selectSeats(db, house.corp, day)
  const facts: Facts = {
    version: 1,
    institution: house.corpid,
    day,
    zone: house.zone,
    from: bounds.from,
    to: bounds.to,
    messages: {
      total: kinds.reduce((sum, kind) => sum + kind.n, 0),
      byKind: named(kinds),
      undated: await countUndated(db, bounds),
      late: await countLate(db, bounds, source),
    },
    people: parties.staff,
    customers: parties.customers,
    keys: await keyVersions(db, bounds, source),
    quarantine,
    conflicts: quarantine
      .filter(q => q.reason === 'conflict')
      .reduce((sum, q) => sum + q.waiting + q.resolved, 0),
    media: named(media),
    seats: seatsOf(parties.staff, seats),
    seq: { ...(await seqRange(db, bounds)), note: SEQ_NOTE },
    // The first whole one after the day's end is the proof; the later ones add nothing but what they find.
    repulls: repulls
      .filter((run, i) => i === 0 || run.late > 0)
      .map(({ startedAt, fromSeq, toSeq, records, late, quarantined }) => ({
        startedAt,
        fromSeq,
        toSeq,
        records,
        late,
        quarantined,
      })),
    outages,
    unknown: [],
  }
  const first = await firstCapture(db, house.corp)
  const without = seats === null ? null : await membersWithout(db, house.corp, seats)
  return { ...facts, unknown: unknownOf(facts, first.live, without) }
}

function named(rows: { name: string; n: number }[]): Record<string, number> {
  return Object.fromEntries(rows.map(row => [row.name, row.n]))
}

async function partiesOf(
  db: Db,
  day: Day,
): Promise<{ staff: Facts['people']; customers: Facts['customers'] }> {
  const sent = new Map((await countSent(db, day)).map(row => [row.name, row.n]))
  const received = new Map((await countReceived(db, day)).map(row => [row.name, row.n]))
  const all = [...new Set([...sent.keys(), ...received.keys()])].sort()
  const outside = all.filter(isExternal)
  return {
    staff: all
      .filter(id => !isExternal(id) && !isRobot(id))
      .map(id => ({ id, sent: sent.get(id) ?? 0, received: received.get(id) ?? 0 })),
    customers: {
      people: outside.length,
      sent: outside.reduce((sum, id) => sum + (sent.get(id) ?? 0), 0),
    },
  }
}

function seatsOf(staff: Facts['people'], seats: string[] | null): Facts['seats'] {
  const archived = new Set(staff.map(person => person.id))
  if (seats === null) return { licensed: null, archived: archived.size, silent: null, unlicensed: [] }
  return {
    licensed: seats.length,
    archived: archived.size,
    silent: seats.filter(id => !archived.has(id)).length,
    unlicensed: [...archived].filter(id => !seats.includes(id)),
  }
}

/** What these facts cannot show, each with the words of the document. */
function unknownOf(facts: Facts, live: number | null, without: number | null): UnknownThing[] {
  const found: UnknownThing[] = []
  const say = (code: UnknownThing['code'], n: number | null, said: string): void =>
    void found.push({ code, n, said })
  const media = (states: string[]): number =>
    states.reduce((sum, state) => sum + (facts.media[state] ?? 0), 0)
  const waiting = facts.quarantine.reduce((sum, q) => sum + q.waiting, 0)
  const gaps = facts.outages.filter(o => (o.endedAt ?? now()) - o.beganAt > WINDOW_MS).length
  say(
    'platform_scope',
    null,
    '未开通存档的成员、未同意存档的客户以及开通之前的消息，平台不提供，本证明无从得知',
  )
  if (now() < facts.to) say('day_not_over', null, '出具时当日尚未结束')
  if (live === null) say('imported_only', null, '未从企业微信采集过，只有导入的消息，是否完整取决于导入文件')
  else if (facts.from < live - WINDOW_MS)
    say('before_capture', null, '当日早于首次采集之前五天，平台已不保留，只有导入的消息')
  if (gaps > 0)
    say('beyond_window', gaps, `有 ${gaps} 次中断超过平台保留的五天，期间消息可能已经丢失，数量无从得知`)
  if (live !== null && facts.repulls.length === 0)
    say('not_repulled', null, '当日结束后尚未完成重新拉取，遗漏与否未经复核')
  if (waiting > 0) say('quarantine_waiting', waiting, `有 ${waiting} 条记录在隔离区，内容与归属未知`)
  const lost = media(['expired', 'failed'])
  if (lost > 0) say('media_lost', lost, `有 ${lost} 个原件已过期或无法取得，内容未知`)
  if (media(['waiting']) > 0)
    say('media_waiting', media(['waiting']), `有 ${media(['waiting'])} 个原件尚未取回`)
  const unproven = media(['fetched_md5_missing', 'fetched_md5_wrong', 'size_wrong'])
  if (unproven > 0)
    say('media_unproven', unproven, `有 ${unproven} 个原件没有摘要或与摘要、大小不符，是否原样无法证明`)
  if (facts.seats.licensed === null) say('seats_unknown', null, '当日存档席位名单未取得，无法核对应存人员')
  if (without !== null && without > 0)
    say('seats_without', without, `有 ${without} 名在职成员不在存档席位内，其消息平台不提供`)
  return found
}

/** What makes a new revision: the facts themselves, but for what only time changes. */
export function lasting(facts: Facts): Omit<Facts, 'repulls'> & { proved: boolean } {
  const { repulls, ...rest } = facts
  return { ...rest, proved: repulls.length > 0 }
}

/** The local day before this instant's. */
export function dayBefore(at: number, zone: string): string {
  const noon = Date.parse(`${dayOf(at, zone)}T12:00:00Z`)
  return new Date(noon - 86_400_000).toISOString().slice(0, 10)
}
