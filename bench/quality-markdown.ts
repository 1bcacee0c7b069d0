import { type Share, wilson } from './quality-score.ts'

export const percent = (x: number, digits = 1): string => `${(100 * x).toFixed(digits)}%`
export const count = (n: number): string => n.toLocaleString('en')
/** `172/180（95.6%）` */
export const rate = ({ right, of }: Share, digits = 1): string =>
  of === 0 ? '–' : `${count(right)}/${count(of)}（${percent(right / of, digits)}）`
export const not = ({ right, of }: Share): Share => ({ right: of - right, of })
export const interval = (share: Share, digits = 1): string => {
  const { low, high } = wilson(share)
  return share.of === 0 ? '–' : `${percent(low, digits)} – ${percent(high, digits)}`
}

/** A column is set to the right when its head ends in a colon. */
export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [
    line(head.map(cell => cell.replace(/:$/, ''))),
    line(head.map(cell => (cell.endsWith(':') ? '---:' : '---'))),
    ...rows.map(line),
  ].join('\n')
}

/** What an eye would not see is written out, and what Markdown would take for its own is escaped. */
export const visible = (text: string): string =>
  text
    .replace(/[\\`*_{}[\]<>#|~$&]/g, sign => `\\${sign}`)
    .replace(/\n/g, '⏎')
    .replace(
      /[\p{Cc}\p{Cf}\p{M}\p{Co}\p{Cs}\u2028\u2029]/gu,
      sign => `‹U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`,
    )

const NAMES: Record<string, string> = {
  width: '全角',
  separator: '插入符号',
  invisible: '不可见字符',
  newline: '换行',
  repetition: '重复字',
  traditional: '繁体与异体',
  shape: '形近字',
  split: '拆字',
  homophone: '同音字',
  'near-sound': '近音字',
  pinyin: '全拼音',
  mixed: '拼音夹汉字',
  initials: '拼音首字母',
  lookalike: '形似字母',
  digits: '数字谐音与数字形',
  emoji: '表情符号',
  substitute: '符号代字',
  slang: '行话',
  reversed: '倒写',
  messages: '拆成几条发',
  'negation-before': '否定在前',
  'negation-after': '否定在后',
  'negation-far': '否定在远处',
  disclosure: '法定披露',
  'rule-quote': '引用制度',
  'fraud-warning': '防骗提示',
  'customer-asks': '客户询问',
  'customer-reports': '客户转述',
  'staff-asks': '员工核实询问',
  'reported-speech': '转述他人',
  training: '培训讲解',
  'product-name': '产品与机构名',
  boundary: '词界巧合',
  refusal: '拒绝客户',
  'legit-business': '正当业务',
}
/** `同音字 homophone`; a technique without a name keeps its key. */
export const techniqueName = (key: string): string => (NAMES[key] ? `${NAMES[key]} ${key}` : key)
