import type { Rule } from '../contract.ts'
import { Pattern, sighted } from '../match/pattern.ts'
import { PatternError } from '../match/pattern-syntax.ts'
import type { Range } from './reads.ts'

/** The matches of one expression looked at in one sentence. */
const MOST_MATCHES = 20

/** What takes a rule's words back: by standing in the sentence, in the clause, or over the words themselves. */
export class Exceptions {
  readonly sentence: Pattern[]
  readonly clause: Pattern[]
  readonly overlap: Pattern[]
  /** Does any of them match at all? Mostly none does. */
  readonly any: Pattern[]

  constructor(list: Rule['exceptions']) {
    const of = (scope: Rule['exceptions'][number]['scope']) =>
      list.filter(one => one.scope === scope).map(one => one.match)
    this.sentence = united(of('sentence'))
    this.clause = united(of('clause'))
    this.overlap = of('overlap').map(match => new Pattern(match))
    this.any = united(list.map(one => one.match))
  }

  takesBack(
    chars: Uint16Array,
    sentence: Range,
    clause: Range,
    hit: { start: number; end: number },
  ): boolean {
    if (!tests(this.any, chars, sentence)) return false
    if (tests(this.sentence, chars, sentence) || tests(this.clause, chars, clause)) return true
    return this.overlap.some(pattern => overlaps(pattern, chars, sentence, hit))
  }
}

function tests(patterns: Pattern[], chars: Uint16Array, range: Range): boolean {
  for (const pattern of patterns) if (pattern.test(chars, range[0], range[1])) return true
  return false
}

/** One expression for all, or one for each half when that is too large. */
function united(sources: string[]): Pattern[] {
  if (sources.length === 0) return []
  try {
    return [sighted(sources.map(source => `(${source})`).join('|'), true)]
  } catch (error) {
    if (!(error instanceof PatternError) || sources.length === 1) throw error
    const half = sources.length >> 1
    return [...united(sources.slice(0, half)), ...united(sources.slice(half))]
  }
}

function overlaps(
  pattern: Pattern,
  chars: Uint16Array,
  sentence: Range,
  hit: { start: number; end: number },
): boolean {
  let from = sentence[0]
  for (let i = 0; i < MOST_MATCHES; i++) {
    const span = pattern.find(chars, from, sentence[1])
    if (!span || span.start >= hit.end) return false
    if (span.end > hit.start) return true
    from = span.end
  }
  return false
}
