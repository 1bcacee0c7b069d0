import { z } from 'zod'

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

export const fact = z.object({
  label: z.string(),
  value: z.string(),
  at: z.number().int().optional().describe('epoch ms: a time, written by the screen'),
})
export type Fact = z.infer<typeof fact>

export const attachment = z.object({
  name: z.string().nullable(),
  size: z.number().int().nullable().describe('bytes as the source says'),
  seconds: z.number().nullable().describe('play length of voice and video'),
  part: z.string().describe('names the file among those of its message'),
  state: z.enum(['waiting', 'stored', 'missing']),
  verdict: z
    .string()
    .nullable()
    .describe('fetched, fetched_md5_wrong, size_wrong, expired, failed …; null while waiting'),
  reason: z.string().nullable().describe('why it is not here yet, or never will be'),
})
export type Attachment = z.infer<typeof attachment>

/** One entry of a forwarded record or of a mixed message; its words stand in `texts` under the same part. */
export type InsideView = {
  part: string
  kind: string
  at: number | null
  title: string | null
  facts: Fact[]
  items: InsideView[]
}
export const inside: z.ZodType<InsideView> = z.lazy(() =>
  z.object({
    part: z.string(),
    kind: z.string(),
    at: z.number().int().nullable(),
    title: z.string().nullable(),
    facts: z.array(fact),
    items: z.array(inside),
  }),
)

/** Which file of which message of a conversation. */
export const mediaQuery = z.object({
  sentAt: z.coerce.number().int(),
  msgid: z.string().min(1).max(512),
  part: z.string().min(1).max(64),
  as: z
    .enum(['original', 'wav'])
    .default('original')
    .describe('wav: voice decoded from AMR, which no browser plays'),
  save: z.enum(['true']).optional().describe('to be saved, which the trail tells apart'),
})
export const originalQuery = z.object({ sentAt: z.coerce.number().int(), msgid: z.string().min(1).max(512) })

/** From a moment to the next place worth reading. */
export const placeQuery = z.object({
  to: z.enum(['next-hit', 'previous-hit', 'next', 'previous']),
  from: z.coerce.number().int(),
  msgid: z
    .string()
    .max(512)
    .default('')
    .describe('places at the same instant come in the order of their ids'),
  at: z.coerce.number().int().optional().describe('nothing after this moment'),
})
export const place = z.object({ key: messageKey.nullable().describe('null: there is none') })
