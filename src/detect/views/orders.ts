import { keySets } from './classes.ts'
import type { Views } from './views.ts'

/** Of each class of units: the symbols that what it can stand for has among the watched sounds. */
export function voicesOf({ keys: { symbol, none } }: Views): Voices {
  const first = [0]
  const symbols: number[] = []
  for (const keys of keySets) {
    symbols.push(...keys.map(key => symbol[key] as number).filter(one => one !== none))
    first.push(symbols.length)
  }
  return { first: Int32Array.from(first), symbols: Int32Array.from(symbols) }
}

export type Voices = { first: Int32Array; symbols: Int32Array }

/** Of each class a row of bits: the sounds that may stand behind one of its own. */
class After {
  readonly voices: Voices
  readonly row: number
  readonly bits: Int32Array

  constructor(voices: Voices, none: number) {
    this.voices = voices
    this.row = (none >>> 5) + 1
    this.bits = new Int32Array(this.row * keySets.length)
  }

  has(a: number, b: number): boolean {
    const { bits, voices } = this
    const row = a * this.row
    const last = voices.first[b + 1] as number
    for (let k = voices.first[b] as number; k < last; k++) {
      const sound = voices.symbols[k] as number
      if ((((bits[row + (sound >>> 5)] as number) >>> (sound & 31)) & 1) === 1) return true
    }
    return false
  }

  put(classes: readonly number[], sound: number): void {
    for (const cls of classes) {
      const at = cls * this.row + (sound >>> 5)
      this.bits[at] = (this.bits[at] as number) | (1 << (sound & 31))
    }
  }
}

export type Orders = { any: After; short: After; on: After }

/** Sounds behind one another: at the beginning of a word, in a word of two, at the second and third place. */
export function ordersOf({ keys: { symbol, none, cells } }: Views, voices: Voices): Orders {
  const classes: number[][] = Array.from({ length: none + 1 }, () => [])
  keySets.forEach((set, cls) => {
    for (const key of set) classes[symbol[key] as number]?.push(cls)
  })
  const of = (sound: number): number[] => classes[sound] ?? []
  const after = () => new After(voices, none)
  const orders = { any: after(), short: after(), on: after() }
  for (let cell = 0; cell < cells.length; cell += 4) {
    const from = cells[cell] as number
    const sound = cells[cell + 1] as number
    if (from < 0) orders.any.put(of(-from), sound)
    if (from < 0 && (cells[cell + 2] as number) >= 0) orders.short.put(of(-from), sound)
    const parent = 4 * (from - 1)
    if (from > 0 && (cells[parent] as number) < 0) orders.on.put(of(cells[parent + 1] as number), sound)
  }
  return orders
}
