import { createSecretKey, randomBytes } from 'node:crypto'
import { expect, onTestFinished, test, vi } from 'vitest'
import { freshDatabase } from '../../test/support/database.ts'
import { inTransaction, openDb, sql } from './db.ts'
import { KeyRing, keyMonth } from './keys.ts'
import { MasterKeys } from './master-key.ts'
import { open, seal } from './seal.ts'

const KEY = createSecretKey(randomBytes(32))

async function databases() {
  const made = await freshDatabase()
  const [app, purge] = [openDb(made.appUrl), openDb(made.purgeUrl, { max: 1 })]
  onTestFinished(async () => {
    await app.close()
    await purge.close()
    await made.drop()
  })
  return { db: app.db, purge: purge.db }
}
const database = async () => (await databases()).db

test('the month of a key is the UTC month of the message', () => {
  expect(keyMonth(Date.UTC(2026, 10, 30, 23, 59))).toBe('2026-11-01')
  expect(keyMonth(Date.UTC(2026, 11, 1))).toBe('2026-12-01')
  expect(keyMonth(0)).toBe('1970-01-01')
})

test('data keys are one per conversation and month, the same for every process, and stand in the table only wrapped', async () => {
  const db = await database()
  const master = createSecretKey(randomBytes(32))
  const scopes = [
    { conv: '1', month: '2026-11-01' },
    { conv: '1', month: '2026-12-01' },
    { conv: '2', month: '2026-11-01' },
    { conv: '1', month: '2026-11-01' },
  ]
  const rings = [new KeyRing(1, master), new KeyRing(1, master), new KeyRing(1, master)]
  const made = await Promise.all(rings.map(ring => ring.forScopes(db, scopes)))
  for (const keys of made) {
    expect(keys[0]?.key.equals(keys[3]?.key ?? KEY)).toBe(true)
    expect(new Set(keys.map(key => key.id)).size).toBe(3)
    expect(keys.every((key, i) => key.key.equals(made[0]?.[i]?.key ?? KEY))).toBe(true)
  }
  const { rows } = await sql<{ wrapped: Buffer }>`SELECT wrapped FROM data_key`.execute(db)
  expect(rows).toHaveLength(3)
  const secret = made[0]?.[0]?.key.export() ?? Buffer.alloc(0)
  expect(rows.some(row => row.wrapped.includes(secret))).toBe(false)
})

test('another master key opens nothing, and a key that was never made is told as missing', async () => {
  const db = await database()
  const scope = [{ conv: '1', month: '2026-11-01' }]
  await new KeyRing(1, createSecretKey(randomBytes(32))).forScopes(db, scope)
  await expect(new KeyRing(1, createSecretKey(randomBytes(32))).load(db, scope)).rejects.toMatchObject({
    code: 'key.wrong',
  })
  expect(() => new KeyRing(1, KEY).cached('9', '2026-11-01')).toThrow('key.missing')
})

const OLD = { conv: '7', month: '2026-03-01' }
const OTHER = { conv: '8', month: '2026-03-01' }

test('a destroyed key is gone for the process that did it and, told or not, for every other; the rest opens', async () => {
  const { db, purge } = await databases()
  const master = createSecretKey(randomBytes(32))
  const [one, two] = [new KeyRing(1, master), new KeyRing(1, master)]
  const [key] = await one.forScopes(db, [OLD, OTHER])
  const sealed = seal(key?.key ?? KEY, '保本', 'row')
  await two.load(db, [OLD, OTHER])
  expect(await inTransaction(purge, tx => one.shred(tx, [OLD, { conv: '9', month: '2026-03-01' }]))).toBe(1)
  await one.load(db, [OLD])
  expect(() => one.cached(OLD.conv, OLD.month)).toThrow(
    /key\.shredded: destroyed on purpose on \d{4}-\d\d-\d\d/,
  )
  // The other process had opened it before; a notification makes it look.
  expect(open(two.cached(OLD.conv, OLD.month).key, sealed, 'row').toString()).toBe('保本')
  await two.forgetShredded(db)
  expect(() => two.cached(OLD.conv, OLD.month)).toThrow('key.shredded')
  expect(two.cached(OTHER.conv, OTHER.month).key.equals(one.cached(OTHER.conv, OTHER.month).key)).toBe(true)
  // Nothing is sealed under it again, and the table holds nothing to open it with.
  await expect(two.forScopes(db, [OTHER, OLD])).rejects.toMatchObject({ code: 'key.shredded' })
  const { rows } = await sql<{
    wrapped: Buffer | null
  }>`SELECT wrapped FROM data_key WHERE conv_id = 7`.execute(db)
  expect(rows).toEqual([{ wrapped: null }])
  expect(await inTransaction(purge, tx => one.shred(tx, [OLD]))).toBe(0)
})

test('a process that nobody told stops using a destroyed key within 30 seconds, also inside transactions', async () => {
  const { db, purge } = await databases()
  const master = createSecretKey(randomBytes(32))
  const [one, deaf, busy] = [new KeyRing(1, master), new KeyRing(1, master), new KeyRing(1, master)]
  await one.forScopes(db, [OLD])
  for (const ring of [deaf, busy]) await ring.load(db, [OLD])
  await inTransaction(purge, tx => one.shred(tx, [OLD]))
  const use = async (ring: KeyRing, by: typeof db): Promise<string> => {
    await ring.load(by, [OLD])
    return ring.cached(OLD.conv, OLD.month).id
  }
  expect(await use(deaf, db)).not.toBe('')
  const real = performance.now.bind(performance)
  vi.spyOn(performance, 'now').mockImplementation(() => real() + 30_001)
  onTestFinished(() => void vi.restoreAllMocks())
  await expect(use(deaf, db)).rejects.toMatchObject({ code: 'key.shredded' })
  await expect(inTransaction(db, tx => use(busy, tx))).rejects.toMatchObject({ code: 'key.shredded' })
})

test('a destruction that was rolled back destroyed nothing', async () => {
  const { db, purge } = await databases()
  const ring = new KeyRing(1, createSecretKey(randomBytes(32)))
  const [before] = await ring.forScopes(db, [OLD])
  const undone = inTransaction(purge, async tx => {
    await ring.shred(tx, [OLD])
    throw new Error('second thoughts')
  })
  await expect(undone).rejects.toThrow('second thoughts')
  await ring.load(db, [OLD])
  expect(ring.cached(OLD.conv, OLD.month).key.equals(before?.key ?? KEY)).toBe(true)
})

test("the app may not destroy, and nobody destroys the institution's own key or a month that may still grow", async () => {
  const { db, purge } = await databases()
  const ring = new KeyRing(1, createSecretKey(randomBytes(32)))
  await ring.forScopes(db, [OLD])
  await ring.own(db)
  await expect(inTransaction(db, tx => ring.shred(tx, [OLD]))).rejects.toThrow(/permission denied/)
  const day = 86_400_000
  for (const scope of [
    { conv: '0', month: '1970-01-01' },
    { conv: '7', month: keyMonth(Date.now()) },
    { conv: '7', month: keyMonth(Date.now() - 9 * day) },
  ])
    await expect(inTransaction(purge, tx => ring.shred(tx, [scope]))).rejects.toMatchObject({
      code: 'key.in_use',
    })
})

test('a wrapped key names its master key, a key of before names nobody and opens, and a wrong one is told by name', async () => {
  const { db } = await databases()
  const [first, second] = [randomBytes(32), randomBytes(32)]
  const masters = MasterKeys.of('international', first)
  await new KeyRing(1, masters).forScopes(db, [OLD])
  const { rows } = await sql<{
    id: string
    wrapped: Buffer
  }>`SELECT key_id::text AS id, wrapped FROM data_key`.execute(db)
  expect(rows[0]?.wrapped.subarray(1, 9).toString('hex')).toBe(masters.current.id)
  await expect(new KeyRing(1, MasterKeys.of('international', second)).load(db, [OLD])).rejects.toThrow(
    `sealed under master key ${masters.current.id}, which this process was not given`,
  )
  const bare = seal(createSecretKey(first), randomBytes(32), `1|9|2026-03-01|${rows[0]?.id}`)
  await sql`INSERT INTO data_key (corp_id, conv_id, month, key_id, wrapped, created_at)
    VALUES (1, 9, '2026-03-01', ${rows[0]?.id}, ${bare}, now())`.execute(db)
  const nine = { conv: '9', month: '2026-03-01' }
  await new KeyRing(1, masters).load(db, [nine])
  await new KeyRing(1, MasterKeys.of('international', second, first)).load(db, [nine])
  await expect(new KeyRing(1, MasterKeys.of('international', second)).load(db, [nine])).rejects.toThrow(
    'none of the master keys this process was given opens it',
  )
})
