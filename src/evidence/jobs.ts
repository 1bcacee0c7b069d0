import { z } from 'zod'
import { defineJob, type JobKind } from '../base/index.ts'

/** A second person has approved a package: it is built. Ids only. */
const approved = z.object({ corp: z.number().int(), id: z.string() })
type Approved = z.infer<typeof approved>
export const EVIDENCE_APPROVED: JobKind<Approved> = defineJob('evidence.approved', approved)
