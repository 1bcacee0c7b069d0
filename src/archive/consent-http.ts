import { z } from 'zod'
import type { Db, Kit } from '../base/index.ts'
import { unlockedMessages } from './contract.ts'
import { newUnlock, refusedList, unlockList, unlockVerdict } from './refusal-contract.ts'
import { listRefused } from './refused.ts'
import { decideUnlock, listUnlocks, readUnlocked, requestUnlock } from './unlock.ts'

const params = z.object({ id: z.uuid() })

/** What refusals did to the archive, and the way in where a dispute or a regulator needs it. */
export function refusalRoutes({ db }: { db: Db }): (kit: Kit) => void {
  return kit => {
    kit.route({
      method: 'GET',
      url: '/api/consent/refused',
      verb: 'notice.read',
      summary: 'Customers who refuse the archive, and what was not kept of them',
      response: refusedList,
      handler: ({ actor }) => listRefused(db, actor),
    })
    kit.route({
      method: 'GET',
      url: '/api/restricted/unlocks',
      verb: 'restricted.read',
      summary: 'Requests to read restricted messages; those that wait first',
      response: unlockList,
      handler: ({ actor }) => listUnlocks(db, actor),
    })
    kit.route({
      method: 'POST',
      url: '/api/restricted/unlocks',
      verb: 'restricted.request',
      summary: 'Ask to read restricted messages of a conversation, for a dispute or a regulator',
      body: newUnlock,
      response: z.object({ id: z.string() }),
      handler: async ({ actor, body }) => ({ id: await requestUnlock(db, actor, body) }),
    })
    kit.route({
      method: 'POST',
      url: '/api/restricted/unlocks/:id/decision',
      verb: 'restricted.approve',
      summary: "The second person's word on a request",
      params,
      body: unlockVerdict,
      response: 'empty',
      handler: ({ actor, params: { id }, body }) => decideUnlock(db, actor, id, body.verdict),
    })
    kit.route({
      method: 'GET',
      url: '/api/restricted/unlocks/:id/messages',
      verb: 'restricted.read',
      summary: 'The restricted messages of an open request, for the two who opened it',
      params,
      response: unlockedMessages,
      handler: ({ actor, params: { id } }) => readUnlocked(db, actor, id),
    })
  }
}
