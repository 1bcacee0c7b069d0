import { type Actor, type Db, dayOf, now, sql } from '../../base/index.ts'
import { clearNamesOf, partiesOf } from '../../contacts/index.ts'
import type { MessageKey } from '../contract.ts'
import { identityOf } from '../derived.ts'
import { partyIn } from '../view.ts'
import type { Rule } from './criteria.ts'
import { type Ask, everyMatch } from './engine.ts'
import type { Found } from './match.ts'
import { sourceOf } from './match.ts'

export type ExportFormat = 'csv' | 'jsonl'
/** Who takes it out, when, why, and what was asked for: the first line of the file. */
export type ExportHead = {
  institution: string
  by: string
  at: number
  reason: string
  query: string
  names: 'masked' | 'clear'
}
export type ExportPiece = { text: string; rows: number; reachedAt: number | null }

type Extra = { recalled: boolean; index: number | null; marks: [kind: string, value: string][] | null }
type Row = Record<(typeof COLUMNS)[number][0], string | number | boolean | null>

const COLUMNS = [
  ['number', '序号'],
  ['time', '时间'],
  ['conversation', '会话编号'],
  ['fromId', '发送人编号'],
  ['from', '发送人'],
  ['toIds', '接收方编号'],
  ['to', '接收方'],
  ['direction', '方向'],
  ['kind', '类型'],
  ['found', '命中位置'],
  ['text', '内容'],
  ['rules', '命中规则'],
  ['ruleNames', '规则名称'],
  ['severity', '级别'],
  ['recalled', '已撤回'],
  ['ledgerIndex', '存证序号'],
  ['msgid', '消息编号'],
] as const
const DIRECTION_WORDS: Record<string, string> = {
  staff: '员工发出',
  customer: '客户发来',
  internal: '内部',
  system: '系统',
}
const SOURCE_WORDS: Record<string, string> = {
  body: '正文',
  ocr: '图片文字',
  qr: '二维码',
  asr: '语音转写',
  document: '文档',
  record: '转发记录',
}

/**
 * The rows of an export as they are read, newest first. The first line says who took it out, when and why; the last
 * one says how many rows there are, so that a file cut short shows it. Memory does not grow with the rows.
 */
export async function* exportRows(
  tx: Db,
  actor: Actor,
  ask: Ask,
  head: ExportHead,
  format: ExportFormat,
  rules: readonly Rule[],
): AsyncGenerator<ExportPiece> {
  const names = new Map(rules.map(rule => [rule.id, rule.name]))
  yield { text: headText(head, format, actor.house.zone), rows: 0, reachedAt: null }
  let rows = 0
  for await (const found of everyMatch(tx, ask)) {
    const made = await rowsOf(tx, actor, found, { first: rows + 1, names, clear: head.names === 'clear' })
    rows += made.length
    const text = made.map(row => lineOf(row, format)).join('')
    yield { text, rows: made.length, reachedAt: found.at(-1)?.message.key.sentAt ?? null }
  }
  yield { text: footText(rows, format), rows: 0, reachedAt: null }
}

async function rowsOf(
  tx: Db,
  actor: Actor,
  found: Found[],
  how: { first: number; names: Map<string, string>; clear: boolean },
): Promise<Row[]> {
  const { house } = actor
  const people = found.flatMap(({ message: m }) => [m.from, ...m.to, ...(m.room ? [m.room] : [])])
  const parties = await partiesOf(tx, house, people)
  const clear = how.clear ? await clearNamesOf(tx, actor, people) : new Map<string, string>()
  const name = (id: string): string => clear.get(id) ?? partyIn(parties, id).name
  const extras = await extrasOf(
    tx,
    house.corp,
    found.map(match => match.message.key),
  )
  return found.map(({ message, places }, i) => {
    const extra = extras.get(identityOf(message.key))
    const ids = [
      ...new Set((extra?.marks ?? []).flatMap(([kind, value]) => (kind === 'rule' ? [value] : []))),
    ].sort()
    const severity = (extra?.marks ?? [])
      .flatMap(([kind, value]) => (kind === 'severity' ? [value] : []))
      .sort()[0]
    const to = message.room ? [message.room] : message.to
    return {
      number: how.first + i,
      time: moment(message.key.sentAt, house.zone),
      conversation: message.key.convId,
      fromId: message.from,
      from: name(message.from),
      toIds: to.join(' '),
      to: to.map(name).join(' '),
      direction: DIRECTION_WORDS[message.direction] ?? message.direction,
      kind: message.kind,
      found: [
        ...new Set(places.map(p => SOURCE_WORDS[sourceOf(message.kind, message.texts[p.index]?.part ?? '')])),
      ].join(' '),
      text: message.gone
        ? '（正文未保存、已销毁或不得查看）'
        : message.texts.map(t => (t.label === null ? t.text : `[${t.label}] ${t.text}`)).join('\n'),
      rules: ids.join(' '),
      ruleNames: ids.map(id => how.names.get(id) ?? id).join(' '),
      severity: severity ?? '',
      recalled: extra?.recalled ?? false,
      ledgerIndex: extra?.index ?? null,
      msgid: message.key.msgid,
    }
  })
}

async function extrasOf(tx: Db, corp: number, keys: MessageKey[]): Promise<Map<string, Extra>> {
  const { rows } = await sql<MessageKey & Extra>`
    SELECT k.conv::text AS "convId", (extract(epoch FROM k.sent) * 1000)::bigint AS "sentAt", k.msgid,
      EXISTS (SELECT FROM message_link l WHERE l.corp_id = ${corp} AND l.conv_id = k.conv AND l.target_msgid = k.msgid
        AND l.kind = 'recalls') AS recalled,
      (SELECT min(f.idx) FROM leaf f WHERE f.corp_id = ${corp} AND f.log_id = 'archive' AND f.conv_id = k.conv
        AND f.sent_at = k.sent AND f.ref = k.msgid AND f.kind = 'message') AS index,
      (SELECT jsonb_agg(jsonb_build_array(s.kind, s.value)) FROM message_mark s WHERE s.corp_id = ${corp}
        AND s.conv_id = k.conv AND s.sent_at = k.sent AND s.src_msgid = k.msgid AND s.kind IN ('rule', 'severity')) AS marks
    FROM unnest(${keys.map(k => k.convId)}::bigint[], ${keys.map(k => new Date(k.sentAt).toISOString())}::timestamptz[],
      ${keys.map(k => k.msgid)}::text[]) AS k (conv, sent, msgid)`.execute(tx)
  return new Map(rows.map(row => [identityOf(row), row]))
}

function headText(head: ExportHead, format: ExportFormat, zone: string): string {
  if (format === 'jsonl')
    return `${JSON.stringify({ export: { ...head, at: new Date(head.at).toISOString() } })}\n`
  const said = `通鉴检索导出 · ${head.institution} · 导出人 ${head.by} · ${moment(head.at, zone)} · 理由：${head.reason} · 条件：${head.query || '无'} · 姓名${head.names === 'clear' ? '未脱敏' : '已脱敏'} · 内部资料，不得外传`
  return `\uFEFF${cell(said)}\r\n${COLUMNS.map(([, title]) => cell(title)).join(',')}\r\n`
}

function footText(rows: number, format: ExportFormat): string {
  return format === 'jsonl'
    ? `${JSON.stringify({ end: { rows, complete: true, at: new Date(now()).toISOString() } })}\n`
    : `${cell(`共 ${rows} 条，文件完整`)}\r\n`
}

function lineOf(row: Row, format: ExportFormat): string {
  if (format === 'jsonl') return `${JSON.stringify(row)}\n`
  return `${COLUMNS.map(([key]) => cell(shownAs(row[key]))).join(',')}\r\n`
}

function shownAs(value: string | number | boolean | null): string {
  if (typeof value === 'boolean') return value ? '是' : ''
  return value === null ? '' : String(value)
}

/** What people wrote comes from outside: a cell that begins like a formula must not be one (CWE-1236). */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const clocks = new Map<string, Intl.DateTimeFormat>()
function moment(at: number, zone: string): string {
  let clock = clocks.get(zone)
  if (!clock) {
    clock = new Intl.DateTimeFormat('sv-SE', {
      timeZone: zone,
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
    clocks.set(zone, clock)
  }
  return `${dayOf(at, zone)} ${clock.format(at)}`
}
