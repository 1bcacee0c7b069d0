import { z } from 'zod'

/** What a group of occurrences has in common. */
export const GROUPINGS = ['staff', 'text', 'conversation', 'customer', 'message'] as const
export type Grouping = (typeof GROUPINGS)[number]

/** What may be counted within a window. */
export const MEASURES = ['events', 'staff', 'customers', 'conversations'] as const
export type Measure = (typeof MEASURES)[number]

/** What is no message: customers who ended the friendship, customers staff removed, staff who left. */
export const HAPPENINGS = ['deleted_by_customer', 'deleted_by_staff', 'left'] as const
export type Happening = (typeof HAPPENINGS)[number]

const STEPS = ['on', 'then', 'unless'] as const
export type StepName = (typeof STEPS)[number]

const memberView = z.object({
  convId: z.string(),
  sentAt: z.number().int(),
  msgid: z.string().describe('begins with "event:" where no message stands behind it'),
  who: z.string(),
  step: z.enum(STEPS).describe('on: what is counted or begins it; then: what followed'),
})

/** Why a behaviour rule spoke: numbers and places, never words of a message. */
export const findingView = z.object({
  id: z.string(),
  rule: z.string(),
  ruleName: z.string(),
  version: z.string(),
  severity: z.enum(['P0', 'P1', 'P2', 'P3']),
  words: z.string().describe('the condition in Chinese words'),
  found: z.string().describe('what was counted: 3 名员工、4 位客户、12 分钟内'),
  why: z.string(),
  threshold: z.string(),
  raisedAt: z.number().int(),
  members: z.array(memberView),
})
export type FindingView = z.infer<typeof findingView>

/** A behaviour rule for the page of rules. */
const behaviourView = z.object({
  id: z.string(),
  name: z.string(),
  category: z.string(),
  categoryName: z.string(),
  severity: z.enum(['P0', 'P1', 'P2', 'P3']),
  version: z.string(),
  why: z.string(),
  words: z.string(),
  parameters: z.array(z.object({ name: z.string(), value: z.string() })),
  threshold: z.string(),
  clause: z.object({ ref: z.string(), title: z.string(), text: z.string() }).nullable(),
  basis: z.array(z.object({ name: z.string(), article: z.string().nullable(), certain: z.boolean() })),
  examples: z.array(z.object({ name: z.string(), fires: z.boolean(), lines: z.array(z.string()) })),
  last30Days: z.number().int(),
})
export type BehaviourView = z.infer<typeof behaviourView>
export const behaviourList = z.object({ items: z.array(behaviourView) })
