import { z } from 'zod'
import { authoriseConversation, newestOf } from '../../archive/index.ts'
import { causeOf, type Db, type JobQueue, type Kit, now, repeat } from '../../base/index.ts'
import { conversationsAtRisk, type RuleSet } from '../../monitor/index.ts'
import type { Live } from '../live.ts'
import {
  answerInput,
  changedEvent,
  noteInput,
  stepInInput,
  stepInList,
  stepInView,
  wallConversation,
  wallPage,
} from './contract.ts'
import { answer, askToStepIn, listStepIns, noteOnWall, readWatched } from './step-in.ts'
import { readWall } from './wall.ts'

type Deps = { db: Db; rules: () => RuleSet; live: Live; jobs: Pick<JobQueue, 'enqueue'> }
const byConversation = z.object({ convId: z.string().regex(/^\d{1,19}$/) })
const byId = z.object({ id: z.uuid() })
const events = { changed: changedEvent }
/** Between two looks for high-risk talk that raised no alert, and for the next message of the conversation watched. */
const LOOK_MS = 3000
const MESSAGE_MS = 1000
const RECENT_MS = 600_000

export function wallRoutes(deps: Deps): (kit: Kit) => void {
  return kit => {
    kit.route({
      method: 'GET',
      url: '/api/wall',
      verb: 'wall.watch',
      summary: 'Conversations at risk in the last hours, by risk',
      response: wallPage,
      handler: ({ actor }) => readWall(deps.db, actor, deps.rules()),
    })
    streams(kit, deps)
    kit.route({
      method: 'GET',
      url: '/api/wall/:convId',
      verb: 'wall.watch',
      summary: 'Notes on a conversation and requests to its supervisor',
      params: byConversation,
      response: wallConversation,
      handler: ({ actor, params }) => readWatched(deps.db, actor, deps.rules(), params.convId),
    })
    kit.route({
      method: 'POST',
      url: '/api/wall/:convId/notes',
      verb: 'wall.watch',
      summary: 'Note something while watching',
      params: byConversation,
      body: noteInput,
      response: wallConversation,
      handler: ({ actor, params, body }) => noteOnWall(deps.db, actor, deps.rules(), params.convId, body),
    })
    kit.route({
      method: 'POST',
      url: '/api/wall/:convId/stepin',
      verb: 'wall.watch',
      summary: "Ask the adviser's supervisor to step in",
      params: byConversation,
      body: stepInInput,
      response: wallConversation,
      handler: ({ actor, params, body }) => askToStepIn(deps, actor, deps.rules(), params.convId, body),
    })
    kit.route({
      method: 'GET',
      url: '/api/stepins',
      verb: 'alert.read',
      summary: 'Requests to supervisors, unanswered first',
      response: stepInList,
      handler: async ({ actor }) => ({ items: await listStepIns(deps.db, actor) }),
    })
    kit.route({
      method: 'POST',
      url: '/api/stepins/:id/answer',
      verb: 'stepin.answer',
      summary: 'Say what the supervisor did',
      params: byId,
      body: answerInput,
      response: stepInView,
      handler: ({ actor, params, body }) => answer(deps.db, actor, params.id, body),
    })
  }
}

function streams(kit: Kit, deps: Deps): void {
  kit.stream({
    url: '/api/wall/stream',
    verb: 'wall.watch',
    summary: 'Tells that the wall has changed',
    events,
    open: ({ actor, signal, send }) => {
      const { house } = actor
      const tell = (): void => send('changed', { at: now() })
      const stop = deps.live.subscribe(tell)
      let last: string | undefined
      const looking = repeat(
        LOOK_MS,
        0,
        async () => {
          const risks = await conversationsAtRisk(deps.db, house, now() - RECENT_MS)
          const seen = risks.map(one => `${one.last.msgid} ${one.hits}`).join()
          if (last !== undefined && seen !== last) tell()
          last = seen
        },
        error => house.log.error({ error: causeOf(error) }, 'the wall could not look'),
      )
      signal.addEventListener('abort', () => {
        stop()
        void looking.stop()
      })
    },
  })
  kit.stream({
    url: '/api/wall/:convId/stream',
    verb: 'wall.watch',
    summary: 'Tells that a conversation goes on',
    params: byConversation,
    events,
    open: async ({ actor, params, signal, send }) => {
      await authoriseConversation(deps.db, actor, params.convId)
      let last: string | undefined
      const looking = repeat(
        MESSAGE_MS,
        0,
        async () => {
          const [newest] = await newestOf(deps.db, actor.house, params.convId, 1)
          if (last !== undefined && newest && newest.msgid !== last) send('changed', { at: newest.sentAt })
          last = newest?.msgid
        },
        error => actor.house.log.error({ error: causeOf(error) }, 'a watched conversation could not be read'),
      )
      signal.addEventListener('abort', () => void looking.stop(), { once: true })
    },
  })
}
