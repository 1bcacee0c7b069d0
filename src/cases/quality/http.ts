import { z } from 'zod'
import type { Db, Kit } from '../../base/index.ts'
import { assignLooks, giveVerdict, lookList, lookRow, looksAssigned, qualityView } from './contract.ts'
import { assign, concludeLook, listLooks, openLook } from './looks.ts'
import { readQuality } from './view.ts'

const byId = z.object({ id: z.uuid() })

export function qualityRoutes({ db }: { db: Db }): (kit: Kit) => void {
  return kit => {
    kit.route({
      method: 'GET',
      url: '/api/quality',
      verb: 'case.lead',
      summary: 'How reviewers review: agreement, reading time, workload; leads only',
      response: qualityView,
      handler: ({ actor }) => readQuality(db, actor),
    })
    kit.route({
      method: 'POST',
      url: '/api/quality/assign',
      verb: 'case.lead',
      summary: 'Give a share of what was concluded to another reviewer',
      body: assignLooks,
      response: looksAssigned,
      handler: ({ actor, body }) => assign(db, actor, body),
    })
    kit.route({
      method: 'GET',
      url: '/api/quality/looks',
      verb: 'sample.review',
      summary: 'What waits for a second conclusion by whoever asks',
      response: lookList,
      handler: ({ actor }) => listLooks(db, actor),
    })
    kit.route({
      method: 'POST',
      url: '/api/quality/looks/:id/opened',
      verb: 'sample.review',
      summary: 'Begin to read: a look, not a conclusion',
      params: byId,
      response: lookRow,
      handler: ({ actor, params }) => openLook(db, actor, params.id),
    })
    kit.route({
      method: 'POST',
      url: '/api/quality/looks/:id/verdict',
      verb: 'sample.review',
      summary: 'The second conclusion',
      params: byId,
      body: giveVerdict,
      response: 'empty',
      handler: async ({ actor, params, body }) => concludeLook(db, actor, params.id, body),
    })
  }
}
