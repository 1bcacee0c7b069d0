import type { CrossWoz } from './quality-crosswoz.ts'
import { failuresText } from './quality-failures.ts'
import { BLIND, type Registered, type Unsealing } from './quality-history.ts'
import { count, interval, not, percent, rate, table } from './quality-markdown.ts'
import type { PeerSeen } from './quality-peers.ts'
import {
  adviceOf,
  type Judged,
  rightCategory,
  type Score,
  type Seen,
  type Share,
  score,
  shareOf,
} from './quality-score.ts'
import { byCategory, byHardClean, bySignal, byTechnique, sizes } from './quality-tables.ts'
import { crossWozText } from './quality-talk.ts'

/** A commit and its day, as git tells them. */
export type Dated = { commit: string; date: string }
export type Provenance = {
  date: string
  commit: string
  /** Files that differ from the commit scored; none in an honest run. */
  dirty: string[]
  /** When the hash was first committed, and the first tuning set; absent where git has no history. */
  registered?: Dated | undefined
  tuning?: Dated | undefined
  /** The hash stood in the history before the first tuning set. */
  inTime: boolean
}
export type Report = {
  set: Registered
  blind: boolean
  from: Provenance
  judged: Judged[]
  terms: number
  peers: PeerSeen[]
  crosswoz?: CrossWoz | undefined
  history: Unsealing[]
  names: Record<string, string>
}

const COMMAND = 'npm run bench -- quality --report 样本集.tsv --crosswoz CrossWOZ.jsonl'
const short = (commit: string): string => `\`${commit.slice(0, 12)}\``
const mark = (met: boolean): string => (met ? '达标' : '**未达标**')

function warnings({ blind, from, set, judged }: Report): string {
  const notes = [
    ...(blind
      ? []
      : [
          `**⚠ 本集已不是盲测集。** 样本集 ${set.name} 先前已解封，解封后即并入调优与训练，本页数字不能作为盲测成绩引用。`,
        ]),
    ...(from.dirty.length > 0
      ? [
          `**⚠ 工作区有未提交的改动**，评分所用的代码不等于所列提交：${from.dirty.map(file => `\`${file}\``).join('、')}。`,
        ]
      : []),
    ...(judged.length === set.lines
      ? []
      : [`**⚠ 句数不符**：登记 ${count(set.lines)} 句，实读 ${count(judged.length)} 句。`]),
  ]
  return notes.map(note => `> ${note}\n\n`).join('')
}

function provenance(report: Report): string {
  const { set, blind, from, judged } = report
  const dated = (one: Dated | undefined) => (one ? `${short(one.commit)}（${one.date}）` : '无从查证')
  const size = sizes(judged)
  const known = from.registered && from.tuning
  const inTime = from.inTime ? '，晚于登记' : known ? '，**早于登记**：登记本集时调优已经开始' : ''
  const rows = [
    ['样本集 Set', `${set.name}，${count(judged.length)} 句`],
    ['SHA-256', `\`${set.sha256}\`，与决策 010 登记的一致`],
    ['哈希登记于 Registered', dated(from.registered)],
    ['首个调优集提交于 First tuning set', `${dated(from.tuning)}${inTime}`],
    ['评分的提交 Commit scored', `\`${from.commit}\`${from.dirty.length > 0 ? ' **加未提交的改动**' : ''}`],
    ['评分日期 Date', from.date],
    ['是否盲测 Blind', blind ? '是：本次解封评分，只评一次' : '**否：解封后重评**'],
    [
      '规模 Size',
      `共 ${count(judged.length)} 句（要求 ≥ 600）；每类至少 ${size.category} 句（≥ 15）；每种伪装手法至少 ${size.technique} 句（≥ 8）；每种易误判句至少 ${size.hardClean} 句`,
    ],
    ['构成 Kinds', size.kinds],
  ]
  return table(['项目', '内容'], rows)
}

type Goal = { name: string; goal: string; value: string; range: string; met?: boolean }

function goals({ judged, crosswoz }: Report, s: Score): Goal[] {
  const plain = (name: string, share: Share): Goal => ({
    name,
    goal: '–',
    value: rate(share),
    range: interval(share),
  })
  const least = (name: string, share: Share, goal: number): Goal => ({
    ...plain(name, share),
    goal: `≥ ${percent(goal, 0)}`,
    met: share.right >= goal * share.of,
  })
  const most = (name: string, share: Share, goal: number, digits: number): Goal => ({
    name,
    goal: `≤ ${percent(goal, digits)}`,
    value: rate(share, digits + 1),
    range: interval(share, digits + 1),
    met: share.right <= goal * share.of,
  })
  const advice = adviceOf(judged)
  const f1: Goal = { name: 'F1', goal: '≥ 0.92', value: s.f1.toFixed(3), range: '–', met: s.f1 >= 0.92 }
  return [
    f1,
    plain('精确率 Precision', { right: s.tp, of: s.tp + s.fp }),
    plain('召回率 Recall', { right: s.tp, of: s.tp + s.fn }),
    plain('直说召回 Plain', s.plain),
    plain('换说法召回 Paraphrase', s.paraphrase),
    least('伪装召回 Disguised', s.disguised, 0.92),
    least('否定陷阱召回 Negation traps', s.traps, 0.9),
    plain('高风险对话按高风险报出 Advice as high_risk', { right: advice.highRisk, of: advice.of }),
    plain('客户信号识别为信号 Signals', s.signals),
    most('易误判句误报 Hard-clean false alarms', not(s.hardClean), 0.05, 0),
    most('日常对话误报 Ordinary false alarms', not(s.ordinary), 0.001, 1),
    plain('告警中类别正确 Right category', rightCategory(judged)),
    {
      name: 'CrossWOZ 告警 Alerts',
      goal: '≤ 4/8,458',
      value: crosswoz ? `${crosswoz.asStaff.length}/${count(crosswoz.lines)}` : '未测',
      range: crosswoz ? interval({ right: crosswoz.asStaff.length, of: crosswoz.lines }, 2) : '–',
      met: crosswoz !== undefined && crosswoz.asStaff.length * 8458 <= 4 * crosswoz.lines,
    },
  ]
}

function headline(report: Report, s: Score): string {
  const all = goals(report, s)
  const aimed = all.filter(({ met }) => met !== undefined)
  const open = aimed.filter(({ met }) => !met)
  const summary = `${aimed.length} 项目标，${aimed.length - open.length} 项达标${
    open.length > 0 ? `；**未达标：${open.map(({ name, value }) => `${name} ${value}`).join('，')}**` : ''
  }。`
  const rows = all.map(({ name, goal, value, range, met }) => [
    name,
    goal,
    value,
    range,
    met === undefined ? '' : mark(met),
  ])
  const head = ['指标 Metric', '目标 Target:', '实测 Measured:', '95% 置信区间 Wilson:', '结果']
  return `${summary}\n\n${table(head, rows)}`
}

function notes({ judged }: Report, s: Score): string {
  const advice = adviceOf(judged)
  const clean = judged.filter(one => one.sample.label === 'clean')
  const hinted = clean.filter(one => !one.found.alert && one.found.hits.length > 0).length
  const spoken = (kind: string) =>
    shareOf(
      judged.filter(one => one.sample.kind === kind && one.sample.from === 'staff'),
      one => one.found.alert,
    )
  return [
    '- **告警**：员工所说、原文部分（非引用）、P0–P2、性质为违规或高风险对话的命中。只有提示（仅供参考、客户信号、引用中的命中）不算告警。' +
      `合规句中有 ${hinted} 句只出提示，未计入误报。`,
    `- **高风险对话** ${advice.of} 句：按高风险对话报出 ${advice.highRisk} 句，只作违规报出 ${advice.violation} 句，未告警 ${advice.missed} 句。前两种都算已告警。`,
    `- **客户所说的句子不会告警**，也就不会误报。只算员工所说的：易误判句误报 ${rate(spoken('hard-clean'))}，日常对话误报 ${rate(spoken('ordinary'), 2)}。`,
    `- **日常对话**只有 ${s.ordinary.of} 句：即使零误报，95% 置信上限也有 ${interval({ right: 0, of: s.ordinary.of }, 2).split(' – ')[1]}。要以这个把握说“不超过 0.1%”，需约 3,840 句零误报；旁证见下文 CrossWOZ。`,
    `- **精确率和 F1 取决于样本构成**：本集违规句约占 ${percent((s.tp + s.fn) / s.lines, 0)}，真实对话里远低于此，不能直接外推；误报率与召回率可以。`,
  ].join('\n')
}

function beside({ judged, peers, terms }: Report): string {
  const all = [{ name: '通鉴', seen: judged as Seen[] }, ...peers].map(({ name, seen }) => ({
    name,
    s: score(seen),
  }))
  const row = (name: string, value: (s: Score) => string) => [name, ...all.map(({ s }) => value(s))]
  const rows = [
    row('F1', s => s.f1.toFixed(3)),
    row('精确率 Precision', s => percent(s.precision)),
    row('召回率 Recall', s => percent(s.recall)),
    row('直说召回 Plain', s => rate(s.plain)),
    row('换说法召回 Paraphrase', s => rate(s.paraphrase)),
    row('伪装召回 Disguised', s => rate(s.disguised)),
    row('否定陷阱召回 Negation traps', s => rate(s.traps)),
    row('高风险对话告警 Advice alerted', s => rate(s.advice)),
    row('客户信号 Signals', s => rate(s.signals)),
    row('易误判句误报 Hard-clean', s => rate(not(s.hardClean))),
    row('日常对话误报 Ordinary', s => rate(not(s.ordinary), 2)),
  ]
  return `${table(['指标 Metric', ...all.map(({ name }) => `${name}:`)], rows)}

比的是方法，不是词库：三者拿到的都是通鉴自己规则里会告警的 ${count(terms)} 个词条（客户信号另有其词条），并被告知说话人，客户所说的一概不报。
它们表达不了的没有给：式样、邻近、例外、条件、上文和模型。这些词条是为通鉴的规则挑的，许多短词要靠例外和语境才不误报；专为纯词表整理的词库会是另一个结果。

- fastscan、mint-filter：原样匹配本句。
- 归一化匹配：NFKC、转小写、繁转简，去掉字母与数字以外的一切（空格、符号、不可见字符、组合记号），再作多模匹配；词条同样处理，处理后只剩一个字符的弃用。`
}

function historyText({ history }: Report): string {
  const rows = history.map(row => [
    row.date,
    row.set,
    `\`${row.sha256.slice(0, 12)}…\``,
    short(row.commit.replace('+dirty', '')) + (row.commit.endsWith('+dirty') ? ' + 未提交' : ''),
    row.blind === BLIND ? '盲测' : '**已不盲**',
    row.figures.f1,
    row.figures.precision,
    row.figures.recall,
    row.figures.disguised,
    row.figures.traps,
    row.figures.hard_clean_alarms,
    row.figures.ordinary_alarms,
    row.figures.crosswoz_alarms,
  ])
  const head = ['日期', '样本集', 'SHA-256', '提交', '', 'F1:', '精确率:', '召回率:', '伪装:', '陷阱:']
  return table([...head, '易误判句误报:', '日常误报:', 'CrossWOZ:'], rows)
}

/** The whole page, for an officer and an engineer. */
export function reportText(report: Report): string {
  const s = score(report.judged)
  const all: PeerSeen[] = [{ name: '通鉴', seen: report.judged }, ...report.peers]
  return `# 检测质量 Detection quality

由 \`${COMMAND}\` 生成，请勿手改。

${warnings(report)}## 测的是什么

${provenance(report)}

样本由未看过规则、也未看过调优集的作者，只凭类别与手法清单写成；其 SHA-256 先提交登记，正文在解封前不入库。解封只给一个分数，好坏都公布；解封之后即转为调优集，下一次评分须用新的一集（决策 010）。

哈希登记在先、一集只评一次，由本命令核对；作者是否真的没看过规则，只能凭记录，程序证明不了。样本是自拟的，不是某家机构的真实会话。

## 结果

${headline(report, s)}

告警正确 tp ${s.tp}，误报 fp ${s.fp}，漏报 fn ${s.fn}。

${notes(report, s)}

## 与同类工具在同一批句子上比

${beside(report)}

## 按类别 By category

${byCategory(report.judged, all, report.names)}

### 客户信号 Customer signals

${bySignal(all, report.names)}

## 按手法 By technique

### 伪装：召回 Disguise, recall

${byTechnique(all)}

### 易误判的合规句：误报 Hard-clean, false alarms

${byHardClean(all)}

## 仍会出错的 What still fails

每种失败至多列三例，均匀取自全部。不可见的字符写作 ‹U+XXXX›，换行写作 ⏎。

${failuresText(report.judged, report.names)}

## CrossWOZ 验证集

${crossWozText(report.crosswoz, s.ordinary, report.names)}

## 历次解封 Unsealings

${historyText(report)}

“-”为当时未记。首次解封（2026-11-25，one）早于本命令，数字录自决策 010。
`
}
