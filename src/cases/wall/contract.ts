import { z } from 'zod'
import { messageKey } from '../../archive/contract.ts'
import { severity } from '../../monitor/contract.ts'
import { party } from '../../people/contract.ts'
import { alertRow, reviewState } from '../contract.ts'

/** What counts towards the risk of a conversation, and how much (企业内部预警线). */
export const WEIGHTS = {
  P0: 100,
  P1: 50,
  P2: 20,
  behaviour: 15,
  advice: 10,
  yields: 10,
  other: 5,
  vulnerable: 30,
  complaint: 20,
  stepin: 40,
} as const
export type Weight = keyof typeof WEIGHTS
const WEIGHT_NAMES = Object.keys(WEIGHTS) as [Weight, ...Weight[]]

/** Why a conversation is among those to be looked at; `null` when it is not. */
const SAMPLE_REASONS = ['must', 'vulnerable', 'stepin', 'share'] as const
/** Of each hundred: P2 as regulation.md §5.5 proposes, conversations without an alert as a product default. */
export const SHARES = { P2: 30, none: 10 } as const

export const stepInView = z.object({
  id: z.string(),
  convId: z.string(),
  key: messageKey,
  alert: z.string().nullable(),
  staff: party,
  counterpart: party,
  reason: z.string(),
  askedBy: z.string(),
  askedAt: z.number().int(),
  done: z.string().nullable(),
  answeredBy: z.string().nullable(),
  answeredAt: z.number().int().nullable(),
})
export type StepInView = z.infer<typeof stepInView>
export const stepInList = z.object({ items: z.array(stepInView).describe('unanswered first, then newest') })

const wallCard = z.object({
  convId: z.string(),
  key: messageKey.describe('the newest message that counts'),
  staff: party,
  counterpart: party,
  room: z.boolean(),
  risk: z.number().int(),
  worst: severity.nullable().describe('of open alerts'),
  weights: z.array(z.object({ of: z.enum(WEIGHT_NAMES), n: z.number().int(), points: z.number().int() })),
  alerts: z.array(
    z.object({ id: z.string(), number: z.string(), severity, state: reviewState, title: z.string() }),
  ),
  lastAt: z.number().int(),
  excerpt: alertRow.shape.excerpt,
  sampled: z.enum(SAMPLE_REASONS).nullable(),
  share: z.number().int().describe('of each hundred of its kind this many are looked at'),
  stepIn: z
    .object({ id: z.string(), askedAt: z.number().int(), answeredAt: z.number().int().nullable() })
    .nullable(),
  notes: z.number().int(),
})
export type WallCard = z.infer<typeof wallCard>
export const wallPage = z.object({
  items: z.array(wallCard).describe('by risk, then newest first'),
  hours: z.number().int(),
  at: z.number().int(),
})
export type WallPage = z.infer<typeof wallPage>

export const wallConversation = z.object({
  notes: z.array(z.object({ id: z.string(), note: z.string(), by: z.string(), at: z.number().int() })),
  stepIns: z.array(stepInView),
  /** Why the supervisor must not be asked; null when he may be. */
  concealed: z.boolean(),
})
export type WallConversation = z.infer<typeof wallConversation>

const words = z.string().trim().min(2, '请写明内容').max(1000)
export const noteInput = z.object({
  note: words,
  sentAt: z.number().int(),
  msgid: z.string().min(1).max(256),
})
export const stepInInput = z.object({
  reason: words,
  sentAt: z.number().int(),
  msgid: z.string().min(1).max(256),
  alert: z.uuid().nullable().default(null),
})
export const answerInput = z.object({ done: words })

/** Something on the wall moved: ask for it again. No content goes through the stream. */
export const changedEvent = z.object({ at: z.number().int() })
