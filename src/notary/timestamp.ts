import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  causeOf,
  type Db,
  dayOf,
  fail,
  type House,
  inTransaction,
  messageOf,
  now,
  repeat,
  type StampConfig,
} from '../base/index.ts'
import {
  type Anchors,
  LedgerError,
  openStamp,
  readAnchors,
  type StampRefusal,
  stampRequest,
} from '../ledger/index.ts'
import { openEgress, reasonOf, webRoots } from '../wecom/index.ts'
import { checkpointName, type Outside, readCheckpoint } from './outside.ts'
import {
  type Failures,
  failuresSince,
  insertFailure,
  insertStamp,
  newestStamp,
  type StoredStamp,
} from './stamp-store.ts'
import type { LogId } from './store.ts'

/** A stamp is 3 to 8 KB; what is longer is no stamp. */
const MOST_BYTES = 65_536
const TIMEOUT_MS = 20_000
/** Looks whether one is due; costs one query. */
const LOOK_MS = 30_000
/** After a failure; the authority may charge for each try. */
const RETRY_MS = 5 * 60_000
/** A clock that is further off than this is wrong, theirs or ours, and a stamp with it would be held against us. */
const CLOCK_MS = 10 * 60_000
const NONCE_BYTES = 16

/** Why there is no stamp: what RFC 3161 refuses, or what happened on the way. */
type StampTrouble = StampRefusal | 'unreachable' | 'timeout' | 'http' | 'too_large' | 'storage'

/** Whom we ask and whom we believe. */
export type Authorities = {
  config: StampConfig
  anchors: Anchors
  ask(url: URL, request: Buffer): Promise<Buffer>
  close(): Promise<void>
}

/**
 * The configured time authorities. Only their origins are reached, and no redirect is followed. Without TONGJIAN_TSA_CA
 * the roots that come with Node are believed, which are meant for web servers: name the authority's own where you can.
 *
 * @throws config.invalid when the file of certificates cannot be read.
 */
export function openAuthorities(config: StampConfig, timeoutMs = TIMEOUT_MS): Authorities {
  const ways = new Map(config.urls.map(url => [new URL(url).origin, openEgress({ apiBase: url })]))
  return {
    config,
    anchors: stampAnchors(config),
    async ask(url, body) {
      const headers = { 'content-type': 'application/timestamp-query' }
      const way = ways.get(url.origin)
      if (!way) throw fail('egress.refused', { host: url.host })
      const answer = await way.send({ method: 'POST', url, headers, body, timeoutMs })
      if (answer.status !== 200) {
        await answer.read(MOST_BYTES).catch(() => undefined)
        throw new Trouble('http')
      }
      return answer.read(MOST_BYTES)
    },
    async close() {
      await Promise.all([...ways.values()].map(way => way.close()))
    },
  }
}

/** Whom `verify` believes: the configured certificates, or Node's. */
export function stampAnchors(config: StampConfig | undefined): Anchors {
  if (config?.ca === undefined) return readAnchors(webRoots().join('\n'))
  try {
    return readAnchors(readFileSync(config.ca, 'utf8'))
  } catch (error) {
    throw fail('config.invalid', { hint: `TONGJIAN_TSA_CA ${config.ca}: ${messageOf(error)}` }, error)
  }
}

class Trouble extends Error {
  readonly reason: StampTrouble
  constructor(reason: StampTrouble) {
    super(reason)
    this.reason = reason
  }
}

function troubleOf(error: unknown): StampTrouble {
  if (error instanceof Trouble) return error.reason
  if (error instanceof LedgerError) return error.detail.reason as StampTrouble
  const word = reasonOf(error)
  if (word === 'TooLarge') return 'too_large'
  return /timeout|abort/i.test(word) ? 'timeout' : 'unreachable'
}

export type StampDeps = { db: Db; house: House; outside: Outside; authorities: Authorities }

/**
 * Have the newest checkpoint outside stamped by the first authority that does it well; what the others did is written
 * down. False when there is nothing new to stamp, or nobody would.
 */
export async function stampNow(deps: StampDeps, log: LogId): Promise<boolean> {
  const { db, house, outside, authorities } = deps
  const bytes = await outside.blobs.get(checkpointName(log))
  if (bytes === null) return false
  const { size } = readCheckpoint(outside, log, bytes.toString('utf8'))
  if (size === 0 || (await newestStamp(db, house.corp, log))?.size === size) return false
  for (const address of authorities.config.urls) {
    const url = new URL(address)
    const askedAt = now()
    try {
      const stamp = await askFor(authorities, url, bytes)
      await keep(deps, log, { ...stamp, size, note: bytes.toString('utf8') }, askedAt)
      return true
    } catch (error) {
      const reason = troubleOf(error)
      house.log.error({ log, authority: url.host, reason }, 'no time stamp')
      await inTransaction(db, tx => insertFailure(tx, house.corp, askedAt, url.host, reason))
    }
  }
  return false
}

async function askFor(
  authorities: Authorities,
  url: URL,
  note: Buffer,
): Promise<Omit<StoredStamp, 'size' | 'note'>> {
  const { policy } = authorities.config
  const nonce = randomBytes(NONCE_BYTES)
  const response = await authorities.ask(url, stampRequest(note, nonce, policy))
  const stamp = openStamp(response, { data: note, nonce, policy, anchors: authorities.anchors })
  if (Math.abs(stamp.stampedAt - now()) > CLOCK_MS) throw new Trouble('clock')
  const { stampedAt, serial } = stamp
  return { authority: url.host, serial, policy: stamp.policy, stampedAt, response }
}

/** Outside first: what the database knows must be found there, and a kill in between leaves only a file too many. */
async function keep(deps: StampDeps, log: LogId, stamp: StoredStamp, askedAt: number): Promise<void> {
  const { db, house, outside } = deps
  try {
    await outside.blobs.put(stampName(log, stamp, 'note'), Buffer.from(stamp.note))
    await outside.blobs.put(stampName(log, stamp, 'tsr'), stamp.response)
  } catch (error) {
    house.log.error({ log, error: causeOf(error) }, 'the time stamp could not be stored outside')
    throw new Trouble('storage')
  }
  await inTransaction(db, tx => insertStamp(tx, house.corp, log, stamp, askedAt))
}

/** Where a stamp and what it stamps lie: `openssl ts -verify -data X.note -in X.tsr` reads them as they are. */
export function stampName(
  log: LogId,
  stamp: { size: number; serial: string },
  ending: 'tsr' | 'note',
): string {
  return `${log}/stamp/${stamp.size}-${stamp.serial}.${ending}`
}

/** Stamp every so many minutes, and early on each new day so that the day before is closed; as long as the logs grow. */
export function startStamping(deps: StampDeps, logs: readonly LogId[]): { stop(): Promise<void> } {
  const { db, house, authorities } = deps
  const every = authorities.config.minutes * 60_000
  let blocked = 0
  return repeat(
    LOOK_MS,
    0,
    async () => {
      for (const log of logs) {
        const last = await newestStamp(db, house.corp, log)
        const due = last === null || now() - last.askedAt >= every || newDay(house, last.askedAt)
        if (!due || now() < blocked) continue
        const before = (await failuresSince(db, house.corp, last?.askedAt ?? 0)).count
        const done = await stampNow(deps, log)
        const failed = !done && (await failuresSince(db, house.corp, last?.askedAt ?? 0)).count > before
        if (failed) blocked = now() + Math.min(RETRY_MS, every)
      }
    },
    error => house.log.error({ error: causeOf(error) }, 'time stamping stopped'),
  )
}

function newDay(house: House, at: number): boolean {
  return dayOf(at, house.zone) !== dayOf(now(), house.zone)
}

export type StampState = {
  last: { size: number; authority: string; at: number } | null
  /** Since the last stamp. */
  failures: Failures
}

/** The newest stamp of the archive's log and what went wrong since. */
export async function stampState(db: Db, house: House): Promise<StampState> {
  const last = await newestStamp(db, house.corp, 'archive')
  return {
    last: last && { size: last.size, authority: last.authority, at: last.stampedAt },
    failures: await failuresSince(db, house.corp, last?.askedAt ?? 0),
  }
}
