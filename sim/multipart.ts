/** The part named `media` of a multipart/form-data body, as media/upload takes it (wecom-api.md §5.3). */
export type Part = { filename: string; bytes: Buffer }

export function mediaPart(body: Buffer, contentType: string): Part | undefined {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1]
  if (!boundary) return undefined
  const line = Buffer.from(`--${boundary}`)
  for (let at = body.indexOf(line); at >= 0; ) {
    const next = body.indexOf(line, at + line.length)
    if (next < 0) return undefined
    const part = body.subarray(at + line.length + 2, next - 2)
    const split = part.indexOf('\r\n\r\n')
    const head = part.subarray(0, Math.max(split, 0)).toString('utf8')
    if (/name="media"/.test(head) && split >= 0) {
      const filename = /filename\*?=(?:UTF-8'')?"?([^";\r\n]+)"?/i.exec(head)?.[1] ?? ''
      return filename === '' ? undefined : { filename, bytes: Buffer.from(part.subarray(split + 4)) }
    }
    at = next
  }
  return undefined
}
