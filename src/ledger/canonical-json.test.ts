import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from './canonical-json.ts'

const refusal = expect.objectContaining({ code: 'ledger.not_canonical' })

test('the key order of RFC 8785 §3.2.3 comes out', () => {
  const value = {
    '\u20ac': 'Euro Sign',
    '\r': 'Carriage Return',
    '\ufb33': 'Hebrew Letter Dalet With Dagesh',
    1: 'One',
    '\ud83d\ude00': 'Emoji: Grinning Face',
    '\u0080': 'Control',
    '\u00f6': 'Latin Small Letter O With Diaeresis',
  }
  expect(canonicalJson(value)).toBe(
    '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis",' +
      '"€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
  )
})

test('the string and literals of RFC 8785 §3.2.2 come out', () => {
  expect(canonicalJson('\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\"/')).toBe(
    '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"',
  )
  expect(canonicalJson({ literals: [null, true, false] })).toBe('{"literals":[null,true,false]}')
})

test('integers are written plainly and -0 is 0', () => {
  const max = Number.MAX_SAFE_INTEGER
  expect(canonicalJson([0, -0, 1, -1, max, -max, 1e3])).toBe(
    '[0,0,1,-1,9007199254740991,-9007199254740991,1000]',
  )
})

test('keys that look like numbers are ordered as text', () => {
  expect(canonicalJson({ 10: 1, 9: 2, 1: 3, a: 4 })).toBe('{"1":3,"10":1,"9":2,"a":4}')
})

test('a key named __proto__ is a key like any other', () => {
  expect(canonicalJson(JSON.parse('{"b":1,"__proto__":2}'))).toBe('{"__proto__":2,"b":1}')
})

const text = fc.string({ unit: 'binary' })
const canonical = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.maxSafeInteger(),
    text,
    fc.array(tie('value')),
    fc.dictionary(text, tie('value')),
  ),
})).value

/** Sorted keys and JSON.stringify, which RFC 8785 §3.2.2 is defined by. */
function slowly(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(slowly).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${slowly(field)}`).join(',')}}`
}

test('any value that has a canonical form gets the slow and obvious one', () => {
  fc.assert(
    fc.property(canonical, value => {
      expect(canonicalJson(value)).toBe(slowly(value))
    }),
    { numRuns: 1000 },
  )
})

test('a canonical text read and written again stays the same', () => {
  fc.assert(
    fc.property(canonical, value => {
      const json = canonicalJson(value)
      expect(canonicalJson(JSON.parse(json))).toBe(json)
    }),
  )
})

test('texts far longer than the first buffer come out whole', () => {
  for (const unit of ['a', '保', '😀', '\u0001']) {
    const long = { long: unit.repeat(50_000), next: 1 }
    expect(canonicalJson(long)).toBe(JSON.stringify(long))
  }
  const many = Array.from({ length: 20_000 }, () => true)
  expect(canonicalJson(many)).toBe(JSON.stringify(many))
})

test('what has no canonical form is refused wherever it stands', () => {
  const wrong = [
    0.5,
    2 ** 53,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1n,
    undefined,
    () => 1,
    Symbol('x'),
    new Date(0),
    new Map(),
    Buffer.alloc(1),
    new (class Thing {})(),
    '\ud800',
    'a\udc00b',
    '\udc00\ud800',
  ]
  for (const value of wrong) {
    expect(() => canonicalJson(value)).toThrow(refusal)
    expect(() => canonicalJson({ a: [1, { b: value }] })).toThrow(refusal)
  }
  expect(() => canonicalJson({ 'key \ud800': 1 })).toThrow(refusal)
  expect(() => canonicalJson(new Array(2))).toThrow(refusal)
})

test('a refusal leaves nothing behind for the next value', () => {
  expect(() => canonicalJson({ a: 'text', b: 0.5 })).toThrow(refusal)
  expect(canonicalJson({ a: 1 })).toBe('{"a":1}')
})

test('a value that holds itself is refused', () => {
  const loop: unknown[] = []
  loop.push(loop)
  expect(() => canonicalJson(loop)).toThrow(refusal)
})
