import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { read, refuse } from './control-input.ts'
import type { Stored } from './message.ts'
import { actRoutes } from './routes-acts.ts'
import { worldRoutes } from './routes-world.ts'
import type { Tokens } from './tokens.ts'
import type { World } from './world.ts'

type Options = { platformUrl: string; tokens: Tokens }

const newMessage = z.object({
  from: z.string().min(1),
  to: z.string().min(1).optional(),
  roomid: z.string().min(1).optional(),
  text: z.string().trim().min(1).max(4000),
})
const pace = z.object({ perMinute: z.number().min(0).max(120) })
const recalled = z.object({ msgid: z.string().min(1) })

/** The page and its JSON: what a person does to this world by hand. No part of WeCom. */
export function controlRoutes(app: FastifyInstance, world: World, options: Options): void {
  app.get('/sim', (_, reply) => reply.redirect('/sim/'))
  pageRoutes(app, options.platformUrl)
  app.get('/sim/people', () => peopleView(world))
  app.get('/sim/messages', request => {
    const { limit } = request.query as { limit?: string }
    const count = Math.min(Math.max(Number(limit) || 30, 1), 1000)
    return {
      messages: world.archive
        .latest(count)
        .map(one => messageView(world, one))
        .reverse(),
    }
  })
  app.get('/sim/state', () => ({
    messages: world.archive.all().length,
    planted: world.truth.filter(one => one.alert).length,
    perMinute: world.livePace(),
    now: world.now(),
  }))
  app.post('/sim/messages', (request, reply) => {
    const input = read(newMessage, request.body)
    const to = input && partiesOf(world, input)
    if (!input || !to) return refuse(reply, '发送方、接收方或内容不成立')
    const text = { content: input.text }
    const stored = world.emit({
      from: input.from,
      tolist: to,
      roomid: input.roomid ?? '',
      msgtype: 'text',
      text,
    })
    return messageView(world, stored)
  })
  app.post('/sim/recall', (request, reply) => {
    const stored = world.recall(read(recalled, request.body)?.msgid ?? '')
    return stored ? messageView(world, stored) : refuse(reply, '没有这条消息')
  })
  app.post('/sim/live', (request, reply) => {
    const input = read(pace, request.body)
    if (!input) return refuse(reply, 'perMinute 应在 0 到 120 之间')
    world.live(input)
    return { perMinute: world.livePace() }
  })
  worldRoutes(app, world)
  actRoutes(app, world)
  app.post('/sim/tokens/invalidate', () => {
    options.tokens.invalidate()
    return { ok: true }
  })
}

function pageRoutes(app: FastifyInstance, platformUrl: string): void {
  const files = {
    '': 'page.html',
    world: 'page-world.html',
    cards: 'page-cards.html',
    'page-cards.css': 'page-cards.css',
    'page.css': 'page.css',
    'page-talk.css': 'page-talk.css',
    'page-world.css': 'page-world.css',
  }
  for (const [path, name] of Object.entries(files)) {
    const text = readFileSync(new URL(name, import.meta.url), 'utf8').replaceAll(
      '{{platformUrl}}',
      encodeURI(platformUrl),
    )
    const type = name.endsWith('css') ? 'text/css' : 'text/html'
    app.get(`/sim/${path}`, (_, reply) => reply.type(`${type}; charset=utf-8`).send(text))
  }
}

/** The receivers, when the sender is known and may speak there. */
function partiesOf(world: World, input: z.infer<typeof newMessage>): string[] | undefined {
  const known = (id: string): boolean => world.people.employee.has(id) || world.people.contact.has(id)
  if (!known(input.from)) return undefined
  if (input.roomid) {
    const members = world.people.room.get(input.roomid)?.members.map(one => one.id)
    return members?.includes(input.from) ? members.filter(one => one !== input.from) : undefined
  }
  return input.to && input.to !== input.from && known(input.to) ? [input.to] : undefined
}

function peopleView(world: World): Record<string, unknown> {
  const { people } = world
  const departmentOf = new Map(people.departments.map(one => [one.id, one.name]))
  return {
    corpid: world.corpid,
    advisers: people.employees.map(one => ({
      userid: one.userid,
      name: one.name,
      position: one.position,
      adviser: one.adviser,
      leader: one.leader,
      department: departmentOf.get(one.department) ?? '',
    })),
    contacts: people.contacts.map(one => ({
      external_userid: one.id,
      name: one.name,
      remark: one.follows[0]?.remark ?? one.realName,
      follow: one.follows.map(f => f.userid),
      refused: one.follows.filter(f => f.consent === 'Disagree').map(f => f.userid),
    })),
    groups: people.rooms.map(one => ({
      chat_id: one.id,
      name: one.name,
      external: one.external,
      owner: one.owner,
      members: one.members.map(m => m.id),
    })),
  }
}

function messageView(world: World, one: Stored): Record<string, unknown> {
  const { from = '', tolist = [], roomid = '', msgtype = '', action = '' } = one.message
  const nameOf = (id: string): string =>
    world.people.employee.get(id)?.name ??
    world.people.contact.get(id)?.name ??
    world.people.room.get(id)?.name ??
    id
  return {
    seq: one.seq,
    msgid: one.msgid,
    at: one.at,
    from,
    fromName: nameOf(from),
    staff: world.people.employee.has(from),
    to: roomid || (tolist[0] ?? ''),
    toName: nameOf(roomid || (tolist[0] ?? '')),
    roomid,
    action,
    msgtype,
    text: summary(one.message),
  }
}

function summary(message: Stored['message']): string {
  const text = message.text as { content?: string } | undefined
  if (text?.content) return text.content
  const payload = (message[message.msgtype ?? ''] ?? message.info ?? message.doc ?? message.redpacket) as
    | Record<string, unknown>
    | undefined
  const found = ['title', 'filename', 'topic', 'content', 'wish', 'votetitle', 'feed_desc'].map(
    key => payload?.[key],
  )
  return String(found.find(value => typeof value === 'string' && value !== '') ?? '')
}
