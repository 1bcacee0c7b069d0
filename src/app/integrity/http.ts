import { z } from 'zod'
import type { Kit } from '../../base/index.ts'
import { integrityView, messageSeals, seenQuery } from '../contract.ts'
import type { Premises } from '../house.ts'
import { integrityState, sealsOf } from './view.ts'

export function integrityRoutes(premises: Premises): (kit: Kit) => void {
  return kit => {
    kit.route({
      method: 'GET',
      url: '/api/integrity',
      verb: 'system.read',
      summary: 'Is the archive what it was: patrol, findings, and what lags behind',
      response: integrityView,
      handler: ({ actor }) => integrityState(premises, actor),
    })
    kit.route({
      method: 'GET',
      url: '/api/conversations/:convId/seals',
      verb: 'message.read',
      summary: 'Ledger index, sealing and last check of the messages between two moments',
      params: z.object({ convId: z.string().regex(/^\d{1,19}$/) }),
      query: seenQuery,
      response: messageSeals,
      handler: ({ actor, params, query }) => sealsOf(premises, actor, { ...params, ...query }),
    })
  }
}
