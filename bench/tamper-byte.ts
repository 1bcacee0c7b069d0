import type { Rng } from '../sim/rng.ts'

/**
 * The same value with one byte changed, as text that PostgreSQL reads back; null when this kind has no such neighbour.
 * `type` is PostgreSQL's name of the column's type, `value` what `::text` shows.
 */
export function oneByteOff(type: string, value: string, rng: Rng): string | null {
  switch (type) {
    case 'bytea':
      return spoilBytes(value, rng)
    case 'text':
      return spoilText(value, rng)
    case 'uuid':
      return spoilHex(value, rng)
    case 'jsonb':
      return spoilJson(value, rng)
    case 'boolean':
      return value === 'true' ? 'false' : 'true'
    case 'smallint':
      return spoilNumber(value, 2, rng)
    case 'integer':
      return spoilNumber(value, 4, rng)
    case 'bigint':
      return spoilNumber(value, 8, rng)
    case 'date':
      return spoilDate(value, rng)
    case 'timestamp with time zone':
      return spoilTime(value, rng)
    default:
      throw new Error(`no way known to spoil a ${type}`)
  }
}

/** One byte of a file. */
export function spoilFile(bytes: Buffer, rng: Rng): { bytes: Buffer; at: number } {
  const at = rng.int(0, bytes.length - 1)
  const spoilt = Buffer.from(bytes)
  spoilt[at] = (bytes[at] ?? 0) ^ rng.int(1, 255)
  return { bytes: spoilt, at }
}

function spoilBytes(value: string, rng: Rng): string {
  return `\\x${spoilFile(Buffer.from(value.slice(2), 'hex'), rng).bytes.toString('hex')}`
}

function spoilText(value: string, rng: Rng): string {
  const letters = [...value]
  const at = rng.int(0, letters.length - 1)
  const before = letters[at] ?? ''
  // The last byte of the letter, so that it stays one letter.
  const after = String.fromCodePoint((before.codePointAt(0) ?? 0x20) ^ rng.int(1, 31))
  letters[at] = /[\0\ud800-\udfff]/u.test(after) ? '?' : after
  return letters.join('')
}

function spoilHex(value: string, rng: Rng): string {
  const places = [...value].flatMap((letter, i) => (letter === '-' ? [] : [i]))
  const at = rng.pick(places)
  const digit = (Number.parseInt(value[at] ?? '0', 16) ^ rng.int(1, 15)).toString(16)
  return value.slice(0, at) + digit + value.slice(at + 1)
}

/** A letter inside a string or a digit inside a number, so that it stays JSON. */
function spoilJson(value: string, rng: Rng): string | null {
  const places = [...value].flatMap((letter, i) => (/[A-Za-z0-9]/.test(letter) ? [i] : []))
  for (let tries = 0; tries < 20; tries += 1) {
    const at = rng.pick(places)
    const letter = rng.pick([...'123456789abcdefXYZ'])
    const spoilt = value.slice(0, at) + letter + value.slice(at + 1)
    if (letter !== value[at] && parses(spoilt)) return spoilt
  }
  return null
}

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function spoilNumber(value: string, bytes: number, rng: Rng): string {
  const bit = BigInt(rng.int(0, bytes * 8 - 1))
  return BigInt.asIntN(bytes * 8, BigInt(value) ^ (1n << bit)).toString()
}

const DAY_MS = 86_400_000

function spoilDate(value: string, rng: Rng): string {
  const day = Math.floor(Date.parse(`${value}T00:00:00Z`) / DAY_MS)
  return new Date((day ^ (1 << rng.int(0, 7))) * DAY_MS).toISOString().slice(0, 10)
}

/** One bit of the 64-bit count of microseconds; the two highest bytes lie beyond the calendar. */
function spoilTime(value: string, rng: Rng): string | null {
  const [, head = '', fraction = '', zone = ''] =
    /^(.*?\d\d:\d\d:\d\d)(?:\.(\d+))?([+-].*)$/.exec(value) ?? []
  const second = Date.parse(`${head.replace(' ', 'T')}${zone.length === 3 ? `${zone}:00` : zone}`)
  if (Number.isNaN(second)) return null
  const micros = BigInt(second) * 1000n + BigInt(fraction.padEnd(6, '0'))
  const spoilt = micros ^ (1n << BigInt(rng.int(0, 47)))
  const rest = ((spoilt % 1_000_000n) + 1_000_000n) % 1_000_000n
  const whole = new Date(Number((spoilt - rest) / 1000n))
  return `${whole.toISOString().slice(0, 19)}.${String(rest).padStart(6, '0')}+00`
}
