import { createHmac, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'
import { monotonic, now } from './clock.ts'
import { type Db, sql, type Tx } from './db.ts'
import { Fault, fail } from './errors.ts'
import { newId } from './ids.ts'
import { MasterKeys } from './master-key.ts'
import { hashOf, type Suite, sealingKey } from './seal.ts'
import { masterOf, unwrap, wrap } from './wrap.ts'

/** Enough for every conversation of a busy month; a KeyObject costs about 1 KB. */
const CACHE_SIZE = 200_000
/** conv_id and month of the institution's own key: names, accounts, trail details, grams. */
const OWN_CONV = '0'
const OWN_MONTH = '1970-01-01'
export const OWN_SCOPE: KeyScope = { conv: OWN_CONV, month: OWN_MONTH }
/** A process that no notification reached uses a destroyed key no longer than this. */
const SHRED_SEEN_WITHIN_MS = 30_000
/** WeCom hands a message over for five days (wecom-api.md §3.5); a month younger than this may still grow. */
const MONTH_SETTLES_MS = 10 * 86_400_000
/** Who is told on this channel that keys were destroyed; the payload is the institution. */
export const KEYS_SHREDDED = 'keys_shredded'

export type DataKey = { id: string; key: KeyObject }
export type KeyScope = { conv: string; month: string }
type Shredded = { shreddedAt: number }

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

const nameOf = (scope: KeyScope): string => `${scope.conv}|${scope.month}`

/** Data keys of one institution: unwrapped once, cached as KeyObjects, made on first use. */
export class KeyRing {
  readonly corp: number
  readonly suite: Suite
  readonly masters: MasterKeys
  readonly #cache = new Map<string, DataKey | Shredded>()
  /** Masters that stand in master_key. */
  readonly #known = new Set<string>()
  #grams: Buffer | undefined
  /** How many keys were destroyed when we last looked, and when that was. */
  #shredded = 0
  #looked = Number.NEGATIVE_INFINITY

  constructor(corp: number, master: KeyObject | MasterKeys) {
    this.corp = corp
    this.masters = master instanceof MasterKeys ? master : MasterKeys.of('international', master.export())
    this.suite = this.masters.suite
  }

  /**
   * Keys for every scope, in order. Missing ones are made and committed at once, before anything is sealed with
   * them: a key made inside the caller's transaction would be cached here and lost by a rollback.
   * Throws `key.shredded` for a scope whose key was destroyed: nothing can be added to it.
   */
  async forScopes(db: Db, scopes: KeyScope[]): Promise<DataKey[]> {
    await this.#look(db)
    const missing = new Map<string, KeyScope>()
    for (const scope of scopes) if (!this.#cache.has(nameOf(scope))) missing.set(nameOf(scope), scope)
    if (missing.size > 0) await this.#make(db, [...missing.values()])
    return scopes.map(scope => this.#need(scope))
  }

  /** Keys that must exist already: for reading. */
  async load(db: Db, scopes: KeyScope[]): Promise<void> {
    await this.#look(db)
    const missing = scopes.filter(scope => !this.#cache.has(nameOf(scope)))
    if (missing.length > 0) await this.#fetch(db, missing)
  }

  /** Which of these scopes had their key destroyed on purpose, in order. */
  async destroyed(db: Db, scopes: KeyScope[]): Promise<boolean[]> {
    await this.load(db, scopes)
    return scopes.map(scope => 'shreddedAt' in (this.#cache.get(nameOf(scope)) ?? {}))
  }

  /** As `load`, but a key that does not open is left out, as one that is not there: for `verify`, which names it. */
  async loadSound(db: Db, scopes: KeyScope[]): Promise<void> {
    const missing = new Map(scopes.map(scope => [nameOf(scope), scope]))
    for (const name of missing.keys()) if (this.#cache.has(name)) missing.delete(name)
    if (missing.size > 0) await this.#fetch(db, [...missing.values()], { sound: true })
  }

  /** The same ring with nothing remembered, so that what stands in the database is what is used. */
  fresh(): KeyRing {
    return new KeyRing(this.corp, this.masters)
  }

  /** A loaded key. `key.shredded` with the date when it was destroyed on purpose, `key.missing` when it never was. */
  cached(conv: string, month: string): DataKey {
    return this.#need({ conv, month })
  }

  /** The institution's own key. */
  async own(db: Db): Promise<DataKey> {
    const scope = { conv: OWN_CONV, month: OWN_MONTH }
    if (!this.#cache.has(nameOf(scope))) {
      await this.#fetch(db, [scope])
      if (!this.#cache.has(nameOf(scope))) await this.#make(db, [scope])
    }
    return this.#need(scope)
  }

  /** Secret for the search grams of this institution, from its own key by HKDF (RFC 5869). */
  async gramSecret(db: Db): Promise<Buffer> {
    if (!this.#grams) {
      const own = await this.own(db)
      this.#grams = Buffer.from(hkdfSync(hashOf(this.suite), own.key, '', 'tongjian search grams v1', 32))
    }
    return this.#grams
  }

  /** A keyed digest: equal inputs are recognised without storing them. */
  async fingerprint(db: Db, bytes: Uint8Array): Promise<Buffer> {
    return createHmac(hashOf(this.suite), await this.gramSecret(db))
      .update('fingerprint')
      .update(bytes)
      .digest()
  }

  /**
   * Destroy the keys of these scopes, in the caller's transaction, which must act as `tongjian_purge`: what was sealed
   * under them opens never again, in this database; backups keep it until they are gone. Returns how many were
   * destroyed now; a scope that has no key, or none any more, counts nothing.
   *
   * At the commit every server is told; a process that hears nothing stops using them within 30 seconds. Reading says
   * `key.shredded` with the date. Throws `key.in_use` for the institution's own key, and for a month that ended less
   * than ten days ago: WeCom may still hand over its messages, which would find no key. The caller writes the trail.
   */
  async shred(tx: Tx, scopes: KeyScope[]): Promise<number> {
    for (const scope of scopes) refuseInUse(scope)
    const { rows } = await sql<KeyScope>`
      UPDATE data_key SET wrapped = NULL, shredded_at = ${new Date(now())}
      WHERE corp_id = ${this.corp} AND wrapped IS NOT NULL AND (conv_id, month) IN
        (SELECT * FROM unnest(${scopes.map(s => s.conv)}::bigint[], ${scopes.map(s => s.month)}::date[]))
      RETURNING conv_id::text AS conv, month::text AS month
    `.execute(tx)
    // A reader of this process may open the key again before the commit; the notification then finds it.
    for (const row of rows) this.#cache.delete(nameOf(row))
    if (rows.length > 0) await sql`SELECT pg_notify(${KEYS_SHREDDED}, ${String(this.corp)})`.execute(tx)
    return rows.length
  }

  /** Forget the keys that were destroyed since the last look. Called when a notification says so. */
  async forgetShredded(db: Db): Promise<void> {
    // A transaction may look at the past: what it sees counts for itself alone.
    if (!db.isTransaction) this.#looked = monotonic()
    const { rows: counted } = await sql<{ n: number }>`
      SELECT count(*) AS n FROM data_key WHERE corp_id = ${this.corp} AND shredded_at IS NOT NULL`.execute(db)
    const count = counted[0]?.n ?? 0
    if (count === this.#shredded) return
    const { rows } = await sql<KeyScope & { at: Date }>`
      SELECT conv_id::text AS conv, month::text AS month, shredded_at AS at FROM data_key
      WHERE corp_id = ${this.corp} AND shredded_at IS NOT NULL`.execute(db)
    for (const row of rows) {
      if (this.#cache.has(nameOf(row))) this.#cache.set(nameOf(row), { shreddedAt: row.at.getTime() })
    }
    this.#shredded = count
  }

  /** Counting depends on no clock and no order of commits, and a key is destroyed once. */
  async #look(db: Db): Promise<void> {
    if (monotonic() - this.#looked > SHRED_SEEN_WITHIN_MS) await this.forgetShredded(db)
  }

  #need(scope: KeyScope): DataKey {
    const found = this.#cache.get(nameOf(scope))
    if (!found) throw fail('key.missing', scope)
    if ('key' in found) return found
    const at = new Date(found.shreddedAt).toISOString()
    throw fail('key.shredded', { ...scope, at, hint: `destroyed on purpose on ${at.slice(0, 10)}` })
  }

  #remember(scope: KeyScope, held: DataKey | Shredded): void {
    if (this.#cache.size >= CACHE_SIZE) {
      // The oldest one: all at once would take keys from under those who have just loaded them.
      for (const oldest of this.#cache.keys()) {
        this.#cache.delete(oldest)
        break
      }
    }
    this.#cache.set(nameOf(scope), held)
  }

  async #fetch(db: Db, scopes: KeyScope[], options: { sound?: boolean } = {}): Promise<void> {
    const { rows } = await sql<KeyScope & { id: string; wrapped: Buffer | null; shreddedAt: Date | null }>`
      SELECT conv_id::text AS conv, month::text AS month, key_id::text AS id, wrapped, shredded_at AS "shreddedAt" FROM data_key
      WHERE corp_id = ${this.corp}
        AND (conv_id, month) IN (SELECT * FROM unnest(${scopes.map(s => s.conv)}::bigint[], ${scopes.map(s => s.month)}::date[]))
    `.execute(db)
    for (const row of rows) {
      if (!row.wrapped) {
        this.#remember(row, { shreddedAt: row.shreddedAt?.getTime() ?? 0 })
        continue
      }
      try {
        this.#remember(row, await this.#opened(row, row.wrapped))
      } catch (error) {
        if (!options.sound || !(error instanceof Fault)) throw error
      }
    }
  }

  async #opened(row: KeyScope & { id: string }, wrapped: Buffer): Promise<DataKey> {
    const named = masterOf(wrapped)
    const masters = named ? [await this.masters.find(named)] : this.masters.held
    return { id: row.id, key: sealingKey(this.suite, unwrap(masters, wrapped, this.corp, row)) }
  }

  async #make(db: Db, scopes: KeyScope[]): Promise<void> {
    await this.#fetch(db, scopes)
    const absent = scopes.filter(s => !this.#cache.has(nameOf(s)))
    if (absent.length === 0) return
    await this.masters.refresh()
    const master = this.masters.newest
    await this.#register(db, master.id)
    const made = absent.map(s => ({ ...s, id: newId() }))
    const wrapped = made.map(m => wrap(master, randomBytes(32), this.corp, m))
    await sql`
      INSERT INTO data_key (corp_id, conv_id, month, key_id, wrapped, created_at)
      SELECT ${this.corp}::smallint, * FROM unnest(${made.map(m => m.conv)}::bigint[], ${made.map(m => m.month)}::date[],
        ${made.map(m => m.id)}::uuid[], ${wrapped}::bytea[], ${made.map(() => new Date(now()))}::timestamptz[])
      WHERE NOT EXISTS (SELECT FROM master_key
        WHERE corp_id = ${this.corp} AND master_id = ${master.id} AND retired_at IS NOT NULL)
      ON CONFLICT DO NOTHING
    `.execute(db)
    // Another process may have won the insert: what stands in the table is the key.
    await this.#fetch(db, absent)
    if (absent.some(s => !this.#cache.has(nameOf(s)))) {
      throw fail('key.wrong', {
        hint: `master key ${master.id} was retired by a rotation: give this process the new one and start it again`,
        master: master.id,
      })
    }
  }

  async #register(db: Db, id: string): Promise<void> {
    if (this.#known.has(id)) return
    await sql`INSERT INTO master_key (corp_id, master_id, first_used_at) VALUES (${this.corp}, ${id}, ${new Date(now())})
      ON CONFLICT DO NOTHING`.execute(db)
    this.#known.add(id)
  }
}

function refuseInUse({ conv, month }: KeyScope): void {
  const start = new Date(`${month}T00:00:00Z`)
  const end = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1)
  const isOwn = conv === OWN_CONV
  if (isOwn || now() < end + MONTH_SETTLES_MS) {
    const hint = isOwn
      ? "the institution's own key opens its names and its trail"
      : 'its month may still grow'
    throw fail('key.in_use', { conv, month, hint })
  }
}
