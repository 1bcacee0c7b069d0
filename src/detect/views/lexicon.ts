import { FREQUENCY_STEPS, HASH_START, hashOf, hashOn, MASK, printOf } from './hash.ts'
import { TOTAL, WORD_TABLE } from './word-data.generated.ts'

const LONGEST = 4
/** Natural logarithm of the share of a word seen once. */
const ONCE = -Math.log(TOTAL)
/** A character the list does not know, and a sign, letter or digit, which both sides of a comparison pay. */
const UNKNOWN = ONCE - 1
const SIGN = -6

let table: Int32Array | undefined

/** Fingerprint << 8 | frequency, 0 for an empty slot; unpacked at the first use. */
function slots(): Int32Array {
  if (table) return table
  const bytes = Buffer.from(WORD_TABLE, 'base64')
  table = new Int32Array(MASK + 1)
  for (let i = 0; i <= MASK; i++) {
    const print = (bytes[3 * i + 1] as number) | ((bytes[3 * i + 2] as number) << 8)
    table[i] = (print << 8) | (bytes[3 * i] as number)
  }
  return table
}

/** Log frequency in steps, plus one; 0 when the word is not known. */
function look(h: number): number {
  const all = slots()
  const print = printOf(h)
  for (let slot = h & MASK; ; slot = (slot + 1) & MASK) {
    const entry = all[slot] as number
    if (entry === 0) return 0
    if (entry >>> 8 === print) return entry & 255
  }
}

const chance = (steps: number): number => (steps - 1) / FREQUENCY_STEPS + ONCE

/** Log probability of a word, or undefined. */
export function wordChance(word: string): number | undefined {
  const steps = look(hashOf(word))
  return steps > 0 ? chance(steps) : undefined
}

/** Log probability of every character alone, filled at the first use. */
let alone: Float32Array | undefined
export function charChances(): Float32Array {
  if (alone) return alone
  alone = new Float32Array(65536).fill(SIGN)
  for (let unit = 0x4e00; unit <= 0x9fa5; unit++) {
    const steps = look(hashOn(HASH_START, unit))
    alone[unit] = steps > 0 ? chance(steps) : UNKNOWN
  }
  return alone
}

/** Steps of the log frequency from which two characters are an everyday word: 30 times in five million. */
const EVERYDAY_PAIR = Math.round(Math.log(30) * FREQUENCY_STEPS)
/** Are these two a word that honest people write? */
export const isWord = (a: number, b: number): boolean =>
  look(hashOn(hashOn(HASH_START, a), b)) > EVERYDAY_PAIR

export const isHan = (unit: number): boolean => unit >= 0x4e00 && unit <= 0x9fa5

/** A word that is put into the lexicon for one question: where it stands and how likely it is at least. */
export type Given = { start: number; end: number; chance: number }

const MOST = 64
const best = new Float64Array(MOST + 1)
const back = new Int32Array(MOST + 1)

/** Log probability of the best cut of chars[from, to) into words; `back` tells the cuts. At most 64 characters. */
export function segment(chars: Uint16Array, from: number, to: number, given?: Given): number {
  const n = Math.min(MOST, to - from)
  best.fill(Number.NEGATIVE_INFINITY, 0, n + 1)
  best[0] = 0
  for (let i = 0; i < n; i++) {
    const here = best[i] as number
    if (given && from + i === given.start) reach(i, given.end - from, here + given.chance, n)
    const first = chars[from + i] as number
    if (!isHan(first)) {
      reach(i, i + 1, here + SIGN, n)
      continue
    }
    let h = HASH_START
    for (let k = i; k < n && k - i < LONGEST; k++) {
      const unit = chars[from + k] as number
      if (!isHan(unit)) break
      h = hashOn(h, unit)
      const steps = look(h)
      if (steps > 0) reach(i, k + 1, here + chance(steps), n)
      else if (k === i) reach(i, i + 1, here + UNKNOWN, n)
    }
  }
  return best[n] as number
}

function reach(from: number, to: number, value: number, n: number): void {
  if (to > n || value <= (best[to] as number)) return
  best[to] = value
  back[to] = from
}

/** How far the neighbourhood of a word goes to each side. */
const AROUND = 6
/** Words of rules are not rare where rules are needed. */
export const FLOOR = Math.log(60) + ONCE
const RARE = Math.log(20) + ONCE
/** How much better the cut across a word must be, in nats. */
const ACROSS = 0.4

export function window(chars: Uint16Array, n: number, start: number, end: number): [number, number] {
  let from = start
  let to = end
  while (from > 0 && start - from < AROUND && isHan(chars[from - 1] as number)) from--
  while (to < n && to - end < AROUND && isHan(chars[to] as number)) to++
  return [from, to]
}

/** Does the best reading of the neighbourhood cut through this word: 医保|本人, 往返|点位, 刚|兑奖? */
export function crosses(chars: Uint16Array, n: number, start: number, end: number): boolean {
  const [from, to] = window(chars, n, start, end)
  const word = String.fromCharCode(...chars.subarray(start, end))
  const own = wordChance(word) ?? RARE
  const whole = segment(chars, from, start) + own + segment(chars, end, to)
  if (segment(chars, from, to) - whole <= ACROSS) return false
  for (let i = Math.min(MOST, to - from); i > 0; i = back[i] as number) {
    const [a, b] = [from + (back[i] as number), from + i]
    // A word that holds this one whole (保本型) does not cut it.
    if (a <= start && b >= end) return false
  }
  return true
}
