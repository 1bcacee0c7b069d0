import { z } from 'zod'
import {
  ConditionError,
  checkPattern,
  locateYaml,
  PackError,
  type Packs,
  Pattern,
  type Rule,
  readYaml,
} from '../../detect/index.ts'
import { compileFinding, compileStep, type FindingFacts, type StepFacts } from './conditions.ts'
import { GROUPINGS, HAPPENINGS, type Happening, MEASURES } from './contract.ts'
import { type Duration, duration } from './duration.ts'

/** Its folder below rules/; what lies there is no text pack. */
export const BEHAVIOUR_FOLDER = 'behaviour/'

const text = z.string().min(1)
const source = z.string().min(1)
const signal = z.strictObject({ patterns: z.array(source).min(1), not: z.array(source).default([]) })
const step = z.strictObject({
  from: z.enum(['staff', 'customer']).default('staff'),
  to: z
    .array(z.enum(['customer', 'group', 'internal']))
    .min(1)
    .default(['customer', 'group']),
  kinds: z.array(text).optional(),
  min_chars: z.number().int().min(1).optional(),
  max_chars: z.number().int().min(1).optional(),
  signals: z.array(text).optional(),
  not_signals: z.array(text).optional(),
  hits: z
    .strictObject({
      rules: z.array(text).optional(),
      categories: z.array(text).optional(),
      verdicts: z.array(text).optional(),
    })
    .optional(),
  no_hits: z.literal(true).optional(),
  recall: z.literal(true).optional(),
  event: z.array(z.enum(HAPPENINGS)).optional(),
  when: source.optional(),
})
const example = z.strictObject({ name: text, history: z.array(text).min(1), until: text.optional() })
const rule = z.strictObject({
  id: z.string().regex(/^[A-Z][A-Z_]*-\d{2,3}$/),
  name: text,
  category: z.string().regex(/^[A-Z][A-Z_]*$/),
  category_name: text,
  severity: z.enum(['P0', 'P1', 'P2', 'P3']),
  verdict: z.enum(['violation', 'high_risk', 'advisory', 'signal']),
  clause: text,
  basis: z.array(text).min(1),
  owner: text,
  version: z.number().int().min(1),
  why: text,
  words: text,
  threshold: text.default('企业内部预警线'),
  on: step,
  by: z.array(z.enum(GROUPINGS)).min(1),
  within: source,
  at_least: z.strictObject(
    Object.fromEntries(MEASURES.map(measure => [measure, z.number().int().min(1).optional()])) as Record<
      (typeof MEASURES)[number],
      z.ZodOptional<z.ZodNumber>
    >,
  ),
  // biome-ignore lint/suspicious/noThenProperty: it is the word a compliance officer reads in the file
  then: step.optional(),
  unless: z.union([z.enum(['reply', 'any']), step]).optional(),
  before: source.optional(),
  after: source.optional(),
  messages: z.number().int().min(1).max(200).optional(),
  once: z.enum(['day', 'ever']).default('day'),
  when: source.optional(),
  fires: z.array(example).min(1),
  clean: z.array(example).min(1),
})
const file = z.strictObject({ signals: z.record(text, signal).default({}), rules: z.array(rule).min(1) })
type Written = z.infer<typeof rule>

export type Step = {
  from: 'staff' | 'customer'
  to: readonly ('customer' | 'group' | 'internal')[]
  kinds: readonly string[] | null
  minChars: number
  maxChars: number
  signals: Signal[]
  notSignals: Signal[]
  hits: z.infer<typeof step>['hits'] | null
  noHits: boolean
  recall: boolean
  events: readonly Happening[]
  when: ((facts: StepFacts) => boolean) | null
}
export type Signal = { name: string; patterns: Pattern[]; not: Pattern[] }
export type Example = z.infer<typeof example>

/** A rule over time and people, ready to be asked. */
export type Behaviour = Pick<
  Written,
  'id' | 'severity' | 'words' | 'threshold' | 'by' | 'once' | 'fires' | 'clean'
> & {
  version: string
  on: Step
  followed: Step | null
  unless: 'reply' | 'any' | Step | null
  within: Duration
  before: number
  after: number
  messages: number | null
  atLeast: Written['at_least']
  when: ((facts: FindingFacts) => boolean) | null
  rule: Rule
}

/** Read one file of the folder. Throws a PackError naming file, line and remedy. */
export function parseBehaviours(given: { name: string; text: string }, packs: Packs): Behaviour[] {
  const at = locateYaml(given)
  const parsed = readYaml(
    at,
    file,
    'Compare with another file in rules/behaviour/; the fields are listed in src/monitor/behaviour/pack.ts',
  )
  const place = (path: PropertyKey[]) => ({ file: at.name, line: at.lineOf(path) })
  const signals = new Map<string, Signal>()
  for (const [name, { patterns, not }] of Object.entries(parsed.signals)) {
    patterns.forEach((one, i) => {
      checkPattern(one, false, place(['signals', name, 'patterns', i]), name)
    })
    not.forEach((one, i) => {
      checkPattern(one, false, place(['signals', name, 'not', i]), name)
    })
    signals.set(name, {
      name,
      patterns: patterns.map(one => new Pattern(one)),
      not: not.map(one => new Pattern(one)),
    })
  }
  return parsed.rules.map((written, index) => {
    const reader = new RuleReader(written, signals, packs, path => place(['rules', index, ...path]))
    return reader.read(at.name)
  })
}

class RuleReader {
  private readonly written: Written
  private readonly signals: Map<string, Signal>
  private readonly packs: Packs
  private readonly place: (path: PropertyKey[]) => { file: string; line: number }

  constructor(
    written: Written,
    signals: Map<string, Signal>,
    packs: Packs,
    place: (path: PropertyKey[]) => { file: string; line: number },
  ) {
    this.written = written
    this.signals = signals
    this.packs = packs
    this.place = place
  }

  read(name: string): Behaviour {
    const { written } = this
    if (written.then && written.unless)
      this.stop('then', 'has both then and unless', 'Make it two rules', 'pack.schema')
    if (!written.unless && (written.messages !== undefined || written.before || written.after))
      this.stop(
        'messages',
        'messages, before and after belong to unless',
        'Add unless or take them out',
        'pack.schema',
      )
    if (Object.values(written.at_least).every(least => least === undefined))
      this.stop('at_least', 'has no threshold', 'Give it events: 1 at least', 'pack.schema')
    const { unless } = written
    return {
      id: written.id,
      severity: written.severity,
      words: written.words,
      threshold: written.threshold,
      by: written.by,
      once: written.once,
      fires: written.fires,
      clean: written.clean,
      version: String(written.version),
      on: this.step('on', written.on),
      followed: written.then ? this.step('then', written.then) : null,
      unless: unless === undefined ? null : typeof unless === 'string' ? unless : this.step('unless', unless),
      within: this.time('within', written.within),
      before: this.length('before', written.before),
      after: this.length('after', written.after),
      messages: written.messages ?? null,
      atLeast: written.at_least,
      when: this.condition('when', written.when, compileFinding),
      rule: this.metadata(name),
    }
  }

  private step(name: 'on' | 'then' | 'unless', given: z.infer<typeof step>): Step {
    const named = (list: string[] | undefined, field: string): Signal[] =>
      (list ?? []).map(
        one =>
          this.signals.get(one) ??
          this.stop(name, `${field} ${one} is not in signals of this file`, 'Add it there'),
      )
    return {
      from: given.from,
      to: given.to,
      kinds: given.kinds ?? null,
      minChars: given.min_chars ?? 0,
      maxChars: given.max_chars ?? Number.POSITIVE_INFINITY,
      signals: named(given.signals, 'signal'),
      notSignals: named(given.not_signals, 'signal'),
      hits: given.hits ?? null,
      noHits: given.no_hits ?? false,
      recall: given.recall ?? false,
      events: given.event ?? [],
      when: this.condition(name, given.when, compileStep),
    }
  }

  private condition<T>(field: string, given: string | undefined, compile: (source: string) => T): T | null {
    if (given === undefined) return null
    try {
      return compile(given)
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error
      return this.stop(
        field,
        `when "${given}" ${error.message}`,
        'Names are listed in src/monitor/behaviour/conditions.ts',
        'pack.condition',
      )
    }
  }

  private time(field: string, given: string): Duration {
    return (
      duration(given) ??
      this.stop(field, `"${given}" is no length of time`, 'Write 30m, 2h, 3d or 2bh (business hours)')
    )
  }

  private length(field: string, given: string | undefined): number {
    if (given === undefined) return 0
    const read = this.time(field, given)
    return read.business
      ? this.stop(field, 'business hours stand only in within', 'Write 30m, 2h or 3d')
      : read.ms
  }

  /** As rules of texts have it, so that every screen that names a rule can name this one. */
  private metadata(name: string): Rule {
    const { written, packs } = this
    const known = new Map(packs.rules.flatMap(one => one.basis).map(one => [one.id, one]))
    if (!packs.clauses.some(clause => clause.id === written.clause))
      this.stop('clause', `clause ${written.clause} is not in clauses.yaml`, 'Add it there')
    return {
      id: written.id,
      name: written.name,
      category: written.category,
      categoryName: written.category_name,
      severity: written.severity,
      verdict: written.verdict,
      direction: written.on.from,
      clause: written.clause,
      basis: written.basis.map(
        id =>
          known.get(id) ?? this.stop('basis', `no rule in rules/ cites ${id}`, 'Name one that stands there'),
      ),
      owner: written.owner,
      version: written.version,
      why: written.why,
      status: 'active',
      reading: 'plain',
      disguise: false,
      scope: {},
      terms: [],
      patterns: [],
      near: [],
      exceptions: [],
      fires: [],
      clean: [],
      file: name,
      line: this.place([]).line,
    }
  }

  private stop(
    field: string,
    problem: string,
    remedy: string,
    code: PackError['code'] = 'pack.reference',
  ): never {
    throw new PackError(code, this.place([field]), `${this.written.id}: ${problem}`, remedy)
  }
}
