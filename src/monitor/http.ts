import { z } from 'zod'
import { type Db, type Kit, now } from '../base/index.ts'
import { behaviourList } from './behaviour/contract.ts'
import { behaviourViews } from './behaviour/view.ts'
import { hitList, hitsQuery, ruleList } from './contract.ts'
import { conversationHits } from './hits.ts'
import { type RuleSet, ruleDetails } from './rules.ts'

export function monitorRoutes(deps: { db: Db; rules: () => RuleSet }): (kit: Kit) => void {
  return kit => {
    kit.route({
      method: 'GET',
      url: '/api/rules',
      verb: 'rule.read',
      summary: 'The rules in force, with clause and legal basis',
      response: ruleList,
      handler: () => {
        const { packs, version } = deps.rules()
        return { items: ruleDetails(deps.rules()), version, layer: packs.layer ?? null }
      },
    })
    kit.route({
      method: 'GET',
      url: '/api/rules/behaviour',
      verb: 'rule.read',
      summary: 'Behaviour rules in force: window, thresholds, examples, findings of the last thirty days',
      response: behaviourList,
      handler: async ({ actor }) => ({
        items: await behaviourViews(deps.db, actor.house, deps.rules(), now()),
      }),
    })
    kit.route({
      method: 'GET',
      url: '/api/conversations/:convId/hits',
      verb: 'message.read',
      summary: 'Hits in a conversation between two moments',
      params: z.object({ convId: z.string().regex(/^\d{1,19}$/) }),
      query: hitsQuery,
      response: hitList,
      handler: async ({ actor, params, query }) => ({
        items: await conversationHits(deps.db, actor, deps.rules(), {
          convId: params.convId,
          from: query.from,
          to: query.to,
        }),
      }),
    })
  }
}
