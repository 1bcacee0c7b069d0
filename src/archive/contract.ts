import { z } from 'zod'
import { party } from '../people/contract.ts'

/** Where a message stands: everything needed to find it again, content-free. */
export const messageKey = z.object({
  convId: z.string().regex(/^\d{1,19}$/),
  sentAt: z.number().int().describe('epoch milliseconds'),
  msgid: z.string().min(1).max(512),
})
export type MessageKey = z.infer<typeof messageKey>

/** Message kinds with a card of their own on screen; anything else is shown as its raw text leaves. */
export const KINDS = [
  'text',
  'image',
  'voice',
  'video',
  'file',
  'card',
  'location',
  'emotion',
  'link',
  'weapp',
  'chatrecord',
  'mixed',
  'todo',
  'vote',
  'collect',
  'redpacket',
  'external_redpacket',
  'meeting',
  'docmsg',
  'markdown',
  'news',
  'calendar',
  'meeting_voice_call',
  'voip_doc_share',
  'sphfeed',
  'voiptext',
  'qydiskfile',
  'revoke',
  'agree',
  'disagree',
  'switch',
] as const

export const textPart = z.object({
  part: z.string().describe("where the text stands: 'body', 'quote', 'title', 'item.0' …; hits name it"),
  label: z
    .string()
    .nullable()
    .describe('a short Chinese label, such as 文件名, or null for the message itself'),
  text: z.string(),
})
export type TextPart = z.infer<typeof textPart>

export const attachment = z.object({
  name: z.string().nullable(),
  size: z.number().int().nullable().describe('bytes as the source says'),
  seconds: z.number().nullable().describe('play length of voice and video'),
  part: z.string().describe('names the file among those of its message'),
  state: z.enum(['waiting', 'stored', 'missing']),
})

export const messageView = z.object({
  key: messageKey,
  kind: z.string(),
  action: z.enum(['send', 'recall', 'switch']),
  direction: z.enum(['staff', 'customer', 'internal', 'system']),
  from: party,
  capturedAt: z.number().int(),
  recalledAt: z.number().int().nullable().describe('when the sender recalled it; the original stays'),
  recalls: z.string().nullable().describe('for a revoke: the msgid it recalls'),
  texts: z.array(textPart),
  facts: z
    .array(z.object({ label: z.string(), value: z.string() }))
    .describe('what a card shows: address, amount, link …'),
  attachment: attachment.nullable(),
  ledgerIndex: z.number().int().nullable().describe('index in the ledger, null while not yet sealed'),
})
export type MessageView = z.infer<typeof messageView>

export const conversationHead = z.object({
  convId: z.string(),
  kind: z.enum(['single', 'group', 'internal', 'switch']),
  title: z.string(),
  parties: z.array(party),
  consent: z
    .object({
      state: z.enum(['agree', 'disagree', 'default_agree', 'withdrawn', 'unknown']),
      at: z.number().int().nullable(),
    })
    .nullable()
    .describe('consent to archiving of the customer of a single conversation'),
})

export const transcriptQuery = z.object({
  around: z.coerce.number().int().optional().describe('epoch ms: ten messages before and after'),
  msgid: z.string().optional().describe('with around: the message in the middle'),
  before: z.string().optional().describe('cursor from an earlier answer: older messages'),
  after: z.string().optional().describe('cursor from an earlier answer: newer messages'),
  limit: z.coerce.number().int().min(1).max(100).default(20),
})
export const transcript = z.object({
  head: conversationHead,
  items: z.array(messageView).describe('oldest first'),
  before: z.string().nullable().describe('cursor to older messages, null at the beginning'),
  after: z
    .string()
    .nullable()
    .describe(
      'cursor to newer messages; at the end it may be asked again later; null when there are none at all',
    ),
})
export type Transcript = z.infer<typeof transcript>

/** Which file of which message of a conversation. */
export const mediaQuery = z.object({
  sentAt: z.coerce.number().int(),
  msgid: z.string().min(1).max(512),
  part: z.string().min(1).max(64),
})

export const searchQuery = z.object({
  q: z.string().max(200).default('').describe('words apart by spaces must all occur'),
  exact: z
    .enum(['true', 'false'])
    .default('false')
    .describe('true: no folding of case, width and traditional forms'),
  staff: z.string().max(64).optional().describe('userid of an employee who takes part'),
  customer: z.string().max(64).optional().describe('external_userid or roomid that takes part'),
  from: z.coerce.number().int().optional(),
  to: z.coerce.number().int().optional(),
  kind: z.string().max(32).optional(),
  direction: z.enum(['staff', 'customer', 'internal', 'system']).optional(),
  cursor: z.string().max(600).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(30),
})
export type SearchQuery = z.infer<typeof searchQuery>

export const searchHit = z.object({
  key: messageKey,
  kind: z.string(),
  direction: messageView.shape.direction,
  from: party,
  conversation: z.string().describe('title of the conversation'),
  recalled: z.boolean(),
  excerpt: z.object({
    label: z.string().nullable(),
    text: z.string(),
    spans: z.array(z.object({ start: z.number().int(), end: z.number().int() })),
  }),
})
export type SearchHit = z.infer<typeof searchHit>
export const searchPage = z.object({
  items: z.array(searchHit).describe('newest first'),
  next: z.string().nullable(),
  milliseconds: z.number(),
})
