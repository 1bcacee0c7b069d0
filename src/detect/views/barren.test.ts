import fc from 'fast-check'
import { expect, test } from 'vitest'
import { samples } from '../../../bench/detect-samples.ts'
import { foldWord } from '../match/fold-word.ts'
import { syllables } from './sound.ts'
import { buildViews } from './views.ts'
import { Walker } from './walk.ts'

const rule = {
  id: 'TEST-01',
  disguise: true,
  terms: ['保本', '稳赚不赔', '刚性兑付', '加微信'].map(term => ({ term, notIn: [] })),
  patterns: ['(收益|利息)(保证|写死)'],
  near: [],
}
const views = buildViews([rule] as unknown as Parameters<typeof buildViews>[0], foldWord)
const units = (text: string): Uint16Array => Uint16Array.from([...text], char => char.charCodeAt(0))
const lines = [...samples('ordinary.txt'), ...samples('disguised.txt')].map(({ text }) => text)
const piece = fc.oneof(
  fc.constantFrom(...'宝本报奔稳赚问赚步赔配刚性兑付薇信收益手一写死木口保立早1a的了我好'),
  fc.constantFrom(...lines).map(line => line.slice(0, 12)),
  fc.constantFrom(...syllables.slice(0, 60)),
)
const text = fc.array(piece, { minLength: 1, maxLength: 8 }).map(parts => parts.join(''))

test('what a walker remembers changes nothing that it finds', () => {
  const used = new Walker(views)
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), texts => {
      for (const one of [...texts, ...texts]) {
        const chars = units(one)
        const fresh = new Walker(views)
        fresh.find(chars, chars.length)
        used.find(chars, chars.length)
        expect(used.candidates(chars, chars.length)).toEqual(fresh.candidates(chars, chars.length))
      }
    }),
    { numRuns: 500 },
  )
})
