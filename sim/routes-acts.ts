import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { read, refuse } from './control-input.ts'
import type { World } from './world.ts'

const id = z.string().min(1).max(64)
const act = z.discriminatedUnion('act', [
  z.object({ act: z.literal('add'), userid: id, name: z.string().trim().max(20).optional() }),
  z.object({ act: z.literal('agree'), userid: id, external: id }),
  z.object({ act: z.literal('disagree'), userid: id, external: id }),
  z.object({ act: z.literal('unfollow'), userid: id, external: id }),
  z.object({ act: z.literal('delete'), userid: id, external: id }),
  z.object({ act: z.literal('join'), chatId: id, external: id }),
  z.object({ act: z.literal('leave'), chatId: id, external: id }),
])
type Act = z.infer<typeof act>

/** What people do, by hand: each changes this world and tells the callback that WeCom would send. */
export function actRoutes(app: FastifyInstance, world: World): void {
  cardRoutes(app, world)
  app.post('/sim/acts', (request, reply) => {
    const input = read(act, request.body)
    if (!input) return refuse(reply, '人、群或动作不成立')
    const done = perform(world, input)
    return done ?? refuse(reply, '现在做不了：人或群不存在，或已经是这样')
  })
}

const tap = z.object({ userid: id, taskId: z.string().min(1).max(128), key: z.string().min(1).max(64) })

/** What members see of the application's messages, and their taps on its cards. */
function cardRoutes(app: FastifyInstance, world: World): void {
  const { office, people } = world
  app.get('/sim/app-messages', request => {
    const { limit } = request.query as { limit?: string }
    const count = Math.min(Math.max(Number(limit) || 60, 1), 300)
    const messages = office.appMessages.all().slice(-count).reverse()
    return {
      messages: messages.map(({ shown, to, ...one }) => ({
        ...one,
        to: to.map(userid => ({
          userid,
          name: people.employee.get(userid)?.name ?? userid,
          shown: shown.get(userid),
        })),
      })),
    }
  })
  app.post('/sim/tap', (request, reply) => {
    const input = read(tap, request.body)
    if (!input || !world.clickCard(input)) return refuse(reply, '这张卡片现在没有这个按钮')
    return { ok: true }
  })
}

function perform(world: World, input: Act): Record<string, unknown> | undefined {
  switch (input.act) {
    case 'add': {
      if (!world.people.employee.get(input.userid)?.adviser) return undefined
      const external = world.newContact(input.name === '' ? undefined : input.name)
      return world.addContact(input.userid, external) && { external }
    }
    case 'agree':
      return world.agree(input.userid, input.external) && { ok: true }
    case 'disagree':
      return did(world.disagree(input.userid, input.external))
    case 'unfollow':
      return did(world.deleteFollow(input.userid, input.external))
    case 'delete':
      return did(world.deleteContact(input.userid, input.external))
    case 'join':
      return did(world.joinGroup(input.chatId, [input.external]) > 0)
    case 'leave':
      return did(world.leaveGroup(input.chatId, [input.external]) > 0)
  }
}

function did(done: boolean): { ok: true } | undefined {
  return done ? { ok: true } : undefined
}
