import { type Db, dayOf, type House, keyMonth, now, sql, type Tx } from '../../base/index.ts'
import type { MessageKey } from '../contract.ts'
import { identityOf } from '../derived.ts'
import type { Cause, Institution, PurgeScope, Refusal, Refusals } from './contract.ts'
import { type AnchorEvent, anchorsInForce, type Due, dueOf, type OpenClass, recordDay } from './due.ts'
import { type HeldBy, holdsOver } from './held.ts'
import { materialsOf, scheduleOf } from './schedule.ts'
import { type HoldRow, openClasses, selectAnchors, selectHolds } from './store.ts'

/**
 * What a later room knows that bars destruction: identities (`identityOf`) of those of the messages that are under its
 * hands, such as an alert that nobody has settled. Asked at the request and again inside the transaction that destroys.
 */
export type PurgeGuard = (db: Db, house: House, keys: MessageKey[]) => Promise<Set<string>>

/** A message as retention sees it: no words. */
export type Candidate = {
  key: MessageKey
  kind: string
  direction: string
  from: string
  room: string | null
  capturedAt: number
  marks: string[]
  /** A file still waited for or unread, or a leaf not sealed yet. */
  unsettled: boolean
}
export type Part = { convId: string; month: string }
/** Everything the judgement rests on; read after the lock, it is the state that holds. */
export type Facts = {
  institution: Institution
  classes: OpenClass[]
  holds: HoldRow[]
  guards: readonly PurgeGuard[]
}

export async function factsNow(
  db: Db,
  house: House,
  institution: Institution,
  guards: readonly PurgeGuard[],
): Promise<Facts> {
  return {
    institution,
    classes: await openClasses(db, house.corp),
    holds: await selectHolds(db, house.corp, 'open'),
    guards,
  }
}

/** The messages of one conversation and UTC month that still have a body. */
async function candidatesIn(db: Db, corp: number, part: Part, scope: PurgeScope): Promise<Candidate[]> {
  // Of a group only what the customer himself said is his; the others' words are theirs.
  const own =
    scope.kind === 'customer' ? sql`AND (m.meta ->> 'room' IS NULL OR m.from_party = ${scope.id})` : sql``
  const { rows } = await sql<Omit<Candidate, 'key'> & { sentAt: number; msgid: string }>`
    SELECT (extract(epoch FROM m.sent_at) * 1000)::bigint AS "sentAt", m.src_msgid AS msgid, m.kind, m.direction, m.from_party AS "from",
      m.meta ->> 'room' AS room, (extract(epoch FROM m.captured_at) * 1000)::bigint AS "capturedAt",
      ARRAY(SELECT k.value FROM message_mark k WHERE k.corp_id = m.corp_id AND k.conv_id = m.conv_id AND k.sent_at = m.sent_at
        AND k.src_msgid = m.src_msgid AND k.kind = 'material') AS marks,
      EXISTS (SELECT FROM message_media a WHERE a.corp_id = m.corp_id AND a.conv_id = m.conv_id AND a.sent_at = m.sent_at
        AND a.src_msgid = m.src_msgid AND a.state = 'waiting')
      OR EXISTS (SELECT FROM media_reading r WHERE r.corp_id = m.corp_id AND r.conv_id = m.conv_id AND r.sent_at = m.sent_at
        AND r.src_msgid = m.src_msgid AND r.state = 'waiting')
      OR EXISTS (SELECT FROM leaf_pending p WHERE p.corp_id = m.corp_id AND p.log_id = 'archive' AND p.kind = 'message'
        AND p.conv_id = m.conv_id AND p.sent_at = m.sent_at AND p.ref = m.src_msgid) AS unsettled
    FROM message m WHERE m.corp_id = ${corp} AND m.conv_id = ${part.convId}::bigint AND m.body IS NOT NULL
      AND m.sent_at >= (${part.month}::timestamp AT TIME ZONE 'UTC') AND m.sent_at < ((${part.month}::timestamp + interval '1 month') AT TIME ZONE 'UTC') ${own}
    ORDER BY m.sent_at, m.src_msgid`.execute(db)
  return rows.map(({ sentAt, msgid, ...rest }) => ({ key: { convId: part.convId, sentAt, msgid }, ...rest }))
}

/** How long one message is kept, as things stand. */
export function dueOfMessage(
  house: House,
  facts: Pick<Facts, 'institution' | 'classes'>,
  anchors: AnchorEvent[],
  message: Pick<Candidate, 'key' | 'kind' | 'direction' | 'capturedAt' | 'marks'>,
): Due {
  const zoned = (at: number): string => dayOf(at, house.zone)
  return dueOf({
    materials: materialsOf(message),
    rules: scheduleOf(facts.institution),
    classes: facts.classes,
    anchors: anchorsInForce(anchors),
    recordedOn: recordDay(message.key.sentAt, message.capturedAt, zoned),
    today: zoned(now()),
  })
}

export type Judgement = { eligible: Candidate[]; refused: Refusals }

/**
 * The checks before anything is destroyed: a hold, a dispute or complaint or open review, an investigation, too young. Each
 * message that stays is counted once, by the weightiest reason.
 */
export async function judge(
  tx: Db | Tx,
  house: House,
  facts: Facts,
  part: Part,
  scope: PurgeScope,
): Promise<Judgement> {
  const anchors = await selectAnchors(tx, house.corp, part.convId)
  const all = (await candidatesIn(tx, house.corp, part, scope)).map(message => ({
    message,
    due: dueOfMessage(house, facts, anchors, message),
  }))
  // "Whatever is over" asks for nothing else: the rest of the archive is no refusal.
  const asked = scope.kind === 'due' ? all.filter(({ due }) => due.why === 'over') : all
  const keys = asked.map(({ message }) => message.key)
  const held = await holdsOver(tx, house, facts.holds, part.convId, keys)
  const busy = await Promise.all(facts.guards.map(guard => guard(tx, house, keys)))
  const eligible: Candidate[] = []
  const refused: Refusals = {}
  for (const { message, due } of asked) {
    const name = identityOf(message.key)
    const reason = refusalOf(
      held(message.key),
      busy.some(set => set.has(name)),
      message.unsettled,
      due,
    )
    if (reason === null) eligible.push(message)
    else refused[reason] = (refused[reason] ?? 0) + 1
  }
  return { eligible, refused }
}

const BY_CAUSE: Record<Cause, Refusal> = {
  litigation: 'held',
  dispute: 'disputed',
  complaint: 'disputed',
  investigation: 'investigated',
}
const WEIGHT: readonly Cause[] = ['litigation', 'dispute', 'complaint', 'investigation']

function refusalOf(holds: HeldBy[], underReview: boolean, unsettled: boolean, due: Due): Refusal | null {
  const worst = WEIGHT.find(cause => holds.some(hold => hold.cause === cause))
  if (worst) return BY_CAUSE[worst]
  if (underReview) return 'under_review'
  if (unsettled) return 'unsettled'
  if (due.why === 'no_period') return 'no_period'
  if (due.why === 'no_class') return 'no_class'
  return due.why === 'over' ? null : 'too_young'
}

export function addRefusals(a: Refusals, b: Refusals): Refusals {
  const sum: Refusals = { ...a }
  for (const [reason, n] of Object.entries(b) as [Refusal, number][]) sum[reason] = (sum[reason] ?? 0) + n
  return sum
}

/** The parts a conversation's or customer's messages stand in; `keyMonth` cuts them as the data keys are cut. */
export async function partsOf(
  db: Db,
  corp: number,
  scope: Exclude<PurgeScope, { kind: 'due' }>,
): Promise<Part[]> {
  // Nobody is indexed: this reads every message once, for a deed that is rare.
  const where =
    scope.kind === 'conversation'
      ? sql`conv_id = ${scope.id}::bigint`
      : sql`(from_party = ${scope.id} OR meta -> 'to' ? ${scope.id})`
  const { rows } = await sql<{ convId: string; at: number }>`
    SELECT DISTINCT conv_id::text AS "convId", (extract(epoch FROM date_trunc('month', sent_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC') * 1000)::bigint AS at
    FROM message WHERE corp_id = ${corp} AND body IS NOT NULL AND ${where} ORDER BY 2, 1`.execute(db)
  return rows.map(row => ({ convId: row.convId, month: keyMonth(row.at) }))
}
