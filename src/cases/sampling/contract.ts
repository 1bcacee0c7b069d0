import { z } from 'zod'

/** Version of the plan document, of the seed and of the way to draw (docs/sampling.md): written into every plan. */
export const SAMPLE_FORMAT = 'tongjian-sample/1'

export const SAMPLE_METHODS = ['person', 'department', 'random', 'risk'] as const
const sampleMethod = z.enum(SAMPLE_METHODS)
export const SAMPLE_UNITS = ['conversation_day', 'message'] as const
const SAMPLE_CHANNELS = ['single', 'group'] as const
const SAMPLE_DIRECTIONS = ['staff', 'internal'] as const

/**
 * Sizes of regulation.md §5.5. Shares in thousandths, so that no fraction is ever computed. No authority published any of
 * them: 企业内部预警线.
 */
export const DEFAULT_SIZES = {
  share: 50,
  minimum: 20,
  newShare: 200,
  watchedShare: 500,
  groupWeekly: 1,
  p0: 1000,
  p1: 1000,
  p2: 300,
  p3: 0,
} as const
const thousandths = z.number().int().min(0).max(1000)
const sampleSizes = z.strictObject({
  share: thousandths.describe('of each stratum of the method'),
  minimum: z.number().int().min(0).max(10_000).describe('of each stratum of the method, or all it has'),
  newShare: thousandths.describe('of new staff, where the method is by person'),
  watchedShare: thousandths.describe('of staff with complaints, outliers, moved'),
  groupWeekly: z.number().int().min(0).max(100).describe('of each customer group and week'),
  p0: thousandths.describe('of units with an alert of this severity'),
  p1: thousandths,
  p2: thousandths,
  p3: thousandths,
})
export type SampleSizes = z.infer<typeof sampleSizes>

const day = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/)
export const planInput = z
  .strictObject({
    title: z.string().trim().min(2, '请写明检查事项').max(100),
    unit: z.enum(SAMPLE_UNITS).default('conversation_day'),
    method: sampleMethod.default('person'),
    from: day.describe('first day, in the zone of the institution'),
    to: day.describe('last day, included'),
    departments: z.array(z.number().int()).max(500).default([]).describe('empty: all'),
    channels: z
      .array(z.enum(SAMPLE_CHANNELS))
      .min(1)
      .default([...SAMPLE_CHANNELS]),
    directions: z.array(z.enum(SAMPLE_DIRECTIONS)).min(1).default(['staff']),
    line: z
      .enum(['all', 'below'])
      .default('all')
      .describe('below: only what raised no alert, to estimate what is missed'),
    sizes: sampleSizes.default(DEFAULT_SIZES),
    newStaff: z.array(z.string().max(64)).max(1000).default([]),
    watched: z.array(z.string().max(64)).max(1000).default([]),
  })
  .refine(plan => plan.from <= plan.to, { path: ['to'], message: '结束日期不早于开始日期' })
export type PlanInput = z.infer<typeof planInput>

/** How a member of staff stands in a plan: which share is drawn of what he did. */
export const ROSTER_GROUPS = ['normal', 'new', 'watched'] as const
const rosterEntry = z.strictObject({
  staff: z.string(),
  department: z.number().int(),
  group: z.enum(ROSTER_GROUPS),
  weight: z.number().int().min(1).max(100),
})
export type RosterEntry = z.infer<typeof rosterEntry>
/** conversation, microseconds, msgid, severity: alerts as they stood when the plan was registered. */
const flag = z.tuple([z.string(), z.string(), z.string(), z.enum(['P0', 'P1', 'P2', 'P3'])])
export type Flag = z.infer<typeof flag>

/** The whole plan, as its leaf holds it. All that the draw depends on besides the ledger is in here. */
export const planDocument = z.strictObject({
  format: z.literal(SAMPLE_FORMAT),
  corp: z.number().int(),
  id: z.string(),
  number: z.string(),
  unit: z.enum(SAMPLE_UNITS),
  method: sampleMethod,
  from: z.number().int().describe('epoch ms, included'),
  to: z.number().int().describe('epoch ms, not included'),
  days: z.tuple([day, day]),
  offsetMinutes: z.number().int().describe('of the institution from UTC: where a day begins'),
  departments: z.array(z.number().int()),
  channels: z.array(z.enum(SAMPLE_CHANNELS)),
  directions: z.array(z.enum(SAMPLE_DIRECTIONS)),
  line: z.enum(['all', 'below']),
  sizes: sampleSizes,
  roster: z.array(rosterEntry),
  flags: z.array(flag),
  earlier: z.array(z.string()).describe('plans of the same scope and period that were registered before'),
  registeredBy: z.string(),
  registeredAt: z.number().int(),
})
export type PlanDocument = z.infer<typeof planDocument>

const UNIT_STATES = ['waiting', 'opened', 'clean', 'finding'] as const
/** States of a drawn unit and the legal moves. Opening is not reviewing: it leads to no conclusion by itself. */
export const UNIT_MOVES = {
  waiting: ['opened'],
  opened: ['clean', 'finding'],
  clean: [],
  finding: [],
} as const
export type UnitState = keyof typeof UNIT_MOVES

const count = z.number().int()
const planRow = z.object({
  id: z.string(),
  number: z.string(),
  title: z.string(),
  method: sampleMethod,
  unit: z.enum(SAMPLE_UNITS),
  line: z.enum(['all', 'below']),
  days: z.tuple([z.string(), z.string()]),
  state: z.string().describe('of its inspection'),
  registeredBy: z.string(),
  registeredAt: count,
  repeated: count.describe('plans of the same scope and period registered before this one'),
  population: count.nullable().describe('null until the checkpoint has fixed it'),
  drawn: count.nullable(),
  done: count,
  findings: count,
})
export type PlanRow = z.infer<typeof planRow>
export const planList = z.object({ items: z.array(planRow) })

export const preview = z.object({
  population: count,
  drawn: count,
  staff: count,
  messages: count,
  repeated: count,
  enough: count.describe('units for an interval of ± 5 % at 95 %'),
  strata: z.array(z.object({ rule: z.string(), strata: count, population: count, drawn: count })),
})
export type Preview = z.infer<typeof preview>

export const unitRow = z.object({
  unit: z.string(),
  place: count,
  staff: z.string(),
  staffName: z.string(),
  department: z.string(),
  convId: z.string(),
  title: z.string(),
  firstAt: count,
  lastAt: count,
  msgid: z.string(),
  messages: count,
  group: z.boolean(),
  severity: z.enum(['P0', 'P1', 'P2', 'P3']).nullable(),
  rules: z.array(z.string()).describe('why it was drawn'),
  state: z.enum(UNIT_STATES),
  concludedBy: z.string().nullable(),
  concludedAt: count.nullable(),
  note: z.string().nullable(),
  own: z.boolean().describe('of the department of whoever asks: another person reviews it'),
})
export type UnitRow = z.infer<typeof unitRow>

/** A share with its 95 % interval. */
const estimateView = z.object({
  hits: count,
  base: count,
  share: z.number(),
  low: z.number(),
  high: z.number(),
  weighted: z
    .boolean()
    .describe('drawn by risk: the share of the sample, which does not stand for the whole'),
})
export type EstimateView = z.infer<typeof estimateView>

export const planDetail = planRow.extend({
  sizes: sampleSizes,
  departments: z.array(z.string()),
  channels: z.array(z.enum(SAMPLE_CHANNELS)),
  directions: z.array(z.enum(SAMPLE_DIRECTIONS)),
  roster: count,
  flags: count,
  planHash: z.string(),
  draw: z
    .object({
      size: count,
      note: z.string(),
      seed: z.string(),
      at: count,
      populationSha256: z.string(),
      drawnSha256: z.string(),
    })
    .nullable(),
  strata: preview.shape.strata,
  units: z.array(unitRow),
  estimate: estimateView.nullable().describe('violation rate among the reviewed units of the main draw'),
})
export type PlanDetail = z.infer<typeof planDetail>

export const planCreated = z.object({ id: z.string(), number: z.string() })
export const concludeUnit = z.strictObject({ note: z.string().trim().max(2000).default('') })
/** What can be chosen when a plan is made. */
export const planOptions = z.object({
  departments: z.array(z.object({ id: count, name: z.string() })),
  staff: z.array(z.object({ id: z.string(), name: z.string(), department: z.string() })),
  suggested: z.array(z.string()).describe('staff whose alerts stand out (企业内部预警线)'),
})
export type PlanOptions = z.infer<typeof planOptions>
