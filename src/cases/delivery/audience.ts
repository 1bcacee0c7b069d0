import type { Actor, House } from '../../base/index.ts'
import type { Severity } from '../../monitor/index.ts'
import { can } from '../../people/index.ts'
import { isConcealedCategory, isInChain } from '../../policies/index.ts'
import type { Channel, DeliverySettings, Route } from './contract.ts'
import { isQuiet, nextDigest, quietEnds } from './hours.ts'

/** What of an alert decides who hears of it. */
export type Subject = {
  severity: Severity
  /** Of its rules; null for one that stands in no pack any more. */
  categories: (string | null)[]
  departments: number[]
  staff: string
}
export type Receiver = Actor & { accountId: string }
export type Told = { receiver: string; channel: Channel; dueAt: number }

/** Which ways lead to a person: what is set up, and what his account has. */
export type Reach = { card: boolean; mail: boolean }

/** Insider dealing, money laundering, and what no pack explains any more: it is hidden rather than guessed. */
export function isConcealed(subject: Pick<Subject, 'categories'>): boolean {
  return subject.categories.some(category => category === null || isConcealedCategory(category))
}

/**
 * May this person hear of it at all? Only who may open it on the board, never the person it is about, and of what is
 * concealed nobody in the chain above him (regulation.md §3.0).
 */
export function mayHear(person: Actor, subject: Subject): boolean {
  if (person.userid !== null && person.userid === subject.staff) return false
  if (isConcealed(subject) && isInChain(person.role)) return false
  return can(person, 'alert.read', { departments: subject.departments })
}

function matches(route: Route, person: Actor, subject: Subject): boolean {
  const roles: readonly string[] = route.roles
  return (
    route.severities.includes(subject.severity) &&
    roles.includes(person.role) &&
    (route.categories.length === 0 ||
      subject.categories.some(c => c !== null && route.categories.includes(c))) &&
    (route.departments.length === 0 || route.departments.some(d => subject.departments.includes(d)))
  )
}

type At = { settings: DeliverySettings; house: Pick<House, 'zone'>; now: number }

/** Who is told of a new alert, how, and when. One row a person and way. */
export function audience(
  subject: Subject,
  people: readonly Receiver[],
  reach: (person: Receiver) => Reach,
  at: At,
): Told[] {
  return people
    .filter(person => mayHear(person, subject))
    .flatMap(person => {
      const channels = at.settings.routes
        .filter(route => matches(route, person, subject))
        .flatMap(route => route.channels)
      return told(person, new Set(channels), reach(person), subject.severity, at)
    })
}

/** The same for a step of an escalation: by card and e-mail, to the roles of that step. */
export function escalated(
  subject: Subject,
  people: readonly Receiver[],
  roles: readonly string[],
  reach: (person: Receiver) => Reach,
  at: At,
): Told[] {
  return people
    .filter(person => roles.includes(person.role) && mayHear(person, subject))
    .flatMap(person => told(person, new Set(['card', 'mail']), reach(person), subject.severity, at))
}

/** In quiet hours everything but P0 is gathered and told when they end. */
function told(
  person: Receiver,
  channels: Set<Channel>,
  reach: Reach,
  severity: Severity,
  { settings, house, now }: At,
): Told[] {
  const direct = (['card', 'mail'] as const).filter(channel => channels.has(channel) && reach[channel])
  const reached = reach.card || reach.mail
  if (direct.length > 0 && (severity === 'P0' || !isQuiet(settings, now, house.zone)))
    return direct.map(channel => ({ receiver: person.accountId, channel, dueAt: now }))
  if (direct.length > 0)
    return [{ receiver: person.accountId, channel: 'digest', dueAt: quietEnds(settings, now, house.zone) }]
  if (channels.has('digest') && reached)
    return [{ receiver: person.accountId, channel: 'digest', dueAt: nextDigest(settings, now, house.zone) }]
  return []
}
