import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { compile } from '../src/detect/index.ts'
import { housePacks } from './detect-samples.ts'
import { refuseSealed, sha256 } from './quality-history.ts'
import { HISTORY, recorded } from './quality-recorded.ts'
import {
  groupBy,
  isRight,
  type Judged,
  judge,
  type Score,
  type Share,
  score,
  shareOf,
} from './quality-score.ts'
import { readSet, type Sample } from './quality-set.ts'

/** Right lines by a key, worst first. */
function by(judged: Judged[], key: (sample: Sample) => string): [string, Share][] {
  return [...groupBy(judged, one => key(one.sample))]
    .map(([name, list]): [string, Share] => [name, shareOf(list, isRight)])
    .sort((a, b) => a[1].right / a[1].of - b[1].right / b[1].of)
}

/** Scores one or more sets; `misses` prints what was judged wrongly (never for a sealed set). */
export async function benchQuality(options: {
  files: string[]
  misses: boolean
  say: (line: string) => void
}): Promise<Score> {
  const { decision, history } = recorded(HISTORY)
  for (const file of options.files) refuseSealed(sha256(readFileSync(file)), decision, history)
  const engine = compile(housePacks())
  const judged = options.files.flatMap(file => judge(engine, readSet(resolve(file))))
  const { say } = options
  for (const [name, { of, right }] of by(judged, s => `${s.kind} ${s.technique}`))
    say(`${name.padEnd(34)} ${right}/${of}`)
  for (const [name, { of, right }] of by(judged, s => `${s.label} ${s.category}`))
    say(`${name.padEnd(34)} ${right}/${of}`)
  if (options.misses) {
    for (const { sample, found } of judged.filter(one => !isRight(one)))
      say(
        `${found.alert ? 'FALSE' : 'MISSED'} ${sample.category} ${sample.kind}/${sample.technique} ${JSON.stringify(sample.text)} ${sample.context.length > 0 ? JSON.stringify(sample.context) : ''} ${found.hits.map(hit => `${hit.rule} ${hit.matched}`).join('; ')}`,
      )
  }
  return score(judged)
}
