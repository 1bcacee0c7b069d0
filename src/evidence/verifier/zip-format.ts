import { concat, utf8 } from './bytes.ts'

/**
 * The one form of zip a package has (docs/evidence-package.md §2). Every byte of it follows from names, methods, sizes
 * and checksums, so the verifier can write the container anew and compare: no byte is free to differ.
 */
export type ZipEntry = {
  name: string
  /** 0 stored, 8 deflated. */
  method: 0 | 8
  crc: number
  packed: number
  size: number
  offset: number
}

const LOCAL = 0x04034b50
export const DESCRIPTOR_BYTES = 16
const DESCRIPTOR = 0x08074b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const END64 = 0x06064b50
const LOCATOR64 = 0x07064b50
/** Sizes follow the data (bit 3), names are UTF-8 (bit 11). */
const FLAGS = 0x0808
const VERSION = 20
const VERSION64 = 45
/** 1980-01-01: the manifest tells the time, the container does not. */
const DATE = 0x0021
const FULL = 0xffff_ffff
const MANY = 0xffff

type Field = [bytes: 2 | 4 | 8, value: number]

function fields(...list: Field[]): Uint8Array {
  const bytes = new Uint8Array(list.reduce((sum, [width]) => sum + width, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const [width, value] of list) {
    if (width === 2) view.setUint16(at, value, true)
    else if (width === 4) view.setUint32(at, value, true)
    else view.setBigUint64(at, BigInt(value), true)
    at += width
  }
  return bytes
}

export function localHeader(name: string, method: 0 | 8): Uint8Array {
  const bytes = utf8(name)
  const head = fields(
    [4, LOCAL],
    [2, VERSION],
    [2, FLAGS],
    [2, method],
    [2, 0],
    [2, DATE],
    [4, 0],
    [4, 0],
    [4, 0],
    [2, bytes.length],
    [2, 0],
  )
  return concat(head, bytes)
}

export function descriptor(entry: ZipEntry): Uint8Array {
  return fields([4, DESCRIPTOR], [4, entry.crc], [4, entry.packed], [4, entry.size])
}

function centralHeader(entry: ZipEntry): Uint8Array {
  const name = utf8(entry.name)
  const far = entry.offset >= FULL
  const extra = far ? fields([2, 1], [2, 8], [8, entry.offset]) : new Uint8Array(0)
  const head = fields(
    [4, CENTRAL],
    [2, far ? VERSION64 : VERSION],
    [2, far ? VERSION64 : VERSION],
    [2, FLAGS],
    [2, entry.method],
    [2, 0],
    [2, DATE],
    [4, entry.crc],
    [4, entry.packed],
    [4, entry.size],
    [2, name.length],
    [2, extra.length],
    [2, 0],
    [2, 0],
    [2, 0],
    [4, 0],
    [4, far ? FULL : entry.offset],
  )
  return concat(head, name, extra)
}

/** Central directory and end records of an archive whose entries fill the bytes before `start`. */
export function tail(entries: readonly ZipEntry[], start: number): Uint8Array {
  const directory = concat(...entries.map(centralHeader))
  const count = entries.length
  const wide = count >= MANY || start >= FULL || directory.length >= FULL
  const end64 = wide
    ? concat(
        fields(
          [4, END64],
          [8, 44],
          [2, VERSION64],
          [2, VERSION64],
          [4, 0],
          [4, 0],
          [8, count],
          [8, count],
          [8, directory.length],
          [8, start],
        ),
        fields([4, LOCATOR64], [4, 0], [8, start + directory.length], [4, 1]),
      )
    : new Uint8Array(0)
  const end = fields(
    [4, END],
    [2, 0],
    [2, 0],
    [2, Math.min(count, MANY)],
    [2, Math.min(count, MANY)],
    [4, Math.min(directory.length, FULL)],
    [4, Math.min(start, FULL)],
    [2, 0],
  )
  return concat(directory, end64, end)
}

export const END_BYTES = 22
export const END64_BYTES = 56 + 20

/** Where the central directory begins and how many entries it has, read from the last bytes; null when unreadable. */
export function readEnd(last: Uint8Array): { start: number; count: number } | null {
  const view = new DataView(last.buffer, last.byteOffset, last.byteLength)
  const at = last.length - END_BYTES
  if (at < 0 || view.getUint32(at, true) !== END) return null
  const start = view.getUint32(at + 16, true)
  const count = view.getUint16(at + 10, true)
  const at64 = at - END64_BYTES
  if (at64 >= 0 && view.getUint32(at - 20, true) === LOCATOR64 && view.getUint32(at64, true) === END64)
    return {
      start: Number(view.getBigUint64(at64 + 48, true)),
      count: Number(view.getBigUint64(at64 + 32, true)),
    }
  return start === FULL || count === MANY ? null : { start, count }
}

/** The entries of a central directory; null when it does not parse. */
export function readDirectory(bytes: Uint8Array, count: number): ZipEntry[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const names = new TextDecoder('utf-8', { fatal: true })
  const entries: ZipEntry[] = []
  let at = 0
  try {
    for (let i = 0; i < count; i += 1) {
      if (view.getUint32(at, true) !== CENTRAL) return null
      const method = view.getUint16(at + 10, true)
      const [nameBytes, extraBytes] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true)]
      const near = view.getUint32(at + 42, true)
      const far = near === FULL ? Number(view.getBigUint64(at + 46 + nameBytes + 4, true)) : near
      if (method !== 0 && method !== 8) return null
      entries.push({
        name: names.decode(bytes.subarray(at + 46, at + 46 + nameBytes)),
        method,
        crc: view.getUint32(at + 16, true),
        packed: view.getUint32(at + 20, true),
        size: view.getUint32(at + 24, true),
        offset: far,
      })
      at += 46 + nameBytes + extraBytes
    }
  } catch {
    return null
  }
  return entries
}
