import type { Me, Verb } from '../../../src/people/contract.ts'
import type { IconName } from '../../ui/icons.tsx'

export type Place = {
  to: '/alerts' | '/search' | '/rules' | '/system'
  word: 'nav.alerts' | 'nav.search' | 'nav.rules' | 'nav.system'
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

export const may = (me: Me, verb: Verb): boolean => me.can.includes(verb)

export const placesOf = (me: Me): Place[] => PLACES.filter(place => place.needs.some(verb => may(me, verb)))

export const homeOf = (me: Me): Place['to'] => placesOf(me)[0]?.to ?? '/rules'
