import { z } from 'zod'
import { party } from '../people/contract.ts'

/** What is known of the notice about archiving. `sent`: said, and not yet found in the archive. */
export const NOTICE_STATES = ['proved', 'sent', 'pending', 'missing'] as const
/** `default_agree`: WeCom's own word for a customer who was told by the platform and did not object. */
export const CONSENTS = ['agree', 'default_agree', 'disagree', 'withdrawn', 'unknown'] as const
/** How the notice reached the customer; null while nobody knows. */
export const NOTICE_WAYS = ['welcome', 'group_task', 'by_hand'] as const

/** What a customer said to the archive. `withdrawn`: agreed once and took it back. */
export const CONSENT_STATES = ['agree', 'disagree', 'default_agree', 'withdrawn'] as const
export type ConsentState = (typeof CONSENT_STATES)[number]

/** 消息处理状态: what may be done with what a customer said (个人信息保护法 §§15, 47). */
export const PROCESSING = ['active', 'restricted', 'erased'] as const
export type Processing = (typeof PROCESSING)[number]
/** Every legal move and what makes it; server, screen and GLOSSARY read this table. */
export const PROCESSING_MOVES = [
  { from: 'active', to: 'restricted', cause: 'refusal' },
  { from: 'restricted', to: 'active', cause: 'agreement' },
  { from: 'restricted', to: 'erased', cause: 'purge' },
  { from: 'erased', to: 'active', cause: 'agreement' },
  { from: 'erased', to: 'restricted', cause: 'refusal' },
] as const satisfies readonly { from: Processing; to: Processing; cause: string }[]
export type MoveCause = (typeof PROCESSING_MOVES)[number]['cause']

/** What somebody wants to write for. `preset`: approved wording only, as a refusing customer may still be answered. */
export const WRITE_PURPOSES = ['notice', 'preset', 'service', 'marketing'] as const
export type WritePurpose = (typeof WRITE_PURPOSES)[number]
/** Why not. Codes are the identity; words stand in web/i18n. */
export const WRITE_DENIALS = [
  'refused_archiving',
  'restricted',
  'erased',
  'opted_out',
  'notice_unknown',
] as const
export type WriteDenial = (typeof WRITE_DENIALS)[number]

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
  departments: z.array(z.object({ id: count, name: z.string() })).describe('to filter by'),
  staff: z
    .array(
      z.object({
        party,
        departments: z.array(count),
        total: count,
        proved: count,
        agreed: count,
        refused: count,
        unknown: count,
      }),
    )
    .describe('friendships and groups of each member whose talk is archived, the least covered first'),
})
export type NoticeCoverage = z.infer<typeof noticeCoverage>
export type NoticeTally = z.infer<typeof tally>

export const noticeQuery = z.object({
  kind: kind.default('contact'),
  notice: noticeState.optional(),
  consent: consent.optional(),
  processing: z.enum(PROCESSING).optional(),
  staff: z.string().max(64).optional(),
  department: z.coerce.number().int().optional().describe('with the departments below it'),
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
  version: z.string().nullable().describe('of the wording that was said'),
  way: z.enum(NOTICE_WAYS).nullable(),
  consent,
  consentAt: count.nullable(),
  consentSource: z.string().nullable().describe('where we learnt the choice'),
  processing: z.enum(PROCESSING),
  customers: count,
  uncovered: count.describe('customers who joined after the newest proof'),
})
export const noticeList = z.object({ items: z.array(noticeRow), total: count })
export type NoticeList = z.infer<typeof noticeList>

/** What happens to a conversation beside what is said in it. */
export const TALK_EVENTS = [
  'created',
  'joined',
  'left',
  'owner_changed',
  'renamed',
  'announced',
  'dismissed',
  'followed',
  'deleted_by_staff',
  'deleted_by_customer',
  'ended',
  'taken_over',
  'handed_over',
  'consent',
  'notice',
] as const

export const talkEvent = z.object({
  id: z.string(),
  at: count.describe('when it happened, epoch ms'),
  learntAt: count.describe('when we learnt it'),
  kind: z.enum(TALK_EVENTS),
  parties: z.array(party).describe('whom it concerns; of a hand-over the one of this conversation first'),
  state: z.string().nullable().describe('consent: the choice; notice: sent, proved or lost'),
  name: z.string().nullable().describe('the new name of a group'),
  scene: count.nullable().describe('how somebody came or went, as WeCom numbers it'),
  msgid: z.string().nullable().describe('the archived message that proves a notice'),
  reason: z.string().nullable().describe('why a notice was lost'),
})
export type TalkEvent = z.infer<typeof talkEvent>

const instant = z.number().int().describe('epoch milliseconds')
const externalId = z.string().regex(/^w[mo][A-Za-z0-9_-]{4,62}$/)
const choiceOut = z.enum(['out', 'in'])

/** How a choice reached us outside WeCom. */
export const PAPER_CHANNELS = ['counter', 'letter', 'telephone', 'page'] as const
/** What an entered paper is: waiting for the second person, in force, or rejected. */
export const PAPER_STATES = ['waiting', 'in_force', 'rejected'] as const
const PAPER_CHOICES = ['agree', 'disagree', 'withdrawn'] as const

/** 512 KiB of evidence, as base64. */
const FILE_CHARS = 700_000

export const newPaper = z.object({
  externalUserid: externalId,
  userid: z.string().min(1).max(64).nullable().default(null).describe('null: towards everybody'),
  chatId: z.string().min(1).max(64).nullable().default(null),
  state: z.enum(PAPER_CHOICES),
  effectiveAt: instant,
  channel: z.enum(PAPER_CHANNELS),
  reference: z.string().trim().min(2).max(120).describe('number of the form, letter or recording'),
  note: z.string().trim().max(500).default(''),
  file: z
    .object({ name: z.string().trim().min(1).max(120), base64: z.base64().min(4).max(FILE_CHARS) })
    .nullable()
    .default(null),
})
export type NewPaper = z.input<typeof newPaper>

const paperView = z.object({
  id: z.string(),
  customer: party,
  userid: z.string().nullable(),
  chatId: z.string().nullable(),
  choice: z.enum(PAPER_CHOICES),
  state: z.enum(PAPER_STATES),
  reversal: z.boolean().describe('allows more than stands, so a second person confirms it'),
  effectiveAt: instant,
  channel: z.string(),
  reference: z.string(),
  note: z.string(),
  file: z.string().nullable(),
  enteredBy: z.string(),
  enteredAt: instant,
  decidedBy: z.string().nullable(),
  decidedAt: instant.nullable(),
})
export type PaperView = z.infer<typeof paperView>
export const paperList = z.object({ items: z.array(paperView) })
export const enteredPaper = z.object({ id: z.string(), state: z.enum(PAPER_STATES) })
export const paperVerdict = z.object({ verdict: z.enum(['confirmed', 'rejected']) })

/** One line of what happened to a customer, with both times: when it happened, and when we learnt it. */
const historyLine = z.object({
  kind: z.enum(['choice', 'move', 'opt_out', 'paper', 'notice']),
  happenedAt: instant,
  learntAt: instant,
  what: z.string().describe('a state, a move as from>to, out or in, or the state of a notice'),
  scope: z.object({ userid: z.string().nullable(), chatId: z.string().nullable() }),
  by: z.string(),
  ref: z.string(),
})
export const customerHistory = z.object({
  customer: party,
  state: z.enum(PROCESSING),
  optedOut: z.boolean(),
  names: z.record(z.string(), z.string()).describe('names of the employees and groups in the lines'),
  lines: z.array(historyLine).describe('newest first, by when it happened'),
  papers: z.array(paperView),
})
export type CustomerHistory = z.infer<typeof customerHistory>

export const newOptOut = z.object({
  externalUserid: externalId,
  choice: choiceOut,
  reference: z.string().trim().min(2).max(120).describe('where the customer said so'),
})
const optOutView = z.object({
  customer: party,
  choice: choiceOut,
  source: z.string(),
  at: instant,
  by: z.string(),
})
export const optOutList = z.object({ items: z.array(optOutView) })

export const writeQuestion = z.object({
  externalUserid: externalId.optional(),
  userid: z.string().max(64).optional(),
  chatId: z.string().max(64).optional(),
  purpose: z.enum(WRITE_PURPOSES),
})
export const writeAnswer = z.object({
  verdict: z.enum(['allow', 'deny']),
  reasons: z.array(z.object({ code: z.enum(WRITE_DENIALS), customer: z.string() })),
})
export type WriteAnswer = z.infer<typeof writeAnswer>
export const consentParams = z.object({ id: externalId })
