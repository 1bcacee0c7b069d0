import { createSecretKey, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { freshDatabase } from '../../test/support/database.ts'
import { openDb, sql } from './db.ts'
import { KeyRing, keyMonth, loadMasterKey, open, seal } from './keys.ts'

const KEY = createSecretKey(randomBytes(32))

async function database() {
  const made = await freshDatabase()
  const app = openDb(made.appUrl)
  onTestFinished(async () => {
    await app.close()
    await made.drop()
  })
  return app.db
}

test('what is sealed opens under its own key and context only', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string(), (plain, context) => {
      const sealed = seal(KEY, plain, context)
      expect(open(KEY, sealed, context).equals(plain)).toBe(true)
      expect(() => open(KEY, sealed, `${context}x`)).toThrow('key.wrong')
      expect(() => open(createSecretKey(randomBytes(32)), sealed, context)).toThrow('key.wrong')
    }),
    { numRuns: 50 },
  )
})

test('any altered byte, any missing end, is refused', () => {
  const sealed = seal(KEY, '保本保息', 'row 1')
  for (let i = 0; i < sealed.length; i += 1) {
    const bent = Buffer.from(sealed)
    bent.writeUInt8(bent.readUInt8(i) ^ 1, i)
    expect(() => open(KEY, bent, 'row 1'), `byte ${i}`).toThrow('key.wrong')
    expect(() => open(KEY, sealed.subarray(0, i), 'row 1'), `cut at ${i}`).toThrow('key.wrong')
  }
})

test('the month of a key is the UTC month of the message', () => {
  expect(keyMonth(Date.UTC(2026, 10, 30, 23, 59))).toBe('2026-11-01')
  expect(keyMonth(Date.UTC(2026, 11, 1))).toBe('2026-12-01')
  expect(keyMonth(0)).toBe('1970-01-01')
})

test('the master key is made once, for its owner alone; a damaged file is refused with what it should hold', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tongjian-keys-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'secrets', 'master.key')
  const made = loadMasterKey(file)
  expect(loadMasterKey(file).equals(made)).toBe(true)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  writeFileSync(file, 'not a key')
  expect(() => loadMasterKey(file)).toThrow(/64 hexadecimal digits/)
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
