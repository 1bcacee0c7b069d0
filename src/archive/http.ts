import { z } from 'zod'
import type { Blobs, Db, Kit } from '../base/index.ts'
import type { Outside } from '../notary/index.ts'
import {
  mediaQuery,
  messageProof,
  messageView,
  originalQuery,
  place,
  placeQuery,
  proofQuery,
  transcript,
  transcriptQuery,
} from './contract.ts'
import { serveMedia } from './media-http.ts'
import { readOriginal } from './original.ts'
import { findPlace } from './places.ts'
import { proveMessage } from './prove.ts'
import type { RuleNames } from './search/criteria.ts'
import { searchRoutes } from './search/search-http.ts'
import { readTranscript } from './transcript.ts'

/** Entrances of the archive: a conversation as it looked, search, files, proofs. */
export function archiveRoutes(deps: {
  db: Db
  media: Blobs
  outside: Outside
  rules: RuleNames
}): (kit: Kit) => void {
  return kit => {
    kit.route({
      method: 'GET',
      url: '/api/conversations/:convId/messages',
      verb: 'message.read',
      summary: 'A conversation around a moment or onward from a cursor, as it looks or as it looked',
      params: z.object({ convId: z.string().regex(/^\d{1,19}$/) }),
      query: transcriptQuery,
      response: transcript,
      handler: ({ actor, params, query }) => readTranscript(deps.db, actor, params.convId, query),
    })
    searchRoutes(deps)(kit)
    kit.route({
      method: 'GET',
      url: '/api/conversations/:convId/proof',
      verb: 'message.read',
      summary: 'The proof that a message stands in the signed ledger, as a file others can check',
      params: z.object({ convId: z.string().regex(/^\d{1,19}$/) }),
      query: proofQuery,
      response: messageProof,
      handler: async ({ actor, params, query, reply }) => {
        const proof = await proveMessage(deps.db, actor, deps.outside, { ...params, ...query })
        reply.header('content-disposition', `attachment; filename="proof-${proof.leaf.index}.json"`)
        return proof
      },
    })
    kit.route({
      method: 'GET',
      url: '/api/conversations/:convId/media',
      verb: 'message.read',
      summary: 'A file of a message, held against its hash before it goes out',
      params: z.object({ convId: z.string().regex(/^\d{1,19}$/) }),
      query: mediaQuery,
      response: 'bytes',
      handler: ({ actor, params, query, request, reply }) =>
        serveMedia(deps, actor, { ...params, ...query }, request.headers.range, reply),
    })
    kit.route({
      method: 'GET',
      url: '/api/conversations/:convId/original',
      verb: 'message.read',
      summary: 'The words of one message, recalled ones too; the look is recorded',
      params: z.object({ convId: z.string().regex(/^\d{1,19}$/) }),
      query: originalQuery,
      response: messageView,
      handler: ({ actor, params, query }) => readOriginal(deps.db, actor, { ...params, ...query }),
    })
    kit.route({
      method: 'GET',
      url: '/api/conversations/:convId/place',
      verb: 'message.read',
      summary: 'The next or previous message, or the next one with a hit',
      params: z.object({ convId: z.string().regex(/^\d{1,19}$/) }),
      query: placeQuery,
      response: place,
      handler: ({ actor, params, query }) => findPlace(deps.db, actor, params.convId, query),
    })
  }
}
