import { z } from 'zod'

/** The roles of design §1. `inspector` is 监管: read-only, scoped, watermarked. */
export const ROLES = [
  'officer',
  'lead',
  'risk',
  'supervisor',
  'adviser',
  'admin',
  'auditor',
  'inspector',
] as const
export const role = z.enum(ROLES)
export type Role = z.infer<typeof role>

/** What may be asked of `can`. A verb that is not listed does not exist, and is denied. */
export const VERBS = [
  'alert.read',
  'alert.decide',
  'message.read',
  'message.search',
  'message.export',
  'rule.read',
  'contact.reveal',
  'notice.read',
  'consent.record',
  'consent.confirm',
  'restricted.request',
  'restricted.approve',
  'restricted.read',
  'trail.read',
  'system.read',
  'quarantine.read',
  'retention.read',
  'retention.propose',
  'retention.approve',
  'retention.end',
  'hold.place',
  'hold.release',
  'archive.import',
  'account.create',
  'ledger.epoch',
  'key.rotate',
  'evidence.read',
  'evidence.request',
  'evidence.approve',
  'evidence.download',
  'case.assign',
  'case.lead',
  'rule.draft',
  'rule.publish',
  'wall.watch',
  'stepin.answer',
  'sample.read',
  'sample.plan',
  'sample.review',
  'points.read',
  'penalty.propose',
  'penalty.sign',
  'training.do',
  'complaint.read',
  'complaint.handle',
  'complaint.extend',
  'delivery.manage',
] as const
export const verb = z.enum(VERBS)
export type Verb = z.infer<typeof verb>

export const signIn = z.object({
  username: z.string().trim().min(1).max(64),
  password: z.string().min(1).max(256),
})

/** An account in the making. Lower case, so that two people never differ by a capital letter. */
export const newAccount = z.object({
  username: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{1,63}$/, 'lower-case letters, digits, dots, dashes; two or more'),
  name: z.string().trim().min(1).max(64),
  role,
  userid: z.string().max(64).nullable().default(null),
  departments: z.array(z.number().int()).max(100).default([]),
})
export type NewAccount = z.input<typeof newAccount>

export const me = z.object({
  username: z.string(),
  name: z.string(),
  role,
  can: z.array(verb),
  departments: z
    .array(z.string())
    .describe('names of the departments a supervisor is limited to; empty = all'),
  institution: z.string(),
  demo: z
    .object({ controlUrl: z.string() })
    .nullable()
    .describe('set when this is the demo: banner and control page'),
})
export type Me = z.infer<typeof me>

/** A person as screens show them. Customers' names are masked unless revealed. */
export const party = z.object({
  id: z.string(),
  kind: z.enum(['staff', 'customer', 'group', 'robot', 'unknown']),
  name: z.string(),
  department: z.string().nullable(),
})
export type Party = z.infer<typeof party>

export const findPeople = z.object({ q: z.string().trim().min(1).max(32) })
export const foundPeople = z.object({ items: z.array(party) })

export const reveal = z.object({ reason: z.string().trim().min(2).max(200) })
export const revealed = z.object({ id: z.string(), name: z.string() })
