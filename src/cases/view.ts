import { type Opened, readMessages } from '../archive/index.ts'
import type { Db, House } from '../base/index.ts'
import { partiesOf } from '../contacts/index.ts'
import { type HitView, hitsOf, type RuleSet, type Severity } from '../monitor/index.ts'
import type { Party } from '../people/index.ts'
import type { AlertRow } from './contract.ts'
import type { ReviewRow } from './store.ts'

const EXCERPT_BEFORE = 16
const EXCERPT = 90

type Seen = { message: Opened | undefined; hits: HitView[] }

/** Rows of the board: names resolved and masked, the risky words in their sentence. */
export async function rowsOf(db: Db, house: House, set: RuleSet, reviews: ReviewRow[]): Promise<AlertRow[]> {
  const keys = reviews.map(review => ({ convId: review.convId, sentAt: review.sentAt, msgid: review.msgid }))
  const messages = new Map((await readMessages(db, house, keys)).map(message => [message.key.msgid, message]))
  const hits = Map.groupBy(await hitsOf(db, house, set, keys), hit => hit.msgid)
  const parties = await partiesOf(
    db,
    house,
    reviews.flatMap(review => [review.staff, review.counterpart]),
  )
  return reviews.map(review =>
    rowOf(set, review, { message: messages.get(review.msgid), hits: hits.get(review.msgid) ?? [] }, parties),
  )
}

function rowOf(set: RuleSet, review: ReviewRow, seen: Seen, parties: Map<string, Party>): AlertRow {
  const who = (id: string): Party => parties.get(id) ?? { id, kind: 'unknown', name: id, department: null }
  const alerting = seen.hits.filter(hit => review.rules.includes(hit.rule) && !hit.quoted)
  const severityOf = (rule: string): Severity =>
    alerting.find(hit => hit.rule === rule)?.severity ?? review.severity
  return {
    id: review.alertId,
    number: review.number,
    severity: review.severity,
    state: review.state,
    rules: review.rules.map(id => ({ id, name: set.rules.get(id)?.name ?? id, severity: severityOf(id) })),
    staff: who(review.staff),
    counterpart: who(review.counterpart),
    key: { convId: review.convId, sentAt: review.sentAt, msgid: review.msgid },
    raisedAt: review.raisedAt,
    dueAt: review.dueAt,
    recalled: (seen.message?.recalledAt ?? null) !== null,
    hits: alerting.length,
    excerpt: excerptOf(seen.message, alerting),
    decidedAt: review.decidedAt,
    decidedBy: review.decidedBy,
  }
}

/** The sentence around the first hit of the message. */
function excerptOf(message: Opened | undefined, hits: HitView[]): AlertRow['excerpt'] {
  const first = hits[0]
  const { text, label: source = null } =
    message?.texts.find(candidate => candidate.part === first?.part) ?? {}
  if (!first || text === undefined) return { text: '', source: null, spans: [] }
  const start = Math.max(0, first.start - EXCERPT_BEFORE)
  const end = Math.min(text.length, Math.max(first.end, start + EXCERPT))
  const lead = start > 0 ? '…' : ''
  const spans = hits
    .filter(hit => hit.part === first.part && hit.start >= start && hit.end <= end)
    .map(hit => ({
      start: hit.start - start + lead.length,
      end: hit.end - start + lead.length,
      severity: hit.severity,
    }))
  return { text: `${lead}${text.slice(start, end)}${end < text.length ? '…' : ''}`, source, spans }
}

/** The matched characters of each hit, cut from the opened text: the database holds only offsets. */
export function matchedOf(message: Opened | undefined, hit: HitView): string {
  return message?.texts.find(text => text.part === hit.part)?.text.slice(hit.start, hit.end) ?? ''
}
