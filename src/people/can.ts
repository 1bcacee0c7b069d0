import { type Actor, fail } from '../base/index.ts'
import { ROLES, type Role, VERBS, type Verb } from './contract.ts'

/**
 * Who may do what. Read it aloud: a role may do what its line says, and nothing else. A verb or a role that is not
 * here is denied.
 */
const MATRIX: Record<Role, readonly Verb[]> = {
  // 合规专员: reviews. Sees names in clear only one by one, with a reason.
  officer: ['alert.read', 'alert.decide', 'message.read', 'message.search', 'rule.read', 'contact.reveal'],
  // 合规负责人: what an officer may, and looks over the officers' shoulders.
  lead: [
    'alert.read',
    'alert.decide',
    'message.read',
    'message.search',
    'rule.read',
    'contact.reveal',
    'notice.read',
    'trail.read',
    'quarantine.read',
    'system.read',
  ],
  // 风控: reads, and will approve (M5).
  risk: ['alert.read', 'message.read', 'rule.read'],
  // 业务主管: reads, within his own departments only. See `withinScope`.
  supervisor: ['alert.read', 'message.read', 'rule.read'],
  // 客户经理: his own session and nothing else.
  adviser: [],
  // 管理员: runs the machine and sees no content.
  admin: ['system.read', 'quarantine.read', 'rule.read'],
  // 审计: reads everything, changes nothing.
  auditor: [
    'alert.read',
    'message.read',
    'message.search',
    'rule.read',
    'notice.read',
    'trail.read',
    'system.read',
    'quarantine.read',
  ],
  // 监管: what an inspection asks for.
  inspector: ['alert.read', 'message.read', 'rule.read', 'notice.read', 'trail.read'],
}

/** A person with a shell on the server can read the files anyway; he reads through us so that it is in the trail. */
const SHELL: readonly Verb[] = [
  'alert.read',
  'message.read',
  'message.search',
  'rule.read',
  'trail.read',
  'system.read',
  'quarantine.read',
  'archive.import',
  'account.create',
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
