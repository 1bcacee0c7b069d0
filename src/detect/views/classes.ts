import { charChances } from './lexicon.ts'
import { LOOKALIKES, SPLITS } from './shapes.ts'
import { everyRead, keyOf, readingsOf } from './sound.ts'

/** Unit → its class: units of one class have the same keys. 0 stands for nothing, 1 is a letter. */
export const CLASS = new Uint16Array(65536)
export const LETTER = 1
const sets: number[][] = [[], []]
/** Pieces of split characters, which have a class of their own. */
const pieces = new Set<number>()

const soundKeys = (unit: number): number[] => readingsOf(unit).map(reading => keyOf[reading >> 3] as number)

const NONE: number[] = []
/** What a unit can stand for, as keys of sounds: its own readings and those of what it looks like. */
export const keysOfUnit = (unit: number): number[] => sets[CLASS[unit] as number] ?? NONE
/** 1 for the first piece of a split character. */
export const SPLITTING = new Uint8Array(65536)
/** First and second piece of every split character. */
const PIECE_PAIRS = new Set<number>()
for (const list of SPLITS.values())
  for (const { pieces: p } of list) PIECE_PAIRS.add((p.charCodeAt(0) << 16) | p.charCodeAt(1))
/** Do two characters begin a split one? */
export const inPieces = (a: number, b: number): boolean =>
  SPLITTING[a] === 1 && PIECE_PAIRS.has((a << 16) | b)

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
    const index = known.get(name) ?? sets.push(keys) - 1
    known.set(name, index)
    CLASS[unit] = index
  }
  for (const first of SPLITS.keys()) SPLITTING[first.charCodeAt(0)] = 1
  for (let unit = 97; unit <= 122; unit++) CLASS[unit] = LETTER
}
fill()

export const CLASSES = sets.length

/** Key → the classes that hold it. */
const holders: number[][] = []
sets.forEach((keys, index) => {
  for (const key of keys) {
    holders[key] ??= []
    ;(holders[key] as number[]).push(index)
  }
})

/** One bit for every two classes side by side at which a watched word may begin, or letters, or pieces. */
export function pairBits(firstPairs: Iterable<[number, number]>): Int32Array {
  const bits = new Int32Array((CLASSES * CLASSES + 31) >>> 5)
  const set = (a: number, b: number): void => {
    const at = a * CLASSES + b
    bits[at >>> 5] = (bits[at >>> 5] as number) | (1 << (at & 31))
  }
  for (const [a, b] of firstPairs)
    for (const x of holders[a] ?? []) for (const y of holders[b] ?? []) set(x, y)
  for (let i = 0; i < CLASSES; i++) if (i !== LETTER) set(i, LETTER)
  for (const list of SPLITS.values())
    for (const { pieces: p } of list) set(CLASS[p.charCodeAt(0)] as number, CLASS[p.charCodeAt(1)] as number)
  return bits
}
