import { type Automaton, buildAutomaton } from './automaton.ts'
import type { Packs, Rule } from './contract.ts'
import { fold } from './fold.ts'
import { requiredLiterals } from './literals.ts'
import { parsePattern } from './pattern-syntax.ts'

/** What must stand around a term for it to be part of a longer, innocent word. */
export type Guard = { before: string; after: string }
export type TermUse = { rule: number; guards: Guard[] }
export type GateUse = { pattern: number; bit: number }
export type Word = { length: number; terms: TermUse[]; gates: GateUse[] }

export type RuleImage = Pick<
  Rule,
  'id' | 'category' | 'severity' | 'direction' | 'verdict' | 'reading' | 'exceptions'
> & {
  pending: boolean
  from: number
  to: number
}

/** A compiled set of rules: plain data, so it can be posted to a worker as it is and never changes. */
export type Image = {
  rules: RuleImage[]
  /** `need` is the mask of the groups the automaton watches; `also` holds those looked for afterwards. */
  patterns: { rule: number; source: string; need: number; also: string[][] }[]
  words: Word[]
  automaton: Automaton
}

const HOUR = 3_600_000
/** Rules come into force at midnight in China, whatever the zone of the server. */
const chinaMidnight = (day: string): number => Date.parse(`${day}T00:00:00Z`) - 8 * HOUR

export function foldWord(text: string): string {
  const f = fold(text)
  let out = ''
  for (let i = 0; i < f.n; i++) out += String.fromCharCode(f.chars[i] as number)
  return out
}

function ruleImage(rule: Rule): RuleImage {
  const { id, category, severity, direction, verdict, reading, exceptions } = rule
  return {
    id,
    category,
    severity,
    direction,
    verdict,
    reading,
    exceptions,
    pending: rule.status === 'pending',
    from: rule.effectiveFrom ? chinaMidnight(rule.effectiveFrom) : Number.NEGATIVE_INFINITY,
    to: rule.effectiveTo ? chinaMidnight(rule.effectiveTo) + 24 * HOUR : Number.POSITIVE_INFINITY,
  }
}

class Words {
  readonly list: Word[] = []
  readonly text: string[] = []
  readonly known = new Map<string, Word>()

  get(text: string): Word {
    const known = this.known.get(text)
    if (known) return known
    const word: Word = { length: text.length, terms: [], gates: [] }
    this.known.set(text, word)
    this.list.push(word)
    this.text.push(text)
    return word
  }
}

function guardsOf(term: string, notIn: string[]): Guard[] {
  return notIn.flatMap(longer => {
    const word = foldWord(longer)
    const at = word.indexOf(term)
    return at < 0 ? [] : [{ before: word.slice(0, at), after: word.slice(at + term.length) }]
  })
}

export function buildImage(packs: Packs): Image {
  const live = packs.rules.filter(rule => rule.status !== 'deprecated')
  const words = new Words()
  const patterns: Image['patterns'] = []
  live.forEach((rule, index) => {
    for (const { term, notIn } of rule.terms) {
      const word = foldWord(term)
      words.get(word).terms.push({ rule: index, guards: guardsOf(word, notIn) })
    }
    for (const source of rule.patterns) {
      const groups = requiredLiterals(parsePattern(source))
      const watched = groups.slice(0, 1)
      const pattern =
        patterns.push({ rule: index, source, need: 2 ** watched.length - 1, also: groups.slice(1) }) - 1
      watched.forEach((group, g) => {
        for (const literal of group) words.get(literal).gates.push({ pattern, bit: 1 << g })
      })
    }
  })
  return { rules: live.map(ruleImage), patterns, words: words.list, automaton: buildAutomaton(words.text) }
}
