import { z } from 'zod'
import { type Actor, causeOf, type Db, type House, type JobQueue, type Kit } from '../base/index.ts'
import type { RuleSet } from '../monitor/index.ts'
import { assigneesFor, looksOf, personOf, similarTo } from './beside.ts'
import { countAlerts, listAlerts, readAlert } from './board.ts'
import {
  alertCounts,
  alertDetail,
  alertPage,
  alertQuery,
  alertRow,
  assignees,
  decidedTogether,
  decide as decideInput,
  decideTogether,
  decisionEvent,
  looksView,
  moveInput,
  personView,
  similarView,
} from './contract.ts'
import { concludeTogether, decide, move } from './decide.ts'
import type { BoardEvent, Live } from './live.ts'
import { type LiveRows, openLiveRows } from './live-rows.ts'

type Deps = {
  db: Db
  house: House
  jobs: Pick<JobQueue, 'enqueue'>
  rules: () => RuleSet
  live: Live
}
const byId = z.object({ id: z.uuid() })
const events = { alert: alertRow, decision: decisionEvent }
type Send = (event: 'alert' | 'decision', data: never) => void

export function caseRoutes(deps: Deps): (kit: Kit) => void {
  const rows = openLiveRows(deps.db, deps.house, deps.rules)
  return kit => {
    queue(kit, deps, rows)
    one(kit, deps)
    acts(kit, deps)
  }
}

function queue(kit: Kit, deps: Deps, rows: LiveRows): void {
  kit.route({
    method: 'GET',
    url: '/api/alerts',
    verb: 'alert.read',
    summary: 'The board: severity first, then newest',
    query: alertQuery,
    response: alertPage,
    handler: ({ actor, query }) => listAlerts(deps.db, actor, deps.rules(), query),
  })
  kit.route({
    method: 'GET',
    url: '/api/alerts/counts',
    verb: 'alert.read',
    summary: 'How many alerts wait, by severity and state',
    response: alertCounts,
    handler: ({ actor }) => countAlerts(deps.db, actor),
  })
  kit.stream({
    url: '/api/alerts/stream',
    verb: 'alert.read',
    summary: 'New alerts and moves as they happen',
    events,
    open: ({ actor, signal, send }) => {
      const stop = deps.live.subscribe(event => void push(rows, actor, event, send as Send))
      signal.addEventListener('abort', stop, { once: true })
    },
  })
}

function one(kit: Kit, deps: Deps): void {
  kit.route({
    method: 'GET',
    url: '/api/alerts/:id',
    verb: 'alert.read',
    summary: 'One alert with hits, rules, moves, what may be done and the history of the person',
    params: byId,
    response: alertDetail,
    handler: ({ actor, params }) => readAlert(deps.db, actor, deps.rules(), params.id),
  })
  kit.route({
    method: 'GET',
    url: '/api/alerts/:id/person',
    verb: 'alert.read',
    summary: 'Thirty days of the person an alert is about',
    params: byId,
    response: personView,
    handler: ({ actor, params }) => personOf(deps.db, actor, deps.rules(), params.id),
  })
  kit.route({
    method: 'GET',
    url: '/api/alerts/:id/similar',
    verb: 'alert.read',
    summary: 'Near-duplicates, and the same rules with other people',
    params: byId,
    response: similarView,
    handler: ({ actor, params }) => similarTo(deps.db, actor, deps.rules(), params.id),
  })
  kit.route({
    method: 'GET',
    url: '/api/alerts/:id/looks',
    verb: 'alert.decide',
    summary: 'Who opened an alert, and when',
    params: byId,
    response: looksView,
    handler: ({ actor, params }) => looksOf(deps.db, actor, params.id),
  })
  kit.route({
    method: 'GET',
    url: '/api/alerts/:id/assignees',
    verb: 'case.assign',
    summary: 'Whom an alert may be given to',
    params: byId,
    response: assignees,
    handler: ({ actor, params }) => assigneesFor(deps.db, actor, params.id),
  })
}

function acts(kit: Kit, deps: Deps): void {
  kit.route({
    method: 'POST',
    url: '/api/alerts/:id/decision',
    verb: 'alert.decide',
    summary: 'Decide an alert',
    params: byId,
    body: decideInput,
    response: alertDetail,
    handler: ({ actor, params, body }) => decide(deps, actor, deps.rules(), params.id, body),
  })
  kit.route({
    method: 'POST',
    url: '/api/alerts/:id/move',
    verb: 'alert.decide',
    summary: 'Claim, release, assign, escalate, return or reopen an alert',
    params: byId,
    body: moveInput,
    response: alertDetail,
    handler: ({ actor, params, body }) => move(deps, actor, deps.rules(), params.id, body),
  })
  kit.route({
    method: 'POST',
    url: '/api/alerts/decisions',
    verb: 'alert.decide',
    summary: 'One conclusion for near-duplicates, all or none',
    body: decideTogether,
    response: decidedTogether,
    handler: ({ actor, body }) => concludeTogether(deps, actor, body),
  })
}

/** A reader gets only what he may see; what fails is logged and found again by the next list. */
async function push(rows: LiveRows, actor: Actor, event: BoardEvent, send: Send): Promise<void> {
  try {
    const row = await rows.rowFor(actor, event)
    if (!row) return
    const { id, state, assignee, moves } = row
    if (event.kind === 'alert') send('alert', row as never)
    else send('decision', { id, state, assignee, moves } as never)
  } catch (error) {
    actor.house.log.error({ error: causeOf(error), alert: event.id }, 'a live board was not told')
  }
}
