import { resolve } from 'node:path'
import { z } from 'zod'
import { archiveBasis } from './archive-basis.ts'
import { DELIVERY_SETTINGS, type DeliveryConfig, deliveryConfig, isProxy } from './config-delivery.ts'
import { fail } from './errors.ts'
import type { MasterSettings, MasterSource } from './master-key.ts'
import type { Suite } from './seal.ts'

const port = z.coerce.number().int().min(0).max(65_535)
const optional = z
  .string()
  .optional()
  .transform(value => (value === undefined || value.trim() === '' ? undefined : value.trim()))
const postgres = optional.refine(isPostgres, 'must look like postgres://user:password@host:5432/database')

const optionalInt = optional
  .transform(value => (value === undefined ? undefined : Number(value)))
  .refine(value => value === undefined || Number.isInteger(value), 'must be a whole number')

/** Every setting the product reads. `.env.example` says what each costs. */
const settings = z.object({
  TONGJIAN_DATA: z.string().default('./data'),
  TONGJIAN_DEMO_PASSWORD: optional,
  TONGJIAN_MASTER_KEY_FILE: optional,
  TONGJIAN_MASTER_KEY: optional,
  TONGJIAN_MASTER_KEY_COMMAND: optional,
  TONGJIAN_NEXT_MASTER_KEY_FILE: optional,
  TONGJIAN_NEXT_MASTER_KEY: optional,
  TONGJIAN_NEXT_MASTER_KEY_COMMAND: optional,
  TONGJIAN_CRYPTO: z.enum(['international', 'gm']).optional(),
  TONGJIAN_LEDGER: optional,
  TONGJIAN_PATROL_PER_SECOND: z.coerce.number().int().min(1).max(100_000).default(120),
  TONGJIAN_PATROL_MEDIA_MB_PER_SECOND: z.coerce.number().min(0.01).max(1000).default(2),
  TONGJIAN_INSTITUTION: z
    .enum([
      'bank',
      'wmc',
      'insurance',
      'securities',
      'fund',
      'private_fund',
      'futures',
      'micro_loan',
      'guarantee',
      'payment',
    ])
    .default('bank'),
  TONGJIAN_ON_REFUSAL: z.enum(['metadata', 'archive']).default('metadata'),
  TONGJIAN_ARCHIVE_BASIS: optional,
  TONGJIAN_TZ: z
    .string()
    .default('Asia/Shanghai')
    .refine(isZone, 'is not a time zone name such as Asia/Shanghai'),
  DATABASE_URL: postgres,
  DATABASE_OWNER_URL: postgres,
  DATABASE_PURGE_URL: postgres,
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(8080),
  TONGJIAN_HTTPS: z.enum(['on', 'off']).default('off'),
  TONGJIAN_FAILPOINT: optional,
  TONGJIAN_ASR_COMMAND: optional,
  ...DELIVERY_SETTINGS,
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  TONGJIAN_BLOBS: optional.refine(
    place => place === undefined || /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/[\w.-]+)*\/?$/.test(place),
    'must look like s3://bucket/prefix',
  ),
  TONGJIAN_S3_ENDPOINT: optional.refine(
    url => url === undefined || /^https?:\/\/[^\s/@]+\/?$/.test(url),
    'must look like https://s3.example',
  ),
  TONGJIAN_S3_REGION: z.string().default('us-east-1'),
  TONGJIAN_S3_STYLE: z.enum(['path', 'host']).default('path'),
  TONGJIAN_S3_KEY_ID: optional,
  TONGJIAN_S3_SECRET: optional,
  TONGJIAN_S3_LOCK_DAYS: z.coerce.number().int().min(0).max(36_500).default(0),
  TONGJIAN_TSA_URL: optional.refine(
    list =>
      list === undefined ||
      list.split(/[\s,]+/).every(url => /^https?:\/\/[^\s@]+$/.test(url) && URL.canParse(url)),
    'must be addresses such as http://tsa.example/tsr, apart by commas',
  ),
  TONGJIAN_TSA_CA: optional,
  TONGJIAN_TSA_POLICY: optional.refine(
    oid => oid === undefined || /^[0-2](\.\d+)+$/.test(oid),
    'must be an object identifier such as 1.3.6.1.4.1.55555.1',
  ),
  TONGJIAN_TSA_MINUTES: z.coerce.number().int().min(1).max(1440).default(60),
  TONGJIAN_READER_URL: optional.refine(
    url => url === undefined || (/^https?:\/\/[^\s@]+$/.test(url) && URL.canParse(url)),
    'must look like http://models.example/v1',
  ),
  TONGJIAN_READER_KEY: optional,
  TONGJIAN_READER_MODEL: optional,
  WECOM_API_BASE: z.url().default('https://qyapi.weixin.qq.com'),
  WECOM_CORPID: optional,
  WECOM_CORP_NAME: optional,
  WECOM_ARCHIVE_SECRET: optional,
  WECOM_CONTACT_SECRET: optional,
  WECOM_ARCHIVE_KEYS: optional,
  WECOM_ARCHIVE_SOURCE: z.enum(['sdk', 'simulator']).default('sdk'),
  WECOM_PROXY: optional.refine(isProxy, 'must look like http://proxy:8080'),
  WECOM_SDK_LIBRARY: optional,
  WECOM_SDK_SHA256: optional.refine(isSha256, 'must be the 64 hexadecimal digits of a SHA-256'),
  WECOM_SDK_PROXY: optional.refine(isProxy, 'must look like http://proxy:8080 or socks5://proxy:1080'),
  WECOM_SDK_PROXY_AUTH: optional,
  WECOM_AGENTID: optionalInt,
  WECOM_CALLBACK_TOKEN: optional,
  WECOM_CALLBACK_AES_KEY: optional.refine(isAesKey, 'must be the 43 characters of EncodingAESKey'),
  WECOM_NOTICE: optional,
})

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0).length > 0
  } catch {
    return false
  }
}

function isSha256(text: string | undefined): boolean {
  return text === undefined || /^[0-9a-f]{64}$/i.test(text)
}

/** 43 characters of base64 without its last "=" make 32 bytes (path/90968). */
function isAesKey(text: string | undefined): boolean {
  return text === undefined || /^[0-9A-Za-z+/]{43}$/.test(text)
}

function isPostgres(url: string | undefined): boolean {
  return url === undefined || /^postgres(ql)?:\/\/\S+$/.test(url)
}

export type WecomConfig = {
  apiBase: string
  corpid: string
  corpName: string
  archiveSecret: string
  contactSecret: string
  archiveKeys: string
  source: 'sdk' | 'simulator'
  /** Egress proxy of the API client; none when absent. */
  proxy?: string | undefined
  /** Tencent's library, installed by the operator, with its proxy. Absent: it is looked for in the data folder. */
  sdk?: SdkConfig | undefined
  /** The application that reads people and writes notices. */
  agentid?: number | undefined
  /** The event server's Token and EncodingAESKey (path/90968); absent: no callbacks are received. */
  callback?: { token: string; aesKey: string } | undefined
  /** What a new customer is told about archiving, in the institution's own words. */
  notice?: string | undefined
}

/** `sha256`: what the operator vouches for beside the versions we know. `proxyAuth`: `name:password`. */
type SdkConfig = {
  library: string
  sha256: string | undefined
  proxy: string | undefined
  proxyAuth: string | undefined
}

/** An OpenAI-compatible endpoint on the institution's own premises, asked for a second opinion. */
export type ReaderConfig = { url: string; key: string | undefined; model: string }

/** An object store for the ledger's blobs. `lockDays` 0: no Object Lock. */
export type S3Config = {
  endpoint: string
  region: string
  style: 'path' | 'host'
  bucket: string
  prefix: string
  keyId: string
  secret: string
  lockDays: number
}

/** Time authorities (RFC 3161), asked in this order until one answers well. `ca`: PEM of whom we believe. */
export type StampConfig = {
  urls: string[]
  ca: string | undefined
  policy: string | undefined
  minutes: number
}

export type Config = DeliveryConfig & {
  dataDir: string
  ledgerDir: string
  patrol: { perSecond: number; mediaMb: number }
  /** The ledger's copy outside lies in an object store instead of `ledgerDir`. */
  blobs?: S3Config | undefined
  masterKey: MasterSettings
  /** The suite that was asked for; a house that exists already keeps its own. */
  crypto: Suite | undefined
  zone: string
  /** Which layer lies over the rules: see rules/layers/. */
  institution: z.infer<typeof settings>['TONGJIAN_INSTITUTION']
  archiveBasis: string | undefined
  demoPassword: string | undefined
  databaseUrl: string | undefined
  databaseOwnerUrl: string | undefined
  /** A login that may take on the role tongjian_purge; default: the one of databaseUrl. */
  databasePurgeUrl: string | undefined
  host: string
  port: number
  /** Browsers reach us through a proxy that speaks https: cookies are then Secure and its word on addresses is believed. */
  https: boolean
  logLevel: string
  /** Tests only: see failpoint.ts. */
  failpoint: string | undefined
  /** Off by default. */
  stamps?: StampConfig | undefined
  reader: ReaderConfig | undefined
  /** The operator's recogniser of speech: program and arguments; the path of the recording comes after them. */
  asrCommand?: string[] | undefined
  wecom: WecomConfig | undefined
}

/**
 * Read the settings, or throw `config.invalid` naming each variable that is wrong and how to mend it.
 * The environment is a parameter so that tests and the demo pass their own.
 */
export function loadConfig(env: Record<string, string | undefined> = process.env): Config {
  const parsed = settings.safeParse(env)
  if (!parsed.success) {
    const hint = parsed.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`).join('; ')
    throw fail('config.invalid', { hint: `${hint} (see .env.example)` })
  }
  const s = parsed.data
  const dataDir = resolve(s.TONGJIAN_DATA)
  return {
    dataDir,
    ledgerDir: s.TONGJIAN_LEDGER ? resolve(s.TONGJIAN_LEDGER) : resolve(dataDir, 'ledger'),
    patrol: { perSecond: s.TONGJIAN_PATROL_PER_SECOND, mediaMb: s.TONGJIAN_PATROL_MEDIA_MB_PER_SECOND },
    masterKey: masterSettings(s, dataDir),
    crypto: s.TONGJIAN_CRYPTO,
    zone: s.TONGJIAN_TZ,
    institution: s.TONGJIAN_INSTITUTION,
    archiveBasis: archiveBasis(s.TONGJIAN_ON_REFUSAL, s.TONGJIAN_ARCHIVE_BASIS),
    demoPassword: s.TONGJIAN_DEMO_PASSWORD,
    databaseUrl: s.DATABASE_URL,
    databaseOwnerUrl: s.DATABASE_OWNER_URL,
    databasePurgeUrl: s.DATABASE_PURGE_URL,
    host: s.HOST,
    port: s.PORT,
    https: s.TONGJIAN_HTTPS === 'on',
    logLevel: s.LOG_LEVEL,
    failpoint: s.TONGJIAN_FAILPOINT,
    blobs: s3Config(s),
    stamps: stampConfig(s),
    reader: readerConfig(s),
    asrCommand: s.TONGJIAN_ASR_COMMAND?.split(/\s+/),
    ...deliveryConfig(s),
    wecom: wecomConfig(s, dataDir),
  }
}

type MasterNames = readonly [file: string, environment: string, command: string]

/** Exactly one source each; without a word, a file of our own in the data folder. */
function masterSettings(s: z.infer<typeof settings>, dataDir: string): MasterSettings {
  const source = (names: MasterNames, values: (string | undefined)[]): MasterSource | undefined => {
    const given = names.filter((_, i) => values[i] !== undefined)
    if (given.length > 1)
      throw fail('config.invalid', { hint: `${given.join(' and ')} are set: a master key has one source` })
    const [file, hex, command] = values
    if (file) return { kind: 'file', file: resolve(file) }
    if (hex) return { kind: 'environment', name: names[1], hex }
    if (command) return { kind: 'command', name: names[2], command: command.split(/\s+/) }
    return undefined
  }
  return {
    source:
      source(
        ['TONGJIAN_MASTER_KEY_FILE', 'TONGJIAN_MASTER_KEY', 'TONGJIAN_MASTER_KEY_COMMAND'],
        [s.TONGJIAN_MASTER_KEY_FILE, s.TONGJIAN_MASTER_KEY, s.TONGJIAN_MASTER_KEY_COMMAND],
      ) ?? ownFile(dataDir),
    next: source(
      ['TONGJIAN_NEXT_MASTER_KEY_FILE', 'TONGJIAN_NEXT_MASTER_KEY', 'TONGJIAN_NEXT_MASTER_KEY_COMMAND'],
      [s.TONGJIAN_NEXT_MASTER_KEY_FILE, s.TONGJIAN_NEXT_MASTER_KEY, s.TONGJIAN_NEXT_MASTER_KEY_COMMAND],
    ),
  }
}

function ownFile(dataDir: string): MasterSource {
  return { kind: 'file', file: resolve(dataDir, 'secrets', 'master.key') }
}

/** What an operator's own command may see of our environment: everything but our settings, which hold secrets. */
export function commandEnvironment(): Record<string, string | undefined> {
  const ours = /^(TONGJIAN_|WECOM_|DATABASE_)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)))
}

/**
 * Take the keys out of this process's environment once they are read, so that no child of ours inherits them.
 * /proc still shows what the process was started with, to its own user.
 */
export function forgetKeys(): void {
  for (const name of ['TONGJIAN_MASTER_KEY', 'TONGJIAN_NEXT_MASTER_KEY']) delete process.env[name]
}

function wecomConfig(s: z.infer<typeof settings>, dataDir: string): WecomConfig | undefined {
  const given = [s.WECOM_CORPID, s.WECOM_ARCHIVE_SECRET, s.WECOM_CONTACT_SECRET].filter(
    value => value !== undefined,
  )
  if (given.length === 0) return undefined
  if (!s.WECOM_CORPID || !s.WECOM_ARCHIVE_SECRET || !s.WECOM_CONTACT_SECRET) {
    throw fail('config.invalid', {
      hint: 'WECOM_CORPID, WECOM_ARCHIVE_SECRET and WECOM_CONTACT_SECRET go together: set all three, or none to run without capture',
    })
  }
  return {
    apiBase: s.WECOM_API_BASE,
    corpid: s.WECOM_CORPID,
    corpName: s.WECOM_CORP_NAME ?? s.WECOM_CORPID,
    archiveSecret: s.WECOM_ARCHIVE_SECRET,
    contactSecret: s.WECOM_CONTACT_SECRET,
    archiveKeys: s.WECOM_ARCHIVE_KEYS ? resolve(s.WECOM_ARCHIVE_KEYS) : resolve(dataDir, 'keys', 'archive'),
    source: s.WECOM_ARCHIVE_SOURCE,
    proxy: s.WECOM_PROXY,
    sdk: {
      library: resolve(s.WECOM_SDK_LIBRARY ?? resolve(dataDir, 'sdk', 'libWeWorkFinanceSdk_C.so')),
      sha256: s.WECOM_SDK_SHA256?.toLowerCase(),
      proxy: s.WECOM_SDK_PROXY,
      proxyAuth: s.WECOM_SDK_PROXY_AUTH,
    },
    agentid: s.WECOM_AGENTID,
    callback: callbackConfig(s),
    notice: s.WECOM_NOTICE,
  }
}

function s3Config(s: z.infer<typeof settings>): S3Config | undefined {
  const place = s.TONGJIAN_BLOBS
  if (!place) return undefined
  const { TONGJIAN_S3_ENDPOINT: endpoint, TONGJIAN_S3_KEY_ID: keyId, TONGJIAN_S3_SECRET: secret } = s
  if (!endpoint || !keyId || !secret || s.TONGJIAN_LEDGER) {
    throw fail('config.invalid', {
      hint: 'TONGJIAN_BLOBS needs TONGJIAN_S3_ENDPOINT, TONGJIAN_S3_KEY_ID and TONGJIAN_S3_SECRET, and takes the place of TONGJIAN_LEDGER',
    })
  }
  const [bucket = '', ...prefix] = place.slice('s3://'.length).replace(/\/$/, '').split('/')
  const { TONGJIAN_S3_REGION: region, TONGJIAN_S3_STYLE: style, TONGJIAN_S3_LOCK_DAYS: lockDays } = s
  return { endpoint, region, style, bucket, prefix: prefix.join('/'), keyId, secret, lockDays }
}

function stampConfig(s: z.infer<typeof settings>): StampConfig | undefined {
  if (!s.TONGJIAN_TSA_URL) {
    if (!s.TONGJIAN_TSA_CA && !s.TONGJIAN_TSA_POLICY) return undefined
    throw fail('config.invalid', {
      hint: 'TONGJIAN_TSA_CA and TONGJIAN_TSA_POLICY say something only with TONGJIAN_TSA_URL',
    })
  }
  return {
    urls: s.TONGJIAN_TSA_URL.split(/[\s,]+/),
    ca: s.TONGJIAN_TSA_CA ? resolve(s.TONGJIAN_TSA_CA) : undefined,
    policy: s.TONGJIAN_TSA_POLICY,
    minutes: s.TONGJIAN_TSA_MINUTES,
  }
}

function readerConfig(s: z.infer<typeof settings>): ReaderConfig | undefined {
  const { TONGJIAN_READER_URL: url, TONGJIAN_READER_KEY: key, TONGJIAN_READER_MODEL: model } = s
  if (!url && !model && !key) return undefined
  if (!url || !model) {
    throw fail('config.invalid', {
      hint: 'TONGJIAN_READER_URL and TONGJIAN_READER_MODEL go together: set both, or none to run without a second reader',
    })
  }
  return { url, key, model }
}

function callbackConfig(s: z.infer<typeof settings>): { token: string; aesKey: string } | undefined {
  const { WECOM_CALLBACK_TOKEN: token, WECOM_CALLBACK_AES_KEY: aesKey } = s
  if (!token && !aesKey) return undefined
  if (!token || !aesKey) {
    throw fail('config.invalid', {
      hint: 'WECOM_CALLBACK_TOKEN and WECOM_CALLBACK_AES_KEY go together: both stand on the page where the event server is set',
    })
  }
  return { token, aesKey }
}

/** The demo's settings: a folder of its own below the data folder, and the simulator in WeCom's place. */
export function demoConfig(config: Config, wecom: Omit<WecomConfig, 'archiveKeys' | 'source'>): Config {
  const dataDir = resolve(config.dataDir, 'demo')
  return {
    ...config,
    dataDir,
    ledgerDir: resolve(dataDir, 'ledger'),
    masterKey: { source: ownFile(dataDir), next: undefined },
    blobs: undefined,
    databaseUrl: undefined,
    databaseOwnerUrl: undefined,
    databasePurgeUrl: undefined,
    wecom: { ...wecom, archiveKeys: resolve(dataDir, 'keys', 'archive'), source: 'simulator' },
  }
}
