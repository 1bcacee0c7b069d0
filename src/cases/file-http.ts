import { z } from 'zod'
import { type Db, inTransaction, type Kit } from '../base/index.ts'
import type { RuleSet } from '../monitor/index.ts'
import { caseDetail, caseList, caseMade, caseMove, caseQuery, openCase } from './file-contract.ts'
import { caseDetailOf, readCase } from './file-view.ts'
import { listCases, moveCase, openByHand, visibleCase } from './files.ts'

const byId = z.object({ id: z.uuid() })

/** Entrances of case files: list, read, open from an alert, move. */
export function caseFileRoutes(deps: { db: Db; rules: () => RuleSet }): (kit: Kit) => void {
  return kit => {
    kit.route({
      method: 'GET',
      url: '/api/cases',
      verb: 'alert.read',
      summary: 'Cases, not closed first',
      query: caseQuery,
      response: caseList,
      handler: ({ actor, query }) => listCases(deps.db, actor, query),
    })
    kit.route({
      method: 'GET',
      url: '/api/cases/:id',
      verb: 'alert.read',
      summary: 'One case: its alerts and everything that happened, on one line of time',
      params: byId,
      response: caseDetail,
      handler: ({ actor, params }) => readCase(deps.db, actor, deps.rules(), params.id),
    })
    kit.route({
      method: 'POST',
      url: '/api/cases',
      verb: 'alert.decide',
      summary: 'Open a case from an alert',
      body: openCase,
      response: caseMade,
      handler: ({ actor, body }) => openByHand(deps.db, actor, body.alert),
    })
    kit.route({
      method: 'POST',
      url: '/api/cases/:id/move',
      verb: 'alert.decide',
      summary: 'Put right, close or reopen a case',
      params: byId,
      body: caseMove,
      response: caseDetail,
      handler: ({ actor, params, body }) =>
        inTransaction(deps.db, async tx => {
          await moveCase(tx, actor, params.id, body)
          return caseDetailOf(tx, actor, deps.rules(), await visibleCase(tx, actor, params.id))
        }),
    })
  }
}
