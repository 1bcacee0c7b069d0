import { z } from 'zod'
import { messageKey } from '../../archive/contract.ts'
import { institution } from '../../detect/contract.ts'
import { severity } from '../../monitor/contract.ts'
import { party } from '../../people/contract.ts'
import { alertRow } from '../contract.ts'

/** States of a complaint and what each act makes of it; server, screen and glossary read this one table. */
export const COMPLAINT_MOVES = {
  registered: { accept: 'accepted', withdraw: 'withdrawn' },
  accepted: { investigate: 'investigating', escalate: 'escalated', withdraw: 'withdrawn' },
  investigating: { answer: 'answered', escalate: 'escalated', withdraw: 'withdrawn' },
  escalated: { take: 'investigating', withdraw: 'withdrawn' },
  answered: { close: 'closed', reopen: 'investigating', escalate: 'escalated' },
  closed: {},
  withdrawn: {},
} as const
const COMPLAINT_STATES = [
  ...(['registered', 'accepted', 'investigating', 'escalated', 'answered', 'closed', 'withdrawn'] as const),
] as const
const complaintState = z.enum(COMPLAINT_STATES)
export type ComplaintState = z.infer<typeof complaintState>
export const COMPLAINT_ACTS = [
  ...(['accept', 'investigate', 'escalate', 'take', 'answer', 'close', 'reopen', 'withdraw'] as const),
] as const
export type ComplaintAct = (typeof COMPLAINT_ACTS)[number]

/** 银行业保险业消费投诉处理管理办法 (令2020年第3号): 15 days, 30 when complex, and 30 more when particularly complex. */
export const COMPLAINT_DAYS = { normal: 15, complex: 30, extension: 30 } as const
/** For these the measure itself is the ground; for all others the same days are the institution's own line. */
export const CLOCK_BY_LAW = ['bank', 'wmc', 'insurance'] as const
export const GRADES = ['normal', 'complex'] as const

export const COMPLAINT_SOURCES = [
  ...(['direct', 'hotline', 'branch', 'wecom', 'h12378', 'h12386', 'h12345', 'regulator', 'letter'] as const),
] as const
export const COMPLAINT_CHANNELS = ['wecom', 'counter', 'phone', 'app', 'other'] as const
export const COMPLAINT_PRODUCTS = [
  ...(['deposit', 'wealth', 'fund', 'private_fund', 'insurance', 'loan', 'card'] as const),
  ...(['securities', 'futures', 'payment', 'service'] as const),
] as const
const ALL = institution.options
/** What customers complain of, by the type of institution that meets it. */
export const COMPLAINT_KINDS = {
  mis_selling: ALL,
  suitability: ['bank', 'wmc', 'insurance', 'securities', 'fund', 'private_fund', 'futures'],
  fees: ALL,
  redemption: ['bank', 'wmc', 'securities', 'fund', 'private_fund', 'futures'],
  surrender: ['insurance', 'bank'],
  claims: ['insurance'],
  collection: ['bank', 'micro_loan', 'guarantee', 'payment'],
  credit: ['bank', 'micro_loan'],
  trading: ['securities', 'futures', 'payment'],
  service: ALL,
  harassment: ALL,
  privacy: ALL,
  other: ALL,
} as const satisfies Record<string, readonly z.infer<typeof institution>[]>
const KIND_NAMES = Object.keys(COMPLAINT_KINDS) as (keyof typeof COMPLAINT_KINDS)[]
const complaintKind = z.enum(KIND_NAMES)
export const OUTCOMES = ['upheld', 'partly', 'unfounded'] as const
/** Talk of this many days before is shown beside a complaint (regulation.md §5.7). */
export const BEFORE_DAYS = 30

const instant = z.number().int()
const written = z.string().trim().min(4, '请写明理由').max(4000)
const source = z.enum(COMPLAINT_SOURCES)
const channel = z.enum(COMPLAINT_CHANNELS)
const product = z.enum(COMPLAINT_PRODUCTS)
const outcome = z.enum(OUTCOMES)

export const registerComplaint = z.object({
  source,
  kind: complaintKind,
  product,
  channel,
  staff: z.string().min(1).max(64).nullable().default(null),
  customer: z.string().min(1).max(64).nullable().default(null),
  name: z
    .string()
    .trim()
    .max(64)
    .default('')
    .describe('of who complains, where the archive does not know him'),
  contact: z.string().trim().max(64).default(''),
  text: written,
  receivedAt: instant,
  message: messageKey.nullable().default(null).describe('the message in which the customer complained'),
  alertId: z.uuid().nullable().default(null),
})

const complaintRow = z.object({
  id: z.string(),
  number: z.string().describe('TS-YYYY-NNNN'),
  state: complaintState,
  source,
  kind: complaintKind,
  product,
  channel,
  grade: z.enum(GRADES),
  extended: z.boolean(),
  staff: party.nullable(),
  customer: party.nullable(),
  complainant: z.string().describe('masked'),
  text: z.string(),
  receivedAt: instant,
  dueAt: instant.describe('end of the last day, by the calendar'),
  day: z.number().int().describe('which day of the clock it is; 0 the day it came'),
  days: z.number().int().describe('how many days the clock has'),
  overdue: z.boolean(),
  handler: z.string().nullable(),
  mine: z.boolean(),
  outcome: outcome.nullable(),
  answeredAt: instant.nullable(),
  endedAt: instant.nullable(),
})
export type ComplaintRow = z.infer<typeof complaintRow>

export const complaintQuery = z.object({
  state: z.enum([...COMPLAINT_STATES, 'open', 'overdue', 'all']).default('open'),
})
const signal = z.object({
  key: messageKey,
  customer: party,
  staff: party,
  text: z.string(),
  rule: z.string(),
})
export type ComplaintSignal = z.infer<typeof signal>
export const complaintList = z.object({
  items: z.array(complaintRow),
  counts: z.object({ open: z.number().int(), overdue: z.number().int(), soon: z.number().int() }),
  kinds: z.array(complaintKind).describe('of this type of institution'),
  byLaw: z.boolean().describe('the days are set by the measure; otherwise they are an internal line'),
})
export type ComplaintList = z.infer<typeof complaintList>
export const signalList = z.object({ items: z.array(signal) })

const step = z.object({
  act: z.string(),
  from: z.string(),
  to: z.string(),
  note: z.string(),
  by: z.string(),
  at: instant,
})
export const complaintDetail = z.object({
  complaint: complaintRow,
  contact: z.string().describe('masked'),
  message: messageKey.nullable(),
  steps: z.array(step),
  answer: z.string().nullable(),
  severity: severity.nullable().describe('of the violation found'),
  extension: z
    .object({
      reason: z.string(),
      by: z.string(),
      at: instant,
      own: z.boolean(),
      verdict: z.enum(['approved', 'refused']).nullable(),
      decidedBy: z.string().nullable(),
      decision: z.string().nullable(),
    })
    .nullable()
    .describe('the newest question for thirty days more'),
  can: z
    .array(z.enum([...COMPLAINT_ACTS, 'grade', 'extend', 'decide_extension']))
    .describe('what the reader may do now'),
  interest: z.boolean().describe('the reader has an interest in the matter and may not handle it'),
})
export type ComplaintDetail = z.infer<typeof complaintDetail>
export type ComplaintCan = ComplaintDetail['can'][number]

export const complaintBefore = z.object({
  alerts: z.array(alertRow),
  convId: z.string().nullable(),
  messages: z
    .array(z.object({ key: messageKey, from: party, text: z.string(), recalled: z.boolean() }))
    .describe('the newest of the thirty days before, oldest first'),
})
export type ComplaintBefore = z.infer<typeof complaintBefore>

const share = z.object({ id: z.string(), name: z.string(), n: z.number().int() })
export const distribution = z.object({
  months: z.array(
    z.object({
      month: z.string(),
      n: z.number().int(),
      kind: z.array(share),
      product: z.array(share),
      staff: z.array(share),
      channel: z.array(share),
    }),
  ),
})
export type ComplaintDistribution = z.infer<typeof distribution>

export const actComplaint = z.object({
  act: z.enum(['accept', 'investigate', 'escalate', 'take', 'close', 'reopen', 'withdraw']),
  note: written,
})
export const answerComplaint = z.object({
  text: written,
  outcome,
  severity: severity.nullable().default(null).describe('where a violation was found: how bad'),
  rules: z.array(z.string().max(64)).max(10).default([]),
})
export const gradeComplaint = z.object({ grade: z.literal('complex'), reason: written })
export const askExtension = z.object({ reason: written })
export const decideExtension = z.object({ verdict: z.enum(['approved', 'refused']), reason: written })
export const revealComplaint = z.object({ reason: z.string().trim().min(2).max(200) })
export const complainant = z.object({ name: z.string(), contact: z.string() })
export const byId = z.object({ id: z.uuid() })
