import { z } from 'zod'
import { CONSENT_STATES, PROCESSING } from '../contacts/contract.ts'
import { party } from '../people/contract.ts'

const convId = z.string().regex(/^\d{1,19}$/)

/** A request to read what a customer restricts: for a dispute or a regulator, with a reason, for a while. */
export const UNLOCK_PURPOSES = ['dispute', 'regulator'] as const
const UNLOCK_STATES = ['waiting', 'open', 'expired', 'rejected'] as const
export const newUnlock = z.object({
  convId: convId,
  from: z.number().int(),
  to: z.number().int(),
  purpose: z.enum(UNLOCK_PURPOSES),
  reference: z
    .string()
    .trim()
    .min(2)
    .max(120)
    .describe('case number, or that of the letter of the regulator'),
  reason: z.string().trim().min(10).max(500),
})
const unlockView = z.object({
  id: z.string(),
  convId: z.string(),
  from: z.number().int(),
  to: z.number().int(),
  purpose: z.enum(UNLOCK_PURPOSES),
  reference: z.string(),
  reason: z.string(),
  state: z.enum(UNLOCK_STATES),
  requestedBy: z.string(),
  requestedAt: z.number().int(),
  decidedBy: z.string().nullable(),
  expiresAt: z.number().int().nullable(),
  mine: z.boolean().describe('the asker or the second person: only they may read'),
})
export type UnlockView = z.infer<typeof unlockView>
export const unlockList = z.object({ items: z.array(unlockView) })
export const unlockVerdict = z.object({ verdict: z.enum(['approved', 'rejected']) })

/** Customers who refuse or refused, and what was not kept of them. */
const refusedRow = z.object({
  customer: party,
  state: z.enum(PROCESSING),
  choice: z.enum(CONSENT_STATES).describe('the strictest that holds today, or the newest'),
  since: z.number().int(),
  learntAt: z.number().int(),
  source: z.string(),
  scopes: z.array(z.object({ party, convId: z.string() })).describe('where the customer refuses today'),
  dropped: z.number().int().describe('messages of which only metadata were kept'),
  droppedFrom: z.number().int().nullable(),
  droppedTo: z.number().int().nullable(),
  byLaw: z.number().int().describe('kept all the same, because a law demands it'),
  others: z.number().int().describe("others' messages in a room with the refuser, kept and flagged"),
})
export const refusedList = z.object({
  policy: z.object({ mode: z.enum(['metadata', 'archive']), basis: z.string().nullable() }),
  total: z.number().int(),
  items: z.array(refusedRow),
})
export type RefusedList = z.infer<typeof refusedList>
