import { z } from 'zod'

/**
 * Lines beyond which a figure is marked. No authority published any of them: 企业内部预警线. Reading: characters a second
 * that a person can take in and weigh; a message takes at least a second however short it is.
 */
export const QUALITY_LINES = { charsPerSecond: 15, decisionsPerHour: 40, kappa: 0.6, days: 90 } as const

const count = z.number().int()
const lookVerdict = z.enum(['violation', 'clean'])
export type LookVerdict = z.infer<typeof lookVerdict>
export const assignLooks = z.strictObject({
  share: z.number().int().min(0).max(1000).default(100).describe('thousandths of what is concluded'),
  known: z.number().int().min(0).max(20).default(1).describe('confirmed violations to mix in'),
})
export const looksAssigned = z.object({ blind: count, known: count })

/** What a second reviewer sees: nothing of the first conclusion, nor whether there is a known answer. */
export const lookRow = z.object({
  id: z.string(),
  convId: z.string(),
  at: count,
  staffName: z.string(),
  department: z.string(),
  title: z.string(),
  assignedAt: count,
  opened: z.boolean(),
})
export type LookRow = z.infer<typeof lookRow>
export const lookList = z.object({ items: z.array(lookRow) })
export const giveVerdict = z.strictObject({
  verdict: lookVerdict,
  note: z.string().trim().min(2, '请写明理由').max(2000),
})

const hourCount = z.object({ hour: count, decisions: count, falsePositives: count })
const reviewerRow = z.object({
  name: z.string(),
  decisions: count,
  busiestHour: count.describe('most decisions within one hour'),
  unread: count.describe('alerts decided without a look in the trail before'),
  fast: count.describe('decided faster than it can be read'),
  timed: count.describe('decisions with a look before them, on which `fast` rests'),
  blind: count.describe('pairs of a first and a second conclusion he has a part in'),
  agreed: count,
  kappa: z.number().nullable().describe("Cohen's; null where chance alone explains everything"),
  known: count,
  knownMissed: count,
  hours: z.array(hourCount),
})
export type ReviewerRow = z.infer<typeof reviewerRow>
export const qualityView = z.object({
  since: count,
  lines: z.object({
    charsPerSecond: z.number(),
    decisionsPerHour: z.number(),
    kappa: z.number(),
    days: z.number(),
  }),
  waiting: count,
  pairs: count,
  agreed: count,
  kappa: z.number().nullable(),
  reviewers: z.array(reviewerRow),
})
export type QualityView = z.infer<typeof qualityView>
