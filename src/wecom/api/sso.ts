import { z } from 'zod'
import { endpoint, RIGHTS, text, upToBytes } from './endpoint.ts'

const own = { method: 'GET', secret: 'app', idempotent: true, permission: RIGHTS.login } as const

/** Sign-in (wecom-api.md §8.3). A code works once and for five minutes. */
export const sso = {
  identity: endpoint({
    ...own,
    name: '获取访问用户身份',
    path: 'auth/getuserinfo',
    request: z.looseObject({ code: upToBytes(512) }),
    reply: z.looseObject({
      // A member has a userid; anybody else only the others, and is turned away.
      userid: text.optional(),
      user_ticket: text.optional(),
      openid: text.optional(),
      external_userid: text.optional(),
    }),
    doc: 98171,
    data: '发送登录 code，取得成员 userid',
    why: '以企业微信身份登录平台与确认制度（M4、M17）',
  }),
  legacyIdentity: endpoint({
    ...own,
    name: '获取访问用户身份（旧版）',
    path: 'user/getuserinfo',
    request: z.looseObject({ code: upToBytes(512) }),
    reply: z.looseObject({
      UserId: text.optional(),
      DeviceId: text.optional(),
      OpenId: text.optional(),
    }),
    doc: 91023,
    data: '发送登录 code，取得成员 userid',
    why: '私有化部署的旧版接口登录（M4、M17）',
  }),
  details: endpoint({
    ...own,
    method: 'POST',
    name: '获取访问用户敏感信息',
    path: 'auth/getuserdetail',
    request: z.looseObject({ user_ticket: text.min(1) }),
    reply: z.looseObject({
      userid: text,
      gender: text.optional(),
      avatar: text.optional(),
      mobile: text.optional(),
      email: text.optional(),
      biz_mail: text.optional(),
    }),
    doc: 91022,
    data: '经成员本人授权后读取手机号、邮箱',
    why: '从业人员身份与人事登记核对（M1）',
  }),
} as const
