import { type Argon2Parameters, argon2, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { fail } from '../base/index.ts'

/**
 * Argon2id with m = 32 MiB, t = 3, p = 1. RFC 9106 §4 recommends 64 MiB with t = 3 and p = 4 where memory is scarce;
 * on two cores four lanes take turns anyway, and two sign-ins at once would hold 128 MiB beside a demo that promises
 * 1 GB. Half the memory with the same passes stays above OWASP's floor (19 MiB, t = 2, p = 1) and costs about 0.1 s.
 */
const COST = { memory: 32 * 1024, passes: 3, parallelism: 1 }
const SALT_BYTES = 16
const HASH_BYTES = 32
/** A row that asks for more than this was not written by us. */
const MOST = { memory: 256 * 1024, passes: 10, parallelism: 8 }

/** Two at once use both cores; more would only wait for each other with their memory already taken. */
const AT_ONCE = 2
/** Beyond this queue (some 2 s of work) a flood of sign-ins is answered "later" instead of filling memory. */
const MOST_WAITING = 32

type Cost = typeof COST
type Encoded = Cost & { salt: Buffer; hash: Buffer }

const derive = promisify(argon2)
let running = 0
const waiting: (() => void)[] = []

/** Hash a password to a PHC string, which carries its own parameters: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  return encode({ ...COST, salt, hash: await digest(password, { ...COST, salt }) })
}

/**
 * Does the password belong to the hash? `null` stands for a user who does not exist: the same work is done, so that
 * the time of the answer does not tell who has an account.
 */
export async function checkPassword(password: string, encoded: string | null): Promise<boolean> {
  const known = encoded === null ? null : decode(encoded)
  const against = known ?? { ...COST, salt: Buffer.alloc(SALT_BYTES), hash: Buffer.alloc(HASH_BYTES) }
  const hash = await digest(password, against)
  const equal = hash.length === against.hash.length && timingSafeEqual(hash, against.hash)
  return equal && known !== null
}

const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'
/** A password nobody has to invent: 20 characters that are hard to confuse, 99 bits. */
export function newPassword(): string {
  const letters = Array.from({ length: 20 }, () => ALPHABET[randomInt(ALPHABET.length)])
  return letters.join('').replace(/.{5}(?=.)/g, '$&-')
}

/** RFC 8265 §4.2: the same password typed on two keyboards is the same bytes. */
async function digest(password: string, cost: Cost & { salt: Buffer }): Promise<Buffer> {
  const parameters: Argon2Parameters = {
    message: Buffer.from(password.normalize('NFC')),
    nonce: cost.salt,
    memory: cost.memory,
    passes: cost.passes,
    parallelism: cost.parallelism,
    tagLength: HASH_BYTES,
  }
  await enter()
  try {
    return await derive('argon2id', parameters)
  } finally {
    leave()
  }
}

async function enter(): Promise<void> {
  if (running < AT_ONCE) {
    running += 1
    return
  }
  if (waiting.length >= MOST_WAITING) throw fail('auth.throttled', { retryAfter: 5 })
  await new Promise<void>(done => waiting.push(done))
}

/** The place passes to the next in line, so the count stands. */
function leave(): void {
  const next = waiting.shift()
  if (next) next()
  else running -= 1
}

function encode({ memory, passes, parallelism, salt, hash }: Encoded): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(hash)}`
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}

const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{43})$/

/** Read a PHC string, or null when it is none of ours: then nobody signs in with it. */
function decode(encoded: string): Encoded | null {
  const found = PHC.exec(encoded)
  if (!found) return null
  const [memory, passes, parallelism] = [Number(found[1]), Number(found[2]), Number(found[3])]
  if (memory > MOST.memory || passes > MOST.passes || parallelism > MOST.parallelism) return null
  if (passes < 1 || parallelism < 1 || memory < 8 * parallelism) return null
  const [salt, hash] = [Buffer.from(found[4] ?? '', 'base64'), Buffer.from(found[5] ?? '', 'base64')]
  return { memory, passes, parallelism, salt, hash }
}
