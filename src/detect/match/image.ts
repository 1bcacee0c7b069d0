import type { Packs, Rule } from '../contract.ts'
import { buildViews, type Views } from '../views/views.ts'
import type { Mark } from '../views/watched.ts'
import { type Automaton, buildAutomaton } from './automaton.ts'
import { foldWord } from './fold-word.ts'
import { GateBuilder, type Gates } from './gates.ts'
import { cost } from './literals.ts'
import { gateOf, type Near } from './near.ts'

/** What must stand around a term for it to be part of a longer, innocent word. */
export type Guard = { before: string; after: string }
type TermUse = { rule: number; guards: Guard[] }
type Word = { length: number; terms: TermUse[] }

export type RuleImage = Pick<
  Rule,
  'id' | 'category' | 'severity' | 'direction' | 'verdict' | 'reading' | 'exceptions' | 'when' | 'scope'
> & {
  pending: boolean
  /** Folded; empty for a rule that does not ask for a disguise. */
  masked: string[]
  from: number
  to: number
}

/** A compiled set of rules: plain data, so it can be posted to a worker as it is and never changes. */
export type Image = {
  rules: RuleImage[]
  /** `near` stands in the expression's place where there is one; its source is for the gates alone. */
  patterns: { rule: number; source: string; near?: Near }[]
  institution: string
  gates: Gates
  words: Word[]
  automaton: Automaton
  views: Views
  /** Of each word: the mark it stands for, if any. */
  marks: (Mark | undefined)[]
}

const HOUR = 3_600_000
/** Rules come into force at midnight in China, whatever the zone of the server. */
const chinaMidnight = (day: string): number => Date.parse(`${day}T00:00:00Z`) - 8 * HOUR

function ruleImage(rule: Rule): RuleImage {
  const { id, category, severity, direction, verdict, reading, exceptions, when, scope } = rule
  return {
    id,
    category,
    severity,
    direction,
    verdict,
    reading,
    exceptions,
    when,
    scope,
    pending: rule.status === 'pending',
    masked: (rule.masked ?? []).map(foldWord),
    from: rule.effectiveFrom ? chinaMidnight(rule.effectiveFrom) : Number.NEGATIVE_INFINITY,
    to: rule.effectiveTo ? chinaMidnight(rule.effectiveTo) + 24 * HOUR : Number.POSITIVE_INFINITY,
  }
}

class Words {
  readonly list: Word[] = []
  readonly text: string[] = []
  readonly known = new Map<string, number>()

  index(text: string): number {
    const known = this.known.get(text)
    if (known !== undefined) return known
    const index = this.list.push({ length: text.length, terms: [] }) - 1
    this.known.set(text, index)
    this.text.push(text)
    return index
  }
}

function guardsOf(term: string, notIn: string[]): Guard[] {
  return notIn.flatMap(longer => {
    const word = foldWord(longer)
    const at = word.indexOf(term)
    return at < 0 ? [] : [{ before: word.slice(0, at), after: word.slice(at + term.length) }]
  })
}

const unitsOf = (texts: string[]): number[] =>
  texts.flatMap(text => Array.from({ length: text.length }, (_, i) => text.charCodeAt(i)))

export function buildImage(packs: Packs): Image {
  const live = packs.rules.filter(rule => rule.status !== 'deprecated')
  const words = new Words()
  const gates = new GateBuilder()
  const patterns: Image['patterns'] = []
  live.forEach((rule, index) => {
    for (const { term, notIn } of rule.terms) {
      const word = foldWord(term)
      words.list[words.index(word)]?.terms.push({ rule: index, guards: guardsOf(word, notIn) })
    }
    for (const source of rule.patterns) {
      gates.add(patterns.push({ rule: index, source }) - 1, source, literal => words.index(literal))
    }
    for (const near of rule.near) {
      const source = gateOf(near, cost)
      gates.add(patterns.push({ rule: index, source, near }) - 1, source, literal => words.index(literal))
    }
  })
  const views = buildViews(live, foldWord)
  const marks: (Mark | undefined)[] = []
  for (const [spelling, mark] of views.marks) marks[words.index(spelling)] = mark
  const built = gates.build(words.list.length)
  return {
    rules: live.map(ruleImage),
    patterns,
    institution: packs.layer?.institution ?? '',
    gates: built,
    words: words.list,
    automaton: buildAutomaton(words.text, unitsOf(built.sets)),
    views,
    marks: Array.from({ length: words.list.length }, (_, i) => marks[i]),
  }
}
