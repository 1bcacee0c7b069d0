import { isAlert, settled } from './alert.ts'
import type { Audience, Hit } from './contract.ts'
import {
  covers,
  guarded,
  HARMLESS_GROUND,
  hides,
  inOrder,
  inPictures,
  isMasked,
  joined,
  longest,
  once,
  type Raw,
  reported,
  torn,
} from './finds.ts'
import type { Folded } from './fold/fold.ts'
import { after, before, boundaries } from './judge/bounds.ts'
import { type Condition, compileCondition } from './judge/condition.ts'
import { answered, type Line, mayContinue, pieces, questionBefore } from './judge/context.ts'
import { Exceptions } from './judge/exceptions.ts'
import { factsOf } from './judge/facts.ts'
import { type Part, splitParts } from './judge/parts.ts'
import { rehearsed } from './judge/scope.ts'
import { GUARDED, judgement, PLAIN } from './judge/stands.ts'
import { Gatekeeper } from './match/gates.ts'
import type { Image, RuleImage } from './match/image.ts'
import { NearFinder } from './match/near.ts'
import { pairsOf } from './match/pairs.ts'
import { Pattern } from './match/pattern.ts'
import { Reader } from './match/read.ts'
import { lookAt, lookAway } from './match/sight.ts'
import { gateScore } from './model/features.ts'
import { type Model, sharedModel, THOUGHT } from './model/model.ts'
import { modelRuleId } from './packs/model-rules.ts'
import type { ContextLine, Question } from './question.ts'
import { spokenPictures } from './views/emblems.ts'
import { REWRITTEN } from './views/kinds.ts'
import { crosses } from './views/lexicon.ts'
import { Rewriter } from './views/rewrite.ts'

export type { ContextLine, Question }

export type Engine = {
  readonly image: Image
  detect(question: Question): Hit[]
  /** Nothing stood, but something was found and taken back: worth a second look where there is one. */
  nearMiss(question: Question): boolean
  /**
   * Does any word of the rules occur at all, plainly or by the looks of a disguise, whoever speaks and whatever the
   * sentences say? Where not, rules with these words and rules without them find the same.
   */
  finds(question: Question): boolean
}

/**
 * Log-odds of the model below which a rule's find is for information only. On sets the model had not learned from it
 * takes two thirds of the false alarms and three in a hundred of the true ones (decision 011); of P0 and advice less.
 */
const HARMLESS = -2.6
const HARMLESS_P0 = -3.8
/** So few characters give the model nothing to go by. */
const SCANT = 12
/** A rule's pattern is asked for at most this many matches in one text; an officer needs no more. */
const MOST_MATCHES = 20
/** And a rule reports at most this many hits of one text. */
const MOST_HITS = 100

/** Opens a compiled image. The image is shared and never written; scratch space belongs to this engine. */
export function openEngine(image: Image): Engine {
  const scanner = new Scanner(image)
  return {
    image,
    detect: question => scanner.detect(question),
    nearMiss(question) {
      scanner.takenBack = false
      return scanner.detect(question).length === 0 && scanner.takenBack
    },
    finds(question) {
      scanner.takenBack = false
      scanner.wordsOnly = true
      scanner.detect(question)
      scanner.wordsOnly = false
      return scanner.takenBack
    },
  }
}

class Scanner {
  readonly image: Image
  readonly reader: Reader
  at = new Uint8Array(1024)
  takenBack = false
  /** Only whether a word occurs is asked, and the answer stands in `takenBack`. */
  wordsOnly = false
  /** Did the judge have something to take back in the text just read? The model then needs a better reason. */
  refuted = false
  /** Did the text just read hide nothing, not even a picture between its characters? */
  whole = true
  /** What the model says of the words around the find last weighed. */
  odds: number | undefined
  readonly patterns: (Pattern | NearFinder | undefined)[] = []
  readonly conditions: (Condition | undefined)[] = []
  readonly exceptions: (Exceptions | undefined)[] = []
  readonly rewriter: Rewriter
  readonly models: Record<Audience, Model> = {
    staff: sharedModel('staff'),
    customer: sharedModel('customer'),
  }
  /** Id → the rule; what the model finds is shown under one of its own. */
  readonly ruleAt: Map<string, number>
  readonly keepers: Record<Audience, Gatekeeper>

  constructor(image: Image) {
    this.image = image
    this.reader = new Reader(image.automaton)
    const deaf = (rule: number, from: Audience) => {
      const { direction } = image.rules[rule] as RuleImage
      return direction !== 'both' && direction !== from
    }
    const lengths = Int32Array.from(image.words, word => word.length)
    this.ruleAt = new Map(image.rules.map((rule, i) => [rule.id, i]))
    this.rewriter = new Rewriter(image.views, image.marks, lengths)
    const keeper = (from: Audience) => {
      const idle = Uint8Array.from(image.patterns, ({ rule }) => (deaf(rule, from) ? 1 : 0))
      const isTerm = Uint8Array.from(image.words, word => +word.terms.some(use => !deaf(use.rule, from)))
      return new Gatekeeper(image.gates, { lengths, isTerm }, image.automaton, idle)
    }
    this.keepers = { staff: keeper('staff'), customer: keeper('customer') }
  }

  detect(question: Question): Hit[] {
    const { text } = question
    const parts = splitParts(text)
    if (parts) return parts.flatMap(part => this.part(question, part))
    const hits = this.part(question, { part: 'new', start: 0, end: text.length })
    const { context } = question
    if (!context || context.length === 0 || text === '' || !mayContinue(text)) return hits
    if (hits.some(hit => !hit.path.includes('model'))) return hits
    const lines = context.map(line => (typeof line === 'string' ? { text: line } : line))
    const together = this.together(question, lines)
    return together.length > 0 ? together : hits
  }

  /** What a short line and those before it say together; the span is the part that stands in this line. */
  together(question: Question, lines: Line[]): Hit[] {
    const { text } = question
    const from = question.from ?? 'staff'
    const whole = (made: string): Hit[] =>
      this.part({ ...question, text: made, from }, { part: 'new', start: 0, end: made.length })
    const begun = pieces(lines, from)
    const cut = begun.length
    const broken = cut > 0 ? whole(begun + text) : []
    const across = broken
      .filter(hit => hit.start < cut && hit.end > cut)
      .map(hit => ({ ...hit, end: hit.end - cut }))
    const asked = from === 'staff' ? questionBefore(lines, from) : undefined
    const statement = asked === undefined ? undefined : answered(asked, text)
    const said = statement === undefined ? [] : whole(statement).map(hit => ({ ...hit, end: text.length }))
    const all = across.length > 0 ? across : said
    const ground = across.length > 0 ? 'split' : 'answered'
    return all.map(hit => ({
      ...hit,
      start: 0,
      matched: text.slice(0, hit.end),
      path: [...hit.path, 'context'],
      grounds: [...hit.grounds, ground],
    }))
  }

  part(question: Question, part: Part): Hit[] {
    const hits = this.once(question, part)
    if (this.whole || (hits.length > 0 && isAlert(hits, question.from ?? 'staff'))) return hits
    for (const said of spokenPictures(question.text, part.start, part.end)) {
      const heard = this.once({ ...question, text: said.text }, { ...part, start: 0, end: said.text.length })
      const more = heard.flatMap(hit => inPictures(hit, said, question.text))
      if (isAlert(more, question.from ?? 'staff')) return inOrder([...hits, ...more])
    }
    return hits
  }

  once(question: Question, part: Part): Hit[] {
    const { reader, rewriter } = this
    const from = question.from ?? 'staff'
    const weights = this.model(from).gate
    const f = reader.read(question.text, part.start, part.end, weights)
    this.whole = reader.plain
    this.refuted = false
    if (this.wordsOnly) {
      this.takenBack ||= reader.found.n > 0 || rewriter.suspects(f, reader.found, reader.pairs)
      return []
    }
    const { gate } = reader.pairs
    if (!rewriter.suspects(f, reader.found, reader.pairs))
      return this.weigh(question, part, f, this.look(question, part, f), gate, from === 'staff')
    const ready = once(() => {
      reader.flags(f)
      reader.places(f)
    })
    const readings = rewriter.readings(f, reader.found, ready)
    let hits = this.look(question, part, f)
    const also = (folded: Folded): void => {
      reader.reread(folded)
      for (const hit of this.look(question, part, folded, REWRITTEN)) hits = joined(hits, hit)
    }
    for (const folded of readings) also(folded)
    let best = readings[0] ?? f
    if (!settled(hits, question.from)) {
      const base = rewriter.plainer(f, ready)
      if (base) best = this.again(base, weights, also)
    }
    const all = hits.length > 1 ? inOrder(hits) : hits
    if (best === f) return this.weigh(question, part, f, all, gate, false)
    return this.weigh(question, part, best, all, gateScore(weights, best.chars, 0, best.n), false)
  }

  /** What was put together is read once more: 力口v亻言 is 加v信 and that 加微信. */
  again(base: Folded, weights: Int8Array, also: (folded: Folded) => void): Folded {
    const { reader, rewriter } = this
    also(base)
    pairsOf(weights, base.chars, base.n, reader.pairs)
    if (!rewriter.suspects(base, reader.found, reader.pairs)) return base
    const readings = rewriter.readings(base, reader.found, () => undefined)
    for (const folded of readings) also(folded)
    return readings[0] ?? base
  }

  /** Where the rules alert for nothing, the model is asked for finds of its own. */
  weigh(question: Question, part: Part, f: Folded, hits: Hit[], gate: number, brief: boolean): Hit[] {
    const from = question.from ?? 'staff'
    if (part.part === 'quote' || settled(hits, from)) return hits
    const weighed = this.model(from).weigh(f.chars, f.n, gate, brief, this.refuted)
    if (!weighed) return hits
    const rules = weighed.categories.flatMap(category => {
      const rule = this.ruleAt.get(modelRuleId(category, from))
      return rule !== undefined && this.applies(this.image.rules[rule] as RuleImage, from, question)
        ? [rule]
        : []
    })
    if (rules.length === 0) return hits
    this.reader.flags(f)
    this.reader.places(f)
    const more = rules.map(rule => {
      const raw = { rule, start: weighed.start, end: weighed.end, pattern: -1, grounds: ['weighed'] }
      const hit = reported(this.image.rules[rule] as RuleImage, raw, f, question.text, from, part)
      return { ...hit, path: [...hit.path, 'model'] }
    })
    return [...hits, ...more]
  }

  /** What the words found in one reading of a text come to; with `only`, finds that cover such a character. */
  look(question: Question, part: Part, f: Folded, only = 0): Hit[] {
    const { found } = this.reader
    if (found.n === 0) return []
    const keeper = question.from === 'customer' ? this.keepers.customer : this.keepers.staff
    const terms = keeper.wake(found, f.chars, f.n)
    if (keeper.n === 0 && !terms) return []
    const any = terms || keeper.some((pattern, low, high) => this.pattern(pattern).test(f.chars, low, high))
    if (any) lookAt(f.chars, f.n)
    const hits = any ? this.judge(question, part, f, keeper, only) : []
    lookAway()
    keeper.reset()
    return hits
  }

  /** Only texts that hold a term, or in which a pattern matches, come here. */
  judge(question: Question, part: Part, f: Folded, keeper: Gatekeeper, only: number): Hit[] {
    this.reader.flags(f)
    if (this.at.length <= f.n) this.at = new Uint8Array(2 * f.n)
    const { at } = this
    boundaries(f, at, this.reader.plain)
    const from = question.from ?? 'staff'
    // A term inside a longer one shares its fate (不保本保息); finds of patterns are judged one by one.
    const seen = longest(this.terms(keeper, f, at))
    for (let k = 0; k < keeper.n; k++) this.run(keeper, k, f, at, seen)
    if (seen.length > 0) this.reader.places(f)
    const raw = seen.filter(hit => isMasked(f, hit, this.rule(hit).masked))
    if (raw.length > 0) this.takenBack = this.refuted = true
    const count = new Map<number, number>()
    const standing = raw.filter(hit => {
      const known = count.get(hit.rule) ?? 0
      if (known >= MOST_HITS || !this.applies(this.rule(hit), from, question)) return false
      if (only !== 0 && !covers(f, hit, only)) return false
      if (!this.stands(hit, f, at, question.text) || !this.holds(hit, f, at, question)) return false
      count.set(hit.rule, known + 1)
      return true
    })
    if (standing.length === 0) return []
    const hits = longest(standing)
    this.odds = undefined
    for (const hit of hits)
      if (this.harmless(hit, f, from)) hit.grounds = [...(hit.grounds ?? GUARDED), HARMLESS_GROUND]
    return inOrder(hits.map(hit => reported(this.rule(hit), hit, f, question.text, from, part)))
  }

  model(from: Audience): Model {
    return from === 'staff' ? this.models.staff : this.models.customer
  }

  rule(hit: Raw): RuleImage {
    return this.image.rules[hit.rule] as RuleImage
  }

  terms(keeper: Gatekeeper, f: Folded, at: Uint8Array): Raw[] {
    const out: Raw[] = []
    for (let i = 0; i < this.reader.found.n; i++) {
      const index = this.reader.found.word[i] as number
      if (!keeper.isTerm(index)) continue
      const word = this.image.words[index] as Image['words'][number]
      const end = this.reader.found.end[i] as number
      const start = end - word.length
      if (torn(f, at, start, end)) continue
      if (word.length === 2 && crosses(f.chars, f.n, start, end)) continue
      for (const use of word.terms) {
        if (!use.guards.some(guard => guarded(f, guard, start, end)))
          out.push({ rule: use.rule, start, end, pattern: -1 })
      }
    }
    return out
  }

  pattern(index: number): Pattern | NearFinder {
    const { source, near } = this.image.patterns[index] as Image['patterns'][number]
    this.patterns[index] ??= near ? new NearFinder(near) : new Pattern(source)
    return this.patterns[index]
  }

  run(keeper: Gatekeeper, k: number, f: Folded, at: Uint8Array, out: Raw[]): void {
    const index = keeper.touched[k] as number
    const { rule } = this.image.patterns[index] as Image['patterns'][number]
    const pattern = this.pattern(index)
    let from = keeper.lowest[k] as number
    const last = keeper.highest[k] as number
    for (let matches = 0; from < last && matches < MOST_MATCHES; ) {
      const to = Math.min(last, after(at, f.n, 2, from + 1, f.n))
      const span = pattern.find(f.chars, from, to)
      if (span) {
        out.push({ rule, ...span, pattern: index })
        matches++
      }
      from = span ? span.end : to
    }
  }

  applies(rule: RuleImage, from: Audience, { at, channel, audience }: Question): boolean {
    if (rule.direction !== 'both' && rule.direction !== from) return false
    if (channel && rule.scope.channels && !rule.scope.channels.includes(channel)) return false
    if (audience && rule.scope.audience && !rule.scope.audience.includes(audience)) return false
    return at === undefined || (at >= rule.from && at < rule.to)
  }

  /** Nothing in the clause or the sentence takes the words back. */
  stands(hit: Raw, f: Folded, at: Uint8Array, text: string): boolean {
    const rule = this.rule(hit)
    const sentence: [number, number] = [before(at, 2, hit.start), after(at, f.n, 2, hit.end)]
    const clause: [number, number] = [before(at, 1, hit.start), after(at, f.n, 1, hit.end)]
    if (this.exceptionsOf(hit.rule, rule).takesBack(f.chars, sentence, clause, hit)) return false
    hit.grounds = PLAIN
    if (rule.reading === 'plain') return !rehearsed(f.chars, f.n, [hit.start, hit.end])
    const pattern = this.image.patterns[hit.pattern]
    const source = pattern?.near ? pattern.near.groups.flat().join(' ') : (pattern?.source ?? '')
    const found = judgement({ f, at, text, sentence, clause, span: [hit.start, hit.end], source })
    if (found.against !== undefined) return false
    hit.grounds = found.grounds
    return true
  }

  /** The rule's condition, asked about the sentence. */
  holds(hit: Raw, f: Folded, at: Uint8Array, question: Question): boolean {
    const { when } = this.rule(hit)
    if (when === undefined) return true
    this.conditions[hit.rule] ??= compileCondition(when)
    const sentence: [number, number] = [before(at, 2, hit.start), after(at, f.n, 2, hit.end)]
    return (this.conditions[hit.rule] as Condition)(
      factsOf(question, this.image.institution, f.chars, sentence, hit),
    )
  }

  exceptionsOf(index: number, rule: RuleImage): Exceptions {
    this.exceptions[index] ??= new Exceptions(rule.exceptions)
    return this.exceptions[index]
  }

  /**
   * Does the model read the words around a rule's find as plainly honest talk? The find is then shown, and alerts
   * nobody. Who hides his words is not honest, whatever else he says.
   */
  harmless(hit: Raw, f: Folded, from: Audience): boolean {
    if (from !== 'staff' || f.n < SCANT || hides(f, hit)) return false
    const { severity, verdict } = this.rule(hit)
    const limit = severity === 'P0' || verdict === 'high_risk' ? HARMLESS_P0 : HARMLESS
    // All finds of one thought stand in the same words.
    const known = f.n <= THOUGHT ? this.odds : undefined
    this.odds = known ?? this.models.staff.around(f.chars, f.n, hit.start, hit.end)
    return this.odds < limit
  }
}
