import { z } from 'zod'
import { severity } from '../detect/contract.ts'
import { party } from '../people/contract.ts'

/** 违规积分 by severity. No authority publishes such figures: the institution's own line (企业内部预警线). */
export const POINTS = { P0: 6, P1: 3, P2: 1, P3: 0 } as const
/** How points fade: up to and including this many days after the deed this share counts, after the last nothing does. */
export const POINT_DECAY = [
  { days: 90, share: 1 },
  { days: 180, share: 0.5 },
  { days: 365, share: 0.25 },
] as const
/** Lines of a person's points and what they call for (企业内部预警线). */
export const POINT_LINES = [
  { id: 'talk', points: 6 },
  { id: 'suspend', points: 12 },
] as const
export const pointLine = z.enum(['talk', 'suspend'])

/** What a violation was confirmed from. */
export const violationSource = z.object({
  kind: z.enum(['alert', 'finding', 'complaint']),
  id: z.string().min(1).max(64),
})
export type ViolationSource = z.infer<typeof violationSource>

/** What confirming would lead to, or has led to: shown before the click and after it. */
const consequences = z.object({
  points: z.number().int().describe('违规积分 of this violation, before decay'),
  courses: z.array(z.object({ course: z.string(), dueAt: z.number().int() })).describe('training it assigns'),
  penalty: z.boolean().describe('grave enough for a penalty decision (second signature)'),
})
export type Consequences = z.infer<typeof consequences>

const instant = z.number().int()
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/)
const written = z.string().trim().min(4, '请写明理由').max(2000)
const userid = z.string().min(1).max(64)

/** One line of the arithmetic: points × share = counts. */
export const pointEntry = z.object({
  id: z.string(),
  severity,
  rules: z.array(z.string()),
  source: violationSource,
  points: z.number(),
  happenedAt: instant,
  confirmedAt: instant,
  confirmedBy: z.string(),
  ageDays: z.number().int().describe('days since the deed, by the calendar of the institution'),
  share: z.number(),
  counts: z.number().describe('points × share; 0 when taken back'),
  nextDrop: day.nullable().describe('first day on which less of it counts'),
  reversed: z.object({ by: z.string(), at: instant, reason: z.string() }).nullable(),
})
export type PointEntry = z.infer<typeof pointEntry>

export const TASK_STATES = ['assigned', 'done', 'cancelled'] as const
export const taskState = z.enum(TASK_STATES)
/** States of a training task and the legal moves. */
export const TASK_MOVES = { assigned: ['done', 'cancelled'], done: [], cancelled: [] } as const
export const taskView = z.object({
  id: z.string(),
  staff: party,
  course: z.string(),
  state: taskState,
  dueAt: instant,
  assignedAt: instant,
  assignedBy: z.string(),
  endedAt: instant.nullable(),
  overdue: z.boolean(),
  byHand: z.boolean().describe('assigned by a lead, not by a violation'),
  reason: z.string().nullable().describe('why it was assigned by hand'),
  attempts: z.number().int(),
  best: z.number().nullable().describe('best share of right answers so far, 0–1'),
})
export type TaskView = z.infer<typeof taskView>

/** States of a penalty decision and the legal moves; server, screen and glossary read this one table. */
export const PENALTY_MOVES = {
  proposed: ['stated', 'signed', 'rejected', 'withdrawn'],
  stated: ['signed', 'rejected', 'withdrawn'],
  signed: [],
  rejected: [],
  withdrawn: [],
} as const
export const PENALTY_STATES = ['proposed', 'stated', 'signed', 'rejected', 'withdrawn'] as const
export const penaltyState = z.enum(PENALTY_STATES)
export type PenaltyState = z.infer<typeof penaltyState>
/** 口头警告 · 通报批评 · 暂停外发资格 · 扣减绩效 · 调岗 · 解除劳动合同建议 */
export const PENALTY_KINDS = ['warning', 'circular', 'suspension', 'pay', 'transfer', 'dismissal'] as const
export const penaltyKind = z.enum(PENALTY_KINDS)
/** How the person was heard: by himself on his page, orally, in writing, or he said he had nothing to say. */
export const STATEMENT_WAYS = ['self', 'oral', 'written', 'waived'] as const
/** Business days within which the person may speak before a decision. */
export const STATEMENT_DAYS = 5

export const penaltyView = z.object({
  id: z.string(),
  number: z.string(),
  staff: party,
  kind: penaltyKind,
  state: penaltyState,
  grounds: z.string(),
  evidence: z.string().describe('number of the evidence package'),
  violations: z.array(pointEntry).describe('what it rests on'),
  proposedBy: z.string(),
  own: z.boolean().describe('proposed by whoever looks: somebody else must sign'),
  proposedAt: instant,
  statementDueAt: instant,
  heard: z.boolean().describe('a statement is there or its time is over: it may be decided'),
  statements: z.array(
    z.object({ how: z.enum(STATEMENT_WAYS), text: z.string(), by: z.string(), at: instant }),
  ),
  decision: z.object({ by: z.string(), at: instant, reason: z.string() }).nullable(),
  withdrawal: z.object({ by: z.string(), at: instant, reason: z.string() }).nullable(),
})
export type PenaltyView = z.infer<typeof penaltyView>
export const penaltyList = z.object({ items: z.array(penaltyView) })

export const pointsAccount = z.object({
  staff: party,
  at: instant,
  total: z.number(),
  line: pointLine.nullable(),
  entries: z.array(pointEntry).describe('newest deed first; those taken back included'),
  tasks: z.array(taskView),
  penalties: z.array(
    z.object({ id: z.string(), number: z.string(), kind: penaltyKind, state: penaltyState }),
  ),
})
export type PointsAccount = z.infer<typeof pointsAccount>

export const pointsPerson = z.object({
  staff: party,
  points: z.number(),
  before: z.number().describe('what it was thirty days ago'),
  line: pointLine.nullable(),
  violations: z.number().int().describe('that still count'),
  worst: severity.nullable(),
  openTasks: z.number().int(),
  overdueTasks: z.number().int(),
})
export type PointsPerson = z.infer<typeof pointsPerson>
export const pointsView = z.object({
  at: instant,
  people: z.array(pointsPerson).describe('most points first'),
  departments: z.array(
    z.object({
      id: z.number().int(),
      name: z.string(),
      points: z.number(),
      people: z.number().int().describe('who have points'),
      staff: z.number().int().describe('who work there'),
    }),
  ),
  trend: z
    .array(z.object({ month: z.string(), points: z.number(), violations: z.number().int() }))
    .describe('twelve months, the running one last: points of the deeds of that month, before decay'),
})
export type PointsView = z.infer<typeof pointsView>

export const pointsExport = z.object({ from: day, to: day, format: z.enum(['xlsx', 'csv']) })
export const byStaff = z.object({ staff: userid })

export const taskQuery = z.object({
  state: z.enum(['open', 'overdue', 'done', 'cancelled', 'all']).default('open'),
})
export const taskList = z.object({
  items: z.array(taskView),
  counts: z.object({
    open: z.number().int(),
    overdue: z.number().int(),
    done: z.number().int(),
    cancelled: z.number().int(),
  }),
  courses: z.array(z.string()),
})
export type TaskList = z.infer<typeof taskList>
export const assignTask = z.object({
  staff: userid,
  course: z.string().min(1).max(100),
  days: z.number().int().min(1).max(30).describe('business days until it is due'),
  reason: written,
})

export const courseView = z.object({
  title: z.string(),
  version: z.string(),
  minutes: z.number().int(),
  sections: z.array(z.object({ title: z.string(), text: z.string() })),
  questions: z.array(z.object({ ask: z.string(), options: z.array(z.string()) })),
})
export type CourseView = z.infer<typeof courseView>
export const attempt = z.object({ answers: z.array(z.number().int().min(0).max(9)).min(1).max(20) })
/** Share of right answers that passes a course. */
export const PASS_SHARE = 0.8
export const attemptResult = z.object({
  passed: z.boolean(),
  correct: z.number().int(),
  asked: z.number().int(),
  review: z
    .array(z.object({ right: z.boolean(), why: z.string() }))
    .describe('for each question; the right option is not told before the course is passed'),
})
export type AttemptResult = z.infer<typeof attemptResult>
export const myTask = z.object({ task: taskView, course: courseView })
export type MyTask = z.infer<typeof myTask>
/** What the adviser sees of himself. */
export const myRecord = z.object({
  points: pointsAccount,
  penalties: z.array(penaltyView),
})
export type MyRecord = z.infer<typeof myRecord>

export const proposePenalty = z.object({
  staff: userid,
  kind: penaltyKind,
  violations: z.array(z.uuid()).min(1).max(50),
  evidence: z.string().regex(/^YJ-\d{4}-\d{4,}$/, '证据包编号形如 YJ-2026-0001'),
  grounds: written,
})
export const statement = z.object({ text: written })
export const statementFor = statement.extend({ how: z.enum(['oral', 'written', 'waived']) })
export const decidePenalty = z.object({ verdict: z.enum(['signed', 'rejected']), reason: written })
export const withdrawPenalty = z.object({ reason: written })
export const penaltyQuery = z.object({
  state: z.enum([...PENALTY_STATES, 'all']).default('all'),
  staff: userid.optional(),
})
export const byId = z.object({ id: z.uuid() })
