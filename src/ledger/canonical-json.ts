import { type ByteSink, byteSink, putAscii, putByte, reserve, written } from './byte-sink.ts'
import { refuse } from './errors.ts'

/** A value that has a canonical form. Numbers are safe integers; anything larger or fractional goes as a string. */
export type Canonical =
  | null
  | boolean
  | string
  | number
  | readonly Canonical[]
  | { readonly [key: string]: Canonical }

// Envelopes are two or three levels deep; the limit stops a cyclic or hostile value before the stack overflows.
const MAX_DEPTH = 64

// UTF-8 needs at most three bytes for one UTF-16 code unit, an escape such as \u001f six.
const MAX_BYTES_PER_UNIT = 6

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const FIRST_PRINTABLE = 0x20
const FIRST_BEYOND_ASCII = 0x80

// canonicalJson is not re-entered: nothing in it calls back.
const shared = byteSink()

/**
 * The one JSON text of `value` (RFC 8785): no white space, keys ordered by UTF-16 code units, strings escaped only
 * where JSON demands it. Numbers are restricted to safe integers, because fractions are where implementations of
 * RFC 8785 §3.2.2.3 differ.
 *
 * Throws `ledger.not_canonical` on fractions, NaN, bigint, undefined (even as a property), functions, symbols, objects
 * with a prototype of their own (Date, Map, Buffer), lone surrogates, and nesting deeper than 64.
 */
export function canonicalJson(value: unknown): string {
  shared.length = 0
  putCanonicalJson(shared, value)
  return written(shared).toString('utf8')
}

/**
 * As {@link canonicalJson}, in UTF-8 at the end of `sink`. Escaping and encoding in one pass over the characters made
 * recordHash 1.8 times as fast as making the text first and encoding it then.
 * Throws alike, and then what it has written is worthless.
 */
export function putCanonicalJson(sink: ByteSink, value: unknown): void {
  put(sink, value, 0)
}

function put(sink: ByteSink, value: unknown, depth: number): void {
  if (typeof value === 'string') putString(sink, value)
  else if (typeof value === 'number') putInteger(sink, value)
  else if (typeof value === 'boolean') putAscii(sink, value ? 'true' : 'false')
  else if (value === null) putAscii(sink, 'null')
  else if (typeof value !== 'object') throw refuse('ledger.not_canonical', { type: typeof value })
  else if (depth === MAX_DEPTH) throw refuse('ledger.not_canonical', { depth })
  else if (Array.isArray(value)) putArray(sink, value, depth + 1)
  else putObject(sink, value, depth + 1)
}

function putArray(sink: ByteSink, items: readonly unknown[], depth: number): void {
  putByte(sink, OPEN_ARRAY)
  for (let i = 0; i < items.length; i++) {
    if (i > 0) putByte(sink, COMMA)
    put(sink, items[i], depth)
  }
  putByte(sink, CLOSE_ARRAY)
}

function putObject(sink: ByteSink, object: object, depth: number): void {
  const prototype: unknown = Object.getPrototypeOf(object)
  if (prototype !== Object.prototype && prototype !== null) {
    throw refuse('ledger.not_canonical', { type: 'object with a prototype' })
  }
  const fields = object as Readonly<Record<string, unknown>>
  const keys = sorted(Object.keys(object))
  putByte(sink, OPEN_OBJECT)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string
    if (i > 0) putByte(sink, COMMA)
    putString(sink, key)
    putByte(sink, COLON)
    put(sink, fields[key], depth)
  }
  putByte(sink, CLOSE_OBJECT)
}

/** Sorts by UTF-16 code units (RFC 8785 §3.2.3), which is what `<` compares; an envelope may come sorted already. */
function sorted(keys: string[]): string[] {
  for (let i = 1; i < keys.length; i++) {
    if ((keys[i - 1] as string) > (keys[i] as string)) return keys.sort()
  }
  return keys
}

function putInteger(sink: ByteSink, value: number): void {
  if (!Number.isSafeInteger(value)) throw refuse('ledger.not_canonical', { number: value })
  // Of -0, String makes 0, as RFC 8785 §3.2.2.3 has it.
  putAscii(sink, String(value))
}

function putString(sink: ByteSink, text: string): void {
  reserve(sink, text.length * MAX_BYTES_PER_UNIT + 2)
  const { bytes } = sink
  let at = sink.length
  bytes[at++] = QUOTE
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < FIRST_PRINTABLE || unit === QUOTE || unit === BACKSLASH || unit >= FIRST_BEYOND_ASCII) {
      putStringWithCare(sink, text)
      return
    }
    bytes[at++] = unit
  }
  bytes[at++] = QUOTE
  sink.length = at
}

/** JSON.stringify escapes exactly as RFC 8785 §3.2.2.2 asks, save for lone surrogates, which that RFC refuses. */
function putStringWithCare(sink: ByteSink, text: string): void {
  if (!text.isWellFormed()) throw refuse('ledger.not_canonical', { type: 'lone surrogate' })
  sink.length += sink.bytes.write(JSON.stringify(text), sink.length, 'utf8')
}
