import { z } from 'zod'

/** States of an inspection (计划 → 抽样 → 检查 → 发现 → 整改 → 复核) and the legal moves: server, screen and glossary read this one table. */
export const INSPECTION_MOVES = {
  planned: ['sampled'],
  sampled: ['checking'],
  checking: ['findings'],
  findings: ['rectifying', 'closed'],
  rectifying: ['rechecking'],
  rechecking: ['rectifying', 'closed'],
  closed: [],
} as const
export type InspectionState = keyof typeof INSPECTION_MOVES
const INSPECTION_STATES = [
  'planned',
  'sampled',
  'checking',
  'findings',
  'rectifying',
  'rechecking',
  'closed',
] as const

/** States of a finding: reported by one, confirmed by another; put right by one, checked by another. */
export const FINDING_MOVES = {
  reported: ['confirmed', 'dismissed'],
  confirmed: ['rectifying'],
  rectifying: ['submitted'],
  submitted: ['closed', 'rectifying'],
  dismissed: [],
  closed: [],
} as const
export type FindingState = keyof typeof FINDING_MOVES
const FINDING_STATES = ['reported', 'confirmed', 'dismissed', 'rectifying', 'submitted', 'closed'] as const

const words = z.string().trim().min(2, '请写明').max(2000)
const severity = z.enum(['P0', 'P1', 'P2', 'P3'])
export const reportFinding = z.strictObject({
  unit: z.string().max(300),
  severity,
  rule: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]*-[A-Z0-9]+$/)
    .describe('id of the rule or clause it goes against'),
  note: words,
})
export type ReportFinding = z.infer<typeof reportFinding>
export const decideFinding = z.strictObject({ verdict: z.enum(['confirmed', 'dismissed']), note: words })
export type DecideFinding = z.infer<typeof decideFinding>
export const orderRectification = z.strictObject({ dueAt: z.number().int().positive() })
export const submitRectification = z.strictObject({ note: words })
export const checkRectification = z.strictObject({ verdict: z.enum(['closed', 'rectifying']), note: words })
export type CheckRectification = z.infer<typeof checkRectification>

const count = z.number().int()
const findingView = z.object({
  id: z.string(),
  number: z.string(),
  plan: z.string(),
  planNumber: z.string(),
  unit: z.string(),
  staff: z.string(),
  staffName: z.string(),
  department: z.string(),
  severity,
  rule: z.string(),
  ruleName: z.string(),
  convId: z.string(),
  happenedAt: count,
  state: z.enum(FINDING_STATES),
  note: z.string().nullable(),
  foundBy: z.string(),
  foundAt: count,
  decidedBy: z.string().nullable(),
  decidedAt: count.nullable(),
  decision: z.string().nullable(),
  dueAt: count.nullable(),
  rectifiedBy: z.string().nullable(),
  rectifiedAt: count.nullable(),
  rectified: z.string().nullable(),
  checkedBy: z.string().nullable(),
  checkedAt: count.nullable(),
  checked: z.string().nullable(),
})
export type FindingView = z.infer<typeof findingView>
export const inspectionView = z.object({
  plan: z.string(),
  state: z.enum(INSPECTION_STATES),
  movedBy: z.string(),
  movedAt: count,
  waiting: count.describe('units without a conclusion'),
  findings: z.array(findingView),
  rules: z.array(z.object({ id: z.string(), name: z.string(), severity })),
})
export type InspectionView = z.infer<typeof inspectionView>
export const inspectionState = z.object({ state: z.enum(INSPECTION_STATES) })
export const findingMoved = z.object({ state: z.enum(FINDING_STATES) })
export const findingCreated = z.object({ id: z.string(), number: z.string() })
