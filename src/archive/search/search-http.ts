import { Readable } from 'node:stream'
import { z } from 'zod'
import { type Db, dayOf, type Kit, now } from '../../base/index.ts'
import {
  exportAsk,
  exportState as exportStateShape,
  keptSearches,
  newSavedSearch,
  searchFields,
  searchPage,
  searchQuery,
} from '../contract.ts'
import type { RuleNames } from './criteria.ts'
import { askExport, downloadExport, exportState } from './export.ts'
import { deleteSaved, recentSearches, remember, runSaved, savedSearches, saveSearch } from './saved.ts'
import { search } from './search.ts'

const one = z.object({ id: z.uuid() })

/** /api/search: results, what is kept of searches, exports. */
export function searchRoutes({ db, rules }: { db: Db; rules: RuleNames }): (kit: Kit) => void {
  return kit => {
    kit.route({
      method: 'GET',
      url: '/api/search',
      verb: 'message.search',
      summary: 'Search the archive',
      query: searchQuery,
      response: searchPage,
      handler: async ({ actor, query }) => {
        const page = await search(db, actor, query, rules)
        if (query.cursor === undefined) await remember(db, actor, searchFields.parse(query))
        return page
      },
    })
    keptRoutes(kit, db)
    exportRoutes(kit, db, rules)
  }
}

function keptRoutes(kit: Kit, db: Db): void {
  kit.route({
    method: 'GET',
    url: '/api/search/kept',
    verb: 'message.search',
    summary: "One's own and the team's saved searches, and one's last searches",
    response: keptSearches,
    handler: async ({ actor }) => ({
      saved: await savedSearches(db, actor),
      recent: await recentSearches(db, actor),
    }),
  })
  kit.route({
    method: 'POST',
    url: '/api/search/kept',
    verb: 'message.search',
    summary: 'Save a search by name, for oneself or the team',
    body: newSavedSearch,
    response: z.object({ id: z.string() }),
    handler: ({ actor, body }) => saveSearch(db, actor, body),
  })
  kit.route({
    method: 'POST',
    url: '/api/search/kept/:id/run',
    verb: 'message.search',
    summary: 'Note that a saved search is run again',
    params: one,
    response: 'empty',
    handler: ({ actor, params }) => runSaved(db, actor, params.id),
  })
  kit.route({
    method: 'DELETE',
    url: '/api/search/kept/:id',
    verb: 'message.search',
    summary: "Delete one's saved search; it can be taken back",
    params: one,
    response: 'empty',
    handler: ({ actor, params }) => deleteSaved(db, actor, params.id, true),
  })
  kit.route({
    method: 'POST',
    url: '/api/search/kept/:id/restore',
    verb: 'message.search',
    summary: 'Take a deletion back',
    params: one,
    response: 'empty',
    handler: ({ actor, params }) => deleteSaved(db, actor, params.id, false),
  })
}

function exportRoutes(kit: Kit, db: Db, rules: RuleNames): void {
  kit.route({
    method: 'POST',
    url: '/api/search/exports',
    verb: 'message.export',
    summary: 'Ask for an export, with the reason; it is then downloaded once',
    body: exportAsk,
    response: z.object({ id: z.string() }),
    handler: ({ actor, body }) => askExport(db, actor, body, rules),
  })
  kit.route({
    method: 'GET',
    url: '/api/search/exports/:id',
    verb: 'message.export',
    summary: 'How far an export has come',
    params: one,
    response: exportStateShape,
    handler: ({ actor, params }) => exportState(db, actor, params.id),
  })
  kit.route({
    method: 'GET',
    url: '/api/search/exports/:id/file',
    verb: 'message.export',
    summary: 'The rows as they are read; memory and disk of the server stay flat',
    params: one,
    response: 'bytes',
    handler: async ({ actor, params, reply }) => {
      const { format, bytes } = await downloadExport(db, actor, params.id, rules)
      const name = `tongjian-search-${dayOf(now(), actor.house.zone)}-${params.id.slice(-6)}.${format}`
      reply.headers({
        'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8',
        'content-disposition': `attachment; filename="${name}"`,
      })
      return Readable.from(bytes, { objectMode: false })
    },
  })
}
