import { createCipheriv, createHmac, createSecretKey, hash, hkdfSync, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { open, seal, sealingKey } from './seal.ts'

test('OpenSSL knows SM3 as GB/T 32905-2016 annex A does, and SM4 as GB/T 32907-2016 annex A', () => {
  expect(hash('sm3', 'abc')).toBe('66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0')
  expect(hash('sm3', 'abcd'.repeat(16))).toBe(
    'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732',
  )
  const key = Buffer.from('0123456789abcdeffedcba9876543210', 'hex')
  const cipher = createCipheriv('sm4-ecb', key, null).setAutoPadding(false)
  expect(cipher.update(key).toString('hex')).toBe('681edf34d206965e86b3e94f536e4246')
})

test.each(['international', 'gm'] as const)(
  '%s: what is sealed opens under its own key and context only',
  suite => {
    const key = sealingKey(suite, randomBytes(32))
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), (plain, context) => {
        const sealed = seal(key, plain, context)
        expect(open(key, sealed, context).equals(plain)).toBe(true)
        expect(() => open(key, sealed, `${context}x`)).toThrow('key.wrong')
        expect(() => open(sealingKey(suite, randomBytes(32)), sealed, context)).toThrow('key.wrong')
      }),
      { numRuns: 50 },
    )
  },
)

test.each(['international', 'gm'] as const)('%s: any altered bit, any missing end, is refused', suite => {
  const key = sealingKey(suite, randomBytes(32))
  const sealed = seal(key, '保本保息', 'row 1')
  for (let i = 0; i < sealed.length; i += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const bent = Buffer.from(sealed)
      bent.writeUInt8(bent.readUInt8(i) ^ (1 << bit), i)
      expect(() => open(key, bent, 'row 1'), `byte ${i}, bit ${bit}`).toThrow('key.wrong')
    }
    expect(() => open(key, sealed.subarray(0, i), 'row 1'), `cut at ${i}`).toThrow('key.wrong')
  }
})

describe('what is sealed is this, byte for byte, so that another program can open it', () => {
  const secret = randomBytes(32)
  const context = '1|7|2026-03-01|行'

  test('international: 1 ‖ IV ‖ AES-256-GCM ‖ tag', () => {
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', createSecretKey(secret), iv).setAAD(Buffer.from(context))
    const sealed = Buffer.concat([
      Buffer.of(1),
      iv,
      cipher.update('原文'),
      cipher.final(),
      cipher.getAuthTag(),
    ])
    expect(open(sealingKey('international', secret), sealed, context).toString()).toBe('原文')
  })

  test('gm: 2 ‖ IV ‖ SM4-CTR ‖ HMAC-SM3 over context and all before it, keys by HKDF-SM3', () => {
    const derive = (info: string, bytes: number) => Buffer.from(hkdfSync('sm3', secret, '', info, bytes))
    const iv = randomBytes(16)
    const cipher = createCipheriv('sm4-ctr', derive('tongjian sm4-ctr v1', 16), iv)
    const body = Buffer.concat([Buffer.of(2), iv, cipher.update('原文'), cipher.final()])
    const bound = Buffer.from(context)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bound.length)
    const tag = createHmac('sm3', derive('tongjian hmac-sm3 v1', 32)).update(
      Buffer.concat([length, bound, body]),
    )
    const sealed = Buffer.concat([body, tag.digest()])
    expect(open(sealingKey('gm', secret), sealed, context).toString()).toBe('原文')
  })

  test('neither suite opens what the other sealed, whatever the secret', () => {
    const [gm, international] = [sealingKey('gm', secret), sealingKey('international', secret)]
    expect(() => open(gm, seal(international, '原文', context), context)).toThrow('key.wrong')
    expect(() => open(international, seal(gm, '原文', context), context)).toThrow('key.wrong')
  })
})
