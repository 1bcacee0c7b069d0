import { MAP } from '../fold/fold-table.ts'

/** Inclusive code unit ranges, sorted, disjoint: [from, to, from, to …]. */
export type Ranges = number[]
export type Node =
  | { type: 'set'; ranges: Ranges }
  | { type: 'cat'; items: Node[] }
  | { type: 'alt'; items: Node[] }
  | { type: 'repeat'; item: Node; min: number; max: number }

/** `*` and `+` end here: no promise needs more, and every match stays of bounded length. */
const UNBOUNDED = 32
const MOST = 256
const NEWLINE = 10
const DIGIT: Ranges = [48, 57]
const WORD: Ranges = [48, 57, 95, 95, 97, 122]
const SPACE: Ranges = [9, 13, 32, 32]

export class PatternError extends Error {}

/**
 * The subset of regular expressions a rule may use: characters, `.`, classes, groups, alternation and
 * bounded repetition. No look-around, no back-reference, no anchor: none of them runs in linear time on
 * this engine or means anything on folded text; say it with an exception instead.
 */
export function parsePattern(source: string): Node {
  const parser = new Parser(source)
  const node = parser.alternation()
  if (parser.at < source.length) throw new PatternError(`")" without "(" at ${parser.at + 1}`)
  return node
}

/** No match is longer than this. */
export function longest(node: Node): number {
  if (node.type === 'set') return 1
  if (node.type === 'cat') return node.items.reduce((sum, item) => sum + longest(item), 0)
  if (node.type === 'alt') return Math.max(...node.items.map(longest))
  return node.max * longest(node.item)
}

/** And none shorter than this. */
export function shortest(node: Node): number {
  if (node.type === 'set') return 1
  if (node.type === 'cat') return node.items.reduce((sum, item) => sum + shortest(item), 0)
  if (node.type === 'alt') return Math.min(...node.items.map(shortest))
  return node.min * shortest(node.item)
}

function normal(ranges: Ranges): Ranges {
  const pairs: [number, number][] = []
  for (let i = 0; i < ranges.length; i += 2) pairs.push([ranges[i] as number, ranges[i + 1] as number])
  pairs.sort((a, b) => a[0] - b[0])
  const out: Ranges = []
  for (const [from, to] of pairs) {
    const last = out.length - 1
    if (out.length && from <= (out[last] as number) + 1) out[last] = Math.max(out[last] as number, to)
    else out.push(from, to)
  }
  return out
}

function inverse(ranges: Ranges): Ranges {
  const out: Ranges = []
  let next = 0
  for (let i = 0; i < ranges.length; i += 2) {
    if ((ranges[i] as number) > next) out.push(next, (ranges[i] as number) - 1)
    next = (ranges[i + 1] as number) + 1
  }
  if (next <= 0xffff) out.push(next, 0xffff)
  return out
}

const folded = (unit: number): number => MAP[unit] || unit

class Parser {
  readonly source: string
  at = 0
  depth = 0

  constructor(source: string) {
    this.source = source
  }

  peek(): string {
    return this.source.charAt(this.at)
  }

  alternation(): Node {
    if (++this.depth > 40) throw new PatternError('groups nested deeper than 40')
    const items = [this.sequence()]
    while (this.peek() === '|') {
      this.at++
      items.push(this.sequence())
    }
    this.depth--
    return items.length === 1 ? (items[0] as Node) : { type: 'alt', items }
  }

  sequence(): Node {
    const items: Node[] = []
    while (this.at < this.source.length && this.peek() !== '|' && this.peek() !== ')') {
      items.push(this.repetition(this.atom()))
    }
    return items.length === 1 ? (items[0] as Node) : { type: 'cat', items }
  }

  repetition(item: Node): Node {
    const c = this.peek()
    let min = 0
    let max = UNBOUNDED
    if (c === '?') max = 1
    else if (c === '+') min = 1
    else if (c === '{') {
      const found = /^\{(\d+)(,(\d*))?\}/.exec(this.source.slice(this.at))
      if (!found) throw new PatternError(`"{" at ${this.at + 1} is not a repetition; write \\{ for the sign`)
      min = Number(found[1])
      max = found[2] === undefined ? min : found[3] ? Number(found[3]) : min + UNBOUNDED
      this.at += found[0].length - 1
    } else if (c !== '*') return item
    this.at++
    if (max < min || max > MOST)
      throw new PatternError(`repetition {${min},${max}} must rise and end at ${MOST}`)
    if ('?*+{'.includes(this.peek() || ' '))
      throw new PatternError(`repetition of a repetition at ${this.at + 1}`)
    return { type: 'repeat', item, min, max }
  }

  atom(): Node {
    const c = this.source.charAt(this.at++)
    if (c === '(') return this.group()
    if (c === '[') return { type: 'set', ranges: this.charClass() }
    if (c === '.') return { type: 'set', ranges: inverse([NEWLINE, NEWLINE]) }
    if (c === '\\') return { type: 'set', ranges: this.escape() }
    if ('?*+{'.includes(c)) throw new PatternError(`nothing to repeat at ${this.at}`)
    if (c === '^' || c === '$') throw new PatternError(`anchor "${c}" at ${this.at} is not in the subset`)
    const unit = folded(c.charCodeAt(0))
    return { type: 'set', ranges: [unit, unit] }
  }

  group(): Node {
    if (this.peek() === '?') {
      if (this.source.charAt(this.at + 1) !== ':') {
        throw new PatternError(
          `"(?${this.source.charAt(this.at + 1)}" at ${this.at}: look-around is not in the subset`,
        )
      }
      this.at += 2
    }
    const inner = this.alternation()
    if (this.peek() !== ')') throw new PatternError('"(" is never closed')
    this.at++
    return inner
  }

  escape(): Ranges {
    const c = this.source.charAt(this.at++)
    if (c === 'd') return DIGIT
    if (c === 'D') return inverse(DIGIT)
    if (c === 'w') return WORD
    if (c === 's') return SPACE
    if (c === 'n') return [NEWLINE, NEWLINE]
    if (c === 'u') {
      const hex = /^[0-9a-f]{4}/i.exec(this.source.slice(this.at))
      if (!hex) throw new PatternError('"\\u" needs four hexadecimal digits')
      this.at += 4
      const unit = folded(Number.parseInt(hex[0], 16))
      return [unit, unit]
    }
    if (c === '') throw new PatternError('"\\" at the end')
    if (/[a-z0-9]/i.test(c)) throw new PatternError(`"\\${c}" at ${this.at - 1} is not in the subset`)
    return [c.charCodeAt(0), c.charCodeAt(0)]
  }

  charClass(): Ranges {
    const negative = this.peek() === '^'
    if (negative) this.at++
    const ranges: Ranges = []
    while (this.peek() !== ']') {
      if (this.at >= this.source.length) throw new PatternError('"[" is never closed')
      const from = this.classUnit()
      const single = from.length === 2 && from[0] === from[1]
      const dash = this.peek() === '-' && this.source.charAt(this.at + 1) !== ']'
      if (!dash || !single) {
        ranges.push(...from)
        continue
      }
      this.at++
      const to = this.classUnit()
      if ((to[0] as number) < (from[0] as number)) throw new PatternError('class range runs backwards')
      ranges.push(from[0] as number, to[1] as number)
    }
    this.at++
    if (ranges.length === 0) throw new PatternError('empty class')
    return negative ? inverse(normal(ranges)) : normal(ranges)
  }

  classUnit(): Ranges {
    const c = this.source.charAt(this.at++)
    if (c === '\\') return this.escape()
    const unit = folded(c.charCodeAt(0))
    return [unit, unit]
  }
}
