import { z } from 'zod'
import { fail } from './errors.ts'

const optional = z
  .string()
  .optional()
  .transform(value => (value === undefined || value.trim() === '' ? undefined : value.trim()))
const matching = (pattern: RegExp, hint: string) =>
  optional.refine(value => value === undefined || pattern.test(value), hint)
const address = (pattern: RegExp, hint: string) =>
  optional.refine(value => value === undefined || (pattern.test(value) && URL.canParse(value)), hint)

export function isProxy(url: string | undefined): boolean {
  return url === undefined || /^(https?|socks5):\/\/[^\s/]+$/.test(url)
}

/** Settings of telling people: where the product is opened, the mail server, and where webhooks may go. */
export const DELIVERY_SETTINGS = {
  TONGJIAN_URL: address(/^https?:\/\/[^\s@]+$/, 'must look like https://tongjian.example'),
  TONGJIAN_SMTP_URL: address(/^smtps?:\/\/\S+$/, 'must look like smtp://user:password@mail.example:587'),
  TONGJIAN_SMTP_FROM: matching(
    /^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$/,
    'must look like 通鉴 <tongjian@bank.example>',
  ),
  TONGJIAN_WEBHOOK_HOSTS: matching(
    /^[\w.[\]:-]+(?:[\s,]+[\w.[\]:-]+)*$/,
    'must be host names, apart by commas',
  ),
  TONGJIAN_WEBHOOK_PROXY: optional.refine(isProxy, 'must look like http://proxy:8080'),
}

/** The institution's own mail server. `from` is what readers see. */
export type SmtpConfig = {
  host: string
  port: number
  /** TLS from the first byte; otherwise STARTTLS where the server offers it, and always when there is a password. */
  secure: boolean
  user: string | undefined
  password: string | undefined
  from: string
}

export type DeliveryConfig = {
  /** Where people open the product, without a slash at the end: what cards and mails lead to. */
  home: string
  smtp: SmtpConfig | undefined
  /** The only hosts webhooks may go to; none: the way is off. */
  webhookHosts: string[]
  webhookProxy: string | undefined
}

const given = z.object(DELIVERY_SETTINGS)
type Given = z.infer<typeof given> & { HOST: string; PORT: number }

export function deliveryConfig(s: Given): DeliveryConfig {
  const host = s.HOST === '0.0.0.0' ? '127.0.0.1' : s.HOST
  return {
    home: (s.TONGJIAN_URL ?? `http://${host}:${s.PORT}`).replace(/\/+$/, ''),
    smtp: smtpConfig(s),
    webhookHosts: s.TONGJIAN_WEBHOOK_HOSTS?.split(/[\s,]+/) ?? [],
    webhookProxy: s.TONGJIAN_WEBHOOK_PROXY,
  }
}

const SMTP_PORT = 587
const SMTPS_PORT = 465

function smtpConfig(s: Given): SmtpConfig | undefined {
  if (!s.TONGJIAN_SMTP_URL && !s.TONGJIAN_SMTP_FROM) return undefined
  if (!s.TONGJIAN_SMTP_URL || !s.TONGJIAN_SMTP_FROM) {
    throw fail('config.invalid', {
      hint: 'TONGJIAN_SMTP_URL and TONGJIAN_SMTP_FROM go together: the server, and the address mails come from',
    })
  }
  const url = new URL(s.TONGJIAN_SMTP_URL)
  const secure = url.protocol === 'smtps:'
  const part = (text: string): string | undefined => (text === '' ? undefined : decodeURIComponent(text))
  return {
    host: url.hostname,
    port: Number(url.port) || (secure ? SMTPS_PORT : SMTP_PORT),
    secure,
    user: part(url.username),
    password: part(url.password),
    from: s.TONGJIAN_SMTP_FROM,
  }
}
