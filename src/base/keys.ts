import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { now } from './clock.ts'
import { type Db, sql } from './db.ts'
import { fail } from './errors.ts'
import { newId } from './ids.ts'
import { pooledRandom } from './random.ts'

const IV_BYTES = 12
const TAG_BYTES = 16
/** Sealed bytes: version ‖ 96-bit random IV ‖ ciphertext ‖ tag (AES-256-GCM, NIST SP 800-38D). */
const SEAL_VERSION = 1
/** Enough for every conversation of a busy month; a KeyObject costs about 1 KB. */
const CACHE_SIZE = 200_000
/** conv_id and month of the institution's own key: names, accounts, trail details, grams. */
const OWN_CONV = '0'
const OWN_MONTH = '1970-01-01'

/** Encrypt and bind to `context`: the same bytes do not open under another row's identity. */
export function seal(key: KeyObject, plain: Uint8Array | string, context: string): Buffer {
  const iv = pooledRandom(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  cipher.setAAD(Buffer.from(context))
  const head = Buffer.concat([Buffer.of(SEAL_VERSION), iv])
  return Buffer.concat([head, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** Decrypt, or throw `key.wrong` when key, context or bytes do not belong together. */
export function open(key: KeyObject, sealed: Uint8Array, context: string): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
  if (bytes.length < 1 + IV_BYTES + TAG_BYTES || bytes[0] !== SEAL_VERSION) throw fail('key.wrong')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 1 + IV_BYTES))
    decipher.setAAD(Buffer.from(context))
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES))
    return Buffer.concat([
      decipher.update(bytes.subarray(1 + IV_BYTES, bytes.length - TAG_BYTES)),
      decipher.final(),
    ])
  } catch (error) {
    throw fail('key.wrong', {}, error)
  }
}

/** Read the master key, or make one on first use. It never enters the database; without it nothing opens. */
export function loadMasterKey(file: string): KeyObject {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
  }
  chmodSync(file, 0o600)
  const hex = readFileSync(file, 'utf8').trim()
  if (!/^[0-9a-f]{64}$/i.test(hex)) {
    throw fail('key.missing', { hint: `${file} must hold 64 hexadecimal digits (a 256-bit key)` })
  }
  return createSecretKey(Buffer.from(hex, 'hex'))
}

export type DataKey = { id: string; key: KeyObject }
export type KeyScope = { conv: string; month: string }

/** The UTC month a moment belongs to, as data_key.month. */
export function keyMonth(at: number): string {
  const day = Math.floor(at / DAY_MS)
  const known = months.get(day)
  if (known !== undefined) return known
  const month = `${new Date(at).toISOString().slice(0, 7)}-01`
  if (months.size > 10_000) months.clear()
  months.set(day, month)
  return month
}

/** Asked three times a message; a day's month never changes. */
const months = new Map<number, string>()
const DAY_MS = 86_400_000

/** Data keys of one institution: unwrapped once, cached as KeyObjects, made on first use. */
export class KeyRing {
  readonly corp: number
  readonly #master: KeyObject
  readonly #cache = new Map<string, DataKey>()
  #grams: Buffer | undefined

  constructor(corp: number, master: KeyObject) {
    this.corp = corp
    this.#master = master
  }

  /**
   * Keys for every scope, in order. Missing ones are made and committed at once, before anything is sealed with
   * them: a key made inside the caller's transaction would be cached here and lost by a rollback.
   */
  async forScopes(db: Db, scopes: KeyScope[]): Promise<DataKey[]> {
    const missing = new Map<string, KeyScope>()
    for (const scope of scopes) {
      const name = `${scope.conv}|${scope.month}`
      if (!this.#cache.has(name)) missing.set(name, scope)
    }
    if (missing.size > 0) await this.#make(db, [...missing.values()])
    return scopes.map(scope => this.#need(scope))
  }

  /** Keys that must exist already: for reading. */
  async load(db: Db, scopes: KeyScope[]): Promise<void> {
    const missing = scopes.filter(scope => !this.#cache.has(`${scope.conv}|${scope.month}`))
    if (missing.length > 0) await this.#fetch(db, missing)
  }

  /** A loaded key. `key.shredded` when it was destroyed on purpose, `key.missing` when it never was. */
  cached(conv: string, month: string): DataKey {
    return this.#need({ conv, month })
  }

  /** The institution's own key. */
  async own(db: Db): Promise<DataKey> {
    const scope = { conv: OWN_CONV, month: OWN_MONTH }
    if (!this.#cache.has(`${OWN_CONV}|${OWN_MONTH}`)) {
      await this.#fetch(db, [scope])
      if (!this.#cache.has(`${OWN_CONV}|${OWN_MONTH}`)) await this.#make(db, [scope])
    }
    return this.#need(scope)
  }

  /** Secret for the search grams of this institution, from its own key by HKDF (RFC 5869). */
  async gramSecret(db: Db): Promise<Buffer> {
    if (!this.#grams) {
      const own = await this.own(db)
      this.#grams = Buffer.from(hkdfSync('sha256', own.key, '', 'tongjian search grams v1', 32))
    }
    return this.#grams
  }

  /** A keyed digest: equal inputs are recognised without storing them. */
  async fingerprint(db: Db, bytes: Uint8Array): Promise<Buffer> {
    return createHmac('sha256', await this.gramSecret(db))
      .update('fingerprint')
      .update(bytes)
      .digest()
  }

  #need(scope: KeyScope): DataKey {
    const found = this.#cache.get(`${scope.conv}|${scope.month}`)
    if (!found) throw fail('key.missing', { conv: scope.conv, month: scope.month })
    return found
  }

  #remember(conv: string, month: string, id: string, wrapped: Uint8Array): void {
    if (this.#cache.size >= CACHE_SIZE) this.#cache.clear()
    const key = createSecretKey(open(this.#master, wrapped, `${this.corp}|${conv}|${month}|${id}`))
    this.#cache.set(`${conv}|${month}`, { id, key })
  }

  async #fetch(db: Db, scopes: KeyScope[]): Promise<void> {
    const { rows } = await sql<{ conv: string; month: string; key_id: string; wrapped: Buffer | null }>`
      SELECT conv_id::text AS conv, month::text AS month, key_id::text, wrapped FROM data_key
      WHERE corp_id = ${this.corp}
        AND (conv_id, month) IN (SELECT * FROM unnest(${scopes.map(s => s.conv)}::bigint[], ${scopes.map(s => s.month)}::date[]))
    `.execute(db)
    for (const row of rows) if (row.wrapped) this.#remember(row.conv, row.month, row.key_id, row.wrapped)
  }

  async #make(db: Db, scopes: KeyScope[]): Promise<void> {
    await this.#fetch(db, scopes)
    const absent = scopes.filter(s => !this.#cache.has(`${s.conv}|${s.month}`))
    if (absent.length === 0) return
    const made = absent.map(s => ({ ...s, id: newId(), secret: randomBytes(32) }))
    const wrapped = made.map(m => seal(this.#master, m.secret, `${this.corp}|${m.conv}|${m.month}|${m.id}`))
    await sql`
      INSERT INTO data_key (corp_id, conv_id, month, key_id, wrapped, created_at)
      SELECT ${this.corp}::smallint, * FROM unnest(${made.map(m => m.conv)}::bigint[], ${made.map(m => m.month)}::date[],
        ${made.map(m => m.id)}::uuid[], ${wrapped}::bytea[], ${made.map(() => new Date(now()))}::timestamptz[])
      ON CONFLICT DO NOTHING
    `.execute(db)
    // Another process may have won the insert: what stands in the table is the key.
    await this.#fetch(db, absent)
  }
}
