import { oftenWord } from './frequency.ts'
import { groups, pick } from './literals.ts'
import { parsePattern } from './pattern-syntax.ts'

/**
 * The judge asks some fifty expressions about every find, and nearly all of them need a word that the text does not
 * hold. So the text is looked at once: each of its characters and neighbours says which expressions it may be
 * wanted by, and an expression that none of them names is not run. What stands here can only rule out.
 */

/** Words of thirty-two expressions each: the judge's own, and the exceptions of rules, which share their places. */
const WORDS = 4
const OWN = 64
const SHARED = 64
const PAIRS = 8192
/** Of each unit and of each hashed pair of units: the expressions that may match where it stands. */
const byUnit = new Int32Array(WORDS * 65536)
const byPair = new Int32Array(WORDS * PAIRS)

const slotOf = (a: number, b: number): number => ((Math.imul(a, 40503) + b) & (PAIRS - 1)) * WORDS

let own = 0
let shared = 0
let inView: Uint16Array | undefined
let first = -1
let second = -1
let third = -1
let fourth = -1

/** The two characters of a word that ordinary talk says least, or the one it has. */
function telling(word: string): string {
  let best = word.slice(0, 2)
  for (let i = 1; i + 1 < word.length; i++) {
    const pair = word.slice(i, i + 2)
    if (oftenWord(pair) < oftenWord(best)) best = pair
  }
  return best
}

/** The place of an expression, -1 when there is no word that it cannot do without. */
export function placeOf(source: string, mayShare = false): number {
  const tree = parsePattern(source)
  const wanted = (tree.type === 'alt' ? tree.items : [tree]).map(item => pick(groups(item))[0])
  if (wanted.some(words => !words)) return -1
  // What is looked at now was looked at without this one.
  lookAway()
  const place = mayShare ? OWN + (shared++ % SHARED) : own++ % OWN
  for (const word of wanted.flatMap(words => words ?? [])) {
    const sign = telling(word)
    const pair = sign.length > 1
    const table = pair ? byPair : byUnit
    const at = pair ? slotOf(sign.charCodeAt(0), sign.charCodeAt(1)) : WORDS * sign.charCodeAt(0)
    table[at + (place >> 5)] = (table[at + (place >> 5)] as number) | (1 << (place & 31))
  }
  return place
}

/** From now on expressions asked about this text are passed by where they can. Followed by `lookAway`. */
export function lookAt(chars: Uint16Array, n: number): void {
  inView = chars
  first = 0
  second = 0
  third = 0
  fourth = 0
  let before = 0
  for (let i = 0; i < n; i++) {
    const unit = chars[i] as number
    const pair = slotOf(before, unit)
    first |= (byUnit[WORDS * unit] as number) | (byPair[pair] as number)
    second |= (byUnit[WORDS * unit + 1] as number) | (byPair[pair + 1] as number)
    third |= (byUnit[WORDS * unit + 2] as number) | (byPair[pair + 2] as number)
    fourth |= (byUnit[WORDS * unit + 3] as number) | (byPair[pair + 3] as number)
    before = unit
  }
}

export function lookAway(): void {
  inView = undefined
}

/** Is the expression at this place one that cannot match in the text that is looked at? */
export function outOfSight(place: number, chars: Uint16Array): boolean {
  if (place < 0 || chars !== inView) return false
  const seen = place < 64 ? (place < 32 ? first : second) : place < 96 ? third : fourth
  return ((seen >>> (place & 31)) & 1) === 0
}
