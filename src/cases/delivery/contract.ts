import { z } from 'zod'
import { severity } from '../../monitor/contract.ts'
import { role } from '../../people/contract.ts'

/** How somebody is told, beside the board: WeCom card, e-mail, webhook, and what is gathered into one digest. */
export const CHANNELS = ['card', 'mail', 'hook', 'digest'] as const
export const channel = z.enum(CHANNELS)
export type Channel = z.infer<typeof channel>

/**
 * States of one delivery and the legal moves; server, screen and glossary read this one table. `off`: the way is not
 * set up. `void`: there was nothing left to tell when its time came.
 */
export const DELIVERY_MOVES = {
  waiting: ['sent', 'retry', 'dead', 'off', 'void'],
  retry: ['sent', 'retry', 'dead', 'off', 'void'],
  sent: [],
  dead: ['waiting'],
  off: ['waiting'],
  void: [],
} as const
export type DeliveryState = keyof typeof DELIVERY_MOVES
export const deliveryState = z.enum(['waiting', 'retry', 'sent', 'dead', 'off', 'void'])

/** Steps of what is no escalation by time, beside those (at most twelve, below). */
export const STEP = { assigned: 18, stepIn: 19, handedUp: 20 } as const

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, '应为 HH:MM')

/** Who hears of what. An empty list of categories or departments means every one. */
export const route = z.object({
  severities: z.array(severity).min(1).max(4),
  categories: z.array(z.string().max(32)).max(60).default([]),
  departments: z.array(z.number().int()).max(200).default([]),
  roles: z.array(role).min(1).max(8),
  channels: z
    .array(z.enum(['card', 'mail', 'digest']))
    .min(1)
    .max(3),
})
export type Route = z.infer<typeof route>

/** Nobody took it for so long: then these are told. */
export const escalationStep = z.object({
  severity,
  afterMinutes: z.number().int().min(1).max(30_240),
  roles: z.array(role).min(1).max(8),
})
export type EscalationStep = z.infer<typeof escalationStep>

export const deliverySettings = z.object({
  routes: z.array(route).max(40),
  escalation: z.array(escalationStep).max(12),
  /** P0 always passes. Days off by the institution's calendar count as quiet when `daysOff`. */
  quiet: z.object({ on: z.boolean(), from: clock, to: clock, daysOff: z.boolean() }),
  digest: z.object({ at: clock }).describe('每个工作日汇总一次'),
  quote: z.enum(['none', 'masked']).describe('卡片与邮件上是否带掩码后的片段'),
})
export type DeliverySettings = z.infer<typeof deliverySettings>

/**
 * In force until somebody changes them (企业内部预警线, save the 15 minutes and 24 hours of regulation.md §3.0, which are this
 * product's defaults as well).
 */
export const DEFAULT_SETTINGS: DeliverySettings = {
  routes: [
    {
      severities: ['P0'],
      categories: [],
      departments: [],
      roles: ['officer', 'lead'],
      channels: ['card', 'mail'],
    },
    { severities: ['P0'], categories: [], departments: [], roles: ['supervisor'], channels: ['card'] },
    { severities: ['P1'], categories: [], departments: [], roles: ['officer'], channels: ['card'] },
    {
      severities: ['P1'],
      categories: [],
      departments: [],
      roles: ['lead', 'supervisor'],
      channels: ['digest'],
    },
    { severities: ['P2'], categories: [], departments: [], roles: ['officer'], channels: ['digest'] },
  ],
  escalation: [
    { severity: 'P0', afterMinutes: 15, roles: ['lead'] },
    { severity: 'P0', afterMinutes: 30, roles: ['lead', 'risk'] },
    { severity: 'P1', afterMinutes: 1440, roles: ['lead'] },
    { severity: 'P1', afterMinutes: 2880, roles: ['lead', 'risk'] },
  ],
  quiet: { on: true, from: '21:00', to: '08:00', daysOff: true },
  digest: { at: '08:45' },
  quote: 'none',
}

/** Why a way is on or off, and what to do about it. */
export const channelState = z.object({
  channel: z.enum(['card', 'mail', 'hook']),
  on: z.boolean(),
  why: z.enum(['ready', 'no_wecom', 'no_agent', 'no_callback', 'no_smtp', 'no_hosts', 'no_hook']),
  sent: z.number().int().describe('在过去 24 小时送达'),
  failed: z.number().int().describe('在过去 24 小时未送达'),
})

export const hookView = z.object({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  severities: z.array(severity),
  madeBy: z.string(),
  madeAt: z.number().int(),
})

export const receiverView = z.object({
  account: z.string(),
  username: z.string(),
  name: z.string(),
  role,
  card: z.boolean().describe('此人的账号绑定了企业微信成员'),
  mail: z.string().nullable().describe('掩码后的邮箱'),
})

export const deliveryOverview = z.object({
  version: z.number().int(),
  settings: deliverySettings,
  setBy: z.string().nullable(),
  setAt: z.number().int().nullable(),
  channels: z.array(channelState),
  receivers: z.array(receiverView),
  hooks: z.array(hookView),
  hosts: z.array(z.string()).describe('运维允许的 Webhook 主机'),
  quietNow: z.boolean(),
  waiting: z.number().int(),
  escalating: z.number().int().describe('到时无人受理即升级的预警'),
  categories: z.array(z.object({ id: z.string(), name: z.string(), concealed: z.boolean() })),
  departments: z.array(z.object({ id: z.number().int(), name: z.string() })),
})
export type DeliveryOverview = z.infer<typeof deliveryOverview>

export const saveSettings = z.object({ version: z.number().int().min(0), settings: deliverySettings })

export const newHook = z.object({
  name: z.string().trim().min(1).max(40),
  url: z.url({ protocol: /^https?$/ }).max(500),
  severities: z.array(severity).min(1).max(4),
})
export const madeHook = z.object({ id: z.string(), secret: z.string().describe('只显示这一次') })

export const deliveryView = z.object({
  id: z.string(),
  alert: z.string().nullable(),
  number: z.string().nullable(),
  severity,
  channel,
  step: z.number().int(),
  receiver: z.string(),
  state: deliveryState,
  reason: z.string().nullable(),
  attempts: z.number().int(),
  createdAt: z.number().int(),
  dueAt: z.number().int(),
  settledAt: z.number().int().nullable(),
})
export type DeliveryView = z.infer<typeof deliveryView>
export const deliveryQuery = z.object({
  state: deliveryState.optional(),
  channel: channel.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export const deliveryList = z.object({ items: z.array(deliveryView) })

const email = z
  .string()
  .trim()
  .max(254)
  .regex(/^[^\s@<>"',;:\\]+@[^\s@<>"',;:\\]+\.[^\s@<>"',;:\\]+$/, '邮箱格式不对')
export const setAddress = z.object({ email: z.union([email, z.literal('')]) })
export const addressView = z.object({
  email: z.string().nullable(),
  userid: z.boolean().describe('账号绑定了企业微信成员，卡片可以送达'),
  mail: z.boolean().describe('本机构已配置发信'),
})
export const testDelivery = z.object({ channel: z.enum(['card', 'mail', 'hook']), hook: z.uuid().optional() })
export const tested = z.object({ state: deliveryState, reason: z.string().nullable() })

export const PRESS_KEYS = ['take', 'false_positive'] as const
export type PressOutcome = 'taken' | 'again' | 'held' | 'decided' | 'denied' | 'foreign' | 'missing'
