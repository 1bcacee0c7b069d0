import { z } from 'zod'

/** What could not be known of a day. `code` is the identity, `said` the words of the document itself. */
export const UNKNOWNS = [
  'platform_scope',
  'day_not_over',
  'imported_only',
  'before_capture',
  'beyond_window',
  'not_repulled',
  'quarantine_waiting',
  'media_lost',
  'media_waiting',
  'media_unproven',
  'seats_unknown',
  'seats_without',
] as const
export const unknownThing = z.object({
  code: z.enum(UNKNOWNS),
  n: z.number().int().nullable(),
  said: z.string(),
})
export type UnknownThing = z.infer<typeof unknownThing>

const count = z.number().int().min(0)
const instant = z.number().int().describe('epoch milliseconds')

/** One local day of the archive, as far as it can be known: counts and ids, no content. */
export const certificateDocument = z.object({
  version: z.literal(1),
  institution: z.string(),
  day: z.iso.date(),
  zone: z.string(),
  from: instant,
  to: instant,
  revision: z.number().int().min(1),
  issuedAt: instant,
  messages: z.object({
    total: count,
    byKind: z.record(z.string(), count),
    undated: count.describe('captured this day with a time that cannot be'),
    late: count.describe('found missing by a re-pull and archived then'),
  }),
  people: z.array(z.object({ id: z.string(), sent: count, received: count })),
  customers: z.object({ people: count, sent: count }),
  keys: z.array(z.object({ version: z.number().int(), records: count })),
  quarantine: z.array(z.object({ reason: z.string(), waiting: count, resolved: count })),
  conflicts: count,
  media: z.record(z.string(), count),
  seats: z.object({
    licensed: count.nullable().describe('members within the paid scope; null when the list is not known'),
    archived: count.describe('members with at least one message this day'),
    silent: count.nullable().describe('licensed members without a message this day'),
    unlicensed: z.array(z.string()).describe('members with messages who are not in the list'),
  }),
  seq: z.object({
    first: z.number().int().nullable(),
    last: z.number().int().nullable(),
    numbered: count,
    note: z.string(),
  }),
  repulls: z.array(
    z.object({
      startedAt: instant,
      fromSeq: count,
      toSeq: count,
      records: count,
      late: count,
      quarantined: count,
    }),
  ),
  outages: z.array(
    z.object({ beganAt: instant, endedAt: instant.nullable(), level: z.enum(['m15', 'h6', 'h72']) }),
  ),
  unknown: z.array(unknownThing),
})
export type CertificateDocument = z.infer<typeof certificateDocument>

export const certificateItem = z.object({
  day: z.iso.date(),
  revision: z.number().int(),
  issuedAt: instant,
  messages: count,
  people: count,
  late: count,
  quarantined: count,
  unknown: z.array(z.enum(UNKNOWNS)),
})
export const certificateList = z.object({ items: z.array(certificateItem) })
export const certificateView = z.object({
  certificate: certificateDocument,
  sha256: z.string().describe('of the canonical JSON of `certificate` (RFC 8785)'),
  note: z.string().describe('C2SP signed note over day, revision and that hash'),
})
export type CertificateView = z.infer<typeof certificateView>
