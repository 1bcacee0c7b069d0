import { explain } from '../src/detect/index.ts'
import { techniqueName, visible } from './quality-markdown.ts'
import { groupBy, type Judged, namesCategory, wanted } from './quality-score.ts'

type Names = Record<string, string>
export type FailureGroup = { title: string; expected: string; lines: Judged[] }
export type FailureChapter = { title: string; groups: FailureGroup[] }

/** So many examples of each kind of failure: enough to see what it is, few enough to be read. */
const EXAMPLES = 3

const byTechnique = (lines: Judged[], title: string, expected: string): FailureGroup[] =>
  [...groupBy(lines, one => one.sample.technique)].map(([technique, list]) => ({
    title: `${title}·${techniqueName(technique)}`,
    expected,
    lines: list,
  }))

function missed(judged: Judged[]): FailureGroup[] {
  const lines = judged.filter(one => wanted(one.sample) && !one.found.alert)
  const of = (kind: string) => lines.filter(one => one.sample.kind === kind)
  return [
    { title: '直说的违规 plain', expected: '告警', lines: of('plain') },
    { title: '换说法、无固定词 paraphrase', expected: '告警', lines: of('paraphrase') },
    { title: '否定陷阱 trap', expected: '告警', lines: of('trap') },
    { title: '高风险对话 advice', expected: '告警（高风险对话）', lines: of('advice') },
    ...byTechnique(of('disguise'), '伪装', '告警'),
  ]
}

function falseAlarms(judged: Judged[]): FailureGroup[] {
  const lines = judged.filter(one => one.found.alert && one.sample.label === 'clean')
  const of = (kind: string) => lines.filter(one => one.sample.kind === kind)
  return [
    { title: '日常对话 ordinary', expected: '不告警', lines: of('ordinary') },
    ...byTechnique(of('hard-clean'), '易误判的合规句', '不告警'),
  ]
}

function misjudged(judged: Judged[]): FailureGroup[] {
  const signals = judged.filter(one => one.sample.label === 'signal')
  const alerted = judged.filter(one => one.found.alert)
  return [
    {
      title: '客户信号未识别',
      expected: '客户信号',
      lines: signals.filter(one => !one.found.signal && !one.found.alert),
    },
    { title: '客户信号误作违规', expected: '客户信号', lines: signals.filter(one => one.found.alert) },
    {
      title: '高风险对话只作违规报出',
      expected: '高风险对话',
      lines: alerted.filter(
        one => one.sample.label === 'high_risk' && !one.found.alarms.some(hit => hit.verdict === 'high_risk'),
      ),
    },
    {
      title: '报对了，类别不对',
      expected: '本类告警',
      lines: alerted.filter(one => one.sample.label === 'violation' && !namesCategory(one)),
    },
  ]
}

/** Everything judged wrongly, by kind; kinds without a failure are left out. */
export const failures = (judged: Judged[]): FailureChapter[] =>
  [
    { title: '漏报 Missed', groups: missed(judged) },
    { title: '误报 False alarms', groups: falseAlarms(judged) },
    { title: '识别了，但性质或类别不对 Wrong verdict or category', groups: misjudged(judged) },
  ].map(({ title, groups }) => ({ title, groups: groups.filter(group => group.lines.length > 0) }))

/** So many of a list, spread over all of it: the first three would all be of one category. */
export const spread = <T>(list: T[], count = EXAMPLES): T[] =>
  list.length <= count
    ? list
    : Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)] as T)

const speaker = (from: string | undefined): string =>
  from === 'customer' ? '客户' : from === 'staff' ? '员工' : '上文'

function found({ found: { hits, alarms } }: Judged): string {
  const shown = alarms.length > 0 ? alarms : hits
  if (shown.length === 0) return '未命中任何规则'
  const told = shown.slice(0, 2).map(hit => `${hit.rule}「${visible(explain(hit))}」`)
  return `${alarms.length > 0 ? '告警' : '仅提示、不告警'} ${told.join('；')}${shown.length > 2 ? ' 等' : ''}`
}

function example(one: Judged, expected: string, names: Names): string {
  const { line, category, from, text, context } = one.sample
  const before = context.map(turn =>
    typeof turn === 'string' ? `「${visible(turn)}」` : `${speaker(turn.from)}「${visible(turn.text)}」`,
  )
  const topic = category === '-' ? '' : ` · ${names[category] ?? category} ${category}`
  return [
    `- 第 ${line} 行${topic} · ${speaker(from)}：「${visible(text)}」`,
    ...(before.length > 0 ? [`  - 上文：${before.join(' ')}`] : []),
    `  - 应为：${expected}；实为：${found(one)}`,
  ].join('\n')
}

export function failuresText(judged: Judged[], names: Names): string {
  return failures(judged)
    .map(({ title, groups }) => {
      const total = groups.reduce((sum, group) => sum + group.lines.length, 0)
      const parts = groups.map(
        ({ title: kind, expected, lines }) =>
          `**${kind}**：${lines.length} 句\n\n${spread(lines)
            .map(one => example(one, expected, names))
            .join('\n')}`,
      )
      return `### ${title}：${total} 句\n\n${parts.length > 0 ? parts.join('\n\n') : '无。'}`
    })
    .join('\n\n')
}
