import { createHash } from 'node:crypto'
import { isObject, type Json, type JsonObject, listAt, objectAt, textAt, wholeAt } from './payload.ts'

/** Bump when a rule below changes what is derived: `verify` re-derives only what the same version derived. */
export const NORMALISER = 1

/** Why a decrypted record cannot become a message; it goes to quarantine with this reason, never away. */
export type Unreadable = 'broken_json' | 'not_an_object' | 'no_msgid' | 'no_sender'

export type Direction = 'staff' | 'customer' | 'internal' | 'system'
export type Action = 'send' | 'recall' | 'switch'
export type Link = { kind: 'recalls' | 'quotes' | 'forwards'; target: string }

/** One WeCom archive message (path/91774) with what can be said of it without its words. */
export type Normal = {
  msgid: string
  action: Action
  kind: string
  from: string
  /** Epoch ms as the source says; 0 when missing or impossible. */
  sentAt: number
  direction: Direction
  /** Parts that name the conversation: hash them with the institution to get conv_id. */
  conversation: string[]
  meta: JsonObject
  links: Link[]
  payload: JsonObject
  raw: JsonObject
}

/** PostgreSQL's timestamptz ends in 294276; JavaScript's Date ends in 275760. */
const LAST_INSTANT = Date.UTC(9999, 0, 1)
/** Payloads that do not stand under their msgtype's name (path/91774). */
const PAYLOAD_KEY: Record<string, string> = {
  external_redpacket: 'redpacket',
  docmsg: 'doc',
  markdown: 'info',
  news: 'info',
  voiptext: 'info',
  qydiskfile: 'info',
  meeting_notification: 'info',
  note: 'info',
}

/** `wm…` and `wo…` of 32 characters are people outside; anything else is an employee or a robot. */
export function isExternal(party: string): boolean {
  return /^w[mo][A-Za-z0-9_-]{20,}$/.test(party)
}
export function isRobot(party: string): boolean {
  return /^wb[A-Za-z0-9_-]{10,}$/.test(party)
}

/** Parse and normalise one decrypted record. Unknown types are kept: `kind` is then what the source called it. */
export function normalise(text: string): Normal | Unreadable {
  let raw: Json
  try {
    raw = JSON.parse(text) as Json
  } catch {
    return 'broken_json'
  }
  if (!isObject(raw)) return 'not_an_object'
  const msgid = id(raw, 'msgid')
  if (msgid === '') return 'no_msgid'
  return raw.action === 'switch' ? switchLog(raw, msgid) : ordinary(raw, msgid)
}

function switchLog(raw: JsonObject, msgid: string): Normal | Unreadable {
  const user = id(raw, 'user')
  if (user === '') return 'no_sender'
  return {
    msgid,
    action: 'switch',
    kind: 'switch',
    from: user,
    sentAt: instant(wholeAt(raw, 'time')),
    direction: 'system',
    conversation: [`switch:${user}`],
    meta: { v: NORMALISER, to: [] },
    links: [],
    payload: {},
    raw,
  }
}

function ordinary(raw: JsonObject, msgid: string): Normal | Unreadable {
  const from = id(raw, 'from')
  if (from === '') return 'no_sender'
  const to = listAt(raw, 'tolist').flatMap(party =>
    typeof party === 'string' && party !== '' ? [cleanId(party)] : [],
  )
  const room = id(raw, 'roomid')
  // Cut where a pair stands, half of it would remain.
  const kind = id(raw, 'msgtype').slice(0, 64).toWellFormed() || 'unknown'
  const payload = objectAt(raw, (Object.hasOwn(PAYLOAD_KEY, kind) && PAYLOAD_KEY[kind]) || kind)
  return {
    msgid,
    action: raw.action === 'recall' ? 'recall' : 'send',
    kind,
    from,
    sentAt: instant(wholeAt(raw, 'msgtime')),
    direction: directionOf(from, to, msgid),
    conversation: room === '' ? [...new Set([from, ...to])].sort() : [`room:${room}`],
    meta: { v: NORMALISER, to, ...(room === '' ? {} : { room }), ...numbers(payload) },
    links: linksOf(kind, payload),
    payload,
    raw,
  }
}

/** WeCom's ids stay under 64 characters; a longer one is replaced by its digest so that it fits an index entry. */
const LONGEST_ID = 200

function id(value: JsonObject, key: string): string {
  return cleanId(textAt(value, key))
}

/** PostgreSQL stores neither NUL nor half a surrogate pair; the body keeps the bytes as they came. */
function cleanId(text: string): string {
  if (text.length > LONGEST_ID) return `sha256:${createHash('sha256').update(text).digest('hex')}`
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}

/** Impossible times are archived all the same, at the epoch, where nobody overlooks them. */
function instant(ms: number | null): number {
  return ms === null || ms < 0 || ms > LAST_INSTANT ? 0 : ms
}

function directionOf(from: string, to: string[], msgid: string): Direction {
  if (isExternal(from)) return 'customer'
  return msgid.endsWith('_external') || to.some(isExternal) ? 'staff' : 'internal'
}

/** Content-free numbers a list can show without opening the body. */
function numbers(payload: JsonObject): JsonObject {
  const found: JsonObject = {}
  const size = wholeAt(payload, 'filesize') ?? wholeAt(payload, 'voice_size') ?? wholeAt(payload, 'imagesize')
  const seconds = wholeAt(payload, 'play_length') ?? wholeAt(payload, 'callduration')
  if (size !== null && Number.isSafeInteger(size)) found.size = size
  if (seconds !== null && Number.isSafeInteger(seconds)) found.seconds = seconds
  return found
}

function linksOf(kind: string, payload: JsonObject): Link[] {
  const target = kind === 'revoke' ? id(payload, 'pre_msgid') : ''
  return target === '' ? [] : [{ kind: 'recalls', target }]
}
