import { createHash, randomBytes } from 'node:crypto'
import {
  type Actor,
  type Db,
  fail,
  type House,
  inTransaction,
  newId,
  now,
  systemActor,
} from '../base/index.ts'
import { record } from '../trail/index.ts'
import { checkPassword } from './password.ts'
import {
  type AccountRow,
  type Attempt,
  deleteAttempt,
  deleteAttempts,
  deleteExpiredSessions,
  deleteSession,
  insertAttempt,
  insertSession,
  lockAttempts,
  recentAttempts,
  selectAccount,
  selectSession,
  touchSession,
} from './store.ts'

const MINUTE = 60_000
/** A working day; then he signs in again whatever he did (NIST SP 800-63B §2.2.3: at most 12 hours). */
export const SESSION_LASTS = 8 * 60 * MINUTE
/** An unattended screen (the same section: at most 30 minutes). The demo is spared it. */
const IDLE_LASTS = 30 * MINUTE
/** `seen_at` is written this often at most: a page that asks ten times a second costs one write a minute. */
const TOUCH_EVERY = MINUTE
const TOKEN_BYTES = 32
const ATTEMPTS = 5
const ATTEMPT_WINDOW = 15 * MINUTE

export type SignedIn = { token: string; expiresAt: number }
type Credentials = { username: string; password: string }

/**
 * Open a session, or throw: `auth.throttled` after five failures in a quarter of an hour, `auth.failed` for anything
 * else, with the same work and the same words whether the account exists or not.
 */
export async function signIn(
  db: Db,
  house: House,
  given: Credentials,
  from: { address?: string } = {},
): Promise<SignedIn> {
  const username = given.username.toLowerCase()
  const attempt = await countAttempt(db, house, username)
  const account = await selectAccount(db, house.corp, username)
  const matches = await checkPassword(given.password, account?.passwordHash ?? null).catch(async error => {
    // Not his fault: the machine was too busy to look.
    await deleteAttempt(db, house.corp, attempt)
    throw error
  })
  if (!account || !matches || account.disabled) {
    const reason = !account ? 'unknown' : matches ? 'disabled' : 'password'
    await refuse(db, house, { username, reason, address: from.address }, account)
    throw fail('auth.failed')
  }
  return openSession(db, house, account, from)
}

/** Counted before the password is looked at: guesses that run side by side are bounded as well. */
async function countAttempt(db: Db, house: House, username: string): Promise<Attempt> {
  return inTransaction(db, async tx => {
    await lockAttempts(tx, house.corp, username)
    const at = now()
    const recent = await recentAttempts(tx, house.corp, username, at - ATTEMPT_WINDOW)
    const oldest = recent.at(-ATTEMPTS)
    if (oldest !== undefined) {
      throw fail('auth.throttled', { retryAfter: Math.ceil((oldest + ATTEMPT_WINDOW - at) / 1000) })
    }
    const attempt = { username, at, id: newId() }
    await insertAttempt(tx, house.corp, attempt)
    return attempt
  })
}

type Refusal = { username: string; reason: 'unknown' | 'password' | 'disabled'; address: string | undefined }

async function refuse(db: Db, house: House, refusal: Refusal, account: AccountRow | null): Promise<void> {
  // The username stands in the sealed detail only: people type their password into the wrong field.
  await inTransaction(db, tx =>
    record(tx, systemActor(house, 'sign-in'), {
      verb: 'session.refused',
      thing: { kind: 'account', id: account?.id ?? 'unknown' },
      detail: refusal,
    }),
  )
}

async function openSession(
  db: Db,
  house: House,
  account: AccountRow,
  from: { address?: string },
): Promise<SignedIn> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  const at = now()
  const expiresAt = at + SESSION_LASTS
  await inTransaction(db, async tx => {
    await deleteAttempts(tx, house.corp, account.username)
    await deleteExpiredSessions(tx, at)
    await insertSession(tx, house.corp, { tokenHash: hashOf(token), accountId: account.id, at, expiresAt })
    const { id, username, role, userid, departments } = account
    await record(tx, personActor(house, { accountId: id, username, role, userid, departments }), {
      verb: 'session.opened',
      thing: { kind: 'account', id },
      detail: { address: from.address },
    })
  })
  return { token, expiresAt }
}

/** Whose session is it? Null when there is none, it ended, or the account was disabled. */
export async function actorOf(
  db: Db,
  house: House,
  token: string | undefined,
  look: { passive: boolean } = { passive: false },
): Promise<Actor | null> {
  if (token === undefined || !/^[\w-]{43}$/.test(token)) return null
  const tokenHash = hashOf(token)
  const at = now()
  const seenAfter = house.demo ? at - SESSION_LASTS : at - IDLE_LASTS
  const session = await selectSession(db, house.corp, { tokenHash, now: at, seenAfter })
  if (!session) return null
  if (!look.passive && at - session.seenAt >= TOUCH_EVERY) await touchSession(db, tokenHash, at)
  return personActor(house, session)
}

/** End a session. The token is worthless from here on. */
export async function signOut(db: Db, actor: Actor, token: string): Promise<void> {
  await inTransaction(db, async tx => {
    await deleteSession(tx, hashOf(token))
    const thing = { kind: 'account', id: actor.accountId ?? actor.name }
    await record(tx, actor, { verb: 'session.closed', thing, detail: {} })
  })
}

type Person = {
  accountId: string
  username: string
  role: string
  userid: string | null
  departments: number[]
}

function personActor(house: House, person: Person): Actor {
  const { accountId, username, role, userid, departments } = person
  return { house, kind: 'person', name: username, role, accountId, userid, departments }
}

/** The table holds the hash, so that a dump opens no session. The token is random: no salt, no stretching. */
function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
