import { z } from 'zod'
import { channel, FACTS, type Fact, listener } from '../detect/contract.ts'

export { type BehaviourView, behaviourList, findingView } from './behaviour/contract.ts'

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
  model: z.boolean().describe('no words of its own: under it stands what the model finds in its category'),
  clause: z.object({ ref: z.string(), title: z.string(), text: z.string() }).nullable(),
  basis: z.array(legalBasis),
})
export type RuleView = z.infer<typeof ruleView>
/** A rule with what makes it speak, for the page of rules. */
export const ruleDetail = ruleView.extend({
  owner: z.string(),
  status: z.enum(['active', 'pending', 'deprecated']),
  effectiveFrom: z.string().nullable(),
  effectiveTo: z.string().nullable(),
  terms: z.array(z.string()),
  patterns: z.number().int().describe('how many expressions it has besides'),
  near: z.array(
    z.object({
      within: z.number().int(),
      in: z.enum(['sentence', 'clause']),
      anyOrder: z.boolean(),
      groups: z.array(z.array(z.string())),
      notNear: z.object({ within: z.number().int(), words: z.array(z.string()) }).nullable(),
    }),
  ),
  when: z.string().nullable().describe('a condition in CEL'),
  scope: z.object({ channels: z.array(channel).optional(), audience: z.array(listener).optional() }),
  examples: z.array(z.object({ text: z.string(), fires: z.boolean() })),
  layer: z.object({ change: z.enum(['added', 'regraded']), reason: z.string() }).nullable(),
})
export type RuleDetail = z.infer<typeof ruleDetail>
export const ruleList = z.object({
  items: z.array(ruleDetail),
  version: z.string(),
  /** What this type of institution has on top of the base, and what of the base is switched off for it. */
  layer: z
    .object({
      name: z.string(),
      why: z.string(),
      off: z.array(z.object({ rule: z.string(), name: z.string(), reason: z.string() })),
    })
    .nullable(),
})

export { FACTS, type Fact, QUOTED, STEPS, type Step } from '../detect/contract.ts'

const fact = z.enum(Object.keys(FACTS) as [Fact, ...Fact[]])

/** One hit in one message. Offsets are UTF-16 units in the text of that part. */
export const hitView = z.object({
  msgid: z.string(),
  rule: z.string(),
  ruleName: z.string(),
  version: z.string().optional().describe('of the rule, as it was when it hit'),
  category: z.string(),
  categoryName: z.string(),
  severity,
  verdict: ruleView.shape.verdict,
  audience: z.string(),
  part: z.string(),
  model: z.boolean().describe('found by the model, without any fixed word'),
  source: z
    .string()
    .nullable()
    .describe('where the text stands: 图片文字识别, 文件名 …; null for what was typed'),
  quoted: z.boolean().describe('stands in a quoted part: explains, never alerts'),
  start: z.number().int(),
  end: z.number().int(),
  matched: z.string().describe('the characters as they stand; empty once the message was destroyed'),
  sound: z.string().nullable().describe('how it sounds, when it was known by its sound: bǎo běn'),
  reads: z.string().nullable().describe('what it was read as, where that is more than what stands there'),
  path: z
    .array(z.string())
    .describe('transformations that uncovered it: separator, traditional, width …; empty when plain'),
  facts: z.array(fact).describe('who to whom, on what grounds it stands, what it counts as'),
  small: z.array(fact).describe('what else was looked at and did not take it back'),
  why: z.string().describe('all of it in one line: 宝本 → bǎo běn → 保本，员工对客户，未被否定（同音字）'),
  assisted: z
    .object({ model: z.string(), promptVersion: z.string(), why: z.string() })
    .nullable()
    .describe('what the second reader said: it may add or explain a hit, never take one back'),
})
export type HitView = z.infer<typeof hitView>
export const hitsQuery = z.object({ from: z.coerce.number().int(), to: z.coerce.number().int() })
export const hitList = z.object({ items: z.array(hitView) })
