import type { Hit } from './contract.ts'

type Told = Pick<Hit, 'matched' | 'reads' | 'sound' | 'audience' | 'part' | 'path' | 'verdict'>

/** What each step of a path is called on the screen. */
const STEPS: Record<string, string> = {
  width: '全角',
  traditional: '繁体',
  separator: '插入符号',
  invisible: '不可见字符',
  repetition: '重复字',
  variant: '异体字',
  confusable: '形似字母',
  homophone: '同音字',
  'near-sound': '近音字',
  shape: '形近字',
  split: '拆字',
  pinyin: '拼音',
  initials: '拼音首字母',
  digits: '数字谐音',
  slang: '行话',
  reversed: '倒写',
  context: '结合上文',
}
const VERDICTS: Record<string, string> = { high_risk: '高风险对话', advisory: '仅供参考', signal: '客户信号' }

/** Why a hit is one, in a line an officer can read: 宝本 → bǎo běn → 保本，员工对客户，未被否定（同音字）. */
export function explain(hit: Told): string {
  const steps = [hit.matched.replace(/\s+/g, ' ')]
  if (hit.sound) steps.push(hit.sound)
  if (hit.reads !== '' && hit.reads !== hit.matched) steps.push(hit.reads)
  const who = hit.audience === 'customer' ? '客户所说' : '员工对客户'
  const facts = [who, '未被否定']
  if (hit.part === 'quote') facts.push('出自引用内容')
  const verdict = VERDICTS[hit.verdict]
  if (verdict) facts.push(verdict)
  const path = hit.path.map(step => STEPS[step] ?? step)
  return `${steps.join(' → ')}，${facts.join('，')}${path.length > 0 ? `（${path.join('、')}）` : ''}`
}
