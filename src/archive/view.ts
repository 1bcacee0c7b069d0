import type { Db, House } from '../base/index.ts'
import { partiesOf } from '../contacts/index.ts'
import type { Party } from '../people/index.ts'
import {
  type Fact,
  factsOf,
  type Inside,
  insideOf,
  type Media,
  mediaOf,
  type Normal,
  quoteIn,
} from '../wecom/index.ts'
import type { Attachment, InsideView, MessageKey, MessageView } from './contract.ts'
import type { Opened } from './read.ts'

/** Opened messages as the screens show them: names resolved and masked, cards with their facts. */
export async function viewsOf(db: Db, house: House, opened: Opened[]): Promise<MessageView[]> {
  const facts = opened.map(message => (message.normal ? factsOf(message.normal) : []))
  const named = facts.flat().flatMap(fact => fact.ids ?? [])
  const parties = await partiesOf(db, house, [...opened.map(message => message.from), ...named])
  return opened.map((message, at) => viewOf(message, facts[at] ?? [], parties))
}

function viewOf(message: Opened, facts: Fact[], parties: Map<string, Party>): MessageView {
  const { normal } = message
  const attachments = normal ? mediaOf(normal).map(media => attachmentOf(media, normal, message)) : []
  return {
    key: message.key,
    kind: message.kind,
    action: message.action,
    direction: message.direction,
    from: partyIn(parties, message.from),
    capturedAt: message.capturedAt,
    recalledAt: message.recalledAt,
    recalls: message.recalls,
    texts: message.texts,
    facts: facts.map(({ ids, ...fact }) =>
      ids ? { ...fact, value: ids.map(id => partyIn(parties, id).name).join('、') } : fact,
    ),
    attachment: attachments[0] ?? null,
    attachments,
    inside: normal ? insideOf(normal).map(insideView) : [],
    quote: quoteOf(message),
    absent: message.absent,
    ledgerIndex: message.ledgerIndex,
  }
}

function insideView({ part, kind, at, title, facts, items }: Inside): InsideView {
  return { part, kind, at, title, facts, items: items.map(insideView) }
}

/** What a reply says it replies to; which message that is, `linkQuotes` finds. */
function quoteOf(message: Opened): MessageView['quote'] {
  const body = message.kind === 'text' ? message.texts.find(text => text.part === 'body') : undefined
  const quote = body ? quoteIn(body.text) : null
  return quote ? { author: quote.author, text: quote.text, end: quote.end, of: null } : null
}

/** A quotation carries no id: the newest message before it with the same words is the one. */
export function linkQuotes(views: MessageView[], before: Pick<Opened, 'key' | 'texts'>[]): MessageView[] {
  return views.map(view => {
    const { quote, key } = view
    if (!quote) return view
    const wanted = quote.text.trim()
    const of = before
      .filter(one => one.key.sentAt <= key.sentAt && one.key.msgid !== key.msgid && says(one, wanted))
      .reduce<MessageKey | null>(
        (best, one) => (best === null || one.key.sentAt > best.sentAt ? one.key : best),
        null,
      )
    return { ...view, quote: { ...quote, of } }
  })
}

/** The message itself without what it quotes in its turn: that is what a reply to it carries. */
function says({ texts }: Pick<Opened, 'texts'>, wanted: string): boolean {
  const body = texts.find(text => text.part === 'body')?.text ?? ''
  return body.slice(quoteIn(body)?.end ?? 0).trim() === wanted
}

/** A recalled message without its words; the entrance for originals gives them and writes down who looked. */
export function folded(view: MessageView): MessageView {
  if (view.recalledAt === null || view.absent !== null) return view
  return {
    ...view,
    texts: [],
    facts: [],
    attachment: null,
    attachments: [],
    inside: [],
    quote: null,
    absent: 'recalled',
  }
}

function attachmentOf(media: Media, normal: Normal, message: Opened): Attachment {
  const known = message.media.find(one => one.part === media.part)
  const own = media.part === 'body'
  return {
    name: media.name,
    size: media.size ?? (own ? numberOr(normal.meta.size) : null),
    seconds: own ? numberOr(normal.meta.seconds) : null,
    part: media.part,
    state: shownState(known?.state),
    verdict: known && known.state !== 'waiting' ? known.state : null,
    reason: known?.reason ?? null,
  }
}

/** Bytes that differ from what the message promised are there to be looked at all the same. */
function shownState(state: string | undefined): 'waiting' | 'stored' | 'missing' {
  if (state === undefined || state === 'waiting') return 'waiting'
  return state === 'expired' || state === 'failed' ? 'missing' : 'stored'
}

function numberOr(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}

/** A party that nobody told us of is shown by its id, never left out. */
export function partyIn(parties: Map<string, Party>, id: string): Party {
  return parties.get(id) ?? { id, kind: 'unknown', name: id, department: null }
}
