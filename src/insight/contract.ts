import { z } from 'zod'

/** The forms in which an inspection is reported. */
export const REPORT_FORMATS = ['pdf', 'xlsx'] as const
export type ReportFormat = (typeof REPORT_FORMATS)[number]
export const reportQuery = z.object({ format: z.enum(REPORT_FORMATS).default('pdf') })
