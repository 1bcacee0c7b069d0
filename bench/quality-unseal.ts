import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { nowDate } from '../src/base/clock.ts'
import { categoryNames, compile } from '../src/detect/index.ts'
import { housePacks } from './detect-samples.ts'
import { crossWoz } from './quality-crosswoz.ts'
import {
  AGAIN,
  admit,
  BLIND,
  type Figure,
  fraction,
  historyText,
  Refused,
  sha256,
  type Unsealing,
  wrongOf,
} from './quality-history.ts'
import { peersOf } from './quality-peers.ts'
import { provenance } from './quality-provenance.ts'
import { recorded } from './quality-recorded.ts'
import { type Report, reportText } from './quality-report.ts'
import { adviceOf, judge, type Score, score } from './quality-score.ts'
import { readSet } from './quality-set.ts'

export type Unseal = {
  report: string
  out: string
  history: string
  crosswoz?: string | undefined
  again: boolean
}

const EVERYDAY = new URL('../src/detect/samples/everyday.tsv', import.meta.url)

function figures({ judged, crosswoz }: Omit<Report, 'history'>, s: Score): Record<Figure, string> {
  const advice = adviceOf(judged)
  return {
    precision: s.precision.toFixed(3),
    recall: s.recall.toFixed(3),
    f1: s.f1.toFixed(3),
    plain: fraction(s.plain),
    paraphrase: fraction(s.paraphrase),
    disguised: fraction(s.disguised),
    traps: fraction(s.traps),
    advice: `${advice.highRisk}/${advice.of}`,
    signals: fraction(s.signals),
    hard_clean_alarms: wrongOf(s.hardClean),
    ordinary_alarms: wrongOf(s.ordinary),
    crosswoz_alarms: crosswoz ? `${crosswoz.asStaff.length}/${crosswoz.lines}` : '-',
  }
}

const rowOf = (report: Omit<Report, 'history'>, s: Score): Unsealing => ({
  date: report.from.date,
  set: report.set.name,
  lines: report.judged.length,
  sha256: report.set.sha256,
  commit: report.from.commit + (report.from.dirty.length > 0 ? '+dirty' : ''),
  blind: report.blind ? BLIND : AGAIN,
  figures: figures(report, s),
})

/**
 * Scores a blind set and writes the page and a row of the history. What may fail is done before the set is read,
 * for it can be read only once.
 */
export function unseal(options: Unseal, say: (line: string) => void): Score {
  const { report: file, out, history: historyFile, again } = options
  const hash = sha256(readFileSync(file))
  const { decision, history } = recorded(historyFile)
  const { set, blind } = admit(hash, decision, history, again)
  // The page has no second chance: what belongs on it is asked for before the set is looked at.
  if (blind && options.crosswoz === undefined)
    throw new Refused('首次解封须同时给出 --crosswoz 数据文件，否则这一页就缺了它')
  const from = provenance(hash, nowDate().toISOString().slice(0, 10), [file, out, historyFile])
  for (const target of [out, historyFile]) accessSync(dirname(resolve(target)), constants.W_OK)
  const packs = housePacks()
  const engine = compile(packs)
  const { terms, peers } = peersOf(packs)
  const everyday = new Set(readSet(EVERYDAY).map(({ text }) => text))
  const crosswoz = options.crosswoz ? crossWoz(engine, resolve(options.crosswoz), everyday) : undefined

  const samples = readSet(resolve(file))
  const judged = judge(engine, samples)
  const s = score(judged)
  const report = {
    set,
    blind,
    from,
    judged,
    terms,
    peers: peers.map(peer => ({
      name: peer.name,
      seen: samples.map(sample => ({ sample, found: peer.judge(sample) })),
    })),
    crosswoz,
    names: categoryNames(packs),
  }
  const rows = [...history, rowOf(report, s)]
  const page = reportText({ ...report, history: rows })
  writeFileSync(historyFile, historyText(rows))
  writeFileSync(out, page)
  say(`${out}：${set.name}，${samples.length} 句${blind ? '' : '（已不是盲测）'}`)
  return s
}
