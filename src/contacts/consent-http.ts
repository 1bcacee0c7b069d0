import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Db, Kit } from '../base/index.ts'
import { historyOf } from './consent-history.ts'
import {
  consentParams,
  customerHistory,
  enteredPaper,
  newOptOut,
  newPaper,
  optOutList,
  paperList,
  paperVerdict,
  writeAnswer,
  writeQuestion,
} from './contract.ts'
import { askMayWrite, enterOptOut, optOutsOf } from './may-write.ts'
import { decidePaper, enterPaper, listPapers, readPaperFile } from './paper.ts'

const paperParams = z.object({ id: z.uuid() })

/** Entrances of consent: one customer's history, choices on paper, the list of opt-outs, and the question before writing. */
export function consentRoutes({ db }: { db: Db }): (kit: Kit) => void {
  return kit => {
    kit.route({
      method: 'GET',
      url: '/api/consent/customers/:id/history',
      verb: 'notice.read',
      summary: 'What one customer was told and chose: when it happened and when it was learnt',
      params: consentParams,
      response: customerHistory,
      handler: ({ actor, params }) => historyOf(db, actor, params.id),
    })
    kit.route({
      method: 'GET',
      url: '/api/consent/may-write',
      verb: 'notice.read',
      summary:
        'May this customer, or everybody in this room, be written to for this purpose; reasons as codes',
      query: writeQuestion,
      response: writeAnswer,
      handler: ({ actor, query }) => askMayWrite(db, actor, query),
    })
    kit.route({
      method: 'GET',
      url: '/api/consent/opt-outs',
      verb: 'notice.read',
      summary: 'Who wants no marketing, as it holds today',
      response: optOutList,
      handler: ({ actor }) => optOutsOf(db, actor),
    })
    kit.route({
      method: 'POST',
      url: '/api/consent/opt-outs',
      verb: 'consent.record',
      summary: 'Write down that a customer wants no marketing, or wants it again',
      body: newOptOut,
      response: z.object({ fresh: z.boolean() }),
      handler: async ({ actor, body }) => ({ fresh: await enterOptOut(db, actor, body) }),
    })
    paperRoutes(db, kit)
  }
}

function paperRoutes(db: Db, kit: Kit): void {
  kit.route({
    method: 'GET',
    url: '/api/consent/papers',
    verb: 'notice.read',
    summary: 'Choices made on paper; those that wait for a second person first',
    response: paperList,
    handler: async ({ actor }) => ({ items: await listPapers(db, actor) }),
  })
  kit.route({
    method: 'POST',
    url: '/api/consent/papers',
    verb: 'consent.record',
    summary:
      'Enter a choice made on paper, with its evidence; a refusal taken back waits for a second person',
    body: newPaper,
    response: enteredPaper,
    handler: ({ actor, body }) => enterPaper(db, actor, body),
  })
  kit.route({
    method: 'POST',
    url: '/api/consent/papers/:id/decision',
    verb: 'consent.confirm',
    summary: "The second person's word on a refusal taken back",
    params: paperParams,
    body: paperVerdict,
    response: 'empty',
    handler: ({ actor, params, body }) => decidePaper(db, actor, params.id, body.verdict),
  })
  kit.route({
    method: 'GET',
    url: '/api/consent/papers/:id/file',
    verb: 'notice.read',
    summary: 'The evidence of a choice on paper, held against its hash',
    params: paperParams,
    response: 'bytes',
    handler: async ({ actor, params, reply }) => {
      const { name, bytes } = await readPaperFile(db, actor, params.id)
      reply.headers({
        'content-type': 'application/octet-stream',
        'content-length': bytes.length,
        'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
        'content-security-policy': "default-src 'none'; sandbox",
      })
      return Readable.from([bytes], { objectMode: false })
    },
  })
}
