import { resolve } from 'node:path'
import { compile, type Engine, isAlert } from '../src/detect/index.ts'
import { housePacks } from './detect-samples.ts'
import { readSet, type Sample } from './quality-set.ts'

type Judged = { sample: Sample; alert: boolean; hits: string[] }
type Share = { of: number; right: number }
type Score = {
  lines: number
  precision: number
  recall: number
  f1: number
  disguised: Share
  traps: Share
  hardClean: Share
  ordinary: Share
  signals: Share
}

/** What should an officer be shown: conduct of staff that is wrong, or conversation of high risk. */
const wanted = (sample: Sample): boolean => sample.label === 'violation' || sample.label === 'high_risk'

const judge = (engine: Engine, samples: Sample[]): Judged[] =>
  samples.map(sample => {
    const { text, from, context } = sample
    const hits = engine.detect({ text, from, context })
    return { sample, alert: isAlert(hits, from), hits: hits.map(hit => `${hit.rule} ${hit.matched}`) }
  })

const round = (x: number): number => Number(x.toFixed(4))
const share = (judged: Judged[], right: (one: Judged) => boolean): Share => ({
  of: judged.length,
  right: judged.filter(right).length,
})
const correct = (one: Judged): boolean => one.alert === wanted(one.sample)

function score(judged: Judged[]): Score {
  const tp = judged.filter(one => one.alert && wanted(one.sample)).length
  const fp = judged.filter(one => one.alert && !wanted(one.sample)).length
  const fn = judged.filter(one => !one.alert && wanted(one.sample)).length
  const kind = (name: string) => judged.filter(one => one.sample.kind === name)
  return {
    lines: judged.length,
    precision: round(tp / Math.max(1, tp + fp)),
    recall: round(tp / Math.max(1, tp + fn)),
    f1: round((2 * tp) / Math.max(1, 2 * tp + fp + fn)),
    disguised: share(kind('disguise'), correct),
    traps: share(kind('trap'), correct),
    hardClean: share(kind('hard-clean'), correct),
    ordinary: share(kind('ordinary'), correct),
    signals: share(
      judged.filter(one => one.sample.label === 'signal'),
      one => one.hits.length > 0 && !one.alert,
    ),
  }
}

/** Recall and false alarms by a key, worst first. */
function by(judged: Judged[], key: (sample: Sample) => string): [string, Share][] {
  const groups = new Map<string, Judged[]>()
  for (const one of judged) {
    const name = key(one.sample)
    groups.set(name, [...(groups.get(name) ?? []), one])
  }
  return [...groups]
    .map(([name, list]): [string, Share] => [name, share(list, correct)])
    .sort((a, b) => a[1].right / a[1].of - b[1].right / b[1].of)
}

/** Scores one or more sets; `misses` prints what was judged wrongly (never for a sealed set). */
export async function benchQuality(options: {
  files: string[]
  misses: boolean
  say: (line: string) => void
}): Promise<Score> {
  const engine = compile(housePacks())
  const judged = options.files.flatMap(file => judge(engine, readSet(resolve(file))))
  const { say } = options
  for (const [name, { of, right }] of by(judged, s => `${s.kind} ${s.technique}`))
    say(`${name.padEnd(34)} ${right}/${of}`)
  for (const [name, { of, right }] of by(judged, s => `${s.label} ${s.category}`))
    say(`${name.padEnd(34)} ${right}/${of}`)
  if (options.misses) {
    for (const { sample, alert, hits } of judged.filter(one => !correct(one)))
      say(
        `${alert ? 'FALSE' : 'MISSED'} ${sample.category} ${sample.kind}/${sample.technique} ${JSON.stringify(sample.text)} ${sample.context.length > 0 ? JSON.stringify(sample.context) : ''} ${hits.join('; ')}`,
      )
  }
  return score(judged)
}
