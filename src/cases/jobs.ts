import { z } from 'zod'
import { defineJob, type JobKind } from '../base/index.ts'

/**
 * An alert under review moved: taken in, assigned, escalated, overdue, concluded … Enqueued in the transaction that moved
 * it, for whoever tells people of it.
 */
const moved = z.object({
  corp: z.number().int(),
  alert: z.uuid(),
  move: z.string().max(32),
  by: z.string().max(64).nullable(),
})
export type CaseMoved = z.infer<typeof moved>
export const CASE_MOVED: JobKind<CaseMoved> = defineJob('cases.moved', moved)
