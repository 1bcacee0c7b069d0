import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildAutomaton, foundBuffer, scanWords } from './automaton.ts'

function scan(words: string[], text: string): string[] {
  const found = foundBuffer()
  const automaton = buildAutomaton(words)
  const chars = Uint16Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))
  scanWords(automaton, chars, text.length, found)
  return Array.from({ length: found.n }, (_, i) => `${words[found.word[i]!]}@${found.end[i]}`).sort()
}

function naive(words: string[], text: string): string[] {
  const out: string[] = []
  for (const word of words) {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1))
      out.push(`${word}@${at + word.length}`)
  }
  return out.sort()
}

test('finds every word at every place, overlapping and nested', () => {
  const unit = fc.constantFrom('保', '本', '息', '收', '益', 'a')
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ unit, minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 30 }),
      fc.string({ unit: fc.oneof(unit, fc.constantFrom('x', '，')), maxLength: 60 }),
      (words, text) => {
        expect(scan(words, text)).toEqual(naive(words, text))
      },
    ),
    { numRuns: 1000 },
  )
})

test('words of any characters fit into the array', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }), {
        minLength: 1,
        maxLength: 200,
      }),
      words => {
        expect(scan(words, words.join(''))).toEqual(naive(words, words.join('')))
      },
    ),
    { numRuns: 200 },
  )
})

const anyUnits = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0, 0xd83d, 0xde00, 0xffff, 0x4fdd)), {
    minLength: 1,
    maxLength: 8,
  })
  .map(units => String.fromCharCode(...units))

test('half surrogates, zeros and the last unit of all are characters like others', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(anyUnits, { minLength: 1, maxLength: 40 }),
      fc.array(anyUnits, { maxLength: 10 }),
      (words, between) => {
        const text = words.map((word, i) => word + (between[i] ?? '')).join('')
        expect(scan(words, text)).toEqual(naive(words, text))
      },
    ),
    { numRuns: 500 },
  )
})

test('no word is found in no lexicon', () => {
  expect(scan([], '保本')).toEqual([])
})
