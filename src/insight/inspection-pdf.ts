import { Sheet, streamed } from '../evidence/index.ts'
import {
  clockTime,
  FINDING_WORDS,
  factLines,
  type InspectionFacts,
  METHOD_WORDS,
  rateWords,
} from './inspection-tables.ts'

/** 周期检查报告 for print: conclusion first, then how the sample came about, then findings with what was done. */
export function inspectionPdf(facts: InspectionFacts): AsyncGenerator<Uint8Array> {
  const { plan } = facts
  const sheet = new Sheet({
    title: `周期检查报告 ${plan.number}`,
    author: facts.institution,
    watermark: `${facts.by}  ${clockTime(facts.at, facts.zone)}`,
    footer: `${facts.institution} · ${plan.number} · 周期检查报告`,
    at: facts.at,
  })
  return streamed(sheet, draw(sheet, facts))
}

async function* draw(sheet: Sheet, facts: InspectionFacts): AsyncGenerator<void> {
  const { plan, inspection } = facts
  sheet.newPage()
  sheet.text(facts.institution, { size: 12, colour: '#5A6673', after: 6 })
  sheet.text('周期检查报告', { size: 22, bold: true, after: 4 })
  sheet.text(plan.title, { size: 14, after: 10 })
  sheet.rule()
  sheet.text(conclusion(facts), { size: 11, bold: true, after: 8 })
  for (const [name, value] of factLines(facts)) sheet.fact(name, value)
  yield
  sheet.heading('一、各项抽取')
  for (const { rule, strata, population, drawn } of plan.strata)
    sheet.fact(METHOD_WORDS[rule] ?? rule, `${strata} 层，${population} 个单元，应抽 ${drawn} 个`)
  sheet.text(
    '各规则抽中的单元去重后为样本。违规率只由主抽样估计：按预警等级、每群每周加抽的单元一并检查，但不推及总体。',
    { colour: '#5A6673' },
  )
  yield
  sheet.heading('二、发现与整改')
  if (inspection.findings.length === 0) sheet.text('没有发现。')
  for (const finding of inspection.findings) {
    drawFinding(sheet, facts, finding)
    yield
  }
  sheet.heading('三、方法与可重抽性')
  for (const words of METHOD) sheet.text(words, { after: 5 })
  sheet.gap(8)
  sheet.box('检查负责人签字', 56)
  sheet.box('复核人签字（与整改人不是同一人）', 56)
  yield
}

/** One sentence a reader of eight seconds needs. */
function conclusion(facts: InspectionFacts): string {
  const { plan, inspection } = facts
  const confirmed = inspection.findings.filter(one => one.decidedBy !== null && one.state !== 'dismissed')
  const open = confirmed.filter(one => one.state !== 'closed').length
  const rate = plan.line === 'below' ? '漏检率' : '违规率'
  return `已复核 ${plan.done} / ${plan.drawn ?? 0} 个单元，确认发现 ${confirmed.length} 项，其中 ${open} 项尚未整改完毕。${rate} ${rateWords(facts)}。`
}

type Finding = InspectionFacts['inspection']['findings'][number]

function drawFinding(sheet: Sheet, facts: InspectionFacts, finding: Finding): void {
  const time = (at: number | null): string => (at === null ? '' : clockTime(at, facts.zone))
  sheet.need(90)
  sheet.gap(4)
  sheet.text(`${finding.number}  ${finding.severity}  ${finding.ruleName}（${finding.rule}）`, { bold: true })
  sheet.fact('员工', `${finding.staffName}，${finding.department}`)
  sheet.fact('状态', FINDING_WORDS[finding.state])
  sheet.fact(
    '发现',
    `${finding.note ?? '（已随消息按留存规定销毁）'}（${finding.foundBy}，${time(finding.foundAt)}）`,
  )
  if (finding.decidedBy !== null)
    sheet.fact('确认意见', `${finding.decision ?? ''}（${finding.decidedBy}，${time(finding.decidedAt)}）`)
  if (finding.dueAt !== null) sheet.fact('整改期限', time(finding.dueAt))
  if (finding.rectifiedBy !== null)
    sheet.fact(
      '整改情况',
      `${finding.rectified ?? ''}（${finding.rectifiedBy}，${time(finding.rectifiedAt)}）`,
    )
  if (finding.checkedBy !== null)
    sheet.fact('复核意见', `${finding.checked ?? ''}（${finding.checkedBy}，${time(finding.checkedAt)}）`)
}

const METHOD = [
  '计划在抽取之前写入存档账本，是账本中的一个叶；登记之后第一个签名检查点固定抽取范围。种子为 SHA-256（检查点全文与计划编号），登记时无人能够预知。',
  '抽取只用整数与 SHA-256，任何人持抽样文件可在另一台机器上重新抽取，得到同一份清单；存档被改动、计划被改动、换用其他检查点、重复登记后择优，均会被指出。',
  '单一总体的比例用 Wilson 95% 置信区间；分层抽样按各层规模加权，方差按分层公式计算并作有限总体校正。按风险加权的样本不推及总体。',
  '抽取比例、数量与期限法规未作规定，均为企业内部预警线。',
]
