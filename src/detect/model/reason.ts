import { isWord } from '../views/lexicon.ts'
import { eachFeature, SCORE_BITS } from './features.ts'

/** Characters count from so many times the mean of those that weigh; more where too much of the text would be shown. */
const TELLING = [0.9, 1.3, 1.8]
/** A reason is part of a text: no more than this share of it, in texts long enough to have parts. */
const SHARE = 0.55
/** A span of fewer characters tells nobody anything. */
const LEAST = 4
const ENDS = new Set([...',:。!?;\n'].map(c => c.charCodeAt(0)))

/** The words that weighed most in chars[from, to): what the officer is shown as the reason. */
export function heaviest(score: Int8Array, chars: Uint16Array, from: number, to: number): [number, number] {
  const weight = new Float32Array(to - from)
  eachFeature(chars, from, to, (hash, start, length) => {
    const w = (score[hash >>> (32 - SCORE_BITS)] as number) / length
    for (let i = start; i < Math.min(to, start + length); i++)
      weight[i - from] = (weight[i - from] as number) + w
  })
  const heavy = weight.filter(w => w > 0)
  const usual = heavy.reduce((sum, w) => sum + w, 0) / (heavy.length || 1)
  const most = Math.max(2 * LEAST, SHARE * (to - from))
  let span: [number, number] = [from, to]
  for (const telling of TELLING) {
    const [a, b] = steepest(weight, chars, from, telling * usual)
    span = readable(chars, from, to, a, b)
    if (span[1] - span[0] <= most) break
  }
  return span
}

/** The run of characters that lies highest above the level; a comma is a step down, but may be crossed. */
function steepest(weight: Float32Array, chars: Uint16Array, from: number, level: number): [number, number] {
  let [best, start, end] = [Number.NEGATIVE_INFINITY, from, from + weight.length]
  let sum = 0
  let since = 0
  weight.forEach((w, i) => {
    if (sum <= 0) [sum, since] = [0, i]
    sum += ENDS.has(chars[from + i] as number) ? -2 * level : w - level
    if (sum > best) [best, start, end] = [sum, from + since, from + i + 1]
  })
  return [start, end]
}

/** Whole words, and as many as one can read, within their clause. */
function readable(
  chars: Uint16Array,
  from: number,
  to: number,
  start: number,
  end: number,
): [number, number] {
  const at = (i: number): number => chars[i] as number
  let [a, b] = [start, end]
  while (a < b && ENDS.has(at(a))) a++
  while (b > a && ENDS.has(at(b - 1))) b--
  if (a === b) return [start, end]
  while (b - a < LEAST) {
    const right = b < to && !ENDS.has(at(b))
    const left = a > from && !ENDS.has(at(a - 1))
    if (!right && !left) break
    if (right) b++
    if (left && b - a < LEAST) a--
  }
  if (a > from && isWord(at(a - 1), at(a))) a--
  if (b < to && isWord(at(b - 1), at(b))) b++
  return [a, b]
}
