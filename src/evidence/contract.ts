import { z } from 'zod'

/** One table for server, screen and docs: what a package may become, by whose act. */
export const EVIDENCE_MOVES = {
  waiting: { approve: 'approved', refuse: 'refused', withdraw: 'withdrawn' },
  approved: { start: 'building' },
  building: { finish: 'ready', fail: 'failed' },
  failed: { retry: 'approved' },
  ready: { expire: 'expired' },
  refused: {},
  withdrawn: {},
  expired: {},
} as const

export const EVIDENCE_STATES = [
  'waiting',
  'approved',
  'building',
  'ready',
  'failed',
  'expired',
  'refused',
  'withdrawn',
] as const
export const evidenceState = z.enum(EVIDENCE_STATES)
export type EvidenceState = z.infer<typeof evidenceState>

export const PURPOSES = ['regulator', 'court', 'arbitration', 'complaint', 'internal'] as const
export const NAMES = ['masked', 'clear'] as const
/** What a build is busy with, in order. */
export const BUILD_STEPS = ['messages', 'media', 'proofs', 'report', 'closing'] as const
/** A package beyond this is cut into several: one reader must be able to open it. */
export const EVIDENCE_LIMITS = { messages: 200_000, stretches: 200, keepDays: 90 } as const

const instant = z.number().int()
export const stretch = z
  .object({
    convId: z.string().regex(/^\d{1,19}$/),
    from: instant,
    to: instant,
  })
  .refine(({ from, to }) => from <= to, 'from must not lie after to')
const stretches = z.array(stretch).min(1).max(EVIDENCE_LIMITS.stretches)

export const evidenceScope = z.object({ stretches })
export type EvidenceScope = z.infer<typeof evidenceScope>

export const evidenceRequest = evidenceScope.extend({
  caseNumber: z.string().trim().min(1).max(100),
  purpose: z.enum(PURPOSES),
  reason: z.string().trim().min(4).max(1000),
  names: z.enum(NAMES),
  keepDays: z.number().int().min(1).max(EVIDENCE_LIMITS.keepDays),
})
export type EvidenceRequest = z.infer<typeof evidenceRequest>

export const evidenceEstimate = z.object({
  messages: z.number().int(),
  files: z.number().int(),
  bytes: z.number().int().describe('of the finished package, estimated'),
  most: z.number().int().describe('messages a package may hold'),
  titles: z.record(z.string(), z.string()).describe('conversation → whom it is between'),
})

export const evidenceDecision = z.object({
  verdict: z.enum(['approve', 'refuse']),
  reason: z.string().trim().min(2).max(500),
})

const person = z.object({ account: z.string(), name: z.string() })

export const evidenceView = z.object({
  id: z.string(),
  number: z.string(),
  state: evidenceState,
  caseNumber: z.string(),
  purpose: z.enum(PURPOSES),
  reason: z.string(),
  names: z.enum(NAMES),
  keepDays: z.number().int(),
  scope: z.array(z.object({ convId: z.string(), title: z.string(), from: instant, to: instant })),
  messages: z.number().int().describe('when it was asked for; the manifest counts what is in it'),
  requestedBy: person,
  requestedAt: instant,
  decidedBy: person.nullable(),
  decidedAt: instant.nullable(),
  decision: z.string().nullable(),
  step: z.enum(BUILD_STEPS).nullable(),
  done: z.number().int(),
  failure: z.string().nullable(),
  builtAt: instant.nullable(),
  fileBytes: z.number().int().nullable(),
  fileSha256: z.string().nullable(),
  manifestSha256: z.string().nullable(),
  ledgerIndex: z.number().int().nullable().describe('leaf that says this package was issued'),
  expiresAt: instant.nullable(),
  expiredAt: instant.nullable(),
  downloads: z.array(z.object({ by: person, at: instant })),
  can: z.object({
    approve: z.boolean(),
    withdraw: z.boolean(),
    retry: z.boolean(),
    download: z.boolean(),
  }),
})
export type EvidenceView = z.infer<typeof evidenceView>

export const evidenceItem = evidenceView.pick({
  id: true,
  number: true,
  state: true,
  caseNumber: true,
  purpose: true,
  messages: true,
  requestedBy: true,
  requestedAt: true,
  decidedBy: true,
  step: true,
  done: true,
  fileBytes: true,
  expiresAt: true,
})
export const evidenceQuery = z.object({
  state: evidenceState.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(100),
})
export const evidenceList = z.object({
  items: z.array(evidenceItem),
  counts: z.record(z.string(), z.number().int()).describe('packages by state'),
  fingerprint: z.string().describe('SHA-256 of the public key that signs packages, hexadecimal'),
})
export type EvidenceList = z.infer<typeof evidenceList>
export const evidenceCreated = z.object({ id: z.string(), number: z.string() })
