import { z } from 'zod'
import { severity } from '../monitor/contract.ts'
import { party, type Verb } from '../people/contract.ts'
import { alertRow } from './alert-contract.ts'

/** 案件: 调查中 → 整改中 → 已结案, and back by reopening. */
export const CASE_STATES = ['investigating', 'rectifying', 'closed'] as const
export const caseState = z.enum(CASE_STATES)
export type CaseState = z.infer<typeof caseState>

type Row = { to: Partial<Record<CaseState, CaseState>>; verb: Extract<Verb, 'alert.decide' | 'case.lead'> }

/**
 * The moves of a case; all need a note. Closing needs every alert of it concluded and a person who did not open it;
 * reopening another than who closed it. Nobody moves a case about himself or about his own department.
 */
export const CASE_MOVES = {
  rectify: { to: { investigating: 'rectifying' }, verb: 'alert.decide' },
  close: { to: { investigating: 'closed', rectifying: 'closed' }, verb: 'alert.decide' },
  reopen: { to: { closed: 'investigating' }, verb: 'case.lead' },
} as const satisfies Record<string, Row>
export type CaseMove = keyof typeof CASE_MOVES
export const CASE_MOVE_NAMES = Object.keys(CASE_MOVES) as [CaseMove, ...CaseMove[]]

const instant = z.number().int()
export const caseRow = z.object({
  id: z.string(),
  number: z.string().describe('C-MMDD-NNNN'),
  state: caseState,
  severity,
  origin: z.enum(['hand', 'merge', 'escalation']),
  staff: party,
  concealed: z.boolean(),
  alerts: z.number().int(),
  undecided: z.number().int(),
  openedBy: z.string(),
  openedAt: instant,
  dueAt: instant,
  closedBy: z.string().nullable(),
  closedAt: instant.nullable(),
  conflict: z.enum(['self', 'department']).nullable(),
})
export type CaseRow = z.infer<typeof caseRow>
export const caseQuery = z.object({
  state: z.enum([...CASE_STATES, 'all']).default('all'),
  limit: z.coerce.number().int().min(1).max(200).default(100),
})
export const caseList = z.object({
  items: z.array(caseRow).describe('not closed first, then newest first'),
  counts: z.object({ investigating: z.number(), rectifying: z.number(), closed: z.number() }),
})
export type CaseList = z.infer<typeof caseList>

/** One line of the timeline. `what` names it within its kind; its words are the screen's. */
export const timelineItem = z.object({
  at: instant,
  kind: z.enum(['message', 'alert', 'move', 'case', 'consent', 'points', 'training', 'look']),
  what: z.string(),
  by: z.string().nullable().describe('account or name'),
  text: z.string().nullable().describe('what was said or written'),
  alert: z.string().nullable().describe('number of the alert it belongs to'),
  alertId: z.string().nullable(),
  hit: z.boolean(),
})
export type TimelineItem = z.infer<typeof timelineItem>

export const caseDetail = z.object({
  case: caseRow,
  alerts: z.array(alertRow),
  timeline: z.array(timelineItem).describe('oldest first'),
  convs: z
    .array(z.object({ convId: z.string(), from: instant, to: instant }))
    .describe('what evidence is about'),
  can: z.array(z.object({ move: z.enum(CASE_MOVE_NAMES), refused: z.string().nullable() })),
  history: z.object({
    last30Days: z.number().int(),
    confirmed: z.number().int(),
    byRule: z.array(z.object({ id: z.string(), name: z.string(), n: z.number(), confirmed: z.number() })),
  }),
})
export type CaseDetail = z.infer<typeof caseDetail>

export const openCase = z.object({ alert: z.uuid() })
export const caseMade = z.object({ id: z.string() })
export const caseMove = z.object({
  move: z.enum(CASE_MOVE_NAMES),
  note: z.string().trim().min(2, '请写明理由').max(2000),
})
