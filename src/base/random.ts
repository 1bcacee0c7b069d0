import { randomFillSync } from 'node:crypto'

/** One call into OpenSSL fills this many bytes; a call a message for salt and IV cost 25 µs of its 280. */
const POOL_BYTES = 64 * 1024
let pool = Buffer.alloc(0)
let used = 0

/** Random bytes for salts and IVs, from the same generator as `randomBytes`, never handed out twice. */
export function pooledRandom(bytes: number): Buffer {
  if (used + bytes > pool.length) {
    pool = randomFillSync(Buffer.alloc(Math.max(POOL_BYTES, bytes)))
    used = 0
  }
  const slice = pool.subarray(used, used + bytes)
  used += bytes
  return slice
}
