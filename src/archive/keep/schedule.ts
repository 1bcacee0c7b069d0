import {
  type Anchor,
  INSTITUTION_TYPES,
  type Institution,
  type Material,
  type RetentionRule,
} from './contract.ts'

const EVERY = [...INSTITUTION_TYPES]

/**
 * How long what is kept at least, by institution and material (reference/regulation.md §1.6). Marks: C seen in the text of
 * the law, C2 known at second hand, M by heart and to be confirmed by a lawyer, D the product's own default where
 * no authority gives a number (企业内部默认). Whatever has no line here has no period, and is kept for ever.
 */
export const SCHEDULE: readonly RetentionRule[] = [
  law(
    'SEC-137',
    ['securities'],
    ['communication', 'suitability', 'advisory', 'marketing', 'internal'],
    'record',
    20,
    '证券法 第一百三十七条',
    'C',
  ),
  law(
    'SEC-SUIT-32',
    ['securities', 'futures'],
    ['suitability'],
    'record',
    20,
    '证券期货投资者适当性管理办法 第三十二条',
    'M',
  ),
  law(
    'FUT-117',
    ['futures'],
    ['communication', 'suitability', 'advisory', 'marketing'],
    'record',
    20,
    '期货和衍生品法 第一百一十七条',
    'C',
  ),
  law('SEC-162', ['securities'], ['advisory'], 'engagement_end', 10, '证券法 第一百六十二条', 'C'),
  own(
    'SEC-162-D',
    ['securities'],
    ['advisory'],
    'engagement_end',
    20,
    '投资咨询业务：法定 10 年，产品默认 20 年',
  ),
  law(
    'FUND-175',
    ['fund'],
    ['communication', 'suitability', 'marketing'],
    'relationship_end',
    20,
    '公开募集证券投资基金销售机构监督管理办法（证监会令第175号）',
    'M',
  ),
  law('FUND-102', ['fund'], ['registration'], 'record', 20, '证券投资基金法 第一百零二条', 'C'),
  law(
    'PRIV-26',
    ['private_fund'],
    ['communication', 'suitability', 'marketing'],
    'fund_liquidation',
    10,
    '私募投资基金监督管理暂行办法 第二十六条',
    'M',
  ),
  // Which contract a talk is about stands in no message: without a mark both lines hit, and the longer wins.
  law(
    'INS-87-SHORT',
    ['insurance'],
    ['communication', 'insurance_short'],
    'contract_end',
    5,
    '保险法 第八十七条（一年期及以下）',
    'C',
  ),
  law(
    'INS-87-LONG',
    ['insurance'],
    ['communication', 'insurance_long'],
    'contract_end',
    10,
    '保险法 第八十七条（一年期以上）',
    'C',
  ),
  own(
    'BANK-SALE',
    ['bank'],
    ['communication', 'suitability', 'marketing'],
    'relationship_end',
    20,
    '银行理财与代销销售过程：各规定的下限有冲突，待法务核实，取较长者',
  ),
  own(
    'WMC-SALE',
    ['wmc'],
    ['communication', 'suitability', 'marketing'],
    'product_end',
    20,
    '理财产品销售过程：各规定的下限有冲突，待法务核实，取较长者',
  ),
  own(
    'LOAN-TALK',
    ['micro_loan', 'guarantee'],
    ['communication', 'marketing'],
    'contract_end',
    10,
    '贷款与担保的营销和沟通：法规未给年限',
  ),
  law(
    'PAY-TRADE',
    ['payment'],
    ['communication', 'transaction'],
    'transaction_end',
    5,
    '非银行支付机构监督管理条例（交易记录）',
    'C2',
  ),
  law('AML-34', EVERY, ['kyc'], 'relationship_end', 10, '反洗钱法 第三十四条', 'C'),
  own('AD-FILE', EVERY, ['marketing'], 'last_use', 5, '营销素材与审批单：广告法第三十四条要求建档，无年限'),
  law(
    'PIPL-56',
    EVERY,
    ['impact_assessment'],
    'record',
    3,
    '个人信息保护法 第五十六条；网络数据安全管理条例 第十二条',
    'C',
  ),
]

function law(
  id: string,
  institutions: Institution[],
  materials: Material[],
  start: Anchor | 'record',
  years: number,
  basis: string,
  source: 'C' | 'C2' | 'M',
): RetentionRule {
  return { id, institutions, materials, start, years, basis, source }
}

function own(
  id: string,
  institutions: Institution[],
  materials: Material[],
  start: Anchor | 'record',
  years: number,
  basis: string,
): RetentionRule {
  return { id, institutions, materials, start, years, basis, source: 'D' }
}

/** The lines that hold for an institution. Consent is kept as long as the talk it belongs to (§1.6, D). */
export function scheduleOf(institution: Institution): RetentionRule[] {
  return SCHEDULE.filter(rule => rule.institutions.includes(institution)).map(rule =>
    rule.materials.includes('communication')
      ? { ...rule, materials: [...rule.materials, 'consent' as const] }
      : rule,
  )
}

/** The longest period any line gives a material; null when none does. */
export function longestFor(rules: readonly RetentionRule[], material: Material): RetentionRule | null {
  const own = rules.filter(rule => rule.materials.includes(material))
  return own.reduce<RetentionRule | null>(
    (best, rule) => (!best || rule.years > best.years ? rule : best),
    null,
  )
}

type Told = { kind: string; direction: string; marks: readonly string[] }
const MARKABLE: readonly Material[] = [
  'suitability',
  'advisory',
  'marketing',
  'transaction',
  'kyc',
  'registration',
  'insurance_short',
  'insurance_long',
]

/**
 * What a message is, for retention: by who speaks to whom, and by what later rooms have marked it as (mark kind
 * `material`). A switch log is nothing of these, so it has no period.
 */
export function materialsOf({ kind, direction, marks }: Told): Material[] {
  const marked = MARKABLE.filter(material => marks.includes(material))
  if (kind === 'agree' || kind === 'disagree') return ['consent', ...marked]
  if (direction === 'internal') return ['internal', ...marked]
  if (direction === 'staff' || direction === 'customer') return ['communication', ...marked]
  return marked
}
