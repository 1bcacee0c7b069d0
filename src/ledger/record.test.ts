import fc from 'fast-check'
import { expect, test } from 'vitest'
import { commitment, recordHash } from './record.ts'

const refusal = (code: string) => expect.objectContaining({ code })
const counting = (length: number) => Buffer.from(Array.from({ length }, (_, i) => i))

const ENVELOPE = {
  kind: 'text',
  corp_id: 1,
  from_party: '张三',
  sent_at: '2026-01-02T03:04:05.000Z',
  meta: { to: ['wm1', 'wm2'] },
}

// Computed by Python's hashlib from the layout in record.ts. They stand in archives: never change them.
test('a record has the hash another implementation computed', () => {
  expect(recordHash(1, 'message', ENVELOPE, counting(32)).toString('hex')).toBe(
    'c27d5ec802ebfefe62769feaf7763b0d88ca55531c03c8b47edbaca8b007eec3',
  )
  expect(recordHash(1, 'message', ENVELOPE, null).toString('hex')).toBe(
    '2343f909f1328f103f8f77c717b8e9c2b689f46aac778009aedc9763efbadc2c',
  )
})

test('a commitment has the hash another implementation computed', () => {
  expect(commitment(counting(16), Buffer.from('保本')).toString('hex')).toBe(
    '3a8c24fb1e6dbf42da7521630eadfa224c56d0d47e6fbec895fccce846196916',
  )
})

test('the order in which the envelope was built does not matter', () => {
  const turned = Object.fromEntries(Object.entries(ENVELOPE).reverse())
  expect(recordHash(1, 'message', turned, null)).toEqual(recordHash(1, 'message', ENVELOPE, null))
})

test('a change to any part changes the hash', () => {
  const hashes = [
    recordHash(1, 'message', ENVELOPE, counting(32)),
    recordHash(2, 'message', ENVELOPE, counting(32)),
    recordHash(1, 'media', ENVELOPE, counting(32)),
    recordHash(1, 'message', { ...ENVELOPE, corp_id: 2 }, counting(32)),
    recordHash(1, 'message', { ...ENVELOPE, corp_id: '1' }, counting(32)),
    recordHash(1, 'message', { ...ENVELOPE, extra: null }, counting(32)),
    recordHash(1, 'message', ENVELOPE, Buffer.alloc(32)),
    recordHash(1, 'message', ENVELOPE, null),
  ].map(hash => hash.toString('hex'))
  expect(new Set(hashes).size).toBe(hashes.length)
})

test('hashes given out earlier do not change with later records', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 3000 }), { minLength: 2 }), texts => {
      const hash = () => texts.map(text => recordHash(1, 'message', { text }, null))
      const first = hash()
      expect(hash()).toEqual(first)
      expect(new Set(first.map(h => h.toString('hex'))).size).toBe(new Set(texts).size)
    }),
  )
})

test('where salt ends and body begins is part of the commitment', () => {
  const bytes = counting(40)
  const cuts = [16, 17, 32].map(at => commitment(bytes.subarray(0, at), bytes.subarray(at)).toString('hex'))
  expect(new Set(cuts).size).toBe(cuts.length)
})

test('a record that cannot be encoded in one way only is refused', () => {
  for (const version of [-1, 0.5, Number.NaN, 2 ** 32]) {
    expect(() => recordHash(version, 'message', {}, null)).toThrow(refusal('ledger.record_malformed'))
  }
  for (const kind of ['', 'Message', '消息', 'a b', 'a'.repeat(33), 'message\n']) {
    expect(() => recordHash(1, kind, {}, null)).toThrow(refusal('ledger.record_malformed'))
  }
  expect(() => recordHash(1, 'message', {}, Buffer.alloc(0))).toThrow(refusal('ledger.hash_length'))
  expect(() => recordHash(1, 'message', { at: new Date(0) }, null)).toThrow(refusal('ledger.not_canonical'))
})

test('a salt short enough to be searched is refused', () => {
  expect(() => commitment(Buffer.alloc(15), Buffer.alloc(1))).toThrow(refusal('ledger.salt_short'))
})
