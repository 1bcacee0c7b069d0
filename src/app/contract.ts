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
    trouble: z.string().nullable().describe('why changed packs are not in force: file, line and remedy'),
  }),
  database: z.object({ version: z.string(), embedded: z.boolean() }),
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
