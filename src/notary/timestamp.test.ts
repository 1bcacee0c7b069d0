import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Manner, openAuthority } from '../../test/support/authority.ts'
import { type TestPremises, testPremises } from '../../test/support/premises.ts'
import { inTransaction, now, type StampConfig, sql } from '../base/index.ts'
import {
  logLeaves,
  openAuthorities,
  proveLeaves,
  stampAnchors,
  stampNow,
  stampState,
  startSealer,
  verifyStamps,
} from './index.ts'

async function seal(premises: TestPremises, ...refs: string[]): Promise<void> {
  const leaves = refs.map(ref => ({
    kind: 'message',
    recordHash: createHash('sha256').update(ref).digest(),
    conv: '7',
    sentAt: 1,
    ref,
  }))
  await inTransaction(premises.db, tx => logLeaves(tx, premises.house, 'archive', leaves))
  await startSealer(premises.db, premises.house, premises.outside, ['archive']).stop()
}

async function stamped(more: Partial<StampConfig> = {}, timeoutMs = 10_000) {
  const premises = await testPremises()
  const authority = await openAuthority()
  const config: StampConfig = {
    urls: [authority.url],
    ca: authority.ca,
    policy: undefined,
    minutes: 60,
    ...more,
  }
  const authorities = openAuthorities(config, timeoutMs)
  onTestFinished(() => authorities.close())
  const { db, house, outside } = premises
  return { premises, authority, config, deps: { db, house, outside, authorities } }
}
const verify = ({ db, house, outside }: TestPremises, config?: StampConfig) =>
  verifyStamps(db, house, outside, 'archive', stampAnchors(config))
const count = async (premises: TestPremises) =>
  (await sql<{ n: number }>`SELECT count(*) AS n FROM checkpoint_stamp`.execute(premises.db)).rows[0]?.n

test('the newest checkpoint is stamped once, kept inside and outside, and OpenSSL accepts what was stored', async () => {
  const { premises, authority, config, deps } = await stamped()
  expect(await stampNow(deps, 'archive')).toBe(false)
  await seal(premises, 'a', 'b', 'c')
  expect(await stampNow(deps, 'archive')).toBe(true)
  expect(await stampNow(deps, 'archive')).toBe(false)
  expect(authority.asked).toBe(1)
  const folder = join(premises.config.ledgerDir, 'archive', 'stamp')
  const files = readdirSync(folder).toSorted()
  expect(files).toHaveLength(2)
  const [note, response] = files.map(file => readFileSync(join(folder, file)))
  expect(authority.accepts(note!, response!)).toBe(true)
  expect(authority.accepts(Buffer.from('other'), response!)).toBe(false)
  const { rows } = await sql<{
    note: string
    response: Buffer
  }>`SELECT note, response FROM checkpoint_stamp`.execute(premises.db)
  expect(rows[0]?.note).toBe(note?.toString('utf8'))
  expect(authority.accepts(Buffer.from(rows[0]!.note), rows[0]!.response)).toBe(true)
  expect(await verify(premises, config)).toEqual({ believed: 1, unanchored: 0, problems: [] })
  const state = await stampState(premises.db, premises.house)
  expect(state).toMatchObject({ last: { size: 3 }, failures: { count: 0, newest: null } })
  expect(Math.abs((state.last?.at ?? 0) - now())).toBeLessThan(60_000)
})

const REASONS: Record<Exclude<Manner, 'honest'>, string> = {
  'other nonce': 'nonce',
  'other imprint': 'imprint',
  rejects: 'rejected',
  garbage: 'malformed',
  huge: 'too_large',
  slow: 'timeout',
  broken: 'http',
  moved: 'http',
}
test('an authority that lies, is slow or broken leaves no stamp, its reason is kept, and the next one is asked', async () => {
  const { premises, authority, deps } = await stamped({}, 1_000)
  await seal(premises, 'a')
  for (const [manner, reason] of Object.entries(REASONS)) {
    authority.manner = manner as Manner
    expect(await stampNow(deps, 'archive'), manner).toBe(false)
    expect((await stampState(premises.db, premises.house)).failures.newest?.reason, manner).toBe(reason)
  }
  expect(await count(premises)).toBe(0)
  expect((await stampState(premises.db, premises.house)).failures.count).toBe(Object.keys(REASONS).length)
  const second = await openAuthority()
  const both = openAuthorities(
    {
      urls: ['http://127.0.0.1:1/', authority.url, second.url],
      ca: second.ca,
      policy: undefined,
      minutes: 60,
    },
    1_000,
  )
  onTestFinished(() => both.close())
  authority.manner = 'honest'
  expect(await stampNow({ ...deps, authorities: both }, 'archive')).toBe(true)
  const { rows } = await sql<{
    reason: string
  }>`SELECT reason FROM stamp_failure ORDER BY at DESC LIMIT 2`.execute(premises.db)
  // Nobody listens at the first; the second is honest, and not the one we believe.
  expect(rows.map(row => row.reason)).toEqual(['chain', 'unreachable'])
  expect(await stampState(premises.db, premises.house)).toMatchObject({ last: { size: 1 } })
})

test('a policy that was not asked for is refused', async () => {
  const { premises, deps, authority } = await stamped({ policy: '1.2.3.4' })
  await seal(premises, 'a')
  expect(await stampNow(deps, 'archive')).toBe(false)
  expect((await stampState(premises.db, premises.house)).failures.newest?.reason).toBe('rejected')
  const asked = openAuthorities({ ...deps.authorities.config, policy: authority.policy })
  onTestFinished(() => asked.close())
  expect(await stampNow({ ...deps, authorities: asked }, 'archive')).toBe(true)
})

test('what was done to a stamp afterwards shows, and what cannot be checked is counted and not hidden', async () => {
  const { premises, authority, config, deps } = await stamped()
  await seal(premises, 'a')
  await stampNow(deps, 'archive')
  await seal(premises, 'b')
  await stampNow(deps, 'archive')
  expect(await verify(premises)).toEqual({ believed: 0, unanchored: 2, problems: [] })
  const alterations = [
    `UPDATE checkpoint_stamp SET stamped_at = stamped_at - interval '1 day' WHERE size = 2`,
    `UPDATE checkpoint_stamp SET response = set_byte(response, 900, (get_byte(response, 900) + 1) % 256) WHERE size = 2`,
    `UPDATE checkpoint_stamp SET note = (SELECT note FROM checkpoint_stamp WHERE size = 1) WHERE size = 2`,
    `UPDATE checkpoint_stamp SET policy = '1.2.3' WHERE size = 2`,
    `UPDATE checkpoint_stamp SET serial = '77' WHERE size = 2`,
  ]
  for (const statement of alterations) {
    const found = await premises.owner
      .transaction()
      .execute(async tx => {
        await sql.raw(statement).execute(tx)
        const report = await verifyStamps(
          tx,
          premises.house,
          premises.outside,
          'archive',
          stampAnchors(config),
        )
        throw Object.assign(new Error('undo'), { report })
      })
      .catch((error: { report: Awaited<ReturnType<typeof verify>> }) => error.report)
    expect(found.problems, statement).toHaveLength(1)
    expect(found.problems[0]).toMatchObject({ index: 1 })
  }
  const folder = join(premises.config.ledgerDir, 'archive', 'stamp')
  const file = join(folder, readdirSync(folder).find(name => name.startsWith('2-') && name.endsWith('.tsr'))!)
  const whole = readFileSync(file)
  writeFileSync(file, Buffer.concat([whole, Buffer.of(0)]))
  expect((await verify(premises, config)).problems).toHaveLength(1)
  rmSync(file)
  expect((await verify(premises, config)).problems).toHaveLength(1)
  expect(authority.asked).toBe(2)
})

test('a proof carries the earliest stamp over the record and the way from there to the newest checkpoint', async () => {
  const { premises, deps } = await stamped()
  await seal(premises, 'a', 'b')
  await stampNow(deps, 'archive')
  await seal(premises, 'c')
  await stampNow(deps, 'archive')
  await seal(premises, 'd', 'e')
  const prove = (...indexes: number[]) =>
    proveLeaves(premises.db, premises.house, premises.outside, 'archive', indexes)
  expect((await prove(0)).stamps.map(stamp => stamp.size)).toEqual([2])
  expect((await prove(2)).stamps.map(stamp => stamp.size)).toEqual([3])
  expect((await prove(4)).stamps).toEqual([])
  const all = await prove(0, 1, 2, 3, 4)
  expect(all.stamps.map(stamp => stamp.size)).toEqual([2, 3])
  expect(all.checkpoint.size).toBe(5)
})

test('only the configured authority is called, whatever address is asked for', async () => {
  const { authority, deps } = await stamped()
  const other = await openAuthority()
  await expect(deps.authorities.ask(new URL(other.url), Buffer.alloc(1))).rejects.toMatchObject({
    code: 'egress.refused',
  })
  expect([authority.asked, other.asked]).toEqual([0, 0])
})
