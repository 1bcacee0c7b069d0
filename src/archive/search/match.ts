import { foldText } from '../../detect/index.ts'
import type { SearchHit, Source } from '../contract.ts'
import type { Criteria } from './criteria.ts'
import type { Looked } from './look.ts'

type Span = { start: number; end: number }
export type Found = { message: Looked; places: { index: number; words: string[] }[] }

const EXCERPT = 60
const MOST_SPANS = 20
const MOST_PLACES = 3

/** Where a text of a message stands. Parts of what files say carry their source: `ocr:body`, `document:body#2`. */
export function sourceOf(kind: string, part: string): Source {
  const derived = /^(ocr|qr|asr|document):/.exec(part)?.[1]
  if (derived !== undefined) return derived as Source
  return kind === 'chatrecord' && part !== 'title' ? 'record' : 'body'
}

/**
 * The second look: is this message what was asked for, and where do the words stand? Null when it is not. Words must
 * stand in a text of the wanted source; excluded words must stand in none of its texts.
 */
export function matchOf(message: Looked, criteria: Criteria): Found | null {
  if (!criteria.has.every(has => has.any.some(what => hasIt(message, what)) !== has.not)) return null
  const sources = message.texts.map(text => sourceOf(message.kind, text.part))
  const within = message.texts.map((_, index) =>
    criteria.sources.every(s => s.any.includes(sources[index] as Source) !== s.not),
  )
  if (criteria.sources.length > 0 && !within.some(Boolean)) return null
  if (criteria.all.length === 0 && criteria.none.length === 0)
    return { message, places: placesWithout(within) }
  const folded = message.texts.map(text => (criteria.exact ? text.text : foldText(text.text)))
  if (criteria.none.some(word => folded.some(text => text.includes(word)))) return null
  const places = new Map<number, string[]>()
  for (const clause of criteria.all) {
    let met = false
    for (const word of clause) {
      folded.forEach((text, index) => {
        if (!within[index] || !text.includes(word)) return
        met = true
        places.set(index, [...(places.get(index) ?? []), word])
      })
    }
    if (!met) return null
  }
  if (criteria.all.length === 0) return { message, places: placesWithout(within) }
  const most = [...places]
    .map(([index, words]) => ({ index, words }))
    .sort((a, b) => b.words.length - a.words.length)
  return { message, places: most }
}

function placesWithout(within: boolean[]): Found['places'] {
  const first = within.indexOf(true)
  return first === -1 ? [] : [{ index: first, words: [] }]
}

const ITEM_TYPES = { picture: /image/i, file: /file/i, voice: /voice/i, video: /video/i, link: /link|news/i }

function hasIt(message: Looked, what: Criteria['has'][number]['any'][number]): boolean {
  if (what === 'attachment') return message.files > 0
  const kinds = {
    picture: ['image'],
    file: ['file', 'qydiskfile'],
    voice: ['voice'],
    video: ['video'],
    link: ['link', 'news'],
  }
  if (kinds[what].includes(message.kind)) return true
  if (what === 'link' && message.texts.some(text => /https?:\/\/\S/i.test(text.text))) return true
  // A forward or a mixed message holds others; their types stand in its payload.
  return message.items.some(type => ITEM_TYPES[what].test(type))
}

/** The place with most of the words first, then the others. */
export function excerptsOf(found: Found, criteria: Criteria): SearchHit['excerpt'][] {
  if (found.places.length === 0) return [{ source: 'body', label: null, text: '', spans: [] }]
  return found.places.slice(0, MOST_PLACES).flatMap(({ index, words }) => {
    const text = found.message.texts[index]
    if (!text) return []
    const spans = spansOf(text.text, words, criteria.exact)
    return [{ source: sourceOf(found.message.kind, text.part), label: text.label, ...cut(text.text, spans) }]
  })
}

function spansOf(text: string, words: string[], exact: boolean): Span[] {
  const { folded, at } = exact ? { folded: text, at: (i: number) => i } : foldedWithPlaces(text)
  const spans: Span[] = []
  for (const word of words) {
    for (
      let i = folded.indexOf(word);
      i !== -1 && spans.length < MOST_SPANS;
      i = folded.indexOf(word, i + word.length)
    )
      spans.push({ start: at(i), end: at(i + word.length) })
  }
  return joined(spans.sort((a, b) => a.start - b.start))
}

/** Most characters fold one to one; where one becomes two or none (㎏, variation selectors), places are counted out. */
function foldedWithPlaces(text: string): { folded: string; at: (index: number) => number } {
  const places: number[] = []
  let folded = ''
  let place = 0
  for (const char of text) {
    const piece = foldText(char)
    const even = piece.length === char.length
    for (let i = 0; i < piece.length; i += 1) places.push(even ? place + i : place)
    folded += piece
    place += char.length
  }
  places.push(text.length)
  return { folded, at: index => places[index] ?? text.length }
}

function joined(spans: Span[]): Span[] {
  const out: Span[] = []
  for (const span of spans) {
    const last = out.at(-1)
    if (last && span.start <= last.end) last.end = Math.max(last.end, span.end)
    else out.push({ ...span })
  }
  return out
}

function cut(text: string, spans: Span[]): { text: string; spans: Span[] } {
  const first = spans[0]?.start ?? 0
  const start = whole(text, Math.max(0, first - EXCERPT))
  const end = whole(text, Math.min(text.length, first + EXCERPT * 3))
  const lead = start > 0 ? '…' : ''
  return {
    text: `${lead}${text.slice(start, end)}${end < text.length ? '…' : ''}`,
    spans: spans
      .filter(span => span.start >= start && span.end <= end)
      .map(span => ({ start: span.start - start + lead.length, end: span.end - start + lead.length })),
  }
}

/** A cut between the halves of an emoji would leave two broken characters. */
function whole(text: string, at: number): number {
  const unit = text.charCodeAt(at)
  return unit >= 0xdc00 && unit < 0xe000 ? at - 1 : at
}
