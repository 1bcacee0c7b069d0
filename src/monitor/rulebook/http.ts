import { z } from 'zod'
import type { Kit } from '../../base/index.ts'
import { askApply, askBacktest, cancelBacktest } from './backtest.ts'
import {
  backtestAsk,
  draftView,
  editDraft,
  exampleList,
  exampleQuery,
  fileName,
  newDraft,
  publishAsk,
  returnDraft as returnInput,
  rollbackAsk,
  rulebookView,
  testResult,
  tryAsk,
  tryResult,
} from './contract.ts'
import type { RulebookDeps } from './deps.ts'
import { textInForce } from './deps.ts'
import { changeDraft, discardDraft, makeDraft, returnDraft, submitDraft, testDraft } from './drafts.ts'
import { publishDraft, rollBack } from './publish.ts'
import { readExamples, tryDraft } from './try.ts'
import { readDraft, readRulebook } from './view.ts'

const byId = z.object({ id: z.uuid() })
const made = z.object({ id: z.uuid() })

/** Entrances of the rulebook: drafts, their tests and backtests, publication and the way back. */
export function rulebookRoutes(deps: RulebookDeps): (kit: Kit) => void {
  return kit => {
    draftRoutes(kit, deps)
    proofRoutes(kit, deps)
    publishRoutes(kit, deps)
  }
}

function draftRoutes(kit: Kit, deps: RulebookDeps): void {
  kit.route({
    method: 'GET',
    url: '/api/rulebook',
    verb: 'rule.read',
    summary: 'Drafts, published versions and what was done with them',
    response: rulebookView,
    handler: ({ actor }) => readRulebook(deps, actor),
  })
  kit.route({
    method: 'GET',
    url: '/api/rulebook/text',
    verb: 'rule.draft',
    summary: 'The text of a pack as it is in force, to begin a draft from',
    query: z.object({ file: fileName }),
    response: z.object({ text: z.string() }),
    handler: async ({ query }) => ({ text: await textInForce(deps, query.file) }),
  })
  kit.route({
    method: 'POST',
    url: '/api/rulebook/drafts',
    verb: 'rule.draft',
    summary: 'Begin a draft, by the form or by the text',
    body: newDraft,
    response: made,
    handler: async ({ actor, body }) => ({ id: await makeDraft(deps, actor, body) }),
  })
  kit.route({
    method: 'GET',
    url: '/api/rulebook/drafts/:id',
    verb: 'rule.read',
    summary: 'One draft: text, what is wrong with it, test, backtest, difference',
    params: byId,
    response: draftView,
    handler: ({ actor, params }) => readDraft(deps, actor, params.id),
  })
  kit.route({
    method: 'POST',
    url: '/api/rulebook/drafts/:id',
    verb: 'rule.draft',
    summary: 'Another text of a draft; what was tested of the one before counts no more',
    params: byId,
    body: editDraft,
    response: 'empty',
    handler: ({ actor, params, body }) => changeDraft(deps, actor, params.id, body),
  })
  kit.route({
    method: 'POST',
    url: '/api/rulebook/drafts/:id/discard',
    verb: 'rule.draft',
    summary: 'Discard a draft that was not submitted',
    params: byId,
    response: 'empty',
    handler: ({ actor, params }) => discardDraft(deps, actor, params.id),
  })
}

function proofRoutes(kit: Kit, deps: RulebookDeps): void {
  kit.route({
    method: 'POST',
    url: '/api/rulebook/drafts/:id/test',
    verb: 'rule.draft',
    summary: "Run every rule's examples and their disguises",
    params: byId,
    response: testResult,
    handler: ({ actor, params }) => testDraft(deps, actor, params.id),
  })
  kit.route({
    method: 'POST',
    url: '/api/rulebook/drafts/:id/try',
    verb: 'rule.draft',
    summary: 'What a draft makes of a conversation or of pasted lines',
    params: byId,
    body: tryAsk,
    response: tryResult,
    handler: ({ actor, params, body }) => tryDraft(deps, actor, params.id, body),
  })
  kit.route({
    method: 'POST',
    url: '/api/rulebook/drafts/:id/backtest',
    verb: 'rule.draft',
    summary: 'Backtest a draft on the stored history, as it is sealed now',
    params: byId,
    body: backtestAsk,
    response: made,
    handler: async ({ actor, params, body }) => ({
      id: await askBacktest(deps, actor, params.id, body.days),
    }),
  })
  kit.route({
    method: 'POST',
    url: '/api/rulebook/backtests/:id/cancel',
    verb: 'rule.draft',
    summary: 'Stop a backtest',
    params: byId,
    response: 'empty',
    handler: ({ actor, params }) => cancelBacktest(deps, actor, params.id),
  })
  kit.route({
    method: 'GET',
    url: '/api/rulebook/backtests/:id/examples',
    verb: 'message.read',
    summary: 'The newest messages a backtest would alert, alerts already, or would no more',
    params: byId,
    query: exampleQuery,
    response: exampleList,
    handler: ({ actor, params, query }) => readExamples(deps, actor, params.id, query.change),
  })
}

function publishRoutes(kit: Kit, deps: RulebookDeps): void {
  kit.route({
    method: 'POST',
    url: '/api/rulebook/drafts/:id/submit',
    verb: 'rule.draft',
    summary: 'Hand a tested and backtested draft to the second person',
    params: byId,
    response: 'empty',
    handler: ({ actor, params }) => submitDraft(deps, actor, params.id),
  })
  kit.route({
    method: 'POST',
    url: '/api/rulebook/drafts/:id/return',
    verb: 'rule.read',
    summary: 'Give a submitted draft back with a reason; its maker may take it back',
    params: byId,
    body: returnInput,
    response: 'empty',
    handler: ({ actor, params, body }) => returnDraft(deps, actor, params.id, body.reason),
  })
  kit.route({
    method: 'POST',
    url: '/api/rulebook/drafts/:id/publish',
    verb: 'rule.publish',
    summary: 'Put a submitted draft in force, for some departments first, or in its shadow',
    params: byId,
    body: publishAsk,
    response: z.object({ version: z.number().int() }),
    handler: async ({ actor, params, body }) => ({
      version: await publishDraft(deps, actor, params.id, body),
    }),
  })
  kit.route({
    method: 'POST',
    url: '/api/rulebook/drafts/:id/apply',
    verb: 'rule.publish',
    summary: 'Raise on the stored history what the backtest predicted',
    params: byId,
    response: 'empty',
    handler: ({ actor, params }) => askApply(deps, actor, params.id),
  })
  kit.route({
    method: 'POST',
    url: '/api/rulebook/files/rollback',
    verb: 'rule.publish',
    summary: 'Take a file back to an earlier version; 0 is the one that came with the product',
    query: z.object({ file: fileName }),
    body: rollbackAsk,
    response: 'empty',
    handler: ({ actor, query, body }) => rollBack(deps, actor, query.file, body.version, body.reason),
  })
}
