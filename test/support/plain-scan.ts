import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** A piece of something that should be sealed, found in clear: which piece, how it was written, and where. */
export type Leak = { piece: string; encoding: string; where: string; offset: number }

export type PlainScanner = {
  patterns: number
  scan(where: string, bytes: Buffer): Leak[]
  /** Every file below a folder; what vanishes while we look is no file any more. */
  scanFolder(folder: string): { leaks: Leak[]; files: number; bytes: number }
}

/** Chinese is looked for by every four characters that follow one another, names of three and two whole. */
const WINDOW = 4
/** Latin words and numbers shorter than this stand in every database. */
const LATIN = 8
/** Five random bytes meet a pattern of five once in 10^12 places; a cluster has 10^8, and thousands of patterns. */
const LEAST_BYTES = 6
const MOST_LEAKS = 20

type Pattern = { piece: string; encoding: string; bytes: Buffer }

/**
 * Looks byte for byte for texts that must not stand in clear: in UTF-8, UTF-16, GBK, as JSON and percent escapes, in
 * hexadecimal and in base64 at its three alignments. One pass, by the first four bytes of each pattern.
 */
export function plainScanner(texts: readonly string[]): PlainScanner {
  const byHead = new Map<number, Pattern[]>()
  const gate = new Uint8Array(1 << GATE_BITS)
  const pieces = new Set(texts.flatMap(piecesOf))
  let patterns = 0
  for (const piece of pieces) {
    for (const pattern of written(piece)) {
      const head = pattern.bytes.readUInt32BE(0)
      byHead.set(head, [...(byHead.get(head) ?? []), pattern])
      gate[slot(head)] = 1
      patterns += 1
    }
  }
  const scan = (where: string, bytes: Buffer): Leak[] => {
    const leaks: Leak[] = []
    let head = 0
    for (let i = 0; i < bytes.length && leaks.length < MOST_LEAKS; i += 1) {
      head = ((head << 8) | (bytes[i] ?? 0)) >>> 0
      if (i < 3 || gate[slot(head)] === 0) continue
      const at = i - 3
      const met = byHead.get(head)?.find(one => bytes.subarray(at, at + one.bytes.length).equals(one.bytes))
      if (met) leaks.push({ piece: met.piece, encoding: met.encoding, where, offset: at })
    }
    return leaks
  }
  return { patterns, scan, scanFolder: folder => scanFolder(folder, scan) }
}

const GATE_BITS = 22
function slot(head: number): number {
  return Math.imul(head, 0x9e3779b1) >>> (32 - GATE_BITS)
}

function scanFolder(folder: string, scan: PlainScanner['scan']) {
  const leaks: Leak[] = []
  let files = 0
  let total = 0
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, name)
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) continue
    const bytes = readFileSync(file)
    files += 1
    total += bytes.length
    // A file's name may tell as much as its content.
    leaks.push(...scan(`name of ${name}`, Buffer.from(name)), ...scan(name, bytes))
  }
  return { leaks, files, bytes: total }
}

function piecesOf(text: string): string[] {
  const han = text.match(/\p{Script=Han}{2,}/gu) ?? []
  const latin = text.match(/[A-Za-z0-9]+/g) ?? []
  const windows = han.flatMap(run =>
    run.length <= WINDOW
      ? [run]
      : Array.from({ length: run.length - WINDOW + 1 }, (_, i) => run.slice(i, i + WINDOW)),
  )
  return [...windows, ...latin.filter(word => word.length >= LATIN)]
}

function written(piece: string): Pattern[] {
  const utf8 = Buffer.from(piece)
  const swapped = Buffer.from(piece, 'utf16le').swap16()
  const escaped = [...utf8].map(byte => `%${byte.toString(16).padStart(2, '0')}`).join('')
  const all: [string, Buffer][] = [
    ['utf-8', utf8],
    ['utf-16le', Buffer.from(piece, 'utf16le')],
    ['utf-16be', swapped],
    ['hex', Buffer.from(utf8.toString('hex'))],
    ['HEX', Buffer.from(utf8.toString('hex').toUpperCase())],
    ...base64Of(utf8),
  ]
  if (/[^ -~]/.test(piece)) {
    const units = Array.from({ length: piece.length }, (_, i) => piece.charCodeAt(i).toString(16))
    all.push(
      ['json', Buffer.from(units.map(unit => `\\u${unit.padStart(4, '0')}`).join(''))],
      ['JSON', Buffer.from(units.map(unit => `\\u${unit.padStart(4, '0').toUpperCase()}`).join(''))],
      ['percent', Buffer.from(escaped)],
      ['PERCENT', Buffer.from(escaped.toUpperCase())],
    )
    const gbk = gbkOf(piece)
    if (gbk) all.push(['gbk', gbk])
  }
  return all.flatMap(([encoding, bytes]) => (bytes.length < LEAST_BYTES ? [] : [{ piece, encoding, bytes }]))
}

/** What base64 makes of the piece wherever it begins: the characters that do not hang on its neighbours. */
function base64Of(bytes: Buffer): [string, Buffer][] {
  const found: [string, Buffer][] = []
  for (const before of [0, 1, 2]) {
    const whole = Buffer.concat([Buffer.alloc(before), bytes])
    const stable = Buffer.from(
      whole.toString('base64').slice(Math.ceil((before * 4) / 3), Math.floor((whole.length * 4) / 3)),
    )
    found.push([`base64+${before}`, stable])
    const url = stable.toString().replaceAll('+', '-').replaceAll('/', '_')
    if (url !== stable.toString()) found.push([`base64url+${before}`, Buffer.from(url)])
  }
  return found
}

let gbk: Map<string, Buffer> | undefined

/** Node reads GBK and does not write it, so the table is read backwards. Undefined for a character it lacks. */
function gbkOf(text: string): Buffer | undefined {
  gbk ??= gbkTable()
  const parts = [...text].map(character => gbk?.get(character))
  return parts.every(part => part !== undefined) ? Buffer.concat(parts) : undefined
}

function gbkTable(): Map<string, Buffer> {
  const decoder = new TextDecoder('gbk')
  const table = new Map<string, Buffer>()
  for (let first = 0x81; first <= 0xfe; first += 1) {
    for (let second = 0x40; second <= 0xfe; second += 1) {
      const bytes = Buffer.of(first, second)
      const character = decoder.decode(bytes)
      if (character.length === 1 && character !== '�') table.set(character, bytes)
    }
  }
  return table
}
