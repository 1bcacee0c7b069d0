import fc from 'fast-check'
import { expect, test } from 'vitest'
import { housePacks } from '../../../bench/detect-samples.ts'
import { stateAfter, wordAt } from '../match/automaton.ts'
import { buildImage } from '../match/image.ts'
import { isDigit, isLetter, pairsBuffer, pairsOf } from '../match/pairs.ts'
import { units } from '../match/pattern.ts'
import { CLASS, inPieces, keySets, SPLITTING } from './classes.ts'
import { Walker } from './walk.ts'

const { views } = buildImage(housePacks())
const walker = new Walker(views)
const gates = new Int8Array(65536)

/** What may begin at `at`, by walking every sound of every character. */
function begins(chars: Uint16Array, n: number, at: number): { long: boolean; short: boolean } {
  const { keys } = views
  const sounds = (i: number) =>
    (keySets[CLASS[chars[i] as number] as number] ?? []).map(key => keys.symbol[key])
  const out = { long: false, short: false }
  for (const first of sounds(at)) {
    for (const second of sounds(at + 1)) {
      if (first === keys.none || second === keys.none) continue
      const two = stateAfter(keys, -(first as number), second as number)
      if (two === 0) continue
      if (wordAt(keys, two) >= 0) out.short = true
      if (at + 2 >= n) continue
      const third = chars[at + 2] as number
      const open = isLetter(third) || isDigit(third) || SPLITTING[third] === 1
      if (open || sounds(at + 2).some(sound => stateAfter(keys, two, sound as number) !== 0)) out.long = true
    }
  }
  return out
}

const unit = fc.constantFrom(
  ...'保宝堡本苯息稳赚赔陪返点佣金微信威心内幕收益承诺亻呆禾贝咅立口1358abx,。的我一二',
)

test('a quick look finds a beginning wherever the walk finds one, and nowhere else', () => {
  fc.assert(
    fc.property(fc.string({ unit, minLength: 2, maxLength: 16 }), text => {
      const chars = units(text)
      const n = chars.length
      for (let at = 0; at + 1 < n; at++) {
        if (CLASS[chars[at] as number] === 0) continue
        const { long, short } = begins(chars, n, at)
        expect(walker.promises(chars, n, at, at + 1)).toBe(long)
        const here = inPieces(chars[at] as number, chars[at + 1] as number)
        const honest = walker.honest(chars, n, at)
        expect(walker.promises(chars, n, at, at)).toBe(here || long || (short && !honest))
      }
    }),
    { numRuns: 2000 },
  )
})

test('nothing is walked where honest writing stands', () => {
  const chars = units('您好,明天带上身份证到网点')
  const pairs = pairsBuffer()
  pairsOf(gates, chars, chars.length, pairs)
  expect(walker.find(chars, chars.length, pairs.odd, pairs.n)).toBe(0)
})
