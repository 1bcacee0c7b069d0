/** The first and the last byte wanted, both included. */
export type ByteRange = { from: number; to: number }

/**
 * The one range of a `Range` header (RFC 9110 §14.2): null for the whole, 'outside' when no byte of the file is asked for.
 * What we do not understand, several ranges among it, is answered with the whole, as the RFC allows.
 */
export function rangeOf(header: string | undefined, size: number): ByteRange | null | 'outside' {
  const found = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '')
  if (!found || (found[1] === '' && found[2] === '')) return null
  const [first, last] = [Number(found[1]), Number(found[2])]
  const range =
    found[1] === ''
      ? { from: Math.max(0, size - last), to: size - 1 }
      : { from: first, to: found[2] === '' ? size - 1 : Math.min(last, size - 1) }
  if (found[1] !== '' && found[2] !== '' && last < first) return null
  return range.from > range.to || range.from >= size ? 'outside' : range
}

/** Those bytes of what flows by, and no more of it than they need. */
export async function* only(pieces: AsyncIterable<Buffer>, { from, to }: ByteRange): AsyncGenerator<Buffer> {
  let at = 0
  for await (const piece of pieces) {
    const cut = piece.subarray(Math.max(0, from - at), Math.max(0, to + 1 - at))
    if (cut.length > 0) yield cut
    at += piece.length
    if (at > to) return
  }
}
