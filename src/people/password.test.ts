import { expect, test } from 'vitest'
import { checkPassword, hashPassword, newPassword } from './password.ts'

test('a password opens its own hash only, and the hash carries its parameters', async () => {
  const hash = await hashPassword('正确的-horse-battery')
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=32768,t=3,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  expect(await checkPassword('正确的-horse-battery', hash)).toBe(true)
  expect(await checkPassword('正确的-horse-batterY', hash)).toBe(false)
  expect(await hashPassword('正确的-horse-battery')).not.toBe(hash)
})

test('the same letters composed another way are the same password', async () => {
  const hash = await hashPassword('caf\u00e9-au-lait')
  expect(await checkPassword('cafe\u0301-au-lait', hash)).toBe(true)
})

test('a hash by other parameters still opens, one that is not ours or asks for absurd work never does', async () => {
  const { argon2Sync } = await import('node:crypto')
  const cheap = argon2Sync('argon2id', {
    message: 'password',
    nonce: Buffer.alloc(16),
    memory: 64,
    passes: 1,
    parallelism: 1,
    tagLength: 32,
  })
  const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
  const phc = (m: number) => `$argon2id$v=19$m=${m},t=1,p=1$${base64(Buffer.alloc(16))}$${base64(cheap)}`
  expect(await checkPassword('password', phc(64))).toBe(true)
  for (const bad of ['', 'password', phc(4_000_000), phc(0), phc(64).replace('argon2id', 'argon2i')]) {
    expect(await checkPassword('password', bad)).toBe(false)
  }
})

test('nobody has no password, not even the one whose hash would be zeros', async () => {
  expect(await checkPassword('', null)).toBe(false)
})

test('a flood is answered "later" instead of filling the memory', async () => {
  const flood = await Promise.allSettled(Array.from({ length: 60 }, () => checkPassword('x', null)))
  const refused = flood.filter(result => result.status === 'rejected')
  expect(refused.length).toBe(60 - 2 - 32)
  expect(refused[0]).toMatchObject({ reason: { code: 'auth.throttled', details: { retryAfter: 5 } } })
  expect(await checkPassword('x', null)).toBe(false)
})

test('generated passwords are long, readable and different', () => {
  const made = new Set(Array.from({ length: 100 }, newPassword))
  expect(made.size).toBe(100)
  for (const password of made) expect(password).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/)
})
