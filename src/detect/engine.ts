import { isAlert } from './alert.ts'
import type { Audience, Channel, Hit, Listener } from './contract.ts'
import { pathOf, spanOf } from './finds.ts'
import type { Folded } from './fold/fold.ts'
import { LINE } from './fold/fold-table.ts'
import { after, before, boundaries } from './judge/bounds.ts'
import { type Condition, compileCondition } from './judge/condition.ts'
import { answered, type Line, mayContinue, pieces, questionBefore } from './judge/context.ts'
import { Exceptions } from './judge/exceptions.ts'
import { type About, factsOf } from './judge/facts.ts'
import { type Part, splitParts } from './judge/parts.ts'
import { GUARDED, judgement, PLAIN } from './judge/stands.ts'
import { Gatekeeper } from './match/gates.ts'
import type { Guard, Image, RuleImage } from './match/image.ts'
import { NearFinder } from './match/near.ts'
import { Pattern } from './match/pattern.ts'
import { Reader } from './match/read.ts'
import { sharedModel } from './model/model.ts'
import { modelRuleId } from './packs/model-rules.ts'
import { REWRITTEN } from './views/kinds.ts'
import { crosses } from './views/lexicon.ts'
import { Rewriter } from './views/rewrite.ts'
import { soundOf } from './views/spoken.ts'

/** `own`: said by the very person who speaks now; in a group others stand on the same side. */
export type ContextLine = string | { text: string; from?: Audience; own?: boolean }
export type Question = {
  text: string
  from?: Audience
  context?: ContextLine[]
  at?: number
  /** Where it stood and who hears it; a rule of another scope is silent, one not asked about speaks. */
  channel?: Channel
  audience?: Listener
  /** What conditions may ask besides. */
  about?: About
}
export type Engine = {
  readonly image: Image
  detect(question: Question): Hit[]
  /** Nothing stood, but something was found and taken back: worth a second look where there is one. */
  nearMiss(question: Question): boolean
}

/** A rule's pattern is asked for at most this many matches in one text; an officer needs no more. */
const MOST_MATCHES = 20
/** And a rule reports at most this many hits of one text. */
const MOST_HITS = 100

/** `pattern` is -1 for a term. */
type Raw = { rule: number; start: number; end: number; pattern: number; grounds?: readonly string[] }

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
  }
}

class Scanner {
  readonly image: Image
  readonly reader: Reader
  at = new Uint8Array(1024)
  takenBack = false
  readonly patterns: (Pattern | NearFinder | undefined)[] = []
  readonly conditions: (Condition | undefined)[] = []
  readonly exceptions: (Exceptions | undefined)[] = []
  readonly rewriter: Rewriter
  readonly model = sharedModel()
  /** Category → the rule under which what the model finds is shown. */
  readonly modelRules: Map<string, number>
  readonly keepers: Record<Audience, Gatekeeper>

  constructor(image: Image) {
    this.image = image
    this.reader = new Reader(image.automaton)
    const deaf = (rule: number, from: Audience) => {
      const { direction } = image.rules[rule] as RuleImage
      return direction !== 'both' && direction !== from
    }
    const lengths = Int32Array.from(image.words, word => word.length)
    this.modelRules = new Map(
      image.rules.flatMap((rule, i) => (rule.id === modelRuleId(rule.category) ? [[rule.category, i]] : [])),
    )
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
    const ruled = hits.some(hit => !hit.path.includes('model'))
    if (!context || context.length === 0 || ruled || text === '' || !mayContinue(text)) return hits
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
    const { reader, rewriter } = this
    const f = reader.read(question.text, part.start, part.end)
    reader.spell(f)
    if (!rewriter.suspects(f, reader.found))
      return this.weigh(question, part, f, this.look(question, part, f))
    const readings = rewriter.readings(f, reader.found, () => {
      reader.flags(f)
      reader.places(f)
    })
    let hits = this.look(question, part, f)
    for (const folded of readings) {
      reader.reread(folded)
      for (const hit of this.look(question, part, folded, REWRITTEN)) hits = joined(hits, hit)
    }
    const all = hits.length > 1 ? inOrder(hits) : hits
    return this.weigh(question, part, readings[0] ?? f, all)
  }

  /** Where the rules alert for nothing, the model is asked. It only adds. */
  weigh(question: Question, part: Part, f: Folded, hits: Hit[]): Hit[] {
    const from = question.from ?? 'staff'
    if (from !== 'staff' || part.part === 'quote' || isAlert(hits, from)) return hits
    const weighed = this.model.weigh(f.chars, f.n)
    const rule = weighed && this.modelRules.get(weighed.category)
    if (rule === undefined || !weighed || !this.applies(this.image.rules[rule] as RuleImage, from, question))
      return hits
    this.reader.flags(f)
    this.reader.places(f)
    const raw = { rule, start: weighed.start, end: weighed.end, pattern: -1, grounds: ['weighed'] }
    const hit = this.report(raw, f, question.text, from, part)
    return [...hits, { ...hit, path: [...hit.path, 'model'] }]
  }

  /** What the words found in one reading of a text come to; with `only`, finds that cover such a character. */
  look(question: Question, part: Part, f: Folded, only = 0): Hit[] {
    const { found, sym } = this.reader
    if (found.n === 0) return []
    const keeper = this.keepers[question.from ?? 'staff']
    const terms = keeper.wake(found, sym, f.n)
    if (keeper.n === 0 && !terms) return []
    const alive = this.alive(keeper, f)
    const hits = terms || alive > 0 ? this.judge(question, part, f, keeper, alive, only) : []
    keeper.reset()
    return hits
  }

  /** Does a pattern match near its words at all, whatever the sentences? Those that do come first. */
  alive(keeper: Gatekeeper, f: Folded): number {
    const { touched, lowest, highest } = keeper
    let alive = 0
    for (let k = 0; k < keeper.n; k++) {
      const index = touched[k] as number
      const [low, high] = [lowest[k] as number, highest[k] as number]
      if (!this.pattern(index).test(f.chars, low, high)) continue
      touched[k] = touched[alive] as number
      lowest[k] = lowest[alive] as number
      highest[k] = highest[alive] as number
      touched[alive] = index
      lowest[alive] = low
      highest[alive++] = high
    }
    return alive
  }

  /** Only texts that hold a term, or in which a pattern matches, come here. */
  judge(question: Question, part: Part, f: Folded, keeper: Gatekeeper, alive: number, only: number): Hit[] {
    this.reader.flags(f)
    if (this.at.length <= f.n) this.at = new Uint8Array(2 * f.n)
    const { at } = this
    boundaries(f, at, this.reader.plain)
    const from = question.from ?? 'staff'
    // A term inside a longer one shares its fate (不保本保息); finds of patterns are judged one by one.
    const raw = longest(this.terms(keeper, f, at))
    for (let k = 0; k < alive; k++) this.run(keeper, k, f, at, raw)
    if (raw.length > 0) this.reader.places(f)
    if (raw.length > 0) this.takenBack = true
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
    const hits = longest(standing).map(hit => this.report(hit, f, question.text, from, part))
    return inOrder(hits)
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
    if (rule.reading === 'plain') return true
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

  report(hit: Raw, f: Folded, text: string, from: Audience, part: Part): Hit {
    const rule = this.rule(hit)
    const [start, end] = spanOf(f, hit)
    const sound = soundOf(f, hit, text)
    const advisory = part.part === 'quote' || rule.pending
    return {
      rule: rule.id,
      category: rule.category,
      verdict: from === 'customer' ? 'signal' : advisory ? 'advisory' : rule.verdict,
      audience: from,
      severity: rule.severity,
      start,
      end,
      matched: text.slice(start, end),
      path: pathOf(f, hit),
      reads: spelled(f, hit),
      ...(sound ? { sound } : {}),
      part: part.part,
      grounds: [...(hit.grounds ?? GUARDED)],
    }
  }
}

/** A word of two characters broken by a line end is two words, unless it is written downwards. */
function torn(f: Folded, at: Uint8Array, start: number, end: number): boolean {
  if (end - start > 2) return false
  for (let i = start + 1; i < end; i++) if ((f.flag[i] as number) & LINE && at[i] === 2) return true
  return false
}

function guarded(f: Folded, guard: Guard, start: number, end: number): boolean {
  const from = start - guard.before.length
  const to = end + guard.after.length
  if (from < 0 || to > f.n) return false
  for (let i = 0; i < guard.before.length; i++)
    if (f.chars[from + i] !== guard.before.charCodeAt(i)) return false
  for (let i = 0; i < guard.after.length; i++)
    if (f.chars[end + i] !== guard.after.charCodeAt(i)) return false
  return true
}

/** An argument for each character is too many for a long hit. */
function spelled(f: Folded, hit: Raw): string {
  let out = ''
  for (let i = hit.start; i < hit.end; i++) out += String.fromCharCode(f.chars[i] as number)
  return out
}

function covers(f: Folded, hit: Raw, flags: number): boolean {
  for (let i = hit.start; i < hit.end; i++) if ((f.flag[i] as number) & flags) return true
  return false
}

/** What stood there plainly goes before what was read into it, unless the reading says more (保息 in 保木保息). */
function joined(hits: Hit[], hit: Hit): Hit[] {
  const same = (known: Hit) => known.rule === hit.rule && known.start < hit.end && hit.start < known.end
  const more = (known: Hit) => known.end - known.start < hit.end - hit.start
  if (hits.some(known => same(known) && !more(known))) return hits
  return [...hits.filter(known => !same(known)), hit]
}

const inOrder = (hits: Hit[]): Hit[] =>
  hits.sort((a, b) => a.start - b.start || b.end - a.end || (a.rule < b.rule ? -1 : 1))

/** Of one rule's overlapping finds the longest stays. */
function longest(raw: Raw[]): Raw[] {
  if (raw.length < 2) return raw
  raw.sort((a, b) => a.rule - b.rule || a.start - b.start || b.end - a.end)
  const out: Raw[] = []
  for (const hit of raw) {
    const last = out.at(-1)
    if (!last || last.rule !== hit.rule || hit.start >= last.end) out.push(hit)
    else if (hit.end - hit.start > last.end - last.start) out[out.length - 1] = hit
  }
  return out
}
