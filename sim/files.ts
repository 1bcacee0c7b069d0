import { DAY, type Ground, seconds } from './ground.ts'

export const FILE_KINDS = ['image', 'voice', 'video', 'file'] as const
export type FileKind = (typeof FILE_KINDS)[number]
/** `message`: media/upload. `moment`, `album`: media/upload_attachment with its attachment_type 1 or 2. */
export type FileUse = 'message' | 'moment' | 'album'
export type TempFile = {
  id: string
  kind: FileKind
  use: FileUse
  name: string
  bytes: Buffer
  /** Seconds. */
  createdAt: number
}

export type TempFiles = {
  /** The file, or the errcode that refuses it. */
  upload(file: Pick<TempFile, 'kind' | 'use' | 'name' | 'bytes'>): TempFile | number
  /** While it lives: three days. */
  get(id: string): TempFile | undefined
  /** 40007 unless it lives and was uploaded for this use. */
  check(id: string, use: FileUse): number | undefined
}

const MEGABYTE = 1 << 20
/** wecom-api.md §5.3; and more than five bytes. */
const LARGEST: Record<FileKind, number> = {
  image: 10 * MEGABYTE,
  voice: 2 * MEGABYTE,
  video: 10 * MEGABYTE,
  file: 20 * MEGABYTE,
}
const LIFE = 3 * DAY

export function createFiles(ground: Ground): TempFiles {
  const files = new Map<string, TempFile>()
  const alive = (id: string): TempFile | undefined => {
    const found = files.get(id)
    return found && ground.now() - found.createdAt * 1000 < LIFE ? found : undefined
  }
  return {
    upload: file => {
      if (file.bytes.length <= 5 || file.bytes.length > LARGEST[file.kind]) return 40006
      if (!looksLike(file.kind, file.bytes)) return file.kind === 'video' ? 41090 : 40004
      for (const [id, one] of files) if (!alive(id)) files.delete(one.id)
      const made = { ...file, id: `3${ground.rng.id(63)}`, createdAt: seconds(ground.now()) }
      files.set(made.id, made)
      return made
    },
    get: alive,
    check: (id, use) => (alive(id)?.use === use ? undefined : 40007),
  }
}

function looksLike(kind: FileKind, bytes: Buffer): boolean {
  const head = bytes.subarray(0, 12).toString('latin1')
  switch (kind) {
    case 'image':
      return head.startsWith('\x89PNG') || head.startsWith('\xff\xd8\xff')
    case 'voice':
      return head.startsWith('#!AMR')
    case 'video':
      return head.slice(4, 8) === 'ftyp'
    case 'file':
      return true
  }
}
