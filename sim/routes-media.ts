import { z } from 'zod'
import { digestId } from './attachments.ts'
import { get, post } from './checked.ts'
import { FILE_KINDS, type FileKind, type FileUse } from './files.ts'
import type { Part } from './multipart.ts'
import type { Office } from './office.ts'
import type { Route } from './server.ts'

const kinds = z.enum(FILE_KINDS)
const USES: Record<string, FileUse> = { '1': 'moment', '2': 'album' }

/** Temporary files (wecom-api.md §5.3). */
export function mediaRoutes({ files }: Office): Route[] {
  const upload = (
    body: Record<string, unknown>,
    kind: FileKind,
    use: FileUse,
  ): { id: string; createdAt: number } | number => {
    const part = body.$upload as Part | undefined
    return part ? files.upload({ kind, use, name: part.filename, bytes: part.bytes }) : 41005
  }
  return [
    post('media/upload', (query, body) => {
      const kind = kinds.safeParse(query.type)
      if (!kind.success) return 40004
      const made = upload(body, kind.data, 'message')
      if (typeof made === 'number') return made
      return { errmsg: '', type: kind.data, media_id: made.id, created_at: String(made.createdAt) }
    }),
    post('media/upload_attachment', (query, body) => {
      const kind = kinds.exclude(['voice']).safeParse(query.media_type)
      const use = USES[query.attachment_type ?? '']
      if (!kind.success) return 40004
      if (!use) return 41072
      const made = upload(body, kind.data, use)
      return typeof made === 'number'
        ? made
        : { type: kind.data, media_id: made.id, created_at: made.createdAt }
    }),
    post('media/uploadimg', (_, body) => {
      const made = upload(body, 'image', 'message')
      if (typeof made === 'number') return made
      return { errmsg: '', url: `http://wework.qpic.cn/wwpic/${digestId('', made.id)}/0` }
    }),
    get('media/get', ({ media_id }) => {
      const file = files.get(media_id ?? '')
      return file ? { $file: file } : 40007
    }),
  ]
}
