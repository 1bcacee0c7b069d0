import { z } from 'zod'
import { legalBasis, severity } from '../contract.ts'

/**
 * States of a draft and the legal moves, by the act that makes each; server, screen and glossary read this one table.
 * `edit` always leads back to the start: whatever was tested or backtested was another text.
 */
export const DRAFT_MOVES = {
  draft: { edit: 'draft', test: 'tested', discard: 'discarded' },
  tested: { edit: 'draft', test: 'tested', backtest: 'backtested', discard: 'discarded' },
  backtested: {
    edit: 'draft',
    test: 'tested',
    backtest: 'backtested',
    submit: 'submitted',
    discard: 'discarded',
  },
  submitted: {
    return: 'draft',
    publish: 'in_force',
    stage: 'staged',
    shadow: 'shadow',
  },
  shadow: { stage: 'staged', publish: 'in_force', rollback: 'rolled_back' },
  staged: { stage: 'staged', publish: 'in_force', rollback: 'rolled_back' },
  in_force: { supersede: 'superseded', rollback: 'rolled_back' },
  superseded: { restore: 'in_force' },
  rolled_back: { restore: 'in_force' },
  discarded: {},
} as const
export type DraftState = keyof typeof DRAFT_MOVES
export const DRAFT_STATES = Object.keys(DRAFT_MOVES) as DraftState[]
const draftState = z.enum(DRAFT_STATES as [DraftState, ...DraftState[]])
export type DraftAct =
  | 'edit'
  | 'test'
  | 'backtest'
  | 'submit'
  | 'return'
  | 'publish'
  | 'stage'
  | 'shadow'
  | 'rollback'
  | 'supersede'
  | 'restore'
  | 'discard'

/** 企业内部预警线 of regulation.md §3.0: a change of hits beyond this share is acknowledged with a reason. */
export const MOST_GROWTH = 0.2

const words = (most: number) => z.array(z.string().trim().min(1).max(most))
/** One rule as the form holds it. */
const ruleForm = z.object({
  category: z.string().regex(/^[A-Z][A-Z_]*$/),
  id: z
    .string()
    .regex(/^[A-Z][A-Z_]*-\d{2,3}$/)
    .nullable()
    .describe('null: a new rule, numbered by the server'),
  name: z.string().trim().min(2, '请写规则名称').max(60),
  severity,
  direction: z.enum(['staff', 'customer', 'both']),
  verdict: z.enum(['violation', 'high_risk', 'advisory', 'signal']),
  clause: z.string().min(1).max(40),
  terms: words(40).max(500),
  near: z
    .array(
      z.object({
        within: z.number().int().min(0).max(60),
        groups: z.array(words(40).min(1).max(60)).min(2).max(5),
      }),
    )
    .max(20),
  exceptions: words(200).max(100).describe('words, or expressions, in whose sentence the rule stays silent'),
  fires: words(500).min(1, '至少写一条应当命中的例句').max(100),
  clean: words(500).max(100),
})
export type RuleForm = z.infer<typeof ruleForm>

const why = z.string().trim().min(4, '请写明变更原因').max(1000)
export const fileName = z
  .string()
  .regex(/^(layers\/)?[a-z0-9_-]{1,40}\.yaml$/, '文件名只用小写字母、数字与连字符')
const packText = z.string().min(1).max(400_000)
export const newDraft = z.discriminatedUnion('by', [
  z.object({ by: z.literal('form'), rule: ruleForm, why }),
  z.object({ by: z.literal('text'), file: fileName, text: packText, why }),
])
export const editDraft = z.discriminatedUnion('by', [
  z.object({ by: z.literal('form'), rule: ruleForm, why }),
  z.object({ by: z.literal('text'), text: packText, why }),
])
export const backtestAsk = z.object({
  days: z.union([z.literal(30), z.literal(90), z.literal(365), z.null()]),
})
const reason = z.string().trim().min(4, '请写明理由').max(1000)
export const returnDraft = z.object({ reason })
export const publishAsk = z.object({
  act: z.enum(['shadow', 'staged', 'in_force']),
  departments: z.array(z.number().int()).max(200).default([]),
  reason,
  acknowledged: z
    .string()
    .trim()
    .min(4)
    .max(1000)
    .optional()
    .describe('why a change of more than 20 % is right'),
})
export type PublishAsk = z.input<typeof publishAsk>
export const rollbackAsk = z.object({ version: z.number().int().min(0), reason })
export const tryAsk = z.object({
  text: z.string().max(2000).optional(),
  convId: z
    .string()
    .regex(/^\d{1,19}$/)
    .optional(),
  from: z.enum(['staff', 'customer']).default('staff'),
})

/** What is wrong with a text, and where. */
const packTrouble = z.object({
  problem: z.string(),
  code: z.string().nullable(),
  line: z.number().int().nullable(),
  remedy: z.string().nullable(),
})
export type PackTrouble = z.infer<typeof packTrouble>

export const testResult = z.object({
  rules: z.number().int(),
  fires: z.number().int(),
  clean: z.number().int(),
  failed: z.number().int(),
  disguised: z.number().int(),
  seen: z.number().int(),
  rows: z.array(
    z.object({
      rule: z.string(),
      name: z.string(),
      fires: z.number().int(),
      clean: z.number().int(),
      disguised: z.number().int(),
      seen: z.number().int(),
      failed: z.array(
        z.object({ text: z.string(), expected: z.enum(['fires', 'clean']), got: z.array(z.string()) }),
      ),
    }),
  ),
})
export type TestResult = z.infer<typeof testResult>

const ruleChange = z.object({
  rule: z.string(),
  name: z.string(),
  kind: z.enum(['added', 'removed', 'changed']),
  version: z.object({ before: z.number().int().nullable(), after: z.number().int().nullable() }),
  added: z.array(z.string()).describe('terms that came'),
  dropped: z.array(z.string()).describe('terms that went'),
  fields: z.array(z.object({ field: z.string(), before: z.string(), after: z.string() })),
})
export type RuleChange = z.infer<typeof ruleChange>
const lineChange = z.object({ kind: z.enum(['same', 'add', 'del', 'gap']), text: z.string() })
const difference = z.object({ rules: z.array(ruleChange), lines: z.array(lineChange) })
export type Difference = z.infer<typeof difference>

const backtestState = z.enum(['waiting', 'running', 'done', 'cancelled', 'failed'])
const backtestSummary = z.object({
  before: z.number().int().describe('messages alerted by the changed rules as in force'),
  after: z.number().int().describe('messages the changed rules would alert'),
  fresh: z.number().int(),
  gone: z.number().int(),
  raised: z.number().int().describe('of `after`, messages that have an alert already'),
  hitsBefore: z.number().int(),
  hitsAfter: z.number().int(),
  growth: z.number().nullable().describe('change of hits; null: there were none before'),
  days: z.number().describe('days the population spans'),
  perDay: z.number(),
  departments: z.array(z.object({ id: z.number().int(), name: z.string(), n: z.number().int() })),
  byDay: z.array(z.object({ day: z.string(), n: z.number().int() })),
  confirmed: z.number().int().describe('of `after`, alerts concluded a violation'),
  refuted: z.number().int().describe('of `after`, alerts concluded a false positive'),
  minutes: z.number().describe('an alert costs so many minutes'),
  minutesFrom: z.enum(['history', 'default']),
  hoursPerDay: z.number(),
  byRule: z.array(z.object({ rule: z.string(), before: z.number().int(), after: z.number().int() })),
})
export type BacktestSummary = z.infer<typeof backtestSummary>
const backtestView = z.object({
  id: z.string(),
  state: backtestState,
  days: z.number().int().nullable(),
  messages: z.number().int(),
  size: z.number().int().describe('leaves of the ledger that fix the population'),
  fixedAt: z.number().int(),
  by: z.string(),
  done: z.number().int(),
  chunks: z.number().int(),
  startedAt: z.number().int().nullable(),
  endedAt: z.number().int().nullable(),
  stale: z.boolean().describe('the text or the rules in force have changed since'),
  problem: z.string().nullable(),
  summary: backtestSummary.nullable(),
  application: z
    .object({
      by: z.string(),
      at: z.number().int(),
      endedAt: z.number().int().nullable(),
      raised: z.number().int(),
      done: z.number().int(),
    })
    .nullable(),
})
export type BacktestView = z.infer<typeof backtestView>

const draftItem = z.object({
  id: z.string(),
  file: z.string(),
  state: draftState,
  focus: z.string().nullable(),
  changed: z.array(z.string()),
  why: z.string(),
  madeBy: z.string(),
  authors: z.array(z.string()),
  changedAt: z.number().int(),
  version: z.number().int().nullable(),
})
export type DraftItem = z.infer<typeof draftItem>
export const draftView = draftItem.extend({
  text: z.string(),
  form: ruleForm.nullable().describe('the rule the form made; null for texts the form cannot hold'),
  trouble: packTrouble.nullable(),
  test: testResult.nullable(),
  diff: difference.nullable(),
  backtest: backtestView.nullable(),
  submitted: z.object({ by: z.string(), at: z.number().int() }).nullable(),
  returned: z.object({ by: z.string(), reason: z.string() }).nullable(),
  shadow: z.object({ hits: z.number().int(), alerts: z.number().int() }).nullable(),
  departments: z.array(z.number().int()).describe('where it is staged'),
})
export type DraftView = z.infer<typeof draftView>

const actView = z.object({
  seq: z.number().int(),
  file: z.string(),
  version: z.number().int(),
  act: z.enum(['shadow', 'staged', 'in_force', 'rolled_back']),
  by: z.string(),
  at: z.number().int(),
  reason: z.string(),
  departments: z.array(z.string()),
})
const versionView = z.object({
  file: z.string(),
  version: z.number().int(),
  draft: z.string(),
  state: draftState,
  changed: z.array(z.string()),
  rules: z.record(z.string(), z.number().int()),
  authors: z.array(z.string()),
  publishedBy: z.string(),
  publishedAt: z.number().int(),
  why: z.string(),
  acknowledged: z.string().nullable(),
  growth: z.number().nullable(),
})
export type VersionView = z.infer<typeof versionView>

export const rulebookView = z.object({
  drafts: z.array(draftItem),
  versions: z.array(versionView),
  acts: z.array(actView),
  files: z.array(z.object({ file: z.string(), name: z.string(), rules: z.number().int() })),
  categories: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      severity,
      direction: ruleForm.shape.direction,
      verdict: ruleForm.shape.verdict,
      clause: z.string(),
      basis: z.array(legalBasis),
    }),
  ),
  clauses: z.array(z.object({ id: z.string(), title: z.string() })),
  departments: z.array(z.object({ id: z.number().int(), name: z.string() })),
})
export type RulebookView = z.infer<typeof rulebookView>

export const exampleList = z.object({
  items: z.array(
    z.object({
      convId: z.string(),
      sentAt: z.number().int(),
      msgid: z.string(),
      change: z.enum(['new', 'both', 'gone']),
      severity,
      rules: z.array(z.string()),
      staff: z.string(),
      text: z.string(),
      spans: z.array(z.object({ start: z.number().int(), end: z.number().int(), severity })),
      why: z.string(),
    }),
  ),
})
export type ExampleList = z.infer<typeof exampleList>
export const exampleQuery = z.object({ change: z.enum(['new', 'both', 'gone']).default('new') })

export const tryResult = z.object({
  trouble: packTrouble.nullable(),
  ms: z.number().int(),
  lines: z.array(
    z.object({
      id: z.string(),
      from: z.enum(['staff', 'customer']),
      who: z.string(),
      at: z.number().int().nullable(),
      text: z.string(),
      alert: z.boolean(),
      hits: z.array(
        z.object({
          rule: z.string(),
          name: z.string(),
          severity,
          start: z.number().int(),
          end: z.number().int(),
          why: z.string(),
          changed: z.boolean(),
        }),
      ),
    }),
  ),
})
export type TryResult = z.infer<typeof tryResult>
