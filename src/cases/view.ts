import { type Opened, readMessages } from '../archive/index.ts'
import type { Actor, Db, House } from '../base/index.ts'
import { partiesOf } from '../contacts/index.ts'
import { isModelRule } from '../detect/index.ts'
import {
  type FindingView,
  findingsOf,
  type HitView,
  hitsOf,
  type RuleSet,
  type Severity,
} from '../monitor/index.ts'
import type { Party } from '../people/index.ts'
import type { AlertRow } from './contract.ts'
import { caseOfAlerts } from './file-store.ts'
import { conflictOf } from './judge.ts'
import { countNear, type ReviewRow } from './store.ts'

const EXCERPT_BEFORE = 16
const EXCERPT = 90

type Seen = { message: Opened | undefined; hits: HitView[]; found: FindingView | undefined }

type Around = { parties: Map<string, Party>; near: Map<string, number>; cases: Map<string, AlertRow['case']> }

/** Rows of the board for one person: with whether he may review them. */
export async function rowsOf(db: Db, actor: Actor, set: RuleSet, reviews: ReviewRow[]): Promise<AlertRow[]> {
  const rows = await rowsFor(db, actor.house, set, reviews)
  return rows.map((row, i) => ({ ...row, conflict: conflictOf(actor, reviews[i] as ReviewRow) }))
}

/** Rows of the board for anybody: names resolved and masked, the risky words in their sentence. */
export async function rowsFor(
  db: Db,
  house: House,
  set: RuleSet,
  reviews: ReviewRow[],
): Promise<Omit<AlertRow, 'conflict'>[]> {
  const keys = reviews.map(review => ({ convId: review.convId, sentAt: review.sentAt, msgid: review.msgid }))
  const opened = await readMessages(db, house, keys)
  const messages = new Map(opened.map(message => [message.key.msgid, message]))
  const hits = Map.groupBy(await hitsOf(db, house, set, opened), hit => hit.msgid)
  const found = await findingsOf(
    db,
    house,
    set,
    reviews.map(review => review.alertId),
  )
  const around = await aroundOf(db, house, reviews)
  return reviews.map(review => ({
    ...rowOf(
      set,
      review,
      {
        message: messages.get(review.msgid),
        hits: hits.get(review.msgid) ?? [],
        found: found.get(review.alertId),
      },
      around.parties,
    ),
    ...standingOf(review, around),
  }))
}

async function aroundOf(db: Db, house: House, reviews: ReviewRow[]): Promise<Around> {
  const parties = await partiesOf(
    db,
    house,
    reviews.flatMap(review => [review.staff, review.counterpart]),
  )
  const near = await countNear(db, house.corp, [...new Set(reviews.map(leadOf))])
  const cases = await caseOfAlerts(
    db,
    house.corp,
    reviews.map(review => review.alertId),
  )
  return {
    parties,
    near,
    cases: new Map(cases.map(({ alertId, caseId, number }) => [alertId, { id: caseId, number }])),
  }
}

const leadOf = (review: ReviewRow): string => review.leadId ?? review.alertId

/** Where it stands in the machine, and beside which others. */
function standingOf(review: ReviewRow, { near, cases }: Around) {
  const { level, assignee, acceptedAt, acceptDueAt, closeDueAt, concealed, tags, upgraded, moves } = review
  const undecided = review.state !== 'violation' && review.state !== 'false_positive'
  return {
    ...{ level, assignee, acceptedAt, acceptDueAt, closeDueAt, concealed, tags, upgraded, moves },
    similar: Math.max(0, (near.get(leadOf(review)) ?? 0) - (undecided ? 1 : 0)),
    case: cases.get(review.alertId) ?? null,
  }
}

function rowOf(set: RuleSet, review: ReviewRow, seen: Seen, parties: Map<string, Party>) {
  const who = (id: string): Party => parties.get(id) ?? { id, kind: 'unknown', name: id, department: null }
  const alerting = seen.hits
    .filter(hit => review.rules.includes(hit.rule) && !hit.quoted)
    .toSorted((a, b) => (a.severity < b.severity ? -1 : +(a.severity > b.severity)))
  const severityOf = (rule: string): Severity =>
    alerting.find(hit => hit.rule === rule)?.severity ?? review.severity
  return {
    id: review.alertId,
    number: review.number,
    severity: review.severity,
    state: review.state,
    rules: review.rules.map(id => ({ id, name: nameOf(set, id), severity: severityOf(id) })),
    staff: who(review.staff),
    counterpart: who(review.counterpart),
    key: { convId: review.convId, sentAt: review.sentAt, msgid: review.msgid },
    raisedAt: review.raisedAt,
    dueAt: review.dueAt,
    recalled: (seen.message?.recalledAt ?? null) !== null,
    hits: alerting.length,
    // A behaviour is no sentence: what was counted stands where the words of one message would.
    excerpt: seen.found
      ? { text: seen.found.found, source: '行为依据', spans: [] }
      : excerptOf(seen.message, alerting),
    reason: alerting[0] ?? null,
    decidedAt: review.decidedAt,
    decidedBy: review.decidedBy,
  }
}

/** What the model found is named by its category: its rules share one name. */
export function nameOf(set: RuleSet, id: string): string {
  const rule = set.rules.get(id)
  if (!rule) return id
  return isModelRule(rule) ? `${rule.name}：${rule.categoryName}` : rule.name
}

/** The sentence around the hit that weighs most. */
export function excerptOf(message: Opened | undefined, hits: HitView[]): AlertRow['excerpt'] {
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
