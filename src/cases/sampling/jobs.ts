import { z } from 'zod'
import { defineJob, type JobKind } from '../../base/index.ts'

/** A plan was registered: it is drawn as soon as a signed checkpoint covers it. Ids only. */
const registered = z.object({ corp: z.number().int(), plan: z.string() })
type Registered = z.infer<typeof registered>
export const PLAN_REGISTERED: JobKind<Registered> = defineJob('cases.plan_registered', registered)
