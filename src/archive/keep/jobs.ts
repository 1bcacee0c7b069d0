import { z } from 'zod'
import { defineJob, type JobKind } from '../../base/index.ts'

/** A purge that a second person approved: it is to be carried out. */
const approved = z.object({ corp: z.number().int(), request: z.uuid() })
export type PurgeApproved = z.infer<typeof approved>
export const PURGE: JobKind<PurgeApproved> = defineJob('archive.purge', approved)
