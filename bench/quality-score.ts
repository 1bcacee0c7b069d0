import { type Engine, type Hit, isAlert } from '../src/detect/index.ts'
import type { Sample } from './quality-set.ts'

/** What a matcher makes of a line: would an officer be alarmed, would a customer's need be seen. */
export type Found = { alert: boolean; signal: boolean }
export type Seen<F extends Found = Found> = { sample: Sample; found: F }
/** `hits` are all of them; `alarms` are those an alert would show. */
export type Judged = Seen<Found & { hits: Hit[]; alarms: Hit[] }>
export type Share = { of: number; right: number }
/** Advice is a verdict of its own: seen as such, taken for a violation, or not alarmed for. */
export type Advice = { of: number; highRisk: number; violation: number; missed: number }
export type Score = {
  lines: number
  tp: number
  fp: number
  fn: number
  precision: number
  recall: number
  f1: number
  plain: Share
  paraphrase: Share
  disguised: Share
  traps: Share
  advice: Share
  hardClean: Share
  ordinary: Share
  signals: Share
}

/** What should an officer be shown: conduct of staff that is wrong, or conversation of high risk. */
export const wanted = (sample: Sample): boolean =>
  sample.label === 'violation' || sample.label === 'high_risk'

/** An alert where one is due and none elsewhere; a signal must be found as one and not as a violation. */
export const isRight = ({ sample, found }: Seen): boolean =>
  sample.label === 'signal' ? found.signal && !found.alert : found.alert === wanted(sample)

/** The engine's word on each line, as `isAlert` has it: a hit that is advisory, quoted or P3 alarms nobody. */
export const judge = (engine: Engine, samples: Sample[]): Judged[] =>
  samples.map(sample => {
    const { text, from, context } = sample
    const hits = engine.detect({ text, from, context })
    const alarms = hits.filter(hit => isAlert([hit], from))
    const signal = hits.some(hit => hit.verdict === 'signal' && hit.part === 'new')
    return { sample, found: { alert: isAlert(hits, from), signal, hits, alarms } }
  })

const round = (x: number): number => Number(x.toFixed(4))

export const shareOf = <S>(seen: S[], right: (one: S) => boolean): Share => ({
  of: seen.length,
  right: seen.filter(right).length,
})

/** Counts lines right and wrong. `plain` and `paraphrase` are recalls: a customer's signals are counted by themselves. */
export function score(seen: Seen[]): Score {
  const tp = seen.filter(one => one.found.alert && wanted(one.sample)).length
  const fp = seen.filter(one => one.found.alert && !wanted(one.sample)).length
  const fn = seen.filter(one => !one.found.alert && wanted(one.sample)).length
  const kind = (name: string) =>
    shareOf(
      seen.filter(one => one.sample.kind === name && one.sample.label !== 'signal'),
      isRight,
    )
  return {
    lines: seen.length,
    tp,
    fp,
    fn,
    precision: round(tp / Math.max(1, tp + fp)),
    recall: round(tp / Math.max(1, tp + fn)),
    f1: round((2 * tp) / Math.max(1, 2 * tp + fp + fn)),
    plain: kind('plain'),
    paraphrase: kind('paraphrase'),
    disguised: kind('disguise'),
    traps: kind('trap'),
    advice: kind('advice'),
    hardClean: kind('hard-clean'),
    ordinary: kind('ordinary'),
    signals: shareOf(
      seen.filter(one => one.sample.label === 'signal'),
      isRight,
    ),
  }
}

export function adviceOf(judged: Judged[]): Advice {
  const lines = judged.filter(one => one.sample.label === 'high_risk')
  const highRisk = (one: Judged) => one.found.alarms.some(hit => hit.verdict === 'high_risk')
  return {
    of: lines.length,
    highRisk: lines.filter(highRisk).length,
    violation: lines.filter(one => one.found.alert && !highRisk(one)).length,
    missed: lines.filter(one => !one.found.alert).length,
  }
}

/** Of the alerts that were due, in how many the category of the line is among those shown. */
export const rightCategory = (judged: Judged[]): Share =>
  shareOf(
    judged.filter(one => wanted(one.sample) && one.found.alert),
    namesCategory,
  )

export const namesCategory = ({ sample, found }: Judged): boolean =>
  found.alarms.some(hit => hit.category === sample.category)

/** 95 % interval of Wilson: it stays honest for few lines and for shares near 0 and 1, where ±1.96 σ does not. */
export function wilson({ of, right }: Share): { low: number; high: number } {
  if (of === 0) return { low: 0, high: 1 }
  const z = 1.96
  const p = right / of
  const centre = p + (z * z) / (2 * of)
  const spread = z * Math.sqrt((p * (1 - p)) / of + (z * z) / (4 * of * of))
  const scale = 1 + (z * z) / of
  return { low: Math.max(0, (centre - spread) / scale), high: Math.min(1, (centre + spread) / scale) }
}

/** In the order in which the keys first come. */
export function groupBy<S>(list: S[], key: (one: S) => string): Map<string, S[]> {
  const groups = new Map<string, S[]>()
  for (const one of list) {
    const name = key(one)
    const group = groups.get(name)
    if (group) group.push(one)
    else groups.set(name, [one])
  }
  return groups
}
