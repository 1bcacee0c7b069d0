import * as T from '../fold/fold-table.ts'
import { CLOSE, GATE_BITS, OPEN, pairHash } from '../model/features.ts'
import { ORDINARY_PAIRS } from './pair-data.generated.ts'

/** Slots of the baked table of ordinary neighbours, less one; a slot holds the top byte of a hash, 0 when it is empty. */
export const PAIR_MASK = (1 << 18) - 1

/** What one look at every two neighbours of a text tells. */
export type Pairs = {
  /** Where two characters stand side by side that honest writing hardly puts there: the position of the first. */
  odd: Int32Array
  n: number
  /** The gate score of the whole text (model/features.ts). */
  gate: number
}

export const pairsBuffer = (): Pairs => ({ odd: new Int32Array(1024), n: 0, gate: 0 })

let table: Uint8Array | undefined

/** The neighbours that honest writing knows; decoded at the first use. */
export function ordinaryPairs(): Uint8Array {
  table ??= Uint8Array.from(Buffer.from(ORDINARY_PAIRS, 'base64'))
  return table
}

/** The top byte of a hash as it stands in the table: never 0. */
export const printOf = (hash: number): number => hash >>> 24 || 1

/** 1 when two kinds side by side can be parts of one word. */
const together = (a: number, b: number): boolean =>
  (a === T.HANZI || a === T.ALNUM) && (b === T.HANZI || b === T.ALNUM)
const TOGETHER = Uint8Array.from({ length: 64 }, (_, row) => +together(row >> 3, row & 7))

export const isLetter = (unit: number): boolean => unit >= 97 && unit <= 122
export const isDigit = (unit: number): boolean => unit >= 48 && unit <= 57

/** The same as the reader's one pass, for a text that was folded or rewritten. */
export function pairsOf(gates: Int8Array, chars: Uint16Array, n: number, out: Pairs): void {
  const ordinary = ordinaryPairs()
  if (out.odd.length <= n) out.odd = new Int32Array(2 * n)
  const { odd } = out
  let before = OPEN
  let kind = T.OTHER
  let gate = 0
  let m = 0
  for (let i = 0; i < n; i++) {
    const char = chars[i] as number
    const here = Math.min(7, T.KIND[char] as number)
    const hash = pairHash(before, char)
    gate += gates[hash >>> (32 - GATE_BITS)] as number
    odd[m] = i - 1
    if (ordinary[hash & PAIR_MASK] !== printOf(hash) && (TOGETHER[(kind << 3) | here] || isLetter(char))) m++
    before = char
    kind = here
  }
  out.gate = gate + (gates[pairHash(before, CLOSE) >>> (32 - GATE_BITS)] as number)
  out.n = m
}
