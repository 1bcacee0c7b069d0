import { type Db, inTransaction, type Kit } from '../base/index.ts'
import { trailPage, trailQuery } from './contract.ts'
import { list } from './read.ts'
import { record } from './record.ts'

/** GET /api/trail. Whoever reads the trail is in it. */
export function trailRoutes(deps: { db: Db }): (kit: Kit) => void {
  return kit => {
    kit.route({
      method: 'GET',
      url: '/api/trail',
      verb: 'trail.read',
      summary: 'who did what, newest first',
      query: trailQuery,
      response: trailPage,
      handler: ({ actor, query }) =>
        inTransaction(deps.db, async tx => {
          const page = await list(tx, actor, query)
          const detail = { actor: query.actor, verb: query.verb, shown: page.items.length }
          await record(tx, actor, { verb: 'trail.read', thing: { kind: 'trail', id: 'all' }, detail })
          return page
        }),
    })
  }
}
