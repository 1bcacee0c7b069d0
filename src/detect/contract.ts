import { z } from 'zod'
import type { Near } from './match/near.ts'

export const severity = z.enum(['P0', 'P1', 'P2', 'P3'])
export const direction = z.enum(['staff', 'customer', 'both'])
export const verdict = z.enum(['violation', 'high_risk', 'advisory', 'signal'])
export const status = z.enum(['active', 'pending', 'deprecated'])
/** How sure we are of a law's article: read in the text, told by others, remembered, or our own default. */
export const confidence = z.enum(['confirmed', 'secondary', 'memory', 'default'])

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a day as YYYY-MM-DD')
const text = z.string().min(1)

const term = z.union([text, z.strictObject({ term: text, not_in: z.array(text).min(1) })])
const exception = z.union([
  text,
  z.strictObject({ match: text, scope: z.enum(['sentence', 'clause', 'overlap']) }),
])
const example = z.union([
  text,
  z.strictObject({ text, from: z.enum(['staff', 'customer']).optional(), context: z.array(text).optional() }),
])

/** Where words stood, and who hears them. */
export const channel = z.enum(['chat', 'mass', 'moments', 'picture', 'voice', 'file', 'forward', 'link'])
export const listener = z.enum(['customer', 'group', 'external_group', 'internal'])
/** regulation.md §3.1: each type of institution adds to the base and switches parts of it off. */
export const institution = z.enum([
  'bank',
  'wmc',
  'insurance',
  'securities',
  'fund',
  'private_fund',
  'futures',
  'micro_loan',
  'guarantee',
  'payment',
])
const scope = z.strictObject({
  channels: z.array(channel).min(1).optional(),
  audience: z.array(listener).min(1).optional(),
})
/** Words near each other, so that nobody needs an expression: one of each group within so many characters. */
const near = z.strictObject({
  within: z.number().int().min(0).max(60),
  in: z.enum(['sentence', 'clause']).default('sentence'),
  any_order: z.boolean().default(false),
  groups: z.array(z.array(text).min(1).max(60)).min(2).max(5),
  not_near: z
    .strictObject({ within: z.number().int().min(0).max(60), words: z.array(text).min(1) })
    .optional(),
})

const shared = {
  severity: severity.optional(),
  direction: direction.optional(),
  verdict: verdict.optional(),
  clause: text.optional(),
  basis: z.array(text).optional(),
  owner: text.optional(),
  status: status.optional(),
  effective_from: day.optional(),
  effective_to: day.optional(),
  /** `plain` turns negation and warnings off: insults and complaints mean what they say. */
  reading: z.enum(['guarded', 'plain']).optional(),
  /** `false`: this rule's words are not looked for in homophones, split characters and the like. */
  disguise: z.boolean().optional(),
  scope: scope.optional(),
}

export const rule = z.strictObject({
  ...shared,
  id: z.string().regex(/^[A-Z][A-Z_]*-\d{2,3}$/, 'an id as GUAR-01'),
  name: text,
  version: z.number().int().min(1),
  terms: z.array(term).default([]),
  patterns: z.array(text).default([]),
  near: z.array(near).default([]),
  /** Words one of which must be written in disguise inside a find: nobody hides how an honest man is reached. */
  masked: z.array(text).min(1).optional(),
  /** A condition in CEL, looked at when a hit stands; see judge/condition.ts for what it may ask. */
  when: text.optional(),
  exceptions: z.array(exception).default([]),
  fires: z.array(example).min(1),
  clean: z.array(example).default([]),
})

export const category = z.strictObject({
  ...shared,
  category: z.string().regex(/^[A-Z][A-Z_]*$/),
  name: text,
  why: text,
  severity,
  direction,
  verdict,
  clause: text,
  basis: z.array(text),
  owner: text,
  exceptions: z.array(exception).default([]),
  rules: z.array(rule).min(1),
})

/** What an institution of one type has on top of the base. */
export const layer = z.strictObject({
  layer: institution,
  name: text,
  why: text,
  changes: z
    .array(
      z.strictObject({
        rule: text,
        off: z.literal(true).optional(),
        severity: severity.optional(),
        verdict: verdict.optional(),
        when: text.optional(),
        reason: text,
      }),
    )
    .default([]),
  adds: z.array(category).default([]),
})

export const clauses = z.strictObject({
  policy: text,
  clauses: z.array(z.strictObject({ id: text, title: text, text })),
  basis: z.array(
    z.strictObject({
      id: text,
      law: text,
      article: text.optional(),
      status,
      effective_from: day.optional(),
      effective_to: day.optional(),
      confidence,
      note: text.optional(),
    }),
  ),
})

export const scanInput = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  text: z.string(),
  from: z.enum(['staff', 'customer']).optional(),
  context: z
    .array(
      z.union([z.string(), z.object({ text: z.string(), from: z.enum(['staff', 'customer']).optional() })]),
    )
    .optional(),
})

export type Severity = z.infer<typeof severity>
export type Direction = z.infer<typeof direction>
export type Verdict = z.infer<typeof verdict>
export type Example = z.infer<typeof example>
export type CategoryFile = z.infer<typeof category>
export type ClausesFile = z.infer<typeof clauses>
export type LegalBasis = ClausesFile['basis'][number]
export type Clause = ClausesFile['clauses'][number]
export type LayerFile = z.infer<typeof layer>
export type Institution = z.infer<typeof institution>
export type Channel = z.infer<typeof channel>
export type Listener = z.infer<typeof listener>
export type Audience = 'staff' | 'customer'

/** A rule with everything it inherits from its category filled in. */
export type Rule = {
  id: string
  category: string
  categoryName: string
  name: string
  severity: Severity
  direction: Direction
  verdict: Verdict
  clause: string
  basis: LegalBasis[]
  owner: string
  version: number
  status: 'active' | 'pending' | 'deprecated'
  effectiveFrom?: string
  effectiveTo?: string
  reading: 'guarded' | 'plain'
  disguise: boolean
  why: string
  terms: { term: string; notIn: string[] }[]
  patterns: string[]
  near: Near[]
  masked?: string[] | undefined
  when?: string | undefined
  scope: { channels?: Channel[] | undefined; audience?: Listener[] | undefined }
  /** The layer that added or changed it, and why; absent for the base. */
  layer?: { institution: Institution; change: 'added' | 'regraded'; reason: string } | undefined
  exceptions: { match: string; scope: 'sentence' | 'clause' | 'overlap' }[]
  fires: { text: string; from?: Audience; context?: string[] }[]
  clean: { text: string; from?: Audience; context?: string[] }[]
  file: string
  line: number
}

export type Layer = {
  institution: Institution
  name: string
  why: string
  /** Rules of the base that do not hold here. */
  off: { rule: string; name: string; reason: string }[]
}
export type Packs = { policy: string; clauses: Clause[]; rules: Rule[]; layer?: Layer | undefined }

export type Hit = {
  rule: string
  category: string
  verdict: Verdict
  /** Whose conduct or need the hit tells of. */
  audience: Audience
  severity: Severity
  /** UTF-16 offsets in the text given. */
  start: number
  end: number
  matched: string
  /** Transformations needed to see it; empty when it stood there plainly. */
  path: string[]
  /** What the span was read as, folded and with every disguise taken off: 宝本 → 保本. */
  reads: string
  /** How it sounds, when a word was known by its sound: bǎo běn. */
  sound?: string
  part: 'new' | 'quote'
  /** Why it stands, as codes for the explanation: not-negated, not-quoted, not-asked, not-warned, answered … */
  grounds: string[]
}

/** What each step of a path is called. */
export const STEPS = {
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
  substitute: '以图代字',
  reversed: '倒写',
  context: '结合上文',
  model: '语义判读',
} as const
export type Step = keyof typeof STEPS

/** What may be said of a hit besides its words, as an officer would say it. */
export const FACTS = {
  'to-customer': '员工对客户',
  'to-group': '员工在客户群',
  'to-staff': '员工之间',
  'by-staff': '员工所说',
  'by-customer': '客户所说',
  'not-negated': '未被否定',
  plain: '此类用词不看否定',
  disclaimed: '名为撇清，实为照做',
  'not-quoted': '非转述他人',
  'not-asked': '非提问',
  'not-warned': '非风险提示',
  'not-excepted': '不属例外',
  'read-harmless': '上下文像正当说明，仅供参考',
  answered: '以此答复上文提问',
  split: '与前几条连读',
  link: '链接不在许可名单',
  qr: '二维码指向许可名单之外',
  personal: '指向个人账号',
  payment: '收款码',
  reader: '第二读者补充',
  quote: '出自引用内容，不作预警',
  high_risk: '高风险',
  advisory: '提示改写',
  signal: '服务信号',
  unkept: '当时未留存判定依据',
} as const
export type Fact = keyof typeof FACTS

/** A hit's words are quoted in one line of `most` characters; longer ones lose their middle: the whole stands in the message. */
export const QUOTED = { most: 48, head: 30, tail: 14 } as const
