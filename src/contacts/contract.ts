import { z } from 'zod'
import { party } from '../people/contract.ts'

/** What is known of the notice about archiving. `sent`: said, and not yet found in the archive. */
export const NOTICE_STATES = ['proved', 'sent', 'pending', 'missing'] as const
/** `default_agree`: WeCom's own word for a customer who was told by the platform and did not object. */
export const CONSENTS = ['agree', 'default_agree', 'disagree', 'unknown'] as const

const noticeState = z.enum(NOTICE_STATES)
const consent = z.enum(CONSENTS)
const kind = z.enum(['contact', 'group'])
const count = z.number().int()

const tally = z.object({
  total: count,
  notice: z.record(noticeState, count),
  consent: z.record(consent, count),
})

/** GET /api/notice/coverage: friendships and customer groups of staff whose talk is archived. */
export const noticeCoverage = z.object({
  at: count,
  version: z.string().nullable().describe('of the wording in use'),
  text: z.string().nullable(),
  proofHours: z.number().describe('said and not in the archive for this long is missing'),
  contacts: tally,
  groups: tally,
})
export type NoticeCoverage = z.infer<typeof noticeCoverage>
export type NoticeTally = z.infer<typeof tally>

export const noticeQuery = z.object({
  kind: kind.default('contact'),
  notice: noticeState.optional(),
  consent: consent.optional(),
})
export type NoticeQuery = z.infer<typeof noticeQuery>

export const noticeRow = z.object({
  staff: party,
  party,
  since: count.describe('friendship began, or the newest customer joined'),
  notice: noticeState,
  noticeAt: count.nullable(),
  reason: z.string().nullable().describe('why it is missing'),
  errcode: count.nullable().describe("WeCom's refusal"),
  msgid: z.string().nullable().describe('the archived message that proves it'),
  consent,
  consentAt: count.nullable(),
  customers: count,
  uncovered: count.describe('customers who joined after the newest proof'),
})
export const noticeList = z.object({ items: z.array(noticeRow), total: count })
export type NoticeList = z.infer<typeof noticeList>
