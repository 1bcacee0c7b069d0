import type { Kit } from '../base/index.ts'
import { aboutView, quarantinePage, systemView } from './contract.ts'
import type { Premises } from './house.ts'
import type { Services } from './services.ts'
import { quarantineState, systemState } from './system.ts'

export function systemRoutes(deps: {
  premises: Premises
  services: Services
  startedAt: number
}): (kit: Kit) => void {
  const { premises, services, startedAt } = deps
  return kit => {
    kit.route({
      method: 'GET',
      url: '/api/about',
      verb: 'public',
      summary: 'Is this the demo? Nothing else is said before signing in',
      response: aboutView,
      handler: () => ({ demo: premises.house.demo }),
    })
    kit.route({
      method: 'GET',
      url: '/api/system',
      verb: 'system.read',
      summary: 'The state of capture, archive, ledger and jobs',
      response: systemView,
      handler: ({ actor }) => systemState(premises, services, startedAt, actor),
    })
    kit.route({
      method: 'GET',
      url: '/api/quarantine',
      verb: 'quarantine.read',
      summary: 'Records that could not be archived, with the reason',
      response: quarantinePage,
      handler: ({ actor }) => quarantineState(premises, actor),
    })
  }
}
