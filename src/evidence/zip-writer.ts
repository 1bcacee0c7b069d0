import { createHash, type Hash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32, createDeflateRaw } from 'node:zlib'
import { fail } from '../base/index.ts'
import { descriptor, localHeader, tail, type ZipEntry } from './verifier/zip-format.ts'

export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>
export type Written = { path: string; bytes: number; sha256: string }

const LARGEST = 0xffff_fffe

/** Writes the one form of zip a package has, entry by entry, holding nothing but the piece at hand. */
export class ZipWriter {
  readonly #sink: (bytes: Uint8Array) => Promise<void>
  readonly #entries: ZipEntry[] = []
  readonly #hash: Hash = createHash('sha256')
  #at = 0

  constructor(sink: (bytes: Uint8Array) => Promise<void>) {
    this.#sink = sink
  }

  /** Bytes so far and their SHA-256: what the manifest, which comes last, says of everything before it. */
  soFar(): { bytes: number; sha256: string } {
    return { bytes: this.#at, sha256: this.#hash.copy().digest('hex') }
  }

  /** Throws `request.invalid` for a file of 4 GB or more: the container has no room for its size. */
  async add(path: string, chunks: Chunks, how: 'store' | 'deflate'): Promise<Written> {
    const offset = this.#at
    const method = how === 'deflate' ? 8 : 0
    const hash = createHash('sha256')
    const entry: ZipEntry = { name: path, method, crc: 0, packed: 0, size: 0, offset }
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        hash.update(chunk)
        entry.crc = crc32(chunk, entry.crc)
        entry.size += chunk.length
        if (entry.size > LARGEST) throw fail('request.invalid', { hint: 'a file of 4 GB or more', path })
        yield chunk
      }
    }
    await this.#put(localHeader(path, method))
    for await (const chunk of method === 8 ? deflated(counted()) : counted()) {
      entry.packed += chunk.length
      await this.#put(chunk)
    }
    await this.#put(descriptor(entry))
    this.#entries.push(entry)
    return { path, bytes: entry.size, sha256: hash.digest('hex') }
  }

  async finish(): Promise<void> {
    await this.#put(tail(this.#entries, this.#at))
  }

  async #put(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes)
    this.#at += bytes.length
    await this.#sink(bytes)
  }
}

async function* deflated(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const deflate = createDeflateRaw({ level: 6 })
  const fed = pipeline(Readable.from(chunks, { objectMode: true }), deflate)
  // Told through the loop below, which throws the same.
  fed.catch(() => undefined)
  for await (const chunk of deflate) yield chunk as Uint8Array
  await fed
}
