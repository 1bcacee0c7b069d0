import { createHash } from 'node:crypto'
import { z } from 'zod'
import { bytes } from './checked.ts'
import type { FileUse, TempFiles } from './files.ts'
import type { Ground } from './ground.ts'
import type { Outgoing } from './message.ts'

const link = z.object({
  title: bytes(128),
  picurl: bytes(2048).optional(),
  media_id: z.string().optional(),
  desc: bytes(512).optional(),
  url: bytes(2048).min(1),
})
const media = z.object({ media_id: z.string().default(''), pic_url: z.string().optional() })
const KINDS = ['image', 'link', 'miniprogram', 'video', 'file'] as const
export const attachment = z.object({
  msgtype: z.enum(KINDS, '41065'),
  image: media.optional(),
  link: link.optional(),
  miniprogram: z
    .object({ title: bytes(64), pic_media_id: z.string(), appid: z.string().min(1), page: z.string().min(1) })
    .optional(),
  video: media.optional(),
  file: media.optional(),
})
export type Attachment = z.infer<typeof attachment>
/** What a task or a welcome message says. */
export type Content = { text?: { content: string } | undefined; attachments: Attachment[] }

/** Text and up to nine attachments, as group sends and welcome messages take them (wecom-api.md §5.1). */
export const content = {
  text: z.object({ content: bytes(4000) }).optional(),
  attachments: z.array(attachment).max(9, '41064').default([]),
}

/** The errcode that refuses what is said, if any. */
export function contentFault(said: Content, files: TempFiles, use: FileUse = 'message'): number | undefined {
  if (!said.text?.content && said.attachments.length === 0) return use === 'moment' ? 41089 : 41088
  for (const one of said.attachments) {
    const payload = one[one.msgtype]
    if (!payload) return 40063
    for (const id of mediaIds(one)) {
      const fault = files.check(id, use)
      if (fault) return fault
    }
  }
  return undefined
}

function mediaIds(one: Attachment): string[] {
  if (one.miniprogram && one.msgtype === 'miniprogram') return [one.miniprogram.pic_media_id]
  if (one.msgtype === 'link') return one.link?.media_id ? [one.link.media_id] : []
  const payload = one.msgtype === 'miniprogram' ? undefined : one[one.msgtype]
  if (!payload || (payload.pic_url && !payload.media_id)) return []
  return [payload.media_id]
}

/** The archive's messages of what is said: one for the text, one for each attachment. */
export function payloads(said: Content, files: TempFiles, ground: Ground): Outgoing[] {
  const out: Outgoing[] = []
  if (said.text?.content) out.push({ msgtype: 'text', text: { content: said.text.content } })
  for (const one of said.attachments) out.push(payloadOf(one, files, ground))
  return out
}

function payloadOf(one: Attachment, files: TempFiles, ground: Ground): Outgoing {
  if (one.msgtype === 'link') {
    const { title = '', desc = '', url = '', picurl = '' } = one.link ?? {}
    return { msgtype: 'link', link: { title, description: desc, link_url: url, image_url: picurl } }
  }
  if (one.msgtype === 'miniprogram') {
    const { title = '', appid = '' } = one.miniprogram ?? {}
    return {
      msgtype: 'weapp',
      weapp: { title, description: '', username: `${appid}@app`, displayname: title },
    }
  }
  const file = files.get(one[one.msgtype]?.media_id ?? '')
  const name = file?.name ?? ''
  const { sdkfileid, md5sum, size } = ground.media.add(file?.bytes ?? Buffer.from(one.image?.pic_url ?? ''))
  const common = { md5sum, filesize: size, sdkfileid }
  if (one.msgtype === 'image') return { msgtype: 'image', image: common }
  if (one.msgtype === 'video') return { msgtype: 'video', video: { ...common, play_length: 15 } }
  const fileext = name.includes('.') ? (name.split('.').at(-1) ?? '') : ''
  return { msgtype: 'file', file: { ...common, filename: name, fileext } }
}

/** Stable short digest for ids that must not depend on when they are asked for. */
export function digestId(prefix: string, text: string, length = 22): string {
  return prefix + createHash('sha1').update(text).digest('base64url').slice(0, length)
}
