import { z } from 'zod'
import { type Db, inTransaction, type Kit } from '../base/index.ts'
import { findPeople, foundPeople, revealed, reveal as revealInput } from '../people/contract.ts'
import { findParties } from './parties.ts'
import { reveal } from './reveal.ts'

/** GET /api/people/find, POST /api/contacts/:id/reveal. */
export function contactsRoutes(deps: { db: Db }): (kit: Kit) => void {
  return kit => {
    kit.route({
      method: 'GET',
      url: '/api/people/find',
      verb: 'message.search',
      summary: 'staff, customers and groups by name or id; customers masked',
      query: findPeople,
      response: foundPeople,
      handler: async ({ actor, query }) => ({ items: await findParties(deps.db, actor, query.q) }),
    })
    kit.route({
      method: 'POST',
      url: '/api/contacts/:id/reveal',
      verb: 'contact.reveal',
      summary: "a customer's name in clear, with a reason that goes into the trail",
      params: z.object({ id: z.string().min(1).max(64) }),
      body: revealInput,
      response: revealed,
      handler: ({ actor, params, body }) =>
        inTransaction(deps.db, tx => reveal(tx, actor, { ...params, ...body })),
    })
  }
}
