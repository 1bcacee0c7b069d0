import { z } from 'zod'
import { defineJob, type JobKind } from '../base/index.ts'

/** One event of WeCom that was received and waits to be acted on. */
const received = z.object({ corp: z.number().int(), event: z.uuid() })
export type Received = z.infer<typeof received>
export const EVENT: JobKind<Received> = defineJob('wecom.event', received)
