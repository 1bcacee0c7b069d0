import type { Check, Difference, Tally, What } from './verdict.ts'

export type Tongue = 'zh' | 'en'
type Said = Record<Tongue, string>

const WHAT: Record<What, Said> = {
  'zip.unreadable': { zh: '不是可读的证据包', en: 'this is no package that can be read' },
  'zip.container': { zh: '压缩包容器被改动', en: 'the zip container was altered' },
  'file.missing': { zh: '缺少清单中的文件', en: 'a file of the manifest is missing' },
  'file.unlisted': { zh: '多出清单之外的文件', en: 'a file that the manifest does not list' },
  'file.unreadable': {
    zh: '文件读不出（压缩数据被改动）',
    en: 'the file does not read (its packed data was altered)',
  },
  'file.bytes': { zh: '文件长度与清单不符', en: 'the length of the file differs from the manifest' },
  'file.sha256': { zh: '文件哈希与清单不符', en: 'the hash of the file differs from the manifest' },
  'manifest.malformed': {
    zh: '清单读不出或不是本格式',
    en: 'the manifest does not read or is of another format',
  },
  'manifest.signature': { zh: '清单签名不成立', en: 'the signature of the manifest does not hold' },
  'key.malformed': { zh: '公钥读不出', en: 'the public key does not read' },
  'key.fingerprint': { zh: '公钥指纹不一致', en: 'the fingerprint of the key differs' },
  'checkpoint.signature': { zh: '检查点签名不成立', en: 'the signature of the checkpoint does not hold' },
  'checkpoint.malformed': { zh: '检查点不属于这个账本', en: 'the checkpoint is not of this log' },
  'line.malformed': { zh: '这一行读不出', en: 'the line does not read' },
  'line.sha256': {
    zh: '这一行的附加内容被改动（同意、命中、姓名等）',
    en: 'what stands around the message in its line was altered (consent, hits, names …)',
  },
  'line.count': {
    zh: '消息条数与清单或证明不符',
    en: 'the number of messages differs from manifest or proofs',
  },
  'message.commitment': { zh: '正文与承诺值不符', en: 'the body does not match its commitment' },
  'message.record': {
    zh: '消息字段与记录哈希不符',
    en: 'a column of the message does not match its record hash',
  },
  'message.inclusion': { zh: '到树根的路径不成立', en: 'the path to the root does not hold' },
  'message.shown': { zh: '显示的内容与原文不符', en: 'what is shown differs from what was said' },
  'message.proof': { zh: '缺少这条消息的证明', en: 'the proof of this message is missing' },
  'text.commitment': {
    zh: '识别文本与承诺值不符',
    en: 'a text read from a file does not match its commitment',
  },
  'text.inclusion': {
    zh: '识别文本到树根的路径不成立',
    en: 'the path of a text read from a file does not hold',
  },
  'media.inclusion': { zh: '原件记录到树根的路径不成立', en: 'the path of a file record does not hold' },
  'media.file': { zh: '原件与其哈希不符或不在包内', en: 'a media file does not match its hash or is absent' },
  'look.inclusion': { zh: '查看记录不成立', en: 'a recorded look does not hold' },
  'destruction.inclusion': { zh: '销毁记录不成立', en: 'a record of destruction does not hold' },
  'stamp.imprint': { zh: '时间戳不是对本检查点的', en: 'the time stamp is about something else' },
  'stamp.unreadable': { zh: '时间戳读不出', en: 'the time stamp does not read' },
  'stamp.checkpoint': {
    zh: '时间戳所盖的检查点不是本账本的前段',
    en: 'the stamped checkpoint is no earlier state of this ledger',
  },
}

const CHECKS: Record<Check, Said> = {
  container: { zh: '压缩包容器', en: 'zip container' },
  files: { zh: '文件哈希', en: 'file hashes' },
  signature: { zh: '清单签名', en: 'signature of the manifest' },
  checkpoints: { zh: '检查点签名', en: 'signatures of checkpoints' },
  bodies: { zh: '正文承诺值', en: 'commitments of bodies' },
  records: { zh: '记录哈希', en: 'record hashes' },
  inclusions: { zh: '到树根的路径', en: 'paths to the root' },
  texts: { zh: '识别文本', en: 'texts read from files' },
  media: { zh: '原件', en: 'media files' },
  looks: { zh: '历次查看', en: 'recorded looks' },
  stamps: { zh: '时间戳', en: 'time stamps' },
}

/** What no package can prove by itself, said each time, so that green is not taken for more than it is. */
export const UNCHECKED: readonly Said[] = [
  {
    zh: '签名密钥是否属于该机构：请把公钥指纹与从其他渠道取得的比对',
    en: 'whether the key is the institution’s: compare the fingerprint with one you have from elsewhere',
  },
  {
    zh: '消息进入企业微信之前的真实性，以及账号背后是谁',
    en: 'what happened before WeCom took the message, and who sat behind an account',
  },
  {
    zh: '姓名、同意状态、命中说明：由机构陈述并签名，不在账本叶内',
    en: 'names, consent and explanations of hits: stated and signed by the institution, not part of a leaf',
  },
  { zh: '范围之外是否还有相关消息', en: 'whether there are related messages outside the scope' },
  {
    zh: '时间戳的签发机构证书（只核对了摘要与时间）',
    en: 'the certificates of time stamps (only imprint and time were checked)',
  },
]

/** One line: what differs and where. */
export function differenceWords(difference: Difference, tongue: Tongue): string {
  const { what, file, message, field, offset } = difference
  const zh = tongue === 'zh'
  const place = [
    file === '' ? '' : file,
    message === null ? '' : zh ? `第 ${message} 条` : `message ${message}`,
    field === null ? '' : zh ? `字段 ${field}` : `field ${field}`,
    offset === null ? '' : zh ? `压缩包第 ${offset} 字节` : `byte ${offset} of the zip`,
  ].filter(part => part !== '')
  const said = WHAT[what][tongue]
  if (place.length === 0) return said
  return zh ? `${place.join('，')}：${said}` : `${place.join(', ')}: ${said}`
}

export function tallyWords(tally: Tally, tongue: Tongue): string {
  return CHECKS[tally.check][tongue]
}
