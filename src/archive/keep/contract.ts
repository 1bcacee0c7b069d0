import { z } from 'zod'
import { type Institution, institution } from '../../detect/contract.ts'

export type { Institution }
/** Every type the schedule knows. */
export const INSTITUTION_TYPES = institution.options

/** What a record is, for retention. */
export const MATERIALS = [
  'communication',
  'consent',
  'internal',
  'suitability',
  'advisory',
  'marketing',
  'transaction',
  'kyc',
  'registration',
  'insurance_short',
  'insurance_long',
  'impact_assessment',
] as const
const material = z.enum(MATERIALS)
export type Material = z.infer<typeof material>

/** Events that start a period; until one is recorded the period does not run. */
export const ANCHORS = [
  'relationship_end',
  'contract_end',
  'product_end',
  'fund_liquidation',
  'engagement_end',
  'transaction_end',
  'last_use',
] as const
const anchor = z.enum(ANCHORS)
export type Anchor = z.infer<typeof anchor>

const retentionRule = z.object({
  id: z.string(),
  institutions: z.array(institution),
  materials: z.array(material),
  start: z
    .union([z.literal('record'), anchor])
    .describe('what starts the period; record: the message itself'),
  years: z.number().int(),
  basis: z.string(),
  source: z
    .enum(['C', 'C2', 'M', 'D'])
    .describe('C law text seen, C2 second hand, M to be confirmed, D own default'),
})
export type RetentionRule = z.infer<typeof retentionRule>

const instant = z.number().int()
const count = z.number().int().min(0)
const reason = z.string().trim().min(4, '请写明理由').max(1000)
const id = z.uuid()

/** A purge class begins by two people's word and ends by one's: proposed → active → disabled, or proposed → withdrawn. */
const classView = z.object({
  id,
  material,
  years: count,
  state: z.enum(['proposed', 'active', 'withdrawn', 'disabled']),
  note: z.string(),
  proposedBy: z.string(),
  proposedAt: instant,
  approvedBy: z.string().nullable(),
  approvedAt: instant.nullable(),
  endedBy: z.string().nullable(),
  endedAt: instant.nullable(),
})
export type ClassView = z.infer<typeof classView>
export const proposeClass = z.object({ material, years: z.number().int().min(1).max(100), note: reason })

/** Why a hold stands. The first is the classic legal hold; the others bar destruction just the same. */
export const CAUSES = ['litigation', 'dispute', 'complaint', 'investigation'] as const
const cause = z.enum(CAUSES)
export type Cause = z.infer<typeof cause>

const party = z.string().min(1).max(200)
const holdScope = z.discriminatedUnion('kind', [
  z
    .object({ kind: z.literal('person'), id: party })
    .describe('every conversation this employee takes part in'),
  z
    .object({ kind: z.literal('customer'), id: party })
    .describe('every conversation this customer or group takes part in'),
  z.object({ kind: z.literal('conversation'), id: z.string().regex(/^\d{1,19}$/) }),
  z
    .object({
      kind: z.literal('search'),
      q: z.string().trim().min(1).max(200).describe('all words, apart by spaces, folded; sealed'),
      staff: party.optional(),
      customer: party.optional(),
      from: instant.optional(),
      to: instant.optional(),
    })
    .describe('every message that matches, those that come later as well'),
])
export type HoldScope = z.infer<typeof holdScope>
export const placeHold = z.object({
  scope: holdScope,
  cause,
  caseNo: z.string().trim().min(1, '请填写案号或事项编号').max(100),
  reason,
})
export const becauseOf = z.object({ reason })
const holdView = z.object({
  id,
  scope: holdScope,
  /** The held person or conversation as screens name it. */
  name: z.string(),
  cause,
  caseNo: z.string(),
  reason: z.string(),
  placedBy: z.string(),
  placedAt: instant,
  releasedBy: z.string().nullable(),
  releasedAt: instant.nullable(),
  releaseReason: z.string().nullable(),
})
export type HoldView = z.infer<typeof holdView>

export const recordAnchor = z.object({
  convId: z.string().regex(/^\d{1,19}$/),
  anchor,
  startsOn: z.iso.date(),
  resumed: z.boolean().default(false).describe('true: it goes on after all, and the period stands still'),
  basis: z.string().trim().min(2).max(300).describe('the document it rests on; no content'),
})

/** Why something is not destroyed. */
export const REFUSALS = [
  'held',
  'disputed',
  'investigated',
  'under_review',
  'too_young',
  'no_class',
  'no_period',
  'unsettled',
] as const
export type Refusal = (typeof REFUSALS)[number]
const refusals = z.partialRecord(z.enum(REFUSALS), count)
export type Refusals = z.infer<typeof refusals>

export const purgeScope = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('due') }).describe('whatever is over, oldest first'),
  z.object({ kind: z.literal('conversation'), id: z.string().regex(/^\d{1,19}$/) }),
  z.object({ kind: z.literal('customer'), id: party }),
])
export type PurgeScope = z.infer<typeof purgeScope>
export const dryRun = z.object({
  messages: count.describe('may be destroyed now'),
  conversations: count,
  months: count.describe('conversation-months touched'),
  refused: refusals.describe('messages that stay, by reason'),
  more: z.boolean().describe('true: there is more than one request takes'),
})
export type DryRun = z.infer<typeof dryRun>
export const requestPurge = z.object({ scope: purgeScope, reason })
export const decidePurge = z.object({ verdict: z.enum(['approved', 'rejected']), reason })

/** States of a purge request and the legal moves. `refused` is the answer of the checks, not of a person. */
export const PURGE_MOVES = {
  requested: ['running', 'rejected', 'withdrawn'],
  running: ['done'],
  refused: [],
  rejected: [],
  withdrawn: [],
  done: [],
} as const
export type PurgeState = keyof typeof PURGE_MOVES
const purgeView = z.object({
  id,
  number: z.string(),
  scope: purgeScope,
  name: z.string(),
  state: z.enum(['requested', 'running', 'refused', 'rejected', 'withdrawn', 'done']),
  reason: z.string(),
  requestedBy: z.string(),
  requestedAt: instant,
  counts: dryRun,
  decidedBy: z.string().nullable(),
  decidedAt: instant.nullable(),
  decidedReason: z.string().nullable(),
  progress: z.object({ done: count, of: count, messages: count, refused: refusals }),
  certificate: z.boolean(),
})
export type PurgeView = z.infer<typeof purgeView>

const destructionDocument = z.object({
  version: z.literal(1),
  number: z.string(),
  institution: z.string(),
  corpid: z.string(),
  requestedBy: z.string(),
  requestedAt: instant,
  approvedBy: z.string(),
  approvedAt: instant,
  issuedAt: instant,
  scope: purgeScope,
  basis: z.array(z.object({ material, years: count, rules: z.array(z.string()) })),
  messages: count,
  records: count.describe('bodies, derived texts and files'),
  files: z.object({ removed: count, shared: count }),
  keys: count.describe('data keys of whole conversation-months destroyed'),
  refused: refusals,
  parts: z.array(
    z.object({
      convId: z.string(),
      month: z.string(),
      records: count,
      listSha256: z.string(),
      keyShredded: z.boolean(),
    }),
  ),
})
export type DestructionDocument = z.infer<typeof destructionDocument>
export const destructionView = z.object({
  certificate: destructionDocument,
  sha256: z.string().describe('of the canonical JSON of `certificate` (RFC 8785)'),
  ledgerIndex: count.nullable().describe('index of its leaf in the archive ledger, null until sealed'),
  list: z.array(
    z.object({
      convId: z.string(),
      sentAt: z.string(),
      msgid: z.string(),
      item: z.string(),
      digest: z.string(),
    }),
  ),
})
export type DestructionView = z.infer<typeof destructionView>

export const retentionView = z.object({
  institution: institution,
  rules: z.array(retentionRule),
  classes: z.array(classView),
  purgeReady: z.boolean().describe('a connection of the role that may destroy is set up'),
})
export type RetentionView = z.infer<typeof retentionView>
export const holdList = z.object({ items: z.array(holdView) })
export const purgeList = z.object({ items: z.array(purgeView) })

export const explainQuery = z.object({ msgid: z.string().min(1).max(512) })
export const explainView = z.object({
  key: z.object({ convId: z.string(), sentAt: instant, msgid: z.string() }),
  materials: z.array(material),
  hits: z.array(
    z.object({
      rule: z.string(),
      basis: z.string(),
      source: z.enum(['C', 'C2', 'M', 'D']),
      start: z.union([z.literal('record'), anchor]),
      years: count,
      startsOn: z.string().nullable(),
      dueOn: z.string().nullable(),
    }),
  ),
  dueOn: z.string().nullable(),
  why: z.enum(['no_period', 'no_class', 'not_running', 'running', 'over']),
  holds: z.array(z.object({ id, cause, placedAt: instant })),
  underReview: z.boolean(),
  purged: z.object({ request: id, number: z.string() }).nullable(),
  mayChange: z.array(z.string()).describe('who may change it, in words'),
})
export type ExplainView = z.infer<typeof explainView>
