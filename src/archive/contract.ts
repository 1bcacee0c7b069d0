import { z } from 'zod'
import { talkEvent } from '../contacts/contract.ts'
import { party } from '../people/contract.ts'
import { attachment, fact, inside, mediaQuery, messageKey, textPart } from './parts.ts'

export {
  type Attachment,
  type Fact,
  type InsideView,
  KINDS,
  type MessageKey,
  mediaQuery,
  messageKey,
  originalQuery,
  place,
  placeQuery,
  type TextPart,
  textPart,
} from './parts.ts'
export { type RefusedList, UNLOCK_PURPOSES, type UnlockView } from './refusal-contract.ts'

/** Why the words of a message are not in the answer. */
export const ABSENCES = ['refused', 'restricted', 'purged', 'recalled'] as const
/** Why the archive itself has none to give; `recalled` is the screen's own. */
export type Absence = Exclude<(typeof ABSENCES)[number], 'recalled'>

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
  facts: z.array(fact).describe('what a card shows: address, amount, link …'),
  attachment: attachment.nullable().describe('the first of the files'),
  attachments: z.array(attachment).describe('every file, those inside forwarded records too'),
  inside: z.array(inside).describe('entries of a forwarded record or a mixed message, in order'),
  quote: z
    .object({
      author: z.string(),
      text: z.string(),
      end: z.number().int().describe('where the message itself begins in its body, UTF-16'),
      of: messageKey.nullable().describe('the message that is quoted, where it was found'),
    })
    .nullable(),
  absent: z
    .enum(ABSENCES)
    .nullable()
    .describe(
      'refused: the customer did not consent, only metadata were kept; restricted: kept sealed, two persons unlock it; recalled: folded until asked for',
    ),
  ledgerIndex: z.number().int().nullable().describe('index in the ledger, null while not yet sealed'),
})
export type MessageView = z.infer<typeof messageView>

export const unlockedMessages = z.object({ items: z.array(messageView), more: z.boolean() })

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
  moment: z.number().int().nullable().describe('the moment all this is told for; null: now'),
  knownAt: z.number().int().nullable(),
  dismissed: z.boolean().describe('the group had been dismissed by then'),
  members: z
    .array(
      z.object({
        party,
        since: z.number().int().nullable().describe('joined; null when nobody told us'),
        owner: z.boolean(),
        consent: z
          .object({ state: z.string(), at: z.number().int().nullable() })
          .nullable()
          .describe('of customers only'),
      }),
    )
    .describe('who took part then'),
  membersBy: z
    .enum(['history', 'message', 'pair'])
    .describe('history: joinings and leavings; message: the receivers of the last message by then'),
  first: z.number().int().nullable().describe('when the oldest message was sent'),
  last: z.number().int().nullable().describe('when the newest was'),
})

export const transcriptQuery = z.object({
  around: z.coerce.number().int().optional().describe('epoch ms: ten messages before and after'),
  msgid: z.string().optional().describe('with around: the message in the middle'),
  before: z.string().optional().describe('cursor from an earlier answer: older messages'),
  after: z.string().optional().describe('cursor from an earlier answer: newer messages'),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  at: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe('epoch ms: as it looked then; nothing later is shown'),
  knownAt: z.coerce.number().int().min(0).optional().describe('epoch ms: only what had reached us by then'),
  recalled: z
    .enum(['shown', 'folded'])
    .default('shown')
    .describe(
      'folded: the words of a recalled message are given by the entrance for originals, which records the look',
    ),
})
export type TranscriptQuery = z.infer<typeof transcriptQuery>
export const transcript = z.object({
  head: conversationHead,
  items: z.array(messageView).describe('oldest first'),
  events: z
    .array(talkEvent)
    .describe(
      'what happened around these messages, oldest first; the same one may come again in the next answer',
    ),
  before: z.string().nullable().describe('cursor to older messages, null at the beginning'),
  after: z
    .string()
    .nullable()
    .describe(
      'cursor to newer messages; at the end it may be asked again later; null when there are none at all',
    ),
})
export type Transcript = z.infer<typeof transcript>

/** Which message of a conversation. */
export const proofQuery = mediaQuery.omit({ part: true })

const hex = z.string().regex(/^(?:[0-9a-f]{2})*$/)
/**
 * That a message stands in the signed ledger: checked without us by `test/second-verifier/verify.py`, or by hand after
 * RFC 6962 and C2SP tlog-checkpoint.
 */
export const messageProof = z.object({
  format: z.literal('tongjian-proof/1'),
  log: z.string(),
  record: z
    .object({
      version: z.number().int(),
      kind: z.string(),
      envelope: z
        .record(z.string(), z.unknown())
        .describe('what the record says; its canonical JSON is hashed'),
      commitment: hex.describe('salted hash of the content, which is not here'),
    })
    .describe('the record hash is made from this: see ledger/record.ts'),
  leaf: z.object({ index: z.number().int(), recordHash: hex, leafHash: hex }),
  proof: z.array(hex).describe('audit path of RFC 6962, beginning beside the leaf'),
  checkpoint: z.object({ note: z.string(), origin: z.string(), size: z.number().int(), root: hex }),
  verifier: z.string().describe('public key of the notes, C2SP signed-note; have it from elsewhere as well'),
  stamps: z
    .array(
      z.object({
        size: z.number().int(),
        stampedAt: z.number().int(),
        authority: z.string(),
        serial: z.string(),
        policy: z.string(),
        note: z.string().describe('the checkpoint that was stamped'),
        response: z.string().describe('TimeStampResp of RFC 3161, DER in base64'),
        consistency: z.array(hex).describe('that its tree is a prefix of the tree of `checkpoint`'),
      }),
    )
    .describe('the earliest time stamp that covers the message; empty while there is none'),
})
export type MessageProof = z.infer<typeof messageProof>

/** Names of the fields one may write in a query, the Chinese one first; `时间:2026-03`, `类型:图片,语音`. */
export const SEARCH_FIELDS = {
  who: ['谁', '人', 'who'],
  staff: ['员工', 'staff'],
  customer: ['客户', 'customer'],
  group: ['群', 'group'],
  sender: ['发送人', 'sender', 'from'],
  department: ['部门', 'department', 'dept'],
  kind: ['类型', 'type', 'kind'],
  direction: ['方向', 'direction'],
  time: ['时间', 'time', 'date'],
  since: ['自', 'since', 'after'],
  until: ['至', 'until', 'before'],
  rule: ['规则', 'rule'],
  severity: ['级别', '严重程度', 'severity'],
  mark: ['标记', 'mark'],
  has: ['含', 'has'],
  in: ['在', 'in'],
} as const
export type SearchField = keyof typeof SEARCH_FIELDS

/** What `含:` may ask for. */
export const HAS = {
  attachment: ['附件', 'attachment'],
  picture: ['图片', 'picture', 'image'],
  file: ['文件', 'file'],
  voice: ['语音', 'voice'],
  video: ['视频', 'video'],
  link: ['链接', '网址', 'link'],
} as const
export type Has = keyof typeof HAS

/** Where words may stand: `在:图片文字`. `body` is what was typed, file names and titles included. */
export const SOURCES = {
  body: ['正文', 'body'],
  ocr: ['图片文字', 'ocr'],
  qr: ['二维码', 'qr'],
  asr: ['语音', '转写', 'asr'],
  document: ['文档', '文件正文', 'document'],
  record: ['转发', '转发记录', 'record'],
} as const
export type Source = keyof typeof SOURCES
export const source = z.enum(Object.keys(SOURCES) as [Source, ...Source[]])

const ids = z.string().max(2000).optional()
export const searchQuery = z.object({
  q: z
    .string()
    .max(400)
    .default('')
    .describe('words apart by spaces must all occur; "phrase", -word, A 或 B, 字段:值'),
  exact: z
    .enum(['true', 'false'])
    .default('false')
    .describe(
      'true: q is looked for letter by letter: no syntax, no folding of case, width and traditional forms',
    ),
  staff: ids.describe('userids of employees, any of whom takes part; several apart by commas'),
  customer: ids.describe('external_userids or roomids, any of which takes part'),
  group: ids.describe('roomids'),
  department: ids.describe('department numbers; those below them count'),
  from: z.coerce.number().int().optional(),
  to: z.coerce.number().int().optional(),
  kind: ids,
  direction: ids,
  rule: ids.describe('rule ids of which one has hit'),
  severity: ids,
  mark: ids.describe('kinds or values of marks that other parts of the product have set, such as approved'),
  has: ids.describe('attachment, picture, file, voice, video, link: all of them'),
  in: ids.describe('body, ocr, qr, asr, document, record: where the words must stand'),
  cursor: z.string().max(900).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(30),
})
export type SearchQuery = z.infer<typeof searchQuery>

const excerpt = z.object({
  source,
  label: z.string().nullable(),
  text: z.string(),
  spans: z.array(z.object({ start: z.number().int(), end: z.number().int() })),
})

export const searchHit = z.object({
  key: messageKey,
  kind: z.string(),
  direction: messageView.shape.direction,
  from: party,
  conversation: z.string().describe('title of the conversation'),
  recalled: z.boolean(),
  excerpt: excerpt.describe('where it was found, with most of the words'),
  more: z.array(excerpt).describe('other places of the same message where words were found'),
  severity: z.string().nullable().describe('the gravest of its hits'),
})
export type SearchHit = z.infer<typeof searchHit>

export const TOTAL_HOWS = ['exact', 'candidates', 'density'] as const
export const searchTotal = z.object({
  n: z.number().int(),
  how: z
    .enum(TOTAL_HOWS)
    .describe(
      'exact: all were read. candidates: index entries left, times the share that proved true. density: matches per row so far, times the rows in the table statistics',
    ),
})
export type SearchTotal = z.infer<typeof searchTotal>
export const searchPage = z.object({
  items: z.array(searchHit).describe('newest first'),
  next: z.string().nullable(),
  searchedTo: z
    .number()
    .int()
    .nullable()
    .describe(
      'set when the work of one request ended before the page was full: everything newer has been searched',
    ),
  total: searchTotal.nullable().describe('on the first page only'),
  milliseconds: z.number(),
})

/** A search without its page: what is saved, remembered and exported. */
export const searchFields = searchQuery.omit({ cursor: true, limit: true }).partial()
export type SearchFields = z.infer<typeof searchFields>

export const newSavedSearch = z.object({
  name: z.string().trim().min(1).max(60),
  shared: z.boolean().default(false).describe('for everybody who may search'),
  fields: searchFields,
})
export type NewSavedSearch = z.infer<typeof newSavedSearch>
const savedSearch = z.object({
  id: z.string(),
  name: z.string(),
  fields: searchFields,
  owner: z.string().describe('username'),
  mine: z.boolean(),
  shared: z.boolean(),
  createdAt: z.number().int(),
  runAt: z.number().int().nullable(),
})
export type SavedSearch = z.infer<typeof savedSearch>
const recentSearch = z.object({ fields: searchFields, at: z.number().int() })
export type RecentSearch = z.infer<typeof recentSearch>
export const keptSearches = z.object({ saved: z.array(savedSearch), recent: z.array(recentSearch) })
export type KeptSearches = z.infer<typeof keptSearches>

export const exportAsk = z.object({
  query: searchFields,
  format: z.enum(['csv', 'jsonl']),
  reason: z
    .string()
    .trim()
    .min(4)
    .max(500)
    .describe('why it is taken out; stands in the trail and in the file'),
  clearNames: z.boolean().default(false).describe("customers' names unmasked; needs contact.reveal"),
})
export type ExportAsk = z.infer<typeof exportAsk>
export const exportState = z.object({
  state: z.enum(['asked', 'running', 'done', 'broken']),
  written: z.number().int().describe('rows that have gone out'),
  reachedAt: z.number().int().nullable().describe('time of the last message written; newest first'),
  endedAt: z.number().int().nullable(),
})
export type ExportState = z.infer<typeof exportState>

export {
  ANCHORS,
  CAUSES,
  type ClassView,
  type DestructionView,
  type DryRun,
  type ExplainView,
  type HoldScope,
  type HoldView,
  MATERIALS,
  PURGE_MOVES,
  type PurgeScope,
  type PurgeView,
  REFUSALS,
  type Refusals,
  type RetentionView,
} from './keep/contract.ts'
