import { refuse } from './errors.ts'

/** One DER value (X.690): its tag byte, its content, and the whole of it with tag and length. */
export type Der = { readonly tag: number; readonly content: Buffer; readonly raw: Buffer }

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** The tag of a constructed context-specific value `[n]`. */
export function context(n: number): number {
  return 0xa0 + n
}

function malformed(reason: string): Error {
  return refuse('ledger.stamp_refused', { reason: 'malformed', what: reason })
}

/** Reads exactly one value; bytes behind it are refused, as are BER's other spellings. Throws `ledger.stamp_refused`. */
export function readDer(bytes: Uint8Array): Der {
  const all = readDers(bytes)
  const [only] = all
  if (only === undefined || all.length !== 1) throw malformed('not one value')
  return only
}

/** Reads values one after another to the end. Throws `ledger.stamp_refused`. */
function readDers(bytes: Uint8Array): Der[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const values: Der[] = []
  for (let at = 0; at < buffer.length; ) {
    const value = readAt(buffer, at)
    values.push(value)
    at += value.raw.length
  }
  return values
}

function readAt(buffer: Buffer, at: number): Der {
  const tag = buffer[at] ?? 0
  // Tag numbers over 30 take more bytes; no structure of ours has one.
  if ((tag & 0x1f) === 0x1f) throw malformed('tag')
  const first = buffer[at + 1]
  if (first === undefined) throw malformed('cut short')
  let begin = at + 2
  let length = first
  if (first >= 0x80) {
    const size = first & 0x7f
    // 0 is BER's indefinite length; four bytes are 4 GB.
    if (size === 0 || size > 4 || begin + size > buffer.length) throw malformed('length')
    length = buffer.readUIntBE(begin, size)
    if (length < 0x80 || (size > 1 && length < 2 ** (8 * (size - 1)))) throw malformed('length not shortest')
    begin += size
  }
  if (begin + length > buffer.length) throw malformed('cut short')
  return { tag, content: buffer.subarray(begin, begin + length), raw: buffer.subarray(at, begin + length) }
}

/** The values inside one of this tag. Throws `ledger.stamp_refused`. */
export function inside(value: Der | undefined, tag: number): Der[] {
  return readDers(contentOf(value, tag))
}

/** The content of a value that must have this tag. Throws `ledger.stamp_refused`. */
export function contentOf(value: Der | undefined, tag: number): Buffer {
  if (value?.tag !== tag) throw malformed(`expected tag ${tag}, found ${value?.tag ?? 'nothing'}`)
  return value.content
}

/** An object identifier in dots. Throws `ledger.stamp_refused`. */
export function oidOf(value: Der | undefined): string {
  const bytes = contentOf(value, TAG.oid)
  if (bytes.length === 0 || bytes.length > 64 || (bytes.at(-1) ?? 0) >= 0x80) throw malformed('oid')
  const arcs: bigint[] = []
  let arc = 0n
  for (const byte of bytes) {
    arc = (arc << 7n) | BigInt(byte & 0x7f)
    if (byte >= 0x80) continue
    arcs.push(arc)
    arc = 0n
  }
  const [first = 0n, ...rest] = arcs
  const root = first < 80n ? first / 40n : 2n
  return [root, first - root * 40n, ...rest].join('.')
}

/** An INTEGER as hexadecimal of its content; serial numbers and nonces are compared so. Throws `ledger.stamp_refused`. */
export function integerOf(value: Der | undefined): string {
  const bytes = contentOf(value, TAG.integer)
  if (bytes.length === 0 || bytes.length > 64) throw malformed('integer')
  return bytes.toString('hex')
}

/** `YYYYMMDDHHMMSS[.f…]Z` (RFC 3161 §2.4.2) as epoch milliseconds. Throws `ledger.stamp_refused`. */
export function timeOf(value: Der | undefined): number {
  const text = contentOf(value, TAG.generalizedTime).toString('latin1')
  const [, y, mo, d, h, mi, s, fraction] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?Z$/.exec(text) ?? []
  const at = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`)
  if (Number.isNaN(at)) throw malformed('time')
  return at + Math.floor(Number(`0.${fraction ?? 0}`) * 1000)
}

/** Writes a value of this tag over the contents one after another. */
export function writeDer(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents)
  return Buffer.concat([Buffer.of(tag), lengthBytes(content.length), content])
}

function lengthBytes(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length)
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(length)
  const used = bytes.subarray(bytes.findIndex(byte => byte !== 0))
  return Buffer.concat([Buffer.of(0x80 + used.length), used])
}

/** Writes an object identifier given in dots. */
export function writeOid(dots: string): Buffer {
  const [root = 0, second = 0, ...rest] = dots.split('.').map(Number)
  const bytes = [root * 40 + second, ...rest].flatMap(arc => {
    const septets = [arc & 0x7f]
    for (let more = Math.floor(arc / 128); more > 0; more = Math.floor(more / 128))
      septets.unshift(0x80 | (more & 0x7f))
    return septets
  })
  return writeDer(TAG.oid, Buffer.from(bytes))
}

/** Writes a non-negative INTEGER from its bytes, in the shortest form. */
export function writeInteger(bytes: Uint8Array): Buffer {
  const at = bytes.findIndex(byte => byte !== 0)
  const digits = at === -1 ? Buffer.of(0) : Buffer.from(bytes.subarray(at))
  return writeDer(TAG.integer, (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits)
}
