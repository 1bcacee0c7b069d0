import type { Normal } from './message.ts'
import { isObject, type JsonObject, listAt, parseInner, textAt, wholeAt } from './payload.ts'
import type { Fact } from './texts.ts'

/** Forwards may nest; deeper than this nobody reads on. */
export const RECORD_DEPTH = 5

/** One entry of a forwarded record or of a mixed message, as the sender's screen shows it. */
export type Inside = {
  /** The same name that texts and files of this entry bear. */
  part: string
  kind: string
  /** Epoch ms; null when the record does not say. */
  at: number | null
  title: string | null
  facts: Fact[]
  media: Media | null
  items: Inside[]
}

/** ChatRecordText → text; the other names follow the same pattern. */
export function itemKind(type: string): string {
  return type.replace(/^ChatRecord/, '').toLowerCase() || 'text'
}

const NESTS = new Set(['chatrecord', 'record', 'mixed'])

/** What stands inside a forwarded record or a mixed message, in order; nothing for other kinds. */
export function insideOf(message: Normal): Inside[] {
  const { kind, payload } = message
  return kind === 'chatrecord' || kind === 'mixed' ? entries(payload, 1, 'item') : []
}

function entries(payload: JsonObject, depth: number, prefix: string): Inside[] {
  return listAt(payload, 'item').flatMap((row, index) => {
    if (!isObject(row)) return []
    const part = `${prefix}.${index}`
    const kind = itemKind(textAt(row, 'type'))
    const inner = isObject(row.content) ? row.content : parseInner(textAt(row, 'content'))
    const nests = NESTS.has(kind) && depth < RECORD_DEPTH
    return [
      {
        part,
        kind: kind === 'record' ? 'chatrecord' : kind,
        at: instant(wholeAt(row, 'msgtime')),
        title: textAt(inner, 'title') || null,
        facts: factsIn(kind, inner),
        media: mediaIn(inner, part),
        items: nests ? entries(inner, depth + 1, part) : [],
      },
    ]
  })
}

/** The document says milliseconds, its sample holds seconds (wecom-api.md §3.5). */
function instant(told: number | null): number | null {
  if (told === null || told <= 0) return null
  return told < 1e12 ? told * 1000 : told
}

function factsIn(kind: string, inner: JsonObject): Fact[] {
  if (kind === 'location')
    return [{ label: '坐标', value: `${textAt(inner, 'latitude')}, ${textAt(inner, 'longitude')}` }]
  return []
}

export type Quote = {
  /** As the quoting screen called him. */
  author: string
  text: string
  /** Where the quotation stands in the message's own text, UTF-16, its closing line included. */
  start: number
  end: number
}

/** WeCom's form, then WeChat's (wecom-api.md §3.5): both end in a line of dashes. */
const FORMS = [
  /^这是一条引用\/回复消息[：:]\s*\n?["“]([^\n]{0,80}?)[:：]\n?([\s\S]*?)["”]\n-{4,}\n/,
  /^「([^\n]{0,80}?)[：:]([\s\S]*?)」\n(?:- ){4,}-?\n/,
]

/** The quotation at the head of a text message, or null. */
export function quoteIn(text: string): Quote | null {
  for (const form of FORMS) {
    const found = form.exec(text)
    if (found) return { author: found[1] ?? '', text: found[2] ?? '', start: 0, end: found[0].length }
  }
  return null
}

export type Media = {
  part: string
  sdkfileid: string
  name: string | null
  /** What the message promises of the file, to hold it against; null when it promises nothing. */
  md5: string | null
  size: number | null
}
const NAMED = new Set(['file', 'voip_doc_share'])

/** Files a message points at; they are fetched by a job of their own, so messages never wait for media. */
export function mediaOf(message: Normal): Media[] {
  const { kind, payload } = message
  const own = mediaIn(payload, 'body')
  const mine = own === null ? [] : [{ ...own, name: NAMED.has(kind) ? own.name : null }]
  return [...mine, ...insideOf(message).flatMap(mediaWithin)]
}

function mediaWithin(entry: Inside): Media[] {
  return [...(entry.media ? [entry.media] : []), ...entry.items.flatMap(mediaWithin)]
}

/** The file an entry of a record or of a mixed message points at. */
function mediaIn(inner: JsonObject, part: string): Media | null {
  const sdkfileid = textAt(inner, 'sdkfileid')
  if (sdkfileid === '') return null
  return { part, sdkfileid, name: textAt(inner, 'filename') || null, ...promised(inner) }
}

/** md5sum may be empty; the size stands under another name for voice and stickers (wecom-api.md §3.4, §3.5). */
function promised(payload: JsonObject): { md5: string | null; size: number | null } {
  const md5 = textAt(payload, 'md5sum').trim().toLowerCase()
  const size = wholeAt(payload, 'filesize') ?? wholeAt(payload, 'voice_size') ?? wholeAt(payload, 'imagesize')
  return { md5: md5 === '' ? null : md5, size: size !== null && size > 0 ? size : null }
}
