import { z } from 'zod'
import { type Actor, type Db, type Kit, messageOf } from '../base/index.ts'
import type { RuleSet } from '../monitor/index.ts'
import { countAlerts, listAlerts, liveRow, readAlert } from './board.ts'
import {
  alertCounts,
  alertDetail,
  alertPage,
  alertQuery,
  alertRow,
  decide as decideInput,
  decisionEvent,
} from './contract.ts'
import { decide } from './decide.ts'
import type { BoardEvent, Live } from './live.ts'

type Deps = { db: Db; rules: () => RuleSet; live: Live }
const byId = z.object({ id: z.uuid() })
const events = { alert: alertRow, decision: decisionEvent }
type Send = (event: 'alert' | 'decision', data: never) => void

export function caseRoutes(deps: Deps): (kit: Kit) => void {
  return kit => {
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
      summary: 'New alerts and decisions as they happen',
      events,
      open: ({ actor, signal, send }) => {
        const stop = deps.live.subscribe(event => void push(deps, actor, event, send as Send))
        signal.addEventListener('abort', stop, { once: true })
      },
    })
    kit.route({
      method: 'GET',
      url: '/api/alerts/:id',
      verb: 'alert.read',
      summary: 'One alert with hits, rules, decisions and the history of the person',
      params: byId,
      response: alertDetail,
      handler: ({ actor, params }) => readAlert(deps.db, actor, deps.rules(), params.id),
    })
    kit.route({
      method: 'POST',
      url: '/api/alerts/:id/decision',
      verb: 'alert.decide',
      summary: 'Decide an alert',
      params: byId,
      body: decideInput,
      response: alertDetail,
      handler: ({ actor, params, body }) => decide(deps.db, actor, deps.rules(), params.id, body),
    })
  }
}

/** A reader gets only what he may see; what fails is logged and found again by the next list. */
async function push(deps: Deps, actor: Actor, event: BoardEvent, send: Send): Promise<void> {
  try {
    const row = await liveRow(deps.db, actor, deps.rules(), event.id)
    if (!row) return
    if (event.kind === 'alert') send('alert', row as never)
    else send('decision', { id: row.id, state: row.state } as never)
  } catch (error) {
    actor.house.log.error({ error: messageOf(error), alert: event.id }, 'a live board was not told')
  }
}
