import { z } from 'zod'

export const SEVERITIES = ['P0', 'P1', 'P2', 'P3'] as const
export const severity = z.enum(SEVERITIES)
export type Severity = z.infer<typeof severity>

export const legalBasis = z.object({
  name: z.string(),
  article: z.string().nullable(),
  status: z.enum(['active', 'pending', 'deprecated']),
  effectiveFrom: z.string().nullable(),
  certain: z.boolean().describe('false: the article number still needs a lawyer (shown as 待核)'),
})

/** A rule as the screens explain it. */
export const ruleView = z.object({
  id: z.string(),
  name: z.string(),
  category: z.string(),
  categoryName: z.string(),
  severity,
  verdict: z.enum(['violation', 'high_risk', 'advisory', 'signal']),
  direction: z.enum(['staff', 'customer', 'both']),
  version: z.string(),
  why: z.string(),
  clause: z.object({ ref: z.string(), title: z.string(), text: z.string() }).nullable(),
  basis: z.array(legalBasis),
})
export type RuleView = z.infer<typeof ruleView>
export const ruleList = z.object({ items: z.array(ruleView), version: z.string() })

/** One hit in one message. Offsets are UTF-16 units in the text of that part. */
export const hitView = z.object({
  msgid: z.string(),
  rule: z.string(),
  ruleName: z.string(),
  category: z.string(),
  categoryName: z.string(),
  severity,
  verdict: ruleView.shape.verdict,
  audience: z.string(),
  part: z.string(),
  quoted: z.boolean().describe('stands in a quoted part: explains, never alerts'),
  start: z.number().int(),
  end: z.number().int(),
  path: z
    .array(z.string())
    .describe('transformations that uncovered it: separator, traditional, width …; empty when plain'),
  assisted: z
    .object({ model: z.string(), promptVersion: z.string(), why: z.string() })
    .nullable()
    .describe('what the second reader said: it may add or explain a hit, never take one back'),
})
export type HitView = z.infer<typeof hitView>
export const hitsQuery = z.object({ from: z.coerce.number().int(), to: z.coerce.number().int() })
export const hitList = z.object({ items: z.array(hitView) })
