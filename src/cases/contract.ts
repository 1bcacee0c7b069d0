import { z } from 'zod'
import { messageKey } from '../archive/contract.ts'
import { hitView, ruleView, severity } from '../monitor/contract.ts'
import { party } from '../people/contract.ts'

/** States of a review and the legal moves; server, screen and glossary read this one table. */
export const REVIEW_MOVES = {
  open: ['violation', 'false_positive', 'watch'],
  watch: ['violation', 'false_positive'],
  violation: [],
  false_positive: [],
} as const
export type ReviewState = keyof typeof REVIEW_MOVES
export const reviewState = z.enum(['open', 'violation', 'false_positive', 'watch'])
export const conclusion = z.enum(['violation', 'false_positive', 'watch'])
export type Conclusion = z.infer<typeof conclusion>

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
  decidedAt: z.number().int().nullable(),
  decidedBy: z.string().nullable(),
})
export type AlertRow = z.infer<typeof alertRow>

export const alertQuery = z.object({
  state: z.enum(['open', 'watch', 'violation', 'false_positive', 'all']).default('open'),
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
    watch: z.number(),
    violation: z.number(),
    false_positive: z.number(),
  }),
})
export type AlertCounts = z.infer<typeof alertCounts>
export const alertPage = alertCounts.extend({
  items: z.array(alertRow).describe('severity first, then newest first'),
  next: z.string().nullable(),
})

export const decisionView = z.object({
  id: z.string(),
  conclusion,
  note: z.string(),
  by: z.string(),
  at: z.number().int(),
})
export const alertDetail = z.object({
  alert: alertRow,
  hits: z.array(hitView.extend({ matched: z.string() })),
  rules: z.array(ruleView),
  decisions: z.array(decisionView),
  history: z.object({
    last30Days: z.number().int().describe('alerts of this person in the last 30 days, this one included'),
    sameRule: z.number().int(),
    confirmed: z.number().int(),
  }),
})
export type AlertDetail = z.infer<typeof alertDetail>

export const decide = z.object({
  conclusion,
  note: z.string().trim().min(2, '请写明理由').max(2000),
})

/** Events of GET /api/alerts/stream: `alert` carries an AlertRow, `decision` an id and a state. */
export const decisionEvent = z.object({ id: z.string(), state: reviewState })
