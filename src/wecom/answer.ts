import { z } from 'zod'
import { fail } from '../base/index.ts'
import { type Incoming, reasonOf } from './egress.ts'

/** A file as WeCom sends it (wecom-api.md §5.3). */
export type WecomFile = { data: Buffer; contentType: string; filename: string | null }
export const fileReply = z.object({
  data: z.instanceof(Buffer),
  contentType: z.string(),
  filename: z.string().nullable(),
})

/** An answer as it came: JSON with an errcode, 0 when it has none, or a file. */
export type RawAnswer = { errcode: number; body: unknown }

const envelope = z.looseObject({ errcode: z.number().int().default(0) })
/** The largest file is 20 MB; a page of 1,000 messages with long texts stays below this too. */
const MOST_BYTES = 64 << 20

export async function readAnswer(response: Incoming, api: string, file: boolean): Promise<RawAnswer> {
  const bytes = await response.read(MOST_BYTES).catch(error => {
    throw fail('wecom.unreadable', { api, reason: `cut off: ${reasonOf(error)}` })
  })
  if (response.status < 200 || response.status > 299)
    throw fail('wecom.unreachable', { api, reason: `HTTP ${response.status}` })
  if (file && isFile(response)) {
    const filename = /filename="?([^";]+)/.exec(response.header('content-disposition'))?.[1] ?? null
    const contentType = response.header('content-type') || 'application/octet-stream'
    return { errcode: 0, body: { data: bytes, contentType, filename } }
  }
  const parsed = envelope.safeParse(parseJson(bytes.toString('utf8')))
  if (!parsed.success)
    throw fail('wecom.unreadable', { api, reason: 'the answer is no JSON object of WeCom' })
  return { errcode: parsed.data.errcode, body: parsed.data }
}

/** Instead of a file comes JSON when something is wrong; a JSON file comes with its name. */
function isFile(response: Incoming): boolean {
  if (response.header('content-disposition') !== '') return true
  return !/^(application\/json|text\/)/.test(response.header('content-type'))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
