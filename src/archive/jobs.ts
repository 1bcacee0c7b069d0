import { z } from 'zod'
import { defineJob, type JobKind } from '../base/index.ts'

/** Messages that one transaction archived: [conv_id, sent_at ms, msgid] each. Ids only, never text. */
const appended = z.object({
  corp: z.number().int(),
  keys: z.array(z.tuple([z.string(), z.number().int(), z.string()])).min(1),
})
export type Appended = z.infer<typeof appended>
export const APPENDED: JobKind<Appended> = defineJob('archive.appended', appended)

/** Texts have been read from files of these messages: detection looks at them as at what was typed. Ids only. */
export const DERIVED: JobKind<Appended> = defineJob('archive.derived', appended)

/** Files that messages just archived point at: fetched at once, apart from the messages. Ids only. */
export const MEDIA_NOTED: JobKind<Appended> = defineJob('archive.media_noted', appended)
