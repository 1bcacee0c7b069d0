import type { Sheet } from '../base/index.ts'
import type { InspectionView, PlanDetail } from '../cases/contract.ts'

/** All that an inspection is reported with. */
export type InspectionFacts = {
  plan: PlanDetail
  inspection: InspectionView
  at: number
  by: string
  institution: string
  zone: string
}

export const METHOD_WORDS: Record<string, string> = {
  person: '按人保底',
  department: '按部门分层',
  random: '简单随机',
  risk: '按风险加权',
  severity: '按预警等级',
  group_week: '每群每周',
}
const UNIT_WORDS = { conversation_day: '会话日（一名员工在一个会话里一天的往来）', message: '消息' }
const UNIT_STATES = { waiting: '待复核', opened: '已打开', clean: '未见问题', finding: '有发现' }
export const FINDING_WORDS = {
  reported: '待确认',
  confirmed: '已确认',
  dismissed: '不成立',
  rectifying: '整改中',
  submitted: '待复核',
  closed: '已整改',
}
const STATE_WORDS = {
  planned: '计划',
  sampled: '抽样',
  checking: '检查',
  findings: '发现',
  rectifying: '整改',
  rechecking: '复核',
  closed: '已办结',
}

/** `2026-11-30 14:05` by the institution's clock. */
export function clockTime(at: number, zone: string): string {
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'short',
  }).format(at)
}

const percent = (share: number): string => `${(share * 100).toFixed(1)}%`

/** The rate in words, with its interval and what it rests on. */
export function rateWords({ plan }: InspectionFacts): string {
  const { estimate } = plan
  if (estimate === null || estimate.base === 0) return '尚无结论'
  const { share, low, high, hits, base, weighted } = estimate
  const words = `${percent(share)}，95% 置信区间 ${percent(low)} – ${percent(high)}，主抽样已复核 ${base} 个单元、有发现 ${hits} 个`
  return weighted ? `${words}；按风险加权抽取，仅为样本内比例，不推及总体` : words
}

/** Facts of the cover, in the order a reader asks for them. */
export function factLines(facts: InspectionFacts): [string, string][] {
  const { plan, inspection, zone } = facts
  const { sizes, draw } = plan
  const share = (thousandths: number): string => `${thousandths / 10}%`
  const shares =
    plan.method === 'person'
      ? `一般员工 ${share(sizes.share)}，新员工 ${share(sizes.newShare)}，重点员工 ${share(sizes.watchedShare)}`
      : `抽取 ${share(sizes.share)}`
  return [
    ['编号', plan.number],
    ['检查事项', plan.title],
    ['期间', plan.days.join(' 至 ')],
    ['部门', plan.departments.length === 0 ? '全部部门' : plan.departments.join('、')],
    ['抽样单元', UNIT_WORDS[plan.unit]],
    ['方法', METHOD_WORDS[plan.method] ?? plan.method],
    [
      '比例与数量',
      `${shares}，每层不少于 ${sizes.minimum}，每群每周不少于 ${sizes.groupWeekly}；有预警的 P0 ${share(sizes.p0)}、P1 ${share(sizes.p1)}、P2 ${share(sizes.p2)}（均为企业内部预警线）`,
    ],
    ['范围', plan.line === 'below' ? '仅未预警的单元（用于估计漏检率）' : '全部单元'],
    ['名册', `${plan.roster} 名员工，${plan.flags} 条预警，登记时固定`],
    ['抽取', plan.drawn === null ? '等待检查点' : `${plan.population} 个单元中抽取 ${plan.drawn} 个`],
    ['复核进度', `${plan.done} / ${plan.drawn ?? 0}`],
    [plan.line === 'below' ? '漏检率' : '违规率', rateWords(facts)],
    ['检查状态', STATE_WORDS[inspection.state]],
    ['登记', `${plan.registeredBy}，${clockTime(plan.registeredAt, zone)}`],
    ...(draw === null
      ? []
      : ([
          ['计划的叶', plan.planHash],
          ['检查点', `存档账本前 ${draw.size} 个叶`],
          ['检查点全文', draw.note.trim()],
          ['种子', draw.seed],
          ['抽取范围摘要', draw.populationSha256],
          ['样本清单摘要', draw.drawnSha256],
          ['重新抽取', `tongjian sample redraw ${plan.number}.sample.jsonl`],
        ] as [string, string][])),
    ...(plan.repeated > 0
      ? [['重复登记', `同一范围与期间此前已登记 ${plan.repeated} 份计划`] as [string, string]]
      : []),
  ]
}

/** The workbook: what the report says, in a form that can be counted again. */
export function inspectionTables(facts: InspectionFacts): Sheet[] {
  return [
    { name: '概况', rows: [['项目', '内容'], ...factLines(facts)], widths: [16, 90] },
    strataTable(facts),
    unitTable(facts),
    findingTable(facts),
  ].map(sheet => ({ ...sheet, wrap: true }))
}

function strataTable({ plan }: InspectionFacts): Sheet {
  return {
    name: '分层',
    rows: [
      ['规则', '层数', '单元', '抽取'],
      ...plan.strata.map(one => [METHOD_WORDS[one.rule] ?? one.rule, one.strata, one.population, one.drawn]),
    ],
    widths: [16, 10, 10, 10],
  }
}

const timeIn = (zone: string, at: number | null): string => (at === null ? '' : clockTime(at, zone))

const UNIT_HEAD = '序号 单元 员工 部门 会话 开始 消息数 预警 抽取规则 结论 复核人 复核时间 说明'
function unitTable({ plan, zone }: InspectionFacts): Sheet {
  return {
    name: '样本',
    rows: [
      UNIT_HEAD.split(' '),
      ...plan.units.map(unit => [
        ...[unit.place + 1, unit.unit, unit.staffName, unit.department, unit.title],
        ...[timeIn(zone, unit.firstAt), unit.messages, unit.severity ?? ''],
        ...[unit.rules.map(rule => METHOD_WORDS[rule] ?? rule).join('、'), UNIT_STATES[unit.state]],
        ...[unit.concludedBy ?? '', timeIn(zone, unit.concludedAt), unit.note ?? ''],
      ]),
    ],
    widths: [6, 44, 12, 20, 30, 17, 8, 6, 24, 10, 12, 17, 50],
  }
}

const FINDING_HEAD =
  '编号 等级 规则 规则编号 员工 部门 状态 发现 发现人 确认意见 确认人 整改期限 整改情况 整改人 复核意见 复核人'
function findingTable({ inspection, zone }: InspectionFacts): Sheet {
  return {
    name: '发现与整改',
    rows: [
      FINDING_HEAD.split(' '),
      ...inspection.findings.map(one => [
        ...[one.number, one.severity, one.ruleName, one.rule, one.staffName, one.department],
        ...[FINDING_WORDS[one.state], one.note ?? '', one.foundBy, one.decision ?? '', one.decidedBy ?? ''],
        ...[timeIn(zone, one.dueAt), one.rectified ?? '', one.rectifiedBy ?? ''],
        ...[one.checked ?? '', one.checkedBy ?? ''],
      ]),
    ],
    widths: [20, 6, 20, 12, 12, 20, 10, 50, 12, 40, 12, 17, 40, 12, 40, 12],
  }
}
