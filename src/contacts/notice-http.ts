import type { Db, Kit } from '../base/index.ts'
import { noticeCoverage, noticeList, noticeQuery } from './contract.ts'
import { coverageOf, exportNotices, listNotices } from './coverage.ts'

/** GET /api/notice/coverage, /api/notice/list, /api/notice/export. */
export function noticeRoutes({ db }: { db: Db }): (kit: Kit) => void {
  return kit => {
    kit.route({
      method: 'GET',
      url: '/api/notice/coverage',
      verb: 'notice.read',
      summary: 'How many customers and groups of archived staff were told about archiving, and agreed',
      response: noticeCoverage,
      handler: ({ actor }) => coverageOf(db, actor),
    })
    kit.route({
      method: 'GET',
      url: '/api/notice/list',
      verb: 'notice.read',
      summary: 'Who was told and who was not; customers masked',
      query: noticeQuery,
      response: noticeList,
      handler: ({ actor, query }) => listNotices(db, actor, query),
    })
    kit.route({
      method: 'GET',
      url: '/api/notice/export',
      verb: 'notice.read',
      summary: 'The same list in full as CSV',
      query: noticeQuery,
      response: 'text',
      handler: ({ actor, query, reply }) => {
        reply.type('text/csv; charset=utf-8')
        reply.header('content-disposition', `attachment; filename="notice-${query.kind}.csv"`)
        return exportNotices(db, actor, query)
      },
    })
  }
}
