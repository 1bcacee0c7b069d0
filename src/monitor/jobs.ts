import { z } from 'zod'
import { defineJob, type JobKind } from '../base/index.ts'

/** Alerts that one transaction raised, by id. */
const raised = z.object({ corp: z.number().int(), alerts: z.array(z.uuid()).min(1) })
export type Raised = z.infer<typeof raised>
export const RAISED: JobKind<Raised> = defineJob('monitor.raised', raised)
