import { z } from 'zod'
import { empty, endpoint, list, RIGHTS, text, whole } from './endpoint.ts'

const own = { method: 'GET', secret: 'any', idempotent: true, permission: RIGHTS.none } as const

/** Token and addresses (wecom-api.md §1.1, §2.1). */
export const base = {
  gettoken: endpoint({
    ...own,
    name: '获取 access_token',
    path: 'gettoken',
    request: z.looseObject({ corpid: text, corpsecret: text }),
    reply: z.looseObject({ access_token: text.min(1), expires_in: z.number().positive() }),
    doc: 91039,
    data: '发送企业 ID 与应用 Secret，取得访问令牌',
    why: '所有接口调用的前提',
  }),
  getcallbackip: endpoint({
    ...own,
    name: '获取企业微信回调 IP 段',
    path: 'getcallbackip',
    request: empty,
    reply: z.looseObject({ ip_list: list }),
    doc: 90930,
    data: '读取企业微信推送事件的来源 IP 段',
    why: '防火墙只放行企业微信的回调来源（M17）',
  }),
  getApiDomainIp: endpoint({
    ...own,
    name: '获取企业微信接口 IP 段',
    path: 'get_api_domain_ip',
    request: empty,
    reply: z.looseObject({ ip_list: list }),
    doc: 90930,
    data: '读取接口域名的 IP 段',
    why: '防火墙只放行到企业微信的出站访问（M17）',
  }),
  agent: endpoint({
    ...own,
    name: '获取应用信息',
    path: 'agent/get',
    secret: 'app',
    permission: RIGHTS.contact,
    request: z.looseObject({ agentid: whole }),
    reply: z.looseObject({
      agentid: whole,
      name: text.optional(),
      close: whole.optional(),
      redirect_domain: text.optional(),
      allow_userinfos: z.looseObject({ user: z.array(z.looseObject({ userid: text })) }).optional(),
      allow_partys: z.looseObject({ partyid: z.array(whole) }).optional(),
      allow_tags: z.looseObject({ tagid: z.array(whole) }).optional(),
    }),
    doc: 90196,
    data: '读取应用名称、可见范围与可信域名',
    why: '安装自检：可见范围是否覆盖全部持证人员（M1、M16）',
  }),
} as const
