import { charChances } from './lexicon.ts'
import { LOOKALIKES, SPLITS, WITH_RADICAL } from './shapes.ts'
import { everyRead, heardIn, keyOf, readingsOf } from './sound.ts'

/** Unit → its class: units of one class have the same keys. 0 stands for nothing, 1 is a letter. */
export const CLASS = new Uint16Array(65536)
export const LETTER = 1
/** Of each class: what its units can stand for, as keys of sounds. */
export const keySets: number[][] = [[], []]
/** Pieces of split characters, which have a class of their own. */
const pieces = new Set<number>()

const soundKeys = (unit: number): number[] => readingsOf(unit).map(reading => keyOf[reading >> 3] as number)

/** 1 for the first piece of a split character. */
export const SPLITTING = new Uint8Array(65536)
/** First and second piece of every split character. */
const PIECE_PAIRS = new Set<number>()
for (const list of SPLITS.values())
  for (const { pieces: p } of list) PIECE_PAIRS.add((p.charCodeAt(0) << 16) | p.charCodeAt(1))
/** Do two characters begin a split one? */
export const inPieces = (a: number, b: number): boolean =>
  SPLITTING[a] === 1 && (WITH_RADICAL.has(a) || PIECE_PAIRS.has((a << 16) | b))

function fill(): void {
  const units = new Set(everyRead())
  for (const written of LOOKALIKES.keys()) units.add(written.charCodeAt(0))
  for (const list of SPLITS.values())
    for (const split of list) for (const piece of split.pieces.slice(0, 2)) pieces.add(piece.charCodeAt(0))
  for (const unit of pieces) units.add(unit)
  const known = new Map<string, number>()
  // The commonest first: the bits of what is mostly asked for then lie close together.
  const alone = charChances()
  const sorted = [...units].sort((a, b) => (alone[b] as number) - (alone[a] as number) || a - b)
  for (const unit of sorted) {
    const looks = LOOKALIKES.get(String.fromCharCode(unit)) ?? ''
    const all = soundKeys(unit).concat(...[...looks].map(meant => soundKeys(meant.charCodeAt(0))))
    const keys = [...new Set(all)].sort((a, b) => a - b)
    const name = pieces.has(unit) ? `piece ${unit}` : keys.join()
    const index = known.get(name) ?? keySets.push(keys) - 1
    known.set(name, index)
    CLASS[unit] = index
  }
  for (const first of SPLITS.keys()) SPLITTING[first.charCodeAt(0)] = 1
  for (let digit = 0; digit <= 9; digit++) {
    const heard = [...heardIn(digit)].map(syllable => keyOf[syllable] as number)
    CLASS[48 + digit] = keySets.push(heard) - 1
  }
  for (let unit = 97; unit <= 122; unit++) CLASS[unit] = LETTER
}
fill()
