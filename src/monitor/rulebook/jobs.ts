import { z } from 'zod'
import { defineJob, type JobKind } from '../../base/index.ts'

/** A backtest to run over its population, or to go on with after a crash. */
const one = z.object({ corp: z.number().int(), id: z.uuid() })
export const BACKTEST: JobKind<z.infer<typeof one>> = defineJob('monitor.backtest', one)
/** A published version to apply to the population of its backtest. */
export const APPLY: JobKind<z.infer<typeof one>> = defineJob('monitor.apply_rules', one)
