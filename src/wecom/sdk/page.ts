import { z } from 'zod'
import { fail } from '../../base/index.ts'
import type { ArchiveRecord } from '../decrypt.ts'

const envelope = z.looseObject({ errcode: z.number().int().default(0) })
const record = z.looseObject({
  seq: z.number().int().nonnegative(),
  msgid: z.string(),
  publickey_ver: z.number().int(),
  encrypt_random_key: z.string(),
  encrypt_chat_msg: z.string(),
})
const page = z.looseObject({ chatdata: z.array(record) })

/** The errcode of the JSON in a slice, whatever the rc says; 0 when the slice holds no such JSON. */
export function errcodeIn(slice: Buffer): number {
  const parsed = envelope.safeParse(parse(slice))
  return parsed.success ? parsed.data.errcode : 0
}

/** `chatdata` of a slice (wecom-api.md §3.2). Throws `wecom.unreadable` when it is something else. */
export function chatPage(slice: Buffer): ArchiveRecord[] {
  const parsed = page.safeParse(parse(slice))
  if (parsed.success) return parsed.data.chatdata
  const fields = parsed.error.issues.map(issue => issue.path.join('.')).join(', ')
  throw fail('wecom.unreadable', { api: 'GetChatData', fields })
}

function parse(slice: Buffer): unknown {
  try {
    return JSON.parse(slice.toString('utf8'))
  } catch {
    return undefined
  }
}
