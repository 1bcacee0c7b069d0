import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { checked, get, post } from './checked.ts'
import type { Office } from './office.ts'
import { failure } from './replies.ts'
import type { Route } from './server.ts'
import type { World } from './world.ts'

type Query = Record<string, string | undefined>
const PAGES = ['/connect/oauth2/authorize', '/wwlogin/sso/login', '/wwopen/sso/qrConnect']
const CODE_BYTES = 512

/** Who stands behind a code (wecom-api.md §8.3). */
export function ssoRoutes(office: Office): Route[] {
  const { sso, access, ground } = office
  const redeem = (code: string | undefined): ReturnType<typeof sso.redeem> =>
    code && Buffer.byteLength(code) <= CODE_BYTES ? sso.redeem(code) : 40029
  return [
    get('auth/getuserinfo', ({ code }) => {
      const found = redeem(code)
      if (typeof found === 'number') return found
      const { visitor, ticket } = found
      if (!('userid' in visitor)) return visitor
      if (access.hidden.has(visitor.userid)) return 50002
      return { userid: visitor.userid, ...(ticket === '' ? {} : { user_ticket: ticket }) }
    }),
    get('user/getuserinfo', ({ code }) => {
      const found = redeem(code)
      if (typeof found === 'number') return found
      return 'userid' in found.visitor
        ? { UserId: found.visitor.userid, DeviceId: '' }
        : { OpenId: found.visitor.openid, DeviceId: '', external_userid: found.visitor.external_userid }
    }),
    post(
      'auth/getuserdetail',
      checked(z.object({ user_ticket: z.string().min(1) }), ({ user_ticket }) => {
        const userid = sso.ticket(user_ticket)
        const one = userid ? ground.people.employee.get(userid) : undefined
        if (!one) return 40058
        const { gender, mobile = '' } = one
        const mail = `${one.userid}@example.com`
        return {
          userid: one.userid,
          gender: gender === 'm' ? '1' : '2',
          avatar: '',
          qr_code: '',
          mobile,
          email: '',
          biz_mail: mail,
          address: '',
        }
      }),
    ),
  ]
}

/** The pages of open.weixin.qq.com and login.work.weixin.qq.com, where a person agrees and is sent back with a code. */
export function ssoPages(app: FastifyInstance, world: World): void {
  for (const page of PAGES) app.get(page, (request, reply) => authorize(world, request, reply))
}

function authorize(world: World, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const query = request.query as Query
  const { office } = world
  const back = URL.canParse(query.redirect_uri ?? '') ? new URL(query.redirect_uri ?? '') : undefined
  const refuse = (errcode: number): FastifyReply => reply.send(failure(errcode, world.now()))
  if (query.appid !== world.corpid) return refuse(40013)
  if (query.agentid !== undefined && Number(query.agentid) !== office.agentid) return refuse(301002)
  if (!back || !(office.access.trustedHosts?.includes(back.hostname) ?? true)) return refuse(50001)
  const chosen = world.people.employee.has(query.sim_userid ?? '')
    ? { userid: query.sim_userid ?? '' }
    : undefined
  const visitor = chosen ?? office.sso.signedIn
  if (!visitor) return reply.type('text/html; charset=utf-8').send(askWho(world, request.url))
  back.searchParams.set('code', office.sso.code(visitor, query.scope ?? 'snsapi_base'))
  back.searchParams.set('state', query.state ?? '')
  return reply.redirect(back.href)
}

function askWho(world: World, url: string): string {
  const safe = (text: string): string => text.replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`)
  const item = (userid: string, name: string): string =>
    `<li><a href="${safe(`${url}&sim_userid=${encodeURIComponent(userid)}`)}">${safe(name)}</a></li>`
  const list = world.people.employees.map(one => item(one.userid, `${one.name}（${one.position}）`)).join('')
  return `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>模拟企业微信登录</title><h1>以谁的身份登录？</h1><ul>${list}</ul></html>`
}
