import type {} from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Actor, type Db, fail, type House, type Kit } from '../base/index.ts'
import { accountName } from './accounts.ts'
import { allowed } from './can.ts'
import { me, role, signIn as signInInput } from './contract.ts'
import { directoryOf } from './directory.ts'
import { actorOf, SESSION_LASTS, signIn, signOut } from './session.ts'
import { selectAccountById } from './store.ts'

const COOKIE = 'tj_session'

type Deps = {
  db: Db
  house: House
  /** Set when the browser reaches us through https: the cookie then never travels in clear. */
  secure: boolean
  demo: { controlUrl: string } | null
}

/** For the kit: whose request is this? */
export function authenticator(
  deps: Pick<Deps, 'db' | 'house'>,
): (request: FastifyRequest, look?: { passive: boolean }) => Promise<Actor | null> {
  return (request, look) => actorOf(deps.db, deps.house, request.cookies[COOKIE], look)
}

/** POST and DELETE /api/session, GET /api/me. */
export function peopleRoutes(deps: Deps): (kit: Kit) => void {
  return kit => {
    kit.route({
      method: 'POST',
      url: '/api/session',
      verb: 'public',
      summary: 'sign in',
      body: signInInput,
      response: me,
      handler: async ({ body, request, reply }) => {
        const { token } = await signIn(deps.db, deps.house, body, { address: request.ip })
        const actor = await actorOf(deps.db, deps.house, token)
        if (!actor) throw fail('auth.failed')
        setCookie(reply, token, deps.secure)
        return meOf(deps, actor)
      },
    })
    kit.route({
      method: 'DELETE',
      url: '/api/session',
      verb: 'session',
      summary: 'sign out',
      response: 'empty',
      handler: async ({ actor, request, reply }) => {
        await signOut(deps.db, actor, request.cookies[COOKIE] ?? '')
        reply.clearCookie(COOKIE, { path: '/' })
      },
    })
    kit.route({
      method: 'GET',
      url: '/api/me',
      verb: 'session',
      summary: 'who am I and what may I do',
      response: me,
      handler: ({ actor }) => meOf(deps, actor),
    })
  }
}

function setCookie(reply: FastifyReply, token: string, secure: boolean): void {
  const maxAge = SESSION_LASTS / 1000
  reply.setCookie(COOKIE, token, { path: '/', httpOnly: true, sameSite: 'strict', secure, maxAge })
}

async function meOf(deps: Deps, actor: Actor) {
  const { db, house } = deps
  const account = await selectAccountById(db, house.corp, actor.accountId ?? '')
  if (!account) throw fail('auth.required')
  const { departments } = await directoryOf(db, house)
  return {
    username: account.username,
    name: await accountName(db, house, account),
    role: role.parse(actor.role),
    can: allowed(actor),
    departments: account.departments.map(id => departments.get(id)?.name ?? String(id)),
    institution: house.name,
    demo: deps.demo,
  }
}
