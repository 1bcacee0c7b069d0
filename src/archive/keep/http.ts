import { z } from 'zod'
import type { Kit } from '../../base/index.ts'
import { readDestruction } from './certificate.ts'
import { approvePurgeClass, endPurgeClass, proposePurgeClass, readRetention } from './classes.ts'
import {
  becauseOf,
  decidePurge,
  destructionView,
  dryRun,
  explainQuery,
  explainView,
  holdList,
  placeHold,
  proposeClass,
  purgeList,
  purgeScope,
  recordAnchor,
  requestPurge as requestInput,
  retentionView,
} from './contract.ts'
import { explainRetention } from './explain.ts'
import { anchorConversation, listHolds, place, release } from './holds.ts'
import {
  decidePurgeRequest,
  type KeepDeps,
  listPurges,
  previewPurge,
  requestPurge,
  withdrawPurge,
} from './requests.ts'

const byId = z.object({ id: z.uuid() })
const made = z.object({ id: z.uuid() })

/** Entrances of retention: what is in force, holds, purges and their certificates. */
export function keepRoutes(deps: KeepDeps): (kit: Kit) => void {
  return kit => {
    scheduleRoutes(kit, deps)
    holdRoutes(kit, deps)
    purgeRoutes(kit, deps)
  }
}

function scheduleRoutes(kit: Kit, deps: KeepDeps): void {
  const { db, institution } = deps
  kit.route({
    method: 'GET',
    url: '/api/retention',
    verb: 'retention.read',
    summary: 'The retention schedule in force and the purge classes',
    response: retentionView,
    handler: ({ actor }) => readRetention(db, actor, institution, deps.purgeReady),
  })
  kit.route({
    method: 'GET',
    url: '/api/retention/explain',
    verb: 'message.read',
    summary: 'Why a message is kept, until when, and who may change it',
    query: explainQuery,
    response: explainView,
    handler: ({ actor, query }) => explainRetention(deps, actor, query.msgid),
  })
  kit.route({
    method: 'POST',
    url: '/api/retention/classes',
    verb: 'retention.propose',
    summary: 'Propose that a material may be destroyed after its period; a second person approves',
    body: proposeClass,
    response: made,
    handler: async ({ actor, body }) => ({ id: await proposePurgeClass(db, actor, institution, body) }),
  })
  kit.route({
    method: 'POST',
    url: '/api/retention/classes/:id/approval',
    verb: 'retention.approve',
    summary: 'Approve a proposed purge class',
    params: byId,
    response: 'empty',
    handler: ({ actor, params }) => approvePurgeClass(db, actor, params.id),
  })
  kit.route({
    method: 'POST',
    url: '/api/retention/classes/:id/end',
    verb: 'retention.end',
    summary: 'Withdraw or disable a purge class; one person is enough',
    params: byId,
    body: becauseOf,
    response: 'empty',
    handler: ({ actor, params, body }) => endPurgeClass(db, actor, params.id, body),
  })
  kit.route({
    method: 'POST',
    url: '/api/retention/anchors',
    verb: 'retention.propose',
    summary: 'Record what starts a period, or that it goes on after all',
    body: recordAnchor,
    response: 'empty',
    handler: ({ actor, body }) => anchorConversation(db, actor, body),
  })
}

function holdRoutes(kit: Kit, { db }: KeepDeps): void {
  kit.route({
    method: 'GET',
    url: '/api/holds',
    verb: 'retention.read',
    summary: 'All holds, newest first',
    response: holdList,
    handler: ({ actor }) => listHolds(db, actor),
  })
  kit.route({
    method: 'POST',
    url: '/api/holds',
    verb: 'hold.place',
    summary: 'Place a hold on a person, customer, conversation or search',
    body: placeHold,
    response: made,
    handler: async ({ actor, body }) => ({ id: await place(db, actor, body) }),
  })
  kit.route({
    method: 'POST',
    url: '/api/holds/:id/release',
    verb: 'hold.release',
    summary: 'Release a hold that another person placed',
    params: byId,
    body: becauseOf,
    response: 'empty',
    handler: ({ actor, params, body }) => release(db, actor, params.id, body),
  })
}

function purgeRoutes(kit: Kit, deps: KeepDeps): void {
  const { db } = deps
  kit.route({
    method: 'GET',
    url: '/api/purges',
    verb: 'retention.read',
    summary: 'Purge requests with their dry runs, decisions and progress, newest first',
    response: purgeList,
    handler: ({ actor }) => listPurges(db, actor),
  })
  kit.route({
    method: 'POST',
    url: '/api/purges/preview',
    verb: 'retention.read',
    summary: 'What a purge would destroy and what would stay, by reason; changes nothing',
    body: z.object({ scope: purgeScope }),
    response: dryRun,
    handler: ({ actor, body }) => previewPurge(deps, actor, body.scope),
  })
  kit.route({
    method: 'POST',
    url: '/api/purges',
    verb: 'retention.propose',
    summary: 'Ask for a destruction; it stands as refused when nothing in its scope may go',
    body: requestInput,
    response: made,
    handler: async ({ actor, body }) => ({ id: await requestPurge(deps, actor, body) }),
  })
  kit.route({
    method: 'POST',
    url: '/api/purges/:id/decision',
    verb: 'retention.approve',
    summary: 'Approve or reject a destruction another person asked for',
    params: byId,
    body: decidePurge,
    response: 'empty',
    handler: ({ actor, params, body }) => decidePurgeRequest(deps, actor, params.id, body),
  })
  kit.route({
    method: 'POST',
    url: '/api/purges/:id/withdrawal',
    verb: 'retention.propose',
    summary: 'Take back a request of one’s own before it is decided',
    params: byId,
    body: becauseOf,
    response: 'empty',
    handler: ({ actor, params, body }) => withdrawPurge(deps, actor, params.id, body),
  })
  kit.route({
    method: 'GET',
    url: '/api/purges/:id/certificate',
    verb: 'retention.read',
    summary: 'The certificate of destruction with its hash list',
    params: byId,
    response: destructionView,
    handler: ({ actor, params }) => readDestruction(db, actor, params.id),
  })
}
