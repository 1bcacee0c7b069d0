import { resolve } from 'node:path'
import { z } from 'zod'
import { fail } from './errors.ts'

const port = z.coerce.number().int().min(0).max(65_535)
const optional = z
  .string()
  .optional()
  .transform(value => (value === undefined || value.trim() === '' ? undefined : value.trim()))

/** Every setting the product reads. `.env.example` says what each costs. */
const settings = z.object({
  TONGJIAN_DATA: z.string().default('./data'),
  TONGJIAN_DEMO_PASSWORD: optional,
  TONGJIAN_MASTER_KEY_FILE: optional,
  TONGJIAN_LEDGER: optional,
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
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  WECOM_API_BASE: z.url().default('https://qyapi.weixin.qq.com'),
  WECOM_CORPID: optional,
  WECOM_CORP_NAME: optional,
  WECOM_ARCHIVE_SECRET: optional,
  WECOM_CONTACT_SECRET: optional,
  WECOM_ARCHIVE_KEYS: optional,
  WECOM_ARCHIVE_SOURCE: z.enum(['sdk', 'simulator']).default('sdk'),
})

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0).length > 0
  } catch {
    return false
  }
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
}

export type Config = {
  dataDir: string
  ledgerDir: string
  masterKeyFile: string
  zone: string
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
    demoPassword: s.TONGJIAN_DEMO_PASSWORD,
    databaseUrl: s.DATABASE_URL,
    databaseOwnerUrl: s.DATABASE_OWNER_URL,
    host: s.HOST,
    port: s.PORT,
    https: s.TONGJIAN_HTTPS === 'on',
    logLevel: s.LOG_LEVEL,
    failpoint: s.TONGJIAN_FAILPOINT,
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
  }
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
