import { z } from 'zod'

/** Old rows must still parse for ever: add to this list, never change a member's meaning. */
export const TRAIL_VERBS = [
  'session.opened',
  'session.refused',
  'session.closed',
  'alert.listed',
  'alert.opened',
  'alert.decided',
  'conversation.opened',
  'archive.searched',
  'contact.revealed',
  'notice.listed',
  'trail.read',
  'quarantine.read',
  'archive.imported',
  'archive.verified',
  'account.created',
  'password.reset',
  'account.disabled',
  'rules.backtested',
  'media.opened',
  'capture.lagged',
  'capture.repulled',
  'certificate.issued',
  'certificate.read',
  'reader.enabled',
  'denied',
] as const
export const trailVerb = z.enum(TRAIL_VERBS)
export type TrailVerb = z.infer<typeof trailVerb>

export const trailQuery = z.object({
  actor: z.string().max(64).optional(),
  verb: trailVerb.optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export const trailView = z.object({
  id: z.string(),
  at: z.number().int(),
  actor: z.string(),
  role: z.string(),
  verb: z.string(),
  thingKind: z.string(),
  thingId: z.string(),
  detail: z.record(z.string(), z.unknown()),
})
export const trailPage = z.object({ items: z.array(trailView), next: z.string().nullable() })
