import { z } from 'zod'

/** GET /api/system: the state of the machine, in one look. Admin sees it; it holds no content. */
export const systemView = z.object({
  at: z.number().int(),
  version: z.string(),
  startedAt: z.number().int(),
  memoryMb: z.number(),
  capture: z.object({
    configured: z.boolean(),
    state: z.enum(['off', 'running', 'waiting', 'trouble']),
    seq: z.number().int(),
    pulledAt: z.number().int().nullable(),
    lagSeconds: z.number().nullable().describe('age of the newest message when it was captured'),
    trouble: z.string().nullable(),
    troubleSince: z.number().int().nullable(),
    quarantined: z.number().int(),
    lag: z
      .object({
        level: z.enum(['none', 'm15', 'h6', 'h72']),
        seconds: z.number().int(),
        cause: z.enum(['silent', 'backlog']),
        daysLeft: z.number().describe('until what is not captured yet is gone from WeCom'),
      })
      .nullable()
      .describe('how far capture is behind, by internal warning lines; null before the first pull'),
    media: z.record(z.string(), z.number().int()).describe('files of messages by state'),
    repull: z
      .object({
        startedAt: z.number().int(),
        endedAt: z.number().int().nullable(),
        records: z.number().int(),
        late: z.number().int(),
        trouble: z.string().nullable(),
      })
      .nullable()
      .describe('the newest re-pull of the open window'),
  }),
  archive: z.object({
    messages: z.number().int(),
    conversations: z.number().int(),
    firstAt: z.number().int().nullable(),
    lastAt: z.number().int().nullable(),
    databaseMb: z.number(),
  }),
  ledger: z.object({
    sealed: z.number().int(),
    pending: z.number().int(),
    sealedAt: z.number().int().nullable(),
    root: z.string().nullable().describe('hex'),
    outsideSize: z
      .number()
      .int()
      .nullable()
      .describe('size of the newest signed checkpoint outside the database'),
    verifiedUpTo: z.number().int().nullable(),
    verifiedAt: z.number().int().nullable(),
    verifiedOk: z.boolean().nullable(),
    verifiedNote: z.string().nullable(),
  }),
  stamps: z
    .object({
      minutes: z.number().int().describe('a stamp is asked for this often while the log grows'),
      last: z.object({ at: z.number().int(), size: z.number().int(), authority: z.string() }).nullable(),
      failures: z.number().int().describe('since the last stamp'),
      trouble: z
        .object({ at: z.number().int(), authority: z.string(), reason: z.string() })
        .nullable()
        .describe('the newest failure since the last stamp'),
    })
    .nullable()
    .describe('time stamps of the checkpoints; null when no time authority is configured'),
  jobs: z.array(
    z.object({
      name: z.string(),
      waiting: z.number().int(),
      active: z.number().int(),
      failed: z.number().int(),
    }),
  ),
  rules: z.object({
    version: z.string(),
    count: z.number().int(),
    terms: z.number().int(),
    since: z.number().int().describe('when this set was put in force'),
    trouble: z
      .object({
        problem: z.string().describe('file, line, what is wrong and the remedy'),
        code: z
          .string()
          .nullable()
          .describe('the kind of fault, such as pack.schema; null when it is no fault of a pack'),
        file: z.string().nullable(),
        line: z.number().int().nullable(),
      })
      .nullable()
      .describe('why changed packs are not in force'),
  }),
  database: z.object({ version: z.string(), embedded: z.boolean() }),
  keys: z.object({
    suite: z.enum(['international', 'gm']),
    master: z.string().describe('fingerprint of the master key that wraps new data keys'),
    since: z.number().int().nullable().describe('when it wrapped the first one'),
    source: z.enum(['file', 'environment', 'command']),
    beside: z.boolean().describe('the key file lies in the data folder'),
    keys: z.number().int().describe('data keys'),
    elsewhere: z
      .number()
      .int()
      .describe('of them wrapped under another master key: a rotation is not finished'),
    shredded: z.number().int().describe('data keys destroyed on purpose'),
  }),
})
export type SystemView = z.infer<typeof systemView>

/** GET /api/about: what anybody may know before signing in. */
export const aboutView = z.object({ demo: z.boolean() })

export const quarantineView = z.object({
  id: z.string(),
  source: z.string(),
  seq: z.number().int().nullable(),
  msgid: z.string().nullable(),
  reason: z.string(),
  at: z.number().int(),
})
export const quarantinePage = z.object({ items: z.array(quarantineView), total: z.number().int() })

/** Every error answer. `code` is the identity; the screen translates it. */
export const errorView = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    details: z.record(z.string(), z.unknown()),
    ref: z.string().describe('quote this when asking for help'),
  }),
})

/**
 * What can lag, run full or drift, with two lines each. No authority published them: they are 企业内部预警线.
 * `worse`: which direction is bad. Seconds, counts, or per cent of the disk that is left.
 */
export const CONDITIONS = {
  findings: { warn: 1, alarm: 1, worse: 'more', unit: 'n' },
  sealing: { warn: 10, alarm: 60, worse: 'more', unit: 's' },
  outside: { warn: 30, alarm: 300, worse: 'more', unit: 's' },
  media: { warn: 1800, alarm: 86_400, worse: 'more', unit: 's' },
  grams: { warn: 1, alarm: 1000, worse: 'more', unit: 'n' },
  disk: { warn: 15, alarm: 5, worse: 'less', unit: '%' },
  clock: { warn: 300, alarm: 3600, worse: 'more', unit: 's' },
  stamps: { warn: 7200, alarm: 86_400, worse: 'more', unit: 's' },
} as const
export type ConditionName = keyof typeof CONDITIONS
export const LEVELS = ['ok', 'warn', 'alarm'] as const
export type Level = (typeof LEVELS)[number]

const instant = z.number().int()
/** GET /api/integrity: is the archive what it was, since when is it known, and what lags. Counts, places and times. */
export const integrityView = z.object({
  at: instant,
  level: z.enum(LEVELS),
  pace: z.object({ leaves: z.number(), mediaMb: z.number() }),
  logs: z.array(
    z.object({
      log: z.enum(['archive', 'trail']),
      sealed: z.number().int(),
      pending: z.number().int(),
      outside: z.number().int().nullable(),
      checked: z.number().int().describe('leaves checked at least once since they were sealed'),
      checkedAt: instant.nullable(),
      round: z.object({ startedAt: instant, done: z.number().int() }).nullable(),
      last: z.object({ endedAt: instant, leaves: z.number().int(), found: z.number().int() }).nullable(),
    }),
  ),
  files: z.object({
    done: z.number().int(),
    last: z.object({ endedAt: instant, files: z.number().int(), bytes: z.number() }).nullable(),
  }),
  rounds: z.array(
    z.object({
      walk: z.string(),
      startedAt: instant,
      endedAt: instant,
      leaves: z.number().int(),
      messages: z.number().int(),
      bytes: z.number(),
      found: z.number().int(),
    }),
  ),
  findings: z.object({
    total: z.number().int(),
    items: z.array(
      z.object({
        log: z.enum(['archive', 'trail']),
        index: z.number().int().nullable(),
        what: z.string(),
        ref: z.string().nullable(),
        file: z.string().nullable(),
        foundAt: instant,
        seenAt: instant,
      }),
    ),
  }),
  conditions: z.array(
    z.object({
      name: z.enum(Object.keys(CONDITIONS) as [ConditionName, ...ConditionName[]]),
      level: z.enum(LEVELS),
      value: z.number().nullable(),
      since: instant,
    }),
  ),
})
export type IntegrityView = z.infer<typeof integrityView>

/** The end of the year 9999, as message times are. */
const LAST_INSTANT = 253_402_300_799_999

/** What the ledger says of messages of one conversation: the badge beside them. */
export const seenQuery = z.object({
  from: z.coerce.number().int().min(0).max(LAST_INSTANT),
  to: z.coerce.number().int().min(0).max(LAST_INSTANT),
})
export const messageSeals = z.object({
  outside: z.boolean().describe('the newest checkpoint outside the database covers all that is sealed here'),
  items: z.array(
    z.object({
      msgid: z.string(),
      index: z.number().int().nullable().describe('null: not sealed yet'),
      sealedAt: instant.nullable(),
      checkedAt: instant.nullable().describe('null: not checked yet'),
      problem: z.string().nullable(),
      drift: z.number().int().nullable().describe('seconds between its own time and ours, beyond 300'),
    }),
  ),
})
export type MessageSeals = z.infer<typeof messageSeals>
