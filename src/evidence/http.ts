import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Blobs, Db, JobQueue, Kit } from '../base/index.ts'
import type { Outside } from '../notary/index.ts'
import {
  evidenceCreated,
  evidenceDecision,
  evidenceEstimate,
  evidenceList,
  evidenceQuery,
  evidenceRequest,
  evidenceScope,
  evidenceState,
  evidenceView,
} from './contract.ts'
import { takePackage } from './download.ts'
import { decide, estimate, requestPackage, retry, withdraw } from './request.ts'
import { listPackages, packageView } from './view.ts'

const one = z.object({ id: z.uuid() })
const nowIn = z.object({ state: evidenceState })

export type EvidenceDeps = { db: Db; jobs: JobQueue; outside: Outside; packages: Blobs }

/** Entrances of evidence packages: list, ask, decide, fetch. */
export function evidenceRoutes(deps: EvidenceDeps): (kit: Kit) => void {
  return kit => {
    looks(kit, deps)
    acts(kit, deps)
  }
}

function looks(kit: Kit, deps: EvidenceDeps): void {
  kit.route({
    method: 'GET',
    url: '/api/evidence',
    verb: 'evidence.read',
    summary: 'Evidence packages, newest first',
    query: evidenceQuery,
    response: evidenceList,
    handler: ({ actor, query }) => listPackages(deps.db, actor, deps.outside, query),
  })
  kit.route({
    method: 'GET',
    url: '/api/evidence/:id',
    verb: 'evidence.read',
    summary: 'One evidence package: request, decision, progress, downloads',
    params: one,
    response: evidenceView,
    handler: ({ actor, params }) => packageView(deps.db, actor, params.id),
  })
  kit.route({
    method: 'GET',
    url: '/api/evidence/:id/file',
    verb: 'evidence.download',
    summary: 'The finished package as a zip; each download is recorded',
    params: one,
    response: 'bytes',
    handler: async ({ actor, params, reply }) => {
      const file = await takePackage(deps.db, actor, deps.packages, { id: params.id })
      reply.headers({
        'content-type': 'application/zip',
        'content-length': file.size,
        'content-disposition': `attachment; filename="${file.name}"`,
      })
      return Readable.from(file.bytes(), { objectMode: false })
    },
  })
}

function acts(kit: Kit, deps: EvidenceDeps): void {
  const { db, jobs } = deps
  kit.route({
    method: 'POST',
    url: '/api/evidence/estimate',
    verb: 'evidence.request',
    summary: 'What a scope would come to',
    body: evidenceScope,
    response: evidenceEstimate,
    handler: ({ actor, body }) => estimate(db, actor, body.stretches),
  })
  kit.route({
    method: 'POST',
    url: '/api/evidence',
    verb: 'evidence.request',
    summary: 'Ask for a package; a second person decides',
    body: evidenceRequest,
    response: evidenceCreated,
    handler: ({ actor, body }) => requestPackage(db, actor, body),
  })
  kit.route({
    method: 'POST',
    url: '/api/evidence/:id/decision',
    verb: 'evidence.approve',
    summary: "Approve or refuse another's request",
    params: one,
    body: evidenceDecision,
    response: nowIn,
    handler: async ({ actor, params, body }) => ({
      state: await decide(db, actor, jobs, params.id, body),
    }),
  })
  kit.route({
    method: 'POST',
    url: '/api/evidence/:id/withdraw',
    verb: 'evidence.request',
    summary: "Take one's own request back",
    params: one,
    response: nowIn,
    handler: async ({ actor, params }) => ({ state: await withdraw(db, actor, params.id) }),
  })
  kit.route({
    method: 'POST',
    url: '/api/evidence/:id/retry',
    verb: 'evidence.request',
    summary: 'Build again what failed',
    params: one,
    response: nowIn,
    handler: async ({ actor, params }) => ({ state: await retry(db, actor, jobs, params.id) }),
  })
}
