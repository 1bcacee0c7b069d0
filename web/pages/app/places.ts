import type { Me, Verb } from '../../../src/people/contract.ts'
import type { IconName } from '../../ui/icons.tsx'

export type Place = {
  to: '/alerts' | '/search' | '/rules' | '/system' | '/me'
  word: 'nav.alerts' | 'nav.search' | 'nav.rules' | 'nav.system' | 'nav.me'
  icon: IconName
  /** any one of these opens the page */
  needs: Verb[]
  /** a hairline stands above the first place of a group */
  group: number
}

/** The officer's order of the day. Pages that do not exist yet are not promised. */
const PLACES: Place[] = [
  { to: '/alerts', word: 'nav.alerts', icon: 'alert', needs: ['alert.read'], group: 1 },
  { to: '/search', word: 'nav.search', icon: 'search', needs: ['message.search'], group: 2 },
  { to: '/rules', word: 'nav.rules', icon: 'rules', needs: ['rule.read'], group: 3 },
  {
    to: '/system',
    word: 'nav.system',
    icon: 'system',
    needs: ['system.read', 'quarantine.read', 'trail.read'],
    group: 3,
  },
]

const ME: Place = { to: '/me', word: 'nav.me', icon: 'person', needs: [], group: 1 }

/** What is reached from another page rather than from the menu. */
const INNER: { to: string; needs: Verb[] }[] = [{ to: '/conversations', needs: ['message.read'] }]

export const may = (me: Me, verb: Verb): boolean => me.can.includes(verb)

const open = (me: Me, needs: Verb[]): boolean => needs.some(verb => may(me, verb))

/** Whoever has no page of work still has the page that says what happens here. */
export function placesOf(me: Me): Place[] {
  const places = PLACES.filter(place => open(me, place.needs))
  return places.length > 0 ? places : [ME]
}

/** Rules are looked up; nobody's day begins there. */
export function homeOf(me: Me): Place['to'] {
  const places = placesOf(me)
  return (places.find(place => place.to !== '/rules') ?? places[0] ?? ME).to
}

/** May this address be opened? The server asks again for everything it gives; this only spares a failed page. */
export function mayOpen(me: Me, pathname: string): boolean {
  const door = [...PLACES, ...INNER].find(({ to }) => pathname === to || pathname.startsWith(`${to}/`))
  return door === undefined || open(me, door.needs)
}
