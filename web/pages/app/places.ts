import type { Me, Verb } from '../../../src/people/contract.ts'
import type { IconName } from '../../ui/icons.tsx'

export type Place = {
  to:
    | '/alerts'
    | '/cases'
    | '/wall'
    | '/samples'
    | '/quality'
    | '/search'
    | '/evidence'
    | '/consent'
    | '/rules'
    | '/policies'
    | '/complaints'
    | '/mine'
    | '/retention'
    | '/delivery'
    | '/system'
    | '/me'
  word:
    | 'nav.alerts'
    | 'nav.cases'
    | 'nav.wall'
    | 'nav.samples'
    | 'nav.quality'
    | 'nav.search'
    | 'nav.evidence'
    | 'nav.consent'
    | 'nav.rules'
    | 'nav.policies'
    | 'nav.complaints'
    | 'nav.mine'
    | 'nav.retention'
    | 'nav.delivery'
    | 'nav.system'
    | 'nav.me'
  icon: IconName
  /** any one of these opens the page */
  needs: Verb[]
  /** a hairline stands above the first place of a group */
  group: number
}

/** The officer's order of the day. Pages that do not exist yet are not promised. */
const PLACES: Place[] = [
  { to: '/alerts', word: 'nav.alerts', icon: 'alert', needs: ['alert.read'], group: 1 },
  { to: '/cases', word: 'nav.cases', icon: 'folder', needs: ['alert.read'], group: 1 },
  { to: '/wall', word: 'nav.wall', icon: 'eye', needs: ['wall.watch', 'stepin.answer'], group: 1 },
  { to: '/complaints', word: 'nav.complaints', icon: 'phone', needs: ['complaint.read'], group: 1 },
  { to: '/search', word: 'nav.search', icon: 'search', needs: ['message.search'], group: 2 },
  { to: '/samples', word: 'nav.samples', icon: 'list', needs: ['sample.read'], group: 2 },
  { to: '/quality', word: 'nav.quality', icon: 'eye', needs: ['sample.review'], group: 2 },
  { to: '/consent', word: 'nav.consent', icon: 'chats', needs: ['notice.read'], group: 2 },
  { to: '/evidence', word: 'nav.evidence', icon: 'seal', needs: ['evidence.read'], group: 2 },
  { to: '/mine', word: 'nav.mine', icon: 'calendar', needs: ['training.do'], group: 1 },
  { to: '/policies', word: 'nav.policies', icon: 'list', needs: ['points.read'], group: 3 },
  { to: '/rules', word: 'nav.rules', icon: 'rules', needs: ['rule.read'], group: 3 },
  { to: '/retention', word: 'nav.retention', icon: 'archive', needs: ['retention.read'], group: 3 },
  { to: '/delivery', word: 'nav.delivery', icon: 'phone', needs: ['delivery.manage'], group: 3 },
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
