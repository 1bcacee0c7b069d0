import type { MessageKey, Spoken } from '../../archive/index.ts'
import { dayOf, hourOf, isBusinessDay, isNight } from '../../base/index.ts'
import { foldText, units } from '../../detect/index.ts'
import { isExternal } from '../../wecom/index.ts'
import type { StepFacts } from './conditions.ts'
import type { Grouping, StepName } from './contract.ts'
import type { Behaviour, Signal, Step } from './pack.ts'

type Hit = { rule: string; category: string; verdict: string }

/** A message as behaviour rules hear it: its facts, the hits of the text rules, and words only to look for signals. */
export type Heard = Pick<Spoken, 'key' | 'kind' | 'direction' | 'from' | 'to' | 'room' | 'texts'> & {
  hits: Hit[]
  /** The message it takes back. */
  recalls: string | null
}

/** One message (or event) that a step of a rule waits for. What is stored: no words, only ids and a keyed digest. */
export type Occurrence = {
  key: MessageKey
  rule: string
  step: StepName
  group: string
  staff: string
  counterpart: string
  room: boolean
}

/** A digest of a text under the institution's key. */
export type Digest = (text: string) => string
export type Hearing = { zone: string; digest: Digest }

const LOOSE = /[\s\p{P}\p{S}]+/gu

type Clock = Pick<StepFacts, 'hour' | 'night' | 'business_day'>
const MINUTE_MS = 60_000
let last: { minute: number; zone: string; clock: Clock } | undefined

/** Local time by the minute. Reading it costs as much as a whole detection, and a batch is said within few minutes. */
function clockAt(at: number, zone: string): Clock {
  const minute = Math.floor(at / MINUTE_MS)
  if (last?.minute !== minute || last.zone !== zone) {
    const clock = {
      hour: BigInt(hourOf(at, zone)),
      night: isNight(at, zone),
      business_day: isBusinessDay(dayOf(at, zone)),
    }
    last = { minute, zone, clock }
  }
  return last.clock
}

/** Facts of one message, each worked out when a step first asks for it. */
class Facts {
  private folded: string | undefined
  private tight: string | undefined
  private readonly seen = new Map<Signal, boolean>()
  readonly heard: Heard
  private readonly zone: string

  constructor(heard: Heard, zone: string) {
    this.heard = heard
    this.zone = zone
  }

  get text(): string {
    this.folded ??= foldText(this.heard.texts.map(({ text }) => text).join('\n'))
    return this.folded
  }

  /** Without spaces and punctuation: what two people who send the same have in common. */
  get words(): string {
    this.tight ??= this.text.replace(LOOSE, '')
    return this.tight
  }

  get audience(): 'customer' | 'group' | 'internal' {
    if (this.heard.direction === 'internal') return 'internal'
    return this.heard.room === null ? 'customer' : 'group'
  }

  has(signal: Signal): boolean {
    const known = this.seen.get(signal)
    if (known !== undefined) return known
    const chars = units(this.text)
    const found =
      chars.length > 0 &&
      signal.patterns.some(pattern => pattern.test(chars, 0, chars.length)) &&
      !signal.not.some(pattern => pattern.test(chars, 0, chars.length))
    this.seen.set(signal, found)
    return found
  }

  asked(): StepFacts {
    const { sentAt } = this.heard.key
    return {
      kind: this.heard.kind,
      audience: this.audience,
      ...clockAt(sentAt, this.zone),
      chars: BigInt(this.words.length),
    }
  }
}

/** Everything that steps of these rules wait for in one message. */
export function hear(rules: readonly Behaviour[], heard: Heard, hearing: Hearing): Occurrence[] {
  // Without a time there is no window, and what the system says is nobody's behaviour.
  if (heard.key.sentAt <= 0 || heard.direction === 'system') return []
  const facts = new Facts(heard, hearing.zone)
  return rules.flatMap(rule =>
    stepsOf(rule).flatMap(([name, step]) =>
      matches(step, facts) ? [occurrence(rule, name, facts, hearing)] : [],
    ),
  )
}

function stepsOf(rule: Behaviour): [StepName, Step][] {
  const steps: [StepName, Step][] = [['on', rule.on]]
  if (rule.followed) steps.push(['then', rule.followed])
  if (rule.unless !== null && typeof rule.unless === 'object') steps.push(['unless', rule.unless])
  return steps
}

/** Cheap questions first: who, to whom, what kind; then hits, then words. */
function matches(step: Step, facts: Facts): boolean {
  const { heard } = facts
  if (step.events.length > 0) return false
  if ((heard.direction === 'customer') !== (step.from === 'customer')) return false
  if (!step.to.includes(facts.audience)) return false
  if (step.recall !== (heard.recalls !== null)) return false
  if (step.kinds && !step.kinds.includes(heard.kind)) return false
  if (step.hits && !heard.hits.some(hit => isAmong(step.hits, hit))) return false
  if (step.noHits && heard.hits.some(hit => hit.verdict === 'violation' || hit.verdict === 'high_risk'))
    return false
  if (step.minChars > 0 && facts.words.length < step.minChars) return false
  if (step.maxChars < Number.POSITIVE_INFINITY && facts.words.length > step.maxChars) return false
  if (step.signals.length > 0 && !step.signals.some(signal => facts.has(signal))) return false
  if (step.notSignals.some(signal => facts.has(signal))) return false
  return step.when === null || step.when(facts.asked())
}

function isAmong(wanted: Step['hits'], hit: Hit): boolean {
  return (
    (wanted?.rules === undefined || wanted.rules.includes(hit.rule)) &&
    (wanted?.categories === undefined || wanted.categories.includes(hit.category)) &&
    (wanted?.verdicts === undefined || wanted.verdicts.includes(hit.verdict))
  )
}

function occurrence(rule: Behaviour, step: StepName, facts: Facts, { digest }: Hearing): Occurrence {
  const { heard } = facts
  const { key, from, to, room } = heard
  const customer = heard.direction === 'customer'
  const staff = customer ? (to.find(party => !isExternal(party)) ?? '') : from
  const counterpart = room ?? (customer ? from : (to.find(isExternal) ?? to[0] ?? from))
  const value: Record<Grouping, () => string> = {
    staff: () => staff,
    text: () => digest(facts.words),
    conversation: () => key.convId,
    customer: () => counterpart,
    message: () => heard.recalls ?? key.msgid,
  }
  return {
    key,
    rule: rule.id,
    step,
    group: rule.by.map(one => value[one]()).join('|'),
    staff,
    counterpart,
    room: room !== null,
  }
}
