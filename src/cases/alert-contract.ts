import { z } from 'zod'
import { messageKey } from '../archive/contract.ts'
import { findingView, hitView, ruleView, severity } from '../monitor/contract.ts'
import { party, type Verb } from '../people/contract.ts'

/** States of an alert under review. */
export const REVIEW_STATES = ['open', 'claimed', 'watch', 'escalated', 'violation', 'false_positive'] as const
export const reviewState = z.enum(REVIEW_STATES)
export type ReviewState = z.infer<typeof reviewState>
/** A person concluded; the first is no end of it. */
export const CONCLUSIONS = ['violation', 'false_positive', 'watch'] as const
export const conclusion = z.enum(CONCLUSIONS)
export type Conclusion = z.infer<typeof conclusion>

type Row = {
  /** From where to where. */
  to: Partial<Record<ReviewState, ReviewState>>
  verb: Extract<Verb, 'alert.decide' | 'case.assign' | 'case.lead'>
  note: boolean
  /** `holder`: where somebody holds it, he or a lead. `other`: not who concluded. */
  who: 'any' | 'holder' | 'other'
}

/**
 * The moves of an alert under review: server, screen and glossary read this one table. Besides: nobody moves an alert
 * about himself or about his own department, and at level 2 (escalated, reopened) a lead alone moves it. A conclusion
 * straight from 待受理 accepts it in the same move.
 */
export const REVIEW_MOVES = {
  claim: { to: { open: 'claimed' }, verb: 'alert.decide', note: false, who: 'any' },
  release: { to: { claimed: 'open' }, verb: 'alert.decide', note: false, who: 'holder' },
  assign: {
    to: { open: 'claimed', claimed: 'claimed', watch: 'watch', escalated: 'escalated' },
    ...{ verb: 'case.assign', note: false, who: 'any' },
  },
  escalate: {
    to: { open: 'escalated', claimed: 'escalated', watch: 'escalated' },
    ...{ verb: 'alert.decide', note: true, who: 'holder' },
  },
  return: { to: { escalated: 'open' }, verb: 'case.lead', note: true, who: 'any' },
  violation: {
    to: { open: 'violation', claimed: 'violation', watch: 'violation', escalated: 'violation' },
    ...{ verb: 'alert.decide', note: true, who: 'holder' },
  },
  false_positive: {
    to: {
      ...{ open: 'false_positive', claimed: 'false_positive' },
      ...{ watch: 'false_positive', escalated: 'false_positive' },
    },
    ...{ verb: 'alert.decide', note: true, who: 'holder' },
  },
  watch: {
    to: { open: 'watch', claimed: 'watch', escalated: 'watch' },
    ...{ verb: 'alert.decide', note: true, who: 'holder' },
  },
  reopen: {
    to: { violation: 'escalated', false_positive: 'escalated' },
    ...{ verb: 'case.lead', note: true, who: 'other' },
  },
} as const satisfies Record<string, Row>
export type ReviewMove = keyof typeof REVIEW_MOVES
export const MOVES = Object.keys(REVIEW_MOVES) as [ReviewMove, ...ReviewMove[]]

/** Tags of a conclusion, and how long the note must be that goes with one. */
export const TAGS = { harmed: 10, corrected: 2, repeat: 2, material: 6, rule_gap: 6, training: 2 } as const
export type Tag = keyof typeof TAGS
export const tag = z.enum(Object.keys(TAGS) as [Tag, ...Tag[]])
const tags = z.array(tag).max(6)

/** How many near-duplicates one conclusion may settle. */
export const TOGETHER = 200

export const alertRow = z.object({
  id: z.string(),
  number: z.string().describe('A-MMDD-NNNN'),
  severity,
  state: reviewState,
  rules: z.array(z.object({ id: z.string(), name: z.string(), severity })),
  staff: party,
  counterpart: party,
  key: messageKey,
  raisedAt: z.number().int(),
  dueAt: z.number().int().describe('deadline of the first decision, from the severity (regulation.md §3.0)'),
  recalled: z.boolean(),
  hits: z.number().int(),
  excerpt: z.object({
    text: z.string(),
    source: z
      .string()
      .nullable()
      .describe('where the text stands: 图片文字识别, 文件名 …; null for what was typed'),
    spans: z.array(z.object({ start: z.number().int(), end: z.number().int(), severity })),
  }),
  reason: hitView
    .nullable()
    .describe('the hit that weighs most, with why; null when the rules have changed since'),
  decidedAt: z.number().int().nullable(),
  decidedBy: z.string().nullable(),
  level: z.number().int().describe('2: a lead alone moves it'),
  assignee: z.string().nullable(),
  acceptedAt: z.number().int().nullable().describe('when a person first took it'),
  acceptDueAt: z.number().int().nullable().describe('P0 only'),
  closeDueAt: z.number().int().describe('deadline of the conclusion; 观察 is not the end'),
  concealed: z.boolean(),
  tags,
  upgraded: z
    .enum(['repeat', 'merge'])
    .nullable()
    .describe(
      'why it weighs more than its rules say: the third of a kind in seven days, or joined to a P0 case',
    ),
  moves: z.number().int().describe('how many it made; send it with a move, and you move what you saw'),
  similar: z.number().int().describe('near-duplicates not concluded yet, this one not counted'),
  conflict: z.enum(['self', 'department']).nullable().describe('why you may not move it'),
  case: z.object({ id: z.string(), number: z.string() }).nullable(),
})
export type AlertRow = z.infer<typeof alertRow>

export const alertQuery = z.object({
  state: z
    .enum([...REVIEW_STATES, 'mine', 'all'])
    .default('open')
    .describe('mine: held by you, not concluded'),
  severity: severity.optional(),
  staff: z.string().max(64).optional(),
  rule: z.string().max(64).optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
})
export const alertCounts = z.object({
  open: z
    .object({ P0: z.number(), P1: z.number(), P2: z.number(), P3: z.number() })
    .describe('open alerts by severity'),
  counts: z.object({
    open: z.number(),
    claimed: z.number(),
    watch: z.number(),
    escalated: z.number(),
    violation: z.number(),
    false_positive: z.number(),
  }),
  mine: z.number(),
})
export type AlertCounts = z.infer<typeof alertCounts>
export const alertPage = alertCounts.extend({
  items: z.array(alertRow).describe('severity first, then newest first'),
  next: z.string().nullable(),
})

export const moveView = z.object({
  id: z.string(),
  move: z.enum([...MOVES, 'upgrade']),
  from: z.string(),
  to: z.string(),
  by: z.string(),
  role: z.string(),
  at: z.number().int(),
  assignee: z.string().nullable(),
  note: z.string().nullable(),
})
export type MoveView = z.infer<typeof moveView>

export const alertDetail = z.object({
  alert: alertRow,
  hits: z.array(hitView),
  behaviour: findingView
    .extend({ people: z.array(party) })
    .nullable()
    .describe('what a behaviour rule rests on; null for what the words of one message raised'),
  rules: z.array(ruleView),
  moves: z.array(moveView).describe('oldest first'),
  can: z
    .array(z.object({ move: z.enum(MOVES), refused: z.string().nullable() }))
    .describe('moves that lead on from here, and why one is not yours: the code of the refusal'),
  foreseen: z
    .object({
      points: z.number().int(),
      courses: z.array(z.object({ course: z.string(), dueAt: z.number().int() })),
      penalty: z.boolean(),
    })
    .describe('what confirming leads to'),
  history: z.object({
    last30Days: z.number().int().describe('alerts of this person in the last 30 days, this one included'),
    sameRule: z.number().int(),
    confirmed: z.number().int(),
  }),
})
export type AlertDetail = z.infer<typeof alertDetail>

const words = z.string().trim().max(2000)
const seen = z.number().int().min(0).optional().describe('`moves` of the alert as you saw it')
export const decide = z.object({
  conclusion,
  note: words.min(2, '请写明理由'),
  tags: tags.default([]),
  seen,
})
export type Decide = z.input<typeof decide>
export const decideTogether = z.object({
  ids: z.array(z.uuid()).min(2).max(TOGETHER),
  conclusion,
  note: words.min(2, '请写明理由'),
  tags: tags.default([]),
})
export const decidedTogether = z.object({ decided: z.number().int(), state: reviewState })
export const moveInput = z.object({
  move: z.enum(['claim', 'release', 'assign', 'escalate', 'return', 'reopen']),
  note: words.optional(),
  to: z.string().max(64).optional().describe('assign: the account'),
  seen,
})
export type MoveInput = z.infer<typeof moveInput>

/** Whom an alert may be given to, and why one may not take it. */
export const assignees = z.object({
  items: z.array(
    z.object({
      username: z.string(),
      name: z.string(),
      role: z.string(),
      held: z.number().int().describe('alerts this person holds'),
      refused: z.string().nullable(),
    }),
  ),
})
export type Assignees = z.infer<typeof assignees>

/** 此人近况: thirty days of one person. */
export const personView = z.object({
  byRule: z.array(z.object({ id: z.string(), name: z.string(), n: z.number(), confirmed: z.number() })),
  byDay: z.array(z.object({ day: z.string(), n: z.number() })).describe('thirty days, oldest first'),
  recent: z.array(alertRow),
})
export type PersonView = z.infer<typeof personView>
export const similarView = z.object({
  near: z.array(alertRow).describe('near-duplicates: same person, same rules, same words or within 24 hours'),
  alike: z.array(alertRow).describe('the same rules with other people, newest first'),
})
export type SimilarView = z.infer<typeof similarView>
/** Who looked at it and when; what the looks found stays with the trail. */
export const looksView = z.object({
  items: z.array(z.object({ by: z.string(), role: z.string(), at: z.number().int() })),
})
export type LooksView = z.infer<typeof looksView>

/** Events of GET /api/alerts/stream: `alert` carries an AlertRow, `decision` what a move left behind. */
export const decisionEvent = z.object({
  id: z.string(),
  state: reviewState,
  assignee: z.string().nullable(),
  moves: z.number().int(),
})
