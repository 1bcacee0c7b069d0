import { z } from 'zod'
import type { TrailVerb } from './contract.ts'

const count = z.number().int().min(0)
const text = z.string().max(4000)
const id = z.string().max(512)
const instant = z.number().int()

/**
 * What each verb tells. Old rows must still parse for ever: a new field is optional, an old one never changes its
 * meaning. Strict, so that a field nobody declared is a mistake here and not a surprise at an inspection.
 */
export const DETAILS = {
  'session.opened': z.strictObject({ address: z.string().max(64).optional() }),
  'session.refused': z.strictObject({
    username: z.string().max(64),
    reason: z.enum(['unknown', 'password', 'disabled']),
    address: z.string().max(64).optional(),
  }),
  'session.closed': z.strictObject({}),
  'alert.listed': z.strictObject({
    state: z.string().max(32).optional(),
    severity: z.string().max(8).optional(),
    staff: id.optional(),
    rule: id.optional(),
    shown: count,
  }),
  'alert.opened': z.strictObject({ number: z.string().max(32) }),
  'alert.decided': z.strictObject({
    number: z.string().max(32),
    from: z.string().max(32),
    to: z.string().max(32),
    note: text,
  }),
  'conversation.opened': z.strictObject({ from: instant.nullable(), to: instant.nullable(), shown: count }),
  'archive.searched': z.strictObject({
    query: text,
    staff: id.nullable(),
    customer: id.nullable(),
    from: instant.optional(),
    to: instant.optional(),
    kind: z.string().max(64).optional(),
    direction: z.string().max(16).optional(),
    found: count,
  }),
  'contact.revealed': z.strictObject({ reason: text }),
  'notice.listed': z.strictObject({ state: z.string().max(32).optional(), shown: count }),
  'trail.read': z.strictObject({
    actor: z.string().max(64).optional(),
    verb: z.string().max(64).optional(),
    shown: count,
  }),
  'quarantine.read': z.strictObject({ shown: count }),
  'archive.imported': z.strictObject({
    files: z.array(z.string().max(1000)).max(1000).optional(),
    read: count,
    archived: count,
    duplicate: count,
    conflict: count,
    rejected: count,
  }),
  'archive.verified': z.strictObject({ ok: z.boolean(), leaves: count, note: text.optional() }),
  'account.created': z.strictObject({ username: z.string().max(64), role: z.string().max(32) }),
  'password.reset': z.strictObject({ username: z.string().max(64) }),
  'account.disabled': z.strictObject({ username: z.string().max(64) }),
  'rules.backtested': z.strictObject({ file: z.string().max(1000), messages: count }),
  'media.opened': z.strictObject({ msgid: id, part: id, sha256: z.string().max(64) }),
  'capture.lagged': z.strictObject({
    level: z.string().max(8),
    seconds: count,
    daysLeft: z.string().max(8).optional(),
  }),
  'capture.repulled': z.strictObject({ read: count, late: count, quarantined: count }),
  'certificate.issued': z.strictObject({ revision: count }),
  'certificate.read': z.strictObject({ revision: count }),
  'reader.enabled': z.strictObject({
    host: z.string().max(300),
    model: z.string().max(200),
    prompt: z.string().max(32),
  }),
  denied: z.strictObject({
    verb: z.string().max(64),
    method: z.string().max(8).optional(),
    url: z.string().max(200).optional(),
  }),
} as const satisfies Record<TrailVerb, z.ZodType>

export type TrailDetail<V extends TrailVerb> = z.input<(typeof DETAILS)[V]>
