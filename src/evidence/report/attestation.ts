import { localTime } from '../lines.ts'
import { grouped, PURPOSE_WORDS, type ReportFacts, sheetInfo, systemWords } from './report.ts'
import { Sheet, streamed } from './sheet.ts'

/** 系统运行与提取情况说明: what the institution says of the system and the extraction, and puts its seal under. */
export function attestation(facts: ReportFacts): AsyncGenerator<Uint8Array> {
  const sheet = new Sheet(sheetInfo(facts, '系统运行与提取情况说明'))
  return streamed(sheet, draw(sheet, facts))
}

async function* draw(sheet: Sheet, facts: ReportFacts): AsyncGenerator<void> {
  const time = (at: number): string => localTime(at, facts.zone)
  sheet.newPage()
  sheet.text('系统运行与提取情况说明', { size: 20, bold: true, after: 8 })
  sheet.rule()
  sheet.fact('证据包编号', facts.number)
  sheet.fact('案号', facts.caseNumber)
  sheet.fact('用途', PURPOSE_WORDS[facts.purpose])
  sheet.fact('提取时间', `${time(facts.builtAt)}（${facts.zone}）`)
  sheet.fact('申请人', facts.requestedBy)
  sheet.fact('批准人', facts.approvedBy)
  sheet.fact('提取数量', `消息 ${facts.counts.messages} 条，原件 ${facts.counts.media} 件`)
  sheet.fact('账本检查点', `${facts.ledger.origin}，${facts.ledger.size} 个叶，树根 ${facts.ledger.root}`)
  sheet.fact('公钥指纹', grouped(facts.ledger.fingerprint))
  sheet.heading('一、系统情况')
  for (const paragraph of systemWords(facts)) sheet.text(paragraph, { after: 6 })
  sheet.heading('二、提取情况')
  sheet.text(
    `本机构于 ${time(facts.requestedAt)} 由${facts.requestedBy}提出申请，${facts.approvedBy}于 ${time(facts.approvedAt)} 批准。系统按批准的范围自动提取，未作筛选、增补或修改；范围内已入账本的消息全部列入，共 ${facts.counts.messages} 条。`,
    { after: 6 },
  )
  if (facts.counts.withheld > 0)
    sheet.text(
      `其中 ${facts.counts.withheld} 条的正文因依法销毁或客户不同意存档而不在，列出其承诺值，仍可证明其存在与位置。`,
      { after: 6 },
    )
  if (facts.counts.mediaMissing > 0)
    sheet.text(`另有 ${facts.counts.mediaMissing} 件原件未能从平台取得，已逐件注明。`, { after: 6 })
  sheet.text('以上情况属实，如有不实，本机构承担相应责任。', { after: 10 })
  sheet.heading('三、盖章')
  sheet.box('机构名称（盖章）　　　　　　　　　　　　　　年　　月　　日', 130)
  sheet.box('第三方存证编号（如有）', 40)
  yield
}
