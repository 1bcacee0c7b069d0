import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharedDatabase } from '../../test/support/database.ts'
import { withClock } from '../base/clock.ts'
import { type Db, type House, inTransaction, shellActor, sql } from '../base/index.ts'
import { list } from '../trail/index.ts'
import { openTestHouse } from '../trail/testing.ts'
import {
  actorOf,
  addAccount,
  createAccount,
  ensureDemoAccounts,
  resetPassword,
  signIn,
  signOut,
} from './index.ts'

const database = sharedDatabase()
let db: Db
let house: House
let close: () => Promise<void>
beforeAll(async () => {
  ;({ db, house, close } = await openTestHouse(database.appUrl))
})
afterAll(() => close())

const shell = () => shellActor(house, 'root')
const MINUTE = 60_000
let made = 0
async function person(role: 'officer' | 'supervisor' = 'officer', departments: number[] = []) {
  made += 1
  const username = `person${made}`
  const { password } = await addAccount(db, shell(), { username, name: '林晓雯', role, departments })
  return { username, password }
}

test('a session opens with the password, tells who acts, and ends when closed', async () => {
  const lin = await person()
  const { token } = await signIn(db, house, { ...lin, username: lin.username.toUpperCase() })
  const actor = await actorOf(db, house, token)
  expect(actor).toMatchObject({ kind: 'person', name: lin.username, role: 'officer', departments: [] })
  await signOut(db, actor!, token)
  expect(await actorOf(db, house, token)).toBeNull()
  const verbs = (await list(db, shell(), { limit: 3, actor: lin.username })).items.map(item => item.verb)
  expect(verbs).toEqual(['session.closed', 'session.opened'])
})

test('the database holds neither the token nor the password nor the name', async () => {
  const lin = await person()
  const { token } = await signIn(db, house, lin)
  const { rows } = await sql<{ all: string }>`
    SELECT concat((SELECT string_agg(a::text, '') FROM account a), (SELECT string_agg(s::text, '') FROM session s)) AS all`.execute(
    db,
  )
  const dump = rows[0]?.all ?? ''
  for (const secret of [token, lin.password, '林晓雯']) {
    expect(dump).not.toContain(secret)
    expect(dump).not.toContain(Buffer.from(secret).toString('hex'))
  }
})

test('a wrong password and an unknown person get the same answer, and both are in the trail', async () => {
  const lin = await person()
  for (const given of [
    { ...lin, password: 'guess' },
    { username: 'nobody', password: 'guess' },
  ]) {
    await expect(signIn(db, house, given)).rejects.toMatchObject({ code: 'auth.failed', details: {} })
  }
  const refused = (await list(db, shell(), { limit: 2, verb: 'session.refused' })).items
  expect(refused.map(item => item.detail.reason)).toEqual(['unknown', 'password'])
})

test('the sixth guess in a quarter of an hour is not looked at, even when it is right and all come at once', async () => {
  const lin = await person()
  const guesses = await Promise.allSettled(
    Array.from({ length: 9 }, (_, i) => signIn(db, house, { ...lin, password: `guess ${i}` })),
  )
  const codes = guesses.map(guess => (guess.status === 'rejected' ? guess.reason.code : 'opened'))
  expect(codes.filter(code => code === 'auth.failed')).toHaveLength(5)
  expect(codes.filter(code => code === 'auth.throttled')).toHaveLength(4)
  const fault = await signIn(db, house, lin).catch(error => error)
  expect(fault.code).toBe('auth.throttled')
  expect(fault.details.retryAfter).toBeGreaterThan(14 * 60)
  const later = Date.now() + 15 * MINUTE + 1
  await withClock(later, async () => {
    expect((await signIn(db, house, lin)).token).toHaveLength(43)
  })
})

test('a session ends half an hour after it was last used, eight hours after it began, and never by looking on', async () => {
  const lin = await person()
  const start = Date.UTC(2026, 4, 6, 1)
  const { token } = await withClock(start, () => signIn(db, house, lin))
  const at = (minutes: number, passive = false) =>
    withClock(start + minutes * MINUTE, async () => (await actorOf(db, house, token, { passive })) !== null)
  for (const minutes of [29, 58, 87]) expect(await at(minutes)).toBe(true)
  expect(await at(110, true)).toBe(true)
  expect(await at(118)).toBe(false)
  const working = await withClock(start, () => signIn(db, house, lin))
  for (let minutes = 20; minutes < 480; minutes += 20) {
    await withClock(start + minutes * MINUTE, async () => {
      expect(await actorOf(db, house, working.token)).not.toBeNull()
    })
  }
  await withClock(start + 480 * MINUTE, async () =>
    expect(await actorOf(db, house, working.token)).toBeNull(),
  )
})

test('what is no token of ours opens nothing', async () => {
  for (const token of [undefined, '', 'x', `${'a'.repeat(42)}'`, 'a'.repeat(43), 'a'.repeat(5000)]) {
    expect(await actorOf(db, house, token)).toBeNull()
  }
})

test("a supervisor's departments come with everything below them, though the directory runs in a circle", async () => {
  await sql`INSERT INTO department (corp_id, id, parent_id, sealed, synced_at)
    SELECT 1, id, parent, ''::bytea, now() FROM (VALUES (2, 4), (3, 2), (4, 3), (9, 1)) AS d(id, parent)`.execute(
    db,
  )
  const chen = await person('supervisor', [2])
  const { token } = await signIn(db, house, chen)
  expect((await actorOf(db, house, token))?.departments).toEqual([2, 3, 4])
})

test('an account needs a fit name, a long password, departments for a supervisor, and a free username', async () => {
  const make = (change: object) =>
    inTransaction(db, tx =>
      createAccount(tx, shell(), {
        username: 'wang.li',
        name: '王立',
        role: 'officer',
        password: 'long enough to pass',
        ...change,
      }),
    )
  for (const change of [
    { username: 'Wang Li' },
    { username: 'w' },
    { password: 'short' },
    { role: 'root' },
    { role: 'supervisor' },
    { name: ' ' },
  ]) {
    await expect(make(change)).rejects.toMatchObject({ code: 'request.invalid' })
  }
  await make({})
  await expect(make({})).rejects.toMatchObject({ code: 'request.invalid' })
})

test('a reset password replaces the old one and ends every session', async () => {
  const lin = await person()
  const { token } = await signIn(db, house, lin)
  const fresh = await resetPassword(db, shell(), lin.username)
  expect(await actorOf(db, house, token)).toBeNull()
  await expect(signIn(db, house, lin)).rejects.toMatchObject({ code: 'auth.failed' })
  expect((await signIn(db, house, fresh)).token).toHaveLength(43)
  await expect(resetPassword(db, shell(), 'nobody')).rejects.toMatchObject({ code: 'thing.missing' })
})

test('demo accounts exist in a demo only, and take the password of each start', async () => {
  await expect(ensureDemoAccounts(db, house, 'whatever')).rejects.toMatchObject({ code: 'config.invalid' })
  const demo = { ...house, demo: true }
  expect(
    await ensureDemoAccounts(db, demo, 'first', { supervisorOf: 2, userids: { adviser: 'shen' } }),
  ).toHaveLength(7)
  await ensureDemoAccounts(db, demo, 'second')
  await expect(signIn(db, demo, { username: 'lead', password: 'first' })).rejects.toMatchObject({
    code: 'auth.failed',
  })
  const { token } = await signIn(db, demo, { username: 'supervisor', password: 'second' })
  expect(await actorOf(db, demo, token)).toMatchObject({ role: 'supervisor', departments: [2, 3, 4] })
})
