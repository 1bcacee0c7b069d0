import type { TruthLine } from './truth.ts'

type Tally = { planted: number; found: number }
export type Score = {
  /** Lines that should raise an alert, among those considered. */
  planted: number
  /** Messages considered that did. */
  alerted: number
  truePositive: number
  precision: number
  recall: number
  /** Hard-clean lines considered, and how many of them raised an alert all the same. */
  hardClean: number
  hardCleanAlerted: number
  byCategory: Record<string, Tally>
  byDisguise: Record<string, Tally>
  missed: TruthLine[]
  /** msgids that alerted with nothing planted there. */
  false: string[]
}

/**
 * `considered`: msgids the platform had seen when it was asked. A sentence split over bubbles counts as found when any of
 * them alerted, and none of them counts as false.
 */
export function scoreAlerts(
  truth: readonly TruthLine[],
  alertedMsgids: ReadonlySet<string>,
  considered: ReadonlySet<string>,
): Score {
  // What was planted for a rule over time and people says nothing of words, and is counted by scoreBehaviours.
  const lines = truth.filter(
    line => (line.behaviour === undefined || line.alert) && considered.has(line.msgid),
  )
  const wanted = lines.filter(line => line.alert)
  const clean = lines.filter(line => !line.alert)
  const excused = new Set(wanted.flatMap(line => [line.msgid, ...(line.siblings ?? [])]))
  const found = new Set(wanted.filter(line => isFound(line, alertedMsgids)))
  const alerted = [...alertedMsgids].filter(msgid => considered.has(msgid))
  const wrong = alerted.filter(msgid => !excused.has(msgid))
  const right = alerted.length - wrong.length
  return {
    planted: wanted.length,
    alerted: alerted.length,
    truePositive: found.size,
    precision: alerted.length === 0 ? 1 : right / alerted.length,
    recall: wanted.length === 0 ? 1 : found.size / wanted.length,
    hardClean: clean.length,
    hardCleanAlerted: clean.filter(line => alertedMsgids.has(line.msgid)).length,
    byCategory: tally(wanted, found, line => line.categories),
    byDisguise: tally(wanted, found, line => [line.disguise ?? 'none']),
    missed: wanted.filter(line => !found.has(line)),
    false: wrong,
  }
}

export type BehaviourScore = {
  planted: number
  found: number
  missed: string[]
  /** Findings beyond what was planted: talk that happens to be like it. */
  others: number
}

/** A planted behaviour is found when its rule spoke and its message is among those it rests on. */
export function scoreBehaviours(
  truth: readonly TruthLine[],
  findings: readonly { rule: string; msgids: readonly string[] }[],
): BehaviourScore {
  const planted = truth.filter(line => line.behaviour !== undefined)
  const isIt = (line: TruthLine, one: { rule: string; msgids: readonly string[] }): boolean =>
    one.rule === line.behaviour && one.msgids.includes(line.msgid)
  const missed = planted.filter(line => !findings.some(one => isIt(line, one)))
  return {
    planted: planted.length,
    found: planted.length - missed.length,
    missed: missed.map(line => line.behaviour ?? ''),
    others: findings.filter(one => !planted.some(line => isIt(line, one))).length,
  }
}

/** One line for the shell. */
export function printBehaviours({ planted, found, missed, others }: BehaviourScore): string {
  const lacking = missed.length === 0 ? '' : `，漏 ${missed.join('、')}`
  return `行为规则：埋设 ${planted} 次，找到 ${found} 次${lacking}；另发现 ${others} 次`
}

function isFound(line: TruthLine, alerted: ReadonlySet<string>): boolean {
  return [line.msgid, ...(line.siblings ?? [])].some(msgid => alerted.has(msgid))
}

function tally(
  lines: readonly TruthLine[],
  found: ReadonlySet<TruthLine>,
  keysOf: (line: TruthLine) => readonly string[],
): Record<string, Tally> {
  const out: Record<string, Tally> = {}
  for (const line of lines) {
    for (const key of keysOf(line)) {
      const one = out[key] ?? { planted: 0, found: 0 }
      out[key] = { planted: one.planted + 1, found: one.found + (found.has(line) ? 1 : 0) }
    }
  }
  return out
}

const DISGUISES: Record<string, string> = {
  none: '直说',
  'zero-width': '零宽字符',
  separator: '分隔符',
  emoji: '夹表情',
  traditional: '繁体',
  'full-width': '全角',
  homophone: '谐音',
  pinyin: '拼音',
  split: '拆成多条',
}

/** A small table for the shell. */
export function printScore(score: Score): string {
  const rate = (part: number, whole: number): string =>
    whole === 0 ? '—' : `${((100 * part) / whole).toFixed(1)}%`
  const rows = (title: string, tallies: Record<string, Tally>, nameOf: (key: string) => string): string[] => [
    title,
    ...Object.entries(tallies)
      .sort((a, b) => b[1].planted - a[1].planted)
      .map(
        ([key, one]) =>
          `  ${pad(nameOf(key), 16)}${pad(`${one.found}/${one.planted}`, 10)}${rate(one.found, one.planted)}`,
      ),
  ]
  return [
    `埋设 ${score.planted} 条，预警 ${score.alerted} 条，找到 ${score.truePositive} 条`,
    `查准 ${rate(score.precision, 1)}，查全 ${rate(score.recall, 1)}，易误报句 ${score.hardClean} 条中误报 ${score.hardCleanAlerted} 条`,
    ...rows('按类别', score.byCategory, key => key),
    ...rows('按伪装', score.byDisguise, key => DISGUISES[key] ?? key),
    ...score.missed
      .slice(0, 20)
      .map(line => `漏报 ${line.categories.join(',')} ${JSON.stringify(line.text)}`),
    ...score.false.slice(0, 20).map(msgid => `误报 ${msgid}`),
  ].join('\n')
}

/** A Chinese character takes two columns. */
function pad(text: string, columns: number): string {
  const width = [...text].reduce((sum, character) => sum + (character.charCodeAt(0) > 0xff ? 2 : 1), 0)
  return text + ' '.repeat(Math.max(1, columns - width))
}
