import { resolve } from 'node:path'
import { z } from 'zod'
import { fail } from './errors.ts'

const port = z.coerce.number().int().min(0).max(65_535)
const optional = z
  .string()
  .optional()
  .transform(value => (value === undefined || value.trim() === '' ? undefined : value.trim()))

const optionalInt = optional
  .transform(value => (value === undefined ? undefined : Number(value)))
  .refine(value => value === undefined || Number.isInteger(value), 'must be a whole number')

/** Every setting the product reads. `.env.example` says what each costs. */
const settings = z.object({
  TONGJIAN_DATA: z.string().default('./data'),
  TONGJIAN_DEMO_PASSWORD: optional,
  TONGJIAN_MASTER_KEY_FILE: optional,
  TONGJIAN_LEDGER: optional,
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
  TONGJIAN_TZ: z
    .string()
    .default('Asia/Shanghai')
    .refine(isZone, 'is not a time zone name such as Asia/Shanghai'),
  DATABASE_URL: optional.refine(isPostgres, 'must look like postgres://user:password@host:5432/database'),
  DATABASE_OWNER_URL: optional.refine(
    isPostgres,
    'must look like postgres://user:password@host:5432/database',
  ),
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(8080),
  TONGJIAN_HTTPS: z.enum(['on', 'off']).default('off'),
  TONGJIAN_FAILPOINT: optional,
  TONGJIAN_ASR_COMMAND: optional,
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
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

function isProxy(url: string | undefined): boolean {
  return url === undefined || /^(https?|socks5):\/\/[^\s/]+$/.test(url)
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

export type Config = {
  dataDir: string
  ledgerDir: string
  masterKeyFile: string
  zone: string
  /** Which layer lies over the rules: see rules/layers/. */
  institution: z.infer<typeof settings>['TONGJIAN_INSTITUTION']
  demoPassword: string | undefined
  databaseUrl: string | undefined
  databaseOwnerUrl: string | undefined
  host: string
  port: number
  /** Browsers reach us through a proxy that speaks https: cookies are then Secure and its word on addresses is believed. */
  https: boolean
  logLevel: string
  /** Tests only: see failpoint.ts. */
  failpoint: string | undefined
  /** Off by default. */
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
    masterKeyFile: s.TONGJIAN_MASTER_KEY_FILE
      ? resolve(s.TONGJIAN_MASTER_KEY_FILE)
      : resolve(dataDir, 'secrets', 'master.key'),
    zone: s.TONGJIAN_TZ,
    institution: s.TONGJIAN_INSTITUTION,
    demoPassword: s.TONGJIAN_DEMO_PASSWORD,
    databaseUrl: s.DATABASE_URL,
    databaseOwnerUrl: s.DATABASE_OWNER_URL,
    host: s.HOST,
    port: s.PORT,
    https: s.TONGJIAN_HTTPS === 'on',
    logLevel: s.LOG_LEVEL,
    failpoint: s.TONGJIAN_FAILPOINT,
    reader: readerConfig(s),
    asrCommand: s.TONGJIAN_ASR_COMMAND?.split(/\s+/),
    wecom: wecomConfig(s, dataDir),
  }
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
    masterKeyFile: resolve(dataDir, 'secrets', 'master.key'),
    databaseUrl: undefined,
    databaseOwnerUrl: undefined,
    wecom: { ...wecom, archiveKeys: resolve(dataDir, 'keys', 'archive'), source: 'simulator' },
  }
}
