import type { EvidenceRequest } from '../contract.ts'
import { localTime, type StretchTold } from '../lines.ts'
import type { MessageLine } from '../verifier/format.ts'
import { type Run, Sheet, streamed } from './sheet.ts'

export const PURPOSE_WORDS: Record<EvidenceRequest['purpose'], string> = {
  regulator: '监管调取',
  court: '诉讼举证',
  arbitration: '仲裁举证',
  complaint: '投诉处理',
  internal: '内部调查',
}
const NAMES_WORDS = { masked: '客户姓名掩码', clear: '客户姓名为实名（经批准）' } as const
const CONSENT_WORDS: Record<string, string> = {
  agree: '已同意存档',
  default_agree: '平台已告知、未反对',
  disagree: '不同意存档',
  withdrawn: '已撤回同意',
  unknown: '未见同意记录',
}

/** All that is printed about a package besides its messages. */
export type ReportFacts = {
  number: string
  caseNumber: string
  purpose: EvidenceRequest['purpose']
  reason: string
  names: EvidenceRequest['names']
  institution: string
  zone: string
  requestedBy: string
  requestedAt: number
  approvedBy: string
  approvedAt: number
  builtAt: number
  stretches: StretchTold[]
  counts: {
    messages: number
    media: number
    mediaMissing: number
    derived: number
    withheld: number
    hits: number
    looks: number
  }
  messagesHit: number
  ledger: { origin: string; size: number; root: string; fingerprint: string }
  version: string
}

export type Basis = { rule: string; clause: string | null; laws: string[] }
export type Fragment = { line: MessageLine; before: MessageLine[] }
type Hit = {
  rule: string
  ruleName: string
  severity: string
  part: string
  start: number
  end: number
  why: string
}

/** The transcript is for reading: beyond this a book of a thousand pages helps nobody, and messages.jsonl has the rest. */
const MOST_PRINTED = 20_000
/** Lines between two turns of the stream. */
const TURN = 40

/** The readable report: facts, key fragments with their grounds, the whole transcript, the system, a place to sign. */
export function report(
  facts: ReportFacts,
  fragments: Fragment[],
  basis: ReadonlyMap<string, Basis>,
  messages: () => AsyncIterable<MessageLine>,
): AsyncGenerator<Uint8Array> {
  const sheet = new Sheet(sheetInfo(facts, '证据报告'))
  return streamed(sheet, draw(sheet, facts, fragments, basis, messages))
}

export function sheetInfo(facts: ReportFacts, title: string) {
  const stamped = localTime(facts.builtAt, facts.zone)
  return {
    title: `${title} ${facts.number}`,
    author: facts.institution,
    watermark: `${facts.requestedBy}  ${stamped}  ${facts.caseNumber}`,
    footer: `${facts.institution} · ${facts.number} · ${title}`,
    at: facts.builtAt,
  }
}

async function* draw(
  sheet: Sheet,
  facts: ReportFacts,
  fragments: Fragment[],
  basis: ReadonlyMap<string, Basis>,
  messages: () => AsyncIterable<MessageLine>,
): AsyncGenerator<void> {
  cover(sheet, facts)
  yield
  sheet.heading('一、关键片段与依据')
  if (fragments.length === 0) sheet.text('范围内没有规则命中。')
  for (const [i, fragment] of fragments.entries()) {
    drawFragment(sheet, facts, fragment, basis, i + 1)
    yield
  }
  if (facts.messagesHit > fragments.length)
    sheet.text(
      `共 ${facts.messagesHit} 条消息有命中，此处列出前 ${fragments.length} 条；全部见 messages.jsonl。`,
    )
  sheet.newPage()
  sheet.heading('二、全部往来')
  yield* transcript(sheet, facts, messages)
  system(sheet, facts)
  yield
}

function cover(sheet: Sheet, facts: ReportFacts): void {
  const time = (at: number): string => localTime(at, facts.zone)
  sheet.newPage()
  sheet.text(facts.institution, { size: 12, colour: '#5A6673', after: 6 })
  sheet.text('企业微信会话证据报告', { size: 22, bold: true, after: 10 })
  sheet.rule()
  sheet.fact('证据包编号', facts.number)
  sheet.fact('案号', facts.caseNumber)
  sheet.fact('用途', PURPOSE_WORDS[facts.purpose])
  sheet.fact('事由', facts.reason)
  sheet.fact('申请', `${facts.requestedBy}，${time(facts.requestedAt)}`)
  sheet.fact('批准', `${facts.approvedBy}，${time(facts.approvedAt)}（与申请人不是同一人）`)
  sheet.fact('生成', `${time(facts.builtAt)}（${facts.zone}）`)
  sheet.fact('姓名', NAMES_WORDS[facts.names])
  for (const [i, s] of facts.stretches.entries())
    sheet.fact(i === 0 ? '范围' : '', `${s.title}：${time(s.from)} 至 ${time(s.to)}，${s.messages} 条`)
  const c = facts.counts
  sheet.fact(
    '数量',
    `消息 ${c.messages} 条，原件 ${c.media} 件，识别文本 ${c.derived} 段，规则命中 ${c.hits} 处，正文不在 ${c.withheld} 条，历次查看 ${c.looks} 次`,
  )
  sheet.gap(6)
  sheet.text('完整性', { size: 11, bold: true, after: 4 })
  sheet.fact('账本', `${facts.ledger.origin}，共 ${facts.ledger.size} 个叶`)
  sheet.fact('树根', facts.ledger.root)
  sheet.fact('公钥指纹', grouped(facts.ledger.fingerprint))
  sheet.fact(
    '如何核验',
    '用浏览器打开证据包内的 verify.html（不需要网络），把整个 zip 文件拖入即可逐条校验；请把页面显示的公钥指纹与从本机构其他渠道取得的指纹比对。本报告供阅读，以 messages.jsonl 中的原文为准。',
  )
}

/** Sixteen groups of four digits: what two people can read to each other. */
export function grouped(fingerprint: string): string {
  return (fingerprint.match(/.{4}/g) ?? []).join(' ')
}

function drawFragment(
  sheet: Sheet,
  facts: ReportFacts,
  fragment: Fragment,
  basis: ReadonlyMap<string, Basis>,
  number: number,
): void {
  sheet.need(70)
  const { line } = fragment
  sheet.text(`${number}．${line.shown.conversation}`, { bold: true, after: 2 })
  for (const before of fragment.before) message(sheet, facts, before, { faint: true })
  message(sheet, facts, line, { faint: false })
  for (const hit of line.hits as Hit[]) {
    const known = basis.get(hit.rule)
    sheet.text(`${hit.severity} ${hit.ruleName}（${hit.rule}）：${hit.why}`, {
      indent: 14,
      size: 9,
      after: 0,
    })
    const grounds = [known?.clause, ...(known?.laws ?? [])].filter(Boolean).join('；')
    if (grounds) sheet.text(`依据：${grounds}`, { indent: 14, size: 8.5, colour: '#5A6673' })
  }
  sheet.gap(6)
}

async function* transcript(
  sheet: Sheet,
  facts: ReportFacts,
  messages: () => AsyncIterable<MessageLine>,
): AsyncGenerator<void> {
  let conversation = ''
  let printed = 0
  for await (const line of messages()) {
    if (printed === MOST_PRINTED) {
      sheet.text(
        `以上 ${printed} 条。其余 ${facts.counts.messages - printed} 条未印出，见 messages.jsonl，校验同样覆盖。`,
        { bold: true },
      )
      return
    }
    const conv = String((line.envelope as { conv: string }).conv)
    if (conv !== conversation) {
      conversation = conv
      sheet.gap(6)
      sheet.need(50)
      sheet.text(line.shown.conversation, { size: 11, bold: true, after: 4 })
    }
    message(sheet, facts, line, { faint: false })
    printed += 1
    if (printed % TURN === 0) yield
  }
}

function message(sheet: Sheet, facts: ReportFacts, line: MessageLine, options: { faint: boolean }): void {
  const colour = options.faint ? '#5A6673' : undefined
  const at = localTime(Date.parse(line.shown.at), facts.zone)
  const consent = line.consent ? ` · ${CONSENT_WORDS[line.consent.state] ?? line.consent.state}` : ''
  sheet.need(30)
  sheet.text(`${line.n}　${at}　${line.shown.from}　#${line.leaf}${consent}`, {
    size: 8,
    colour: '#5A6673',
    after: 0,
  })
  if (line.withheld !== null)
    sheet.text(
      line.withheld === 'purged'
        ? '〔正文已依法销毁，承诺值与销毁记录见包内〕'
        : '〔客户不同意存档，正文未保留〕',
      { indent: 14, colour: '#5A6673' },
    )
  for (const [i, text] of line.shown.texts.entries())
    sheet.runs([...(text.label ? [{ text: `${text.label}：` }] : []), ...marked(line, i, text.text)], {
      indent: 14,
      colour,
    })
  for (const file of line.media)
    sheet.text(`〔原件 ${file.name ?? file.part}：${file.file ?? '未取得'}〕`, {
      indent: 14,
      size: 8.5,
      colour: '#5A6673',
    })
  for (const text of line.derived)
    if ((text.envelope as { source: string }).source !== 'record' && text.text !== null)
      sheet.text(`〔识别〕${text.text}`, { indent: 14, size: 8.5, colour: '#5A6673' })
  sheet.gap(2)
}

/** The words with what the rules found marked. Only the message's own first text carries marks on paper. */
function marked(line: MessageLine, index: number, text: string): Run[] {
  const spans = (line.hits as Hit[])
    .filter(hit => index === 0 && (hit.part === 'body' || line.shown.texts.length === 1))
    .map(hit => ({ start: hit.start, end: hit.end }))
    .filter(span => span.end <= text.length)
    .toSorted((a, b) => a.start - b.start)
  const runs: Run[] = []
  let at = 0
  for (const span of spans) {
    if (span.start < at) continue
    runs.push({ text: text.slice(at, span.start) }, { text: text.slice(span.start, span.end), mark: true })
    at = span.end
  }
  return [...runs, { text: text.slice(at) }].filter(run => run.text !== '')
}

function system(sheet: Sheet, facts: ReportFacts): void {
  sheet.heading('三、系统与校验方法说明')
  for (const paragraph of systemWords(facts)) sheet.text(paragraph, { after: 6 })
  sheet.heading('四、签章')
  sheet.text('本报告由系统按已批准的范围自动生成，未经人工修改。', { after: 8 })
  sheet.box('操作员（申请人）签名：　　　　　　　　　　日期：', 56)
  sheet.box('批准人签名：　　　　　　　　　　　　　　日期：', 56)
  sheet.box('机构盖章', 110)
}

/** How the records came to be and how they are kept: what 证据规定 §93 asks of a system. */
export function systemWords(facts: ReportFacts): string[] {
  return [
    `系统：通鉴 ${facts.version}，部署于${facts.institution}自有设备。消息经企业微信会话内容存档接口取得，按序拉取、以本机构私钥解密后原样保存；同一消息再次出现时逐字节比对，不一致的进入隔离区，不覆盖原记录。`,
    '保存：归档表对应用程序只开放新增与读取，没有修改与删除的权限。正文、姓名与原件以 AES-256-GCM 加密保存。',
    '完整性：每条消息的全部字段与正文承诺值合成一个哈希（SHA-256），作为叶写入 RFC 6962 默克尔树；树根由本机构的 Ed25519 密钥签名，形成检查点，并在数据库之外另存一份。任何字段或正文改动一个字节，都不能再得到同一树根。',
    '时间：消息时间为企业微信给出的发送时间，入库时间为本系统时钟；二者都在叶内。',
    '提取：由申请人提出、另一人批准，数据库约束二者不得为同一人；申请、批准、生成、下载均写入同样以默克尔树保护的操作日志。证据包清单的哈希也写入账本，可据以证明本包由本系统签发。',
    `字库：本文嵌入思源黑体（Noto Sans Hans，OFL 1.1）。字库未收的字（生僻字、表情符号）以〔U+码位〕印出，原字见 messages.jsonl。`,
    '本系统不能证明的：消息进入企业微信之前的真实性；发送人与自然人的对应关系（见 identity/ 的登记）；签名密钥属于本机构（请从其他渠道核对指纹）；清单中的姓名、同意状态与命中说明由本机构陈述并签名，不在账本叶内。',
  ]
}
