import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Db, Kit } from '../base/index.ts'
import type { RuleSet } from '../monitor/index.ts'
import { reportQuery } from './contract.ts'
import { inspectionReport } from './inspection-report.ts'

type Deps = { db: Db; rules: () => RuleSet }
const byId = z.object({ id: z.uuid() })
const TYPES = {
  pdf: 'application/pdf',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
}

export function insightRoutes({ db, rules }: Deps): (kit: Kit) => void {
  return kit =>
    kit.route({
      method: 'GET',
      url: '/api/samples/:id/report',
      verb: 'sample.read',
      summary: 'The report of an inspection: figures with interval and base, seed and checkpoint, findings',
      params: byId,
      query: reportQuery,
      response: 'bytes',
      handler: async ({ actor, params, query, reply }) => {
        const { number, bytes } = await inspectionReport(db, actor, rules(), params.id, query.format)
        reply.headers({
          'content-type': TYPES[query.format],
          'content-disposition': `attachment; filename="${number}.${query.format}"`,
        })
        return Readable.from(bytes, { objectMode: false })
      },
    })
}
