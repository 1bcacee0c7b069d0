import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'

const CHUNK = 1 << 16

/**
 * Let `use` have the file whose SHA-256 was just computed: the name it gets stays bound to the bytes that were read,
 * also when somebody puts another file in its place meanwhile (Linux; elsewhere it is the path itself).
 * Throws the file system's error when it cannot be read.
 */
export function withDigest<T>(path: string, use: (sha256: string, name: string) => T): T {
  const file = openSync(path, 'r')
  try {
    const hash = createHash('sha256')
    const chunk = Buffer.alloc(CHUNK)
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      hash.update(chunk.subarray(0, read))
    }
    return use(hash.digest('hex'), process.platform === 'linux' ? `/proc/self/fd/${file}` : path)
  } finally {
    closeSync(file)
  }
}
