import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
} from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { publicPoint, sm2Sign, sm2Verify } from './sm2.ts'

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')

/** GB/T 32918.5-2017, annex A.2: signature and verification over the recommended curve. */
const KNOWN = {
  id: '1234567812345678',
  message: Buffer.from('message digest'),
  privateKey: bytes('3945208F 7B2144B1 3F36E38A C6D39F95 88939369 2860B51A 42FB81EF 4DF7C5B8'),
  publicKey: bytes(
    '04 09F9DF31 1E5421A1 50DD7D16 1E4BC5C6 72179FAD 1833FC07 6BB08FF3 56F35020 CCEA490C E26775A5 2DC6EA71 8CC1AA60 0AED05FB F35E084A 6632F607 2DA9AD13',
  ),
  nonce: bytes('59276E27 D506861A 16680F3A D9C02DCC EF3CC1FA 3CDBE4CE 6D54B80D EAC1BC21'),
  signature: bytes(
    'F5A03B06 48D2C463 0EEAC513 E1BB81A1 5944DA38 27D5B741 43AC7EAC EEE720B3 B1B6AA29 DF212FD8 763182BC 0D421CA1 BB9038FD 1F7F42D4 840B69C4 85BBC1AA',
  ),
}

test('the known answer of GB/T 32918.5-2017 A.2', () => {
  expect(publicPoint(KNOWN.privateKey)).toEqual(KNOWN.publicKey)
  expect(sm2Sign(KNOWN.privateKey, KNOWN.message, { nonce: KNOWN.nonce })).toEqual(KNOWN.signature)
  expect(sm2Verify(KNOWN.publicKey, KNOWN.message, KNOWN.signature)).toBe(true)
  expect(sm2Verify(KNOWN.publicKey, KNOWN.message, KNOWN.signature, 'ALICE123@YAHOO.COM')).toBe(false)
})

/** PKCS #8 and SPKI of an SM2 key have one form; the last bytes are the ones that differ. */
function openssl() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'SM2' })
  // Read again from PEM it is a key for SM2; straight from the generator OpenSSL would use it for ECDSA.
  const own = createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const der = privateKey.export({ type: 'pkcs8', format: 'der' })
  const scalar = der.subarray(36, 68)
  return {
    own,
    scalar,
    point: createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).subarray(-65),
  }
}

function derOf(raw: Buffer): Buffer {
  const int = (part: Buffer): Buffer => {
    const short = part.subarray(part.findIndex(byte => byte !== 0))
    const value = (short[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), short]) : short
    return Buffer.concat([Buffer.of(2, value.length), value])
  }
  const both = Buffer.concat([int(raw.subarray(0, 32)), int(raw.subarray(32))])
  return Buffer.concat([Buffer.of(0x30, both.length), both])
}

function rawOf(der: Buffer): Buffer {
  const first = der[3] ?? 0
  const parts = [der.subarray(4, 4 + first), der.subarray(6 + first)]
  return Buffer.concat(parts.map(part => Buffer.concat([Buffer.alloc(32), part]).subarray(-32)))
}

test('OpenSSL, which signs under the empty identity, accepts what we sign under it, and we what it signs', () => {
  for (let i = 0; i < 40; i += 1) {
    const { own, scalar, point } = openssl()
    expect(publicPoint(scalar)).toEqual(point)
    const message = randomBytes(i * 7)
    expect(verify('sm3', message, createPublicKey(own), derOf(sm2Sign(scalar, message, { id: '' })))).toBe(
      true,
    )
    expect(sm2Verify(point, message, rawOf(sign('sm3', message, own)), '')).toBe(true)
    expect(sm2Verify(point, message, rawOf(sign('sm3', message, own)))).toBe(false)
  }
})

test('nothing but the very signature, message and key is accepted', () => {
  const { scalar, point } = openssl()
  const message = Buffer.from('第 1 号检查点')
  const good = sm2Sign(scalar, message)
  expect(sm2Verify(point, message, good)).toBe(true)
  expect(sm2Sign(scalar, message)).not.toEqual(good)
  fc.assert(
    fc.property(
      fc.nat(good.length * 8 - 1),
      fc.nat(message.length * 8 - 1),
      fc.nat(65 * 8 - 1),
      (a, b, c) => {
        const flipped = (from: Buffer, bit: number): Buffer => {
          const copy = Buffer.from(from)
          copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
          return copy
        }
        expect(sm2Verify(point, message, flipped(good, a))).toBe(false)
        expect(sm2Verify(point, flipped(message, b), good)).toBe(false)
        expect(sm2Verify(flipped(point, c), message, good)).toBe(false)
      },
    ),
    { numRuns: 60 },
  )
  const n = bytes('FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123')
  const zero = Buffer.alloc(32)
  for (const bad of [
    Buffer.concat([zero, good.subarray(32)]),
    Buffer.concat([good.subarray(0, 32), zero]),
    Buffer.concat([n, good.subarray(32)]),
    Buffer.concat([good.subarray(0, 32), n]),
    Buffer.alloc(64),
    Buffer.alloc(64, 0xff),
    good.subarray(1),
    Buffer.alloc(0),
  ])
    expect(sm2Verify(point, message, bad)).toBe(false)
})
