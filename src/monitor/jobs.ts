import { z } from 'zod'
import { defineJob, type JobKind } from '../base/index.ts'

/** One message the rules were in doubt of, for the second reader; `since` is when it was first to be asked. */
const again = z.object({
  corp: z.number().int(),
  key: z.tuple([z.string(), z.number().int(), z.string()]),
  since: z.number().int(),
})
export const READ_AGAIN: JobKind<z.infer<typeof again>> = defineJob('monitor.read_again', again)

/** Alerts that one transaction raised, by id. */
const raised = z.object({ corp: z.number().int(), alerts: z.array(z.uuid()).min(1) })
export type Raised = z.infer<typeof raised>
export const RAISED: JobKind<Raised> = defineJob('monitor.raised', raised)
