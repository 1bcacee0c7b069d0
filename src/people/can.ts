import { type Actor, fail } from '../base/index.ts'
import { ROLES, type Role, VERBS, type Verb } from './contract.ts'

/**
 * Who may do what. Read it aloud: a role may do what its line says, and nothing else. A verb or a role that is not
 * here is denied.
 */
const MATRIX: Record<Role, readonly Verb[]> = {
  // 合规专员: reviews. Sees names in clear only one by one, with a reason.
  officer: [
    'alert.read',
    'alert.decide',
    'message.read',
    'message.search',
    'rule.read',
    'contact.reveal',
    'evidence.read',
    'evidence.request',
    'evidence.download',
    'notice.read',
    'consent.record',
    'restricted.request',
    'restricted.read',
    'retention.read',
    'hold.place',
    'rule.draft',
    'wall.watch',
    'sample.read',
    'sample.review',
    'points.read',
    'complaint.read',
    'complaint.handle',
  ],
  // 合规负责人: what an officer may, and looks over the officers' shoulders.
  lead: [
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
    'quarantine.read',
    'system.read',
    'retention.read',
    'retention.propose',
    'retention.end',
    'hold.place',
    'hold.release',
    'evidence.read',
    'evidence.request',
    'evidence.approve',
    'evidence.download',
    'case.assign',
    'case.lead',
    'rule.draft',
    'rule.publish',
    'wall.watch',
    'sample.read',
    'sample.plan',
    'sample.review',
    'points.read',
    'penalty.propose',
    'complaint.read',
    'complaint.handle',
    'complaint.extend',
    'delivery.manage',
  ],
  // 风控: reads, and is the second person: of consent, of restricted messages, of what the lead proposes (M5, M8).
  risk: [
    'alert.read',
    'message.read',
    'rule.read',
    'notice.read',
    'consent.confirm',
    'restricted.approve',
    'restricted.read',
    'retention.read',
    'retention.approve',
    'retention.end',
    'hold.place',
    'hold.release',
    'evidence.read',
    'evidence.approve',
    'evidence.download',
    'rule.publish',
    'sample.read',
    'points.read',
    'penalty.sign',
    'complaint.read',
  ],
  // 业务主管: reads, within his own departments only. See `withinScope`.
  supervisor: ['alert.read', 'message.read', 'rule.read', 'points.read', 'complaint.read', 'stepin.answer'],
  // 客户经理: his own session and his own training.
  adviser: ['training.do'],
  // 管理员: runs the machine and sees no content.
  admin: ['system.read', 'quarantine.read', 'rule.read', 'delivery.manage'],
  // 审计: reads everything, changes nothing.
  auditor: [
    'alert.read',
    'message.read',
    'message.search',
    'message.export',
    'rule.read',
    'notice.read',
    'trail.read',
    'system.read',
    'quarantine.read',
    'retention.read',
    'evidence.read',
    'sample.read',
    'points.read',
    'complaint.read',
  ],
  // 监管: what an inspection asks for.
  inspector: [
    'alert.read',
    'message.read',
    'rule.read',
    'notice.read',
    'trail.read',
    'retention.read',
    'evidence.read',
    'sample.read',
    'points.read',
    'complaint.read',
  ],
}

/** A person with a shell on the server can read the files anyway; he reads through us so that it is in the trail. */
const SHELL: readonly Verb[] = [
  'alert.read',
  'message.read',
  'message.search',
  'message.export',
  'rule.read',
  'trail.read',
  'system.read',
  'quarantine.read',
  'archive.import',
  'account.create',
  'ledger.epoch',
  'key.rotate',
  'evidence.read',
  'evidence.download',
]

/** What a verb is about to touch: the departments of the staff who take part in it. */
export type Thing = { departments: readonly number[] }

/**
 * May this actor? Without a thing: may he ever, for anything. With one: may he for this. Whatever touches a thing
 * must ask with it; the answer without is for menus and doors.
 */
export function can(actor: Actor, verb: string, thing?: Thing): boolean {
  switch (actor.kind) {
    case 'system':
      return true
    case 'shell':
      return isOneOf(SHELL, verb)
    case 'person':
      return isOneOf(ROLES, actor.role) && isOneOf(MATRIX[actor.role], verb) && withinScope(actor, thing)
    default:
      return false
  }
}

/** Throw `auth.denied` unless the actor may. */
export function authorise(actor: Actor, verb: Verb, thing?: Thing): void {
  if (!can(actor, verb, thing)) throw fail('auth.denied', { verb })
}

/** All a role or a command may do, for the screen's menus. */
export function allowed(actor: Actor): Verb[] {
  return VERBS.filter(verb => can(actor, verb))
}

/** The departments an actor is limited to in lists; empty for those who are not limited. */
export function scopeOf(actor: Actor): readonly number[] {
  return actor.role === 'supervisor' ? actor.departments : []
}

/** A supervisor without departments is limited to none: a mistake in his account must not open everything. */
function withinScope(actor: Actor, thing: Thing | undefined): boolean {
  if (actor.role !== 'supervisor') return true
  if (thing === undefined) return actor.departments.length > 0
  return thing.departments.some(department => actor.departments.includes(department))
}

function isOneOf<T extends string>(list: readonly T[], value: string): value is T {
  return (list as readonly string[]).includes(value)
}
