import { z } from 'zod'
import type { Db, Kit } from '../base/index.ts'
import { searchPage, searchQuery, transcript, transcriptQuery } from './contract.ts'
import { search } from './search.ts'
import { readTranscript } from './transcript.ts'

/** Entrances of the archive: a conversation as it looked, and search. */
export function archiveRoutes(deps: { db: Db }): (kit: Kit) => void {
  return kit => {
    kit.route({
      method: 'GET',
      url: '/api/conversations/:convId/messages',
      verb: 'message.read',
      summary: 'A conversation around a moment, or onward from a cursor',
      params: z.object({ convId: z.string().regex(/^\d{1,19}$/) }),
      query: transcriptQuery,
      response: transcript,
      handler: ({ actor, params, query }) => readTranscript(deps.db, actor, params.convId, query),
    })
    kit.route({
      method: 'GET',
      url: '/api/search',
      verb: 'message.search',
      summary: 'Search the archive',
      query: searchQuery,
      response: searchPage,
      handler: ({ actor, query }) => search(deps.db, actor, query),
    })
  }
}
