import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Blobs, Db, Kit } from '../base/index.ts'
import { mediaQuery, searchPage, searchQuery, transcript, transcriptQuery } from './contract.ts'
import { readMedia } from './media.ts'
import { dispositionOf, sniff } from './media-type.ts'
import { search } from './search.ts'
import { readTranscript } from './transcript.ts'

/** Entrances of the archive: a conversation as it looked, and search. */
export function archiveRoutes(deps: { db: Db; media: Blobs }): (kit: Kit) => void {
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
    kit.route({
      method: 'GET',
      url: '/api/conversations/:convId/media',
      verb: 'message.read',
      summary: 'A file of a message, held against its hash before it goes out',
      params: z.object({ convId: z.string().regex(/^\d{1,19}$/) }),
      query: mediaQuery,
      response: 'bytes',
      handler: async ({ actor, params, query, reply }) => {
        const file = await readMedia(deps.db, actor, deps.media, { ...params, ...query })
        const type = sniff(file.head)
        reply.headers({
          'content-type': type.mime,
          'content-length': file.size,
          'content-disposition': dispositionOf(type, file.name),
          // Whatever the bytes are, they run nothing and load nothing in our name.
          'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        })
        return Readable.from(file.bytes(), { objectMode: false })
      },
    })
  }
}
