/** What the first bytes say a file is. `inline`: a browser may show it; anything else is only offered to be saved. */
export type MediaType = { mime: string; ending: string; inline: boolean }

const KINDS: (MediaType & { at: number; magic: string })[] = [
  { mime: 'image/jpeg', ending: 'jpg', inline: true, at: 0, magic: 'ffd8ff' },
  { mime: 'image/png', ending: 'png', inline: true, at: 0, magic: '89504e470d0a1a0a' },
  { mime: 'image/gif', ending: 'gif', inline: true, at: 0, magic: '47494638' },
  { mime: 'video/mp4', ending: 'mp4', inline: true, at: 4, magic: '66747970' },
  { mime: 'audio/amr', ending: 'amr', inline: true, at: 0, magic: '2321414d52' },
  { mime: 'application/pdf', ending: 'pdf', inline: false, at: 0, magic: '255044462d' },
  { mime: 'application/zip', ending: 'zip', inline: false, at: 0, magic: '504b0304' },
]
const OTHER: MediaType = { mime: 'application/octet-stream', ending: 'bin', inline: false }

/** The sender's word on the type is not asked: it is what an attacker chooses. */
export function sniff(head: Buffer): MediaType {
  const found = KINDS.find(kind => {
    const magic = Buffer.from(kind.magic, 'hex')
    return head.subarray(kind.at, kind.at + magic.length).equals(magic)
  })
  return found ?? OTHER
}

/** RFC 6266 with RFC 8187: the name of the sender goes percent-encoded or not at all, never as it came. */
export function dispositionOf(type: MediaType, name: string | null): string {
  const clean = (name ?? '')
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}/\\]/gu, '_')
    .slice(0, 200)
  const kind = type.inline ? 'inline' : 'attachment'
  if (clean === '') return `${kind}; filename="file.${type.ending}"`
  const encoded = encodeURIComponent(clean).replace(/['()*]/g, c => `%${c.charCodeAt(0).toString(16)}`)
  return `${kind}; filename="file.${type.ending}"; filename*=UTF-8''${encoded}`
}
