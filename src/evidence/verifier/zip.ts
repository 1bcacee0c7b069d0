import { sha256 } from '@noble/hashes/sha2.js'
import { Inflate } from 'fflate'
import { same, toHex } from './bytes.ts'
import type { PackageFiles } from './files.ts'
import {
  DESCRIPTOR_BYTES,
  descriptor,
  END_BYTES,
  END64_BYTES,
  localHeader,
  readDirectory,
  readEnd,
  tail,
  type ZipEntry,
} from './zip-format.ts'

/** Random access to the bytes of the package: a file on disk or a Blob. */
export type Source = { size: number; read(from: number, to: number): Promise<Uint8Array> }

const CHUNK = 1 << 20

/** The files of a zip, and the place of the first byte that our writer would not have put there. Null: no zip at all. */
export async function openZip(source: Source): Promise<PackageFiles | null> {
  const last = await source.read(Math.max(0, source.size - END_BYTES - END64_BYTES), source.size)
  const end = last.length < END_BYTES ? null : readEnd(last)
  if (end === null || end.start > source.size) return null
  const directory = await source.read(end.start, source.size)
  const entries = readDirectory(directory, end.count)
  if (entries === null || entries.length === 0) return null
  const byName = new Map(entries.map(entry => [entry.name, entry]))
  return {
    names: entries.map(entry => entry.name),
    open(name) {
      const entry = byName.get(name)
      if (!entry) throw new Error(`no file ${name}`)
      return unpacked(source, entry)
    },
    container: {
      fault: () => faultOf(source, entries, directory, end.start),
      prefix: (bytes, onBytes) => digestOf(source, bytes, onBytes),
    },
  }
}

async function* unpacked(source: Source, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  const from = entry.offset + localHeader(entry.name, entry.method).length
  const out: Uint8Array[] = []
  const inflate = new Inflate(chunk => void out.push(chunk))
  let size = 0
  for (let at = from; at < from + entry.packed; at += CHUNK) {
    const end = Math.min(at + CHUNK, from + entry.packed)
    const bytes = await source.read(at, end)
    if (entry.method === 0) yield bytes
    else {
      inflate.push(bytes, end === from + entry.packed)
      for (const chunk of out.splice(0)) {
        size += chunk.length
        // A stream that gives more than it promised is not ours, and might never end.
        if (size > entry.size) throw new Error('more bytes than promised')
        yield chunk
      }
    }
  }
}

/** SHA-256 of the first `bytes` bytes: what the manifest vouches for of the container itself. */
async function digestOf(source: Source, bytes: number, onBytes: (n: number) => void): Promise<string> {
  const hash = sha256.create()
  for (let at = 0; at < Math.min(bytes, source.size); at += CHUNK) {
    const chunk = await source.read(at, Math.min(at + CHUNK, bytes))
    hash.update(chunk)
    onBytes(chunk.length)
  }
  return toHex(hash.digest())
}

type Fault = { offset: number; file: string }

/** The container written anew from its own directory, and where it first differs from what is there. */
async function faultOf(
  source: Source,
  entries: ZipEntry[],
  directory: Uint8Array,
  start: number,
): Promise<Fault | null> {
  if (new Set(entries.map(entry => entry.name)).size !== entries.length) return { offset: start, file: '' }
  let at = 0
  for (const entry of entries) {
    const file = entry.name
    if (entry.offset !== at) return { offset: at, file }
    const head = localHeader(entry.name, entry.method)
    const found = await source.read(at, at + head.length)
    if (!same(found, head)) return { offset: at + firstDifference(found, head), file }
    at += head.length + entry.packed
    const foot = descriptor(entry)
    const below = await source.read(at, at + DESCRIPTOR_BYTES)
    if (!same(below, foot)) return { offset: at + firstDifference(below, foot), file }
    at += DESCRIPTOR_BYTES
  }
  if (at !== start) return { offset: at, file: '' }
  const expected = tail(entries, start)
  if (!same(directory, expected)) return { offset: start + firstDifference(directory, expected), file: '' }
  return null
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  let at = 0
  while (at < a.length && a[at] === b[at]) at += 1
  return at
}
