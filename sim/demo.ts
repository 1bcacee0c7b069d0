import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import {
  type Config,
  DEFAULT_NOTICE,
  type DemoState,
  demoAccounts,
  demoConfig,
  furnishComplaints,
  furnishConsequences,
  furnishDesk,
  furnishEvidence,
  furnishInspections,
  furnishRetention,
  furnishRules,
  type Log,
  startDemoServer,
} from '../src/app/index.ts'
import { startAuthority } from './authority.ts'
import { AGENTID } from './office.ts'
import { oldDays } from './old-days.ts'
import { printBehaviours, printScore, scoreAlerts, scoreBehaviours } from './score.ts'
import { DEMO_CORPID } from './world.ts'

type Io = { out(line: string): void; err(line: string): void }
/** A day of a department of forty, and a pace at which a newcomer sees something happen. */
const DAY = 2500
const PER_MINUTE = 20
const SEED = 'demo'
const SIM_PORT_AFTER = 10
/** So that a visitor of a few minutes sees one more. */
const STAMP_MINUTES = 5
const SCORE_WAIT_MS = 60_000
const CLOCK_WAIT_MS = 20_000

/** `npm start`: PostgreSQL, the simulated WeCom with live traffic, server and workers, until Ctrl-C. */
export async function demoCommand(base: Config, log: Log, io: Io): Promise<number> {
  const secrets = {
    archiveSecret: randomBytes(16).toString('hex'),
    contactSecret: randomBytes(16).toString('hex'),
    callback: { token: letters(32), aesKey: letters(43) },
  }
  const apiBase = `http://127.0.0.1:${base.port === 0 ? 0 : base.port + SIM_PORT_AFTER}`
  const config = demoConfig(base, {
    apiBase,
    corpid: DEMO_CORPID,
    corpName: '澄江银行 财富管理部',
    agentid: AGENTID,
    ...secrets,
  })
  const first = !existsSync(join(config.dataDir, 'demo.json'))
  prepareFolder(config)
  const authority = await demoAuthority(config)
  const sim = await startWorld(config, first)
  let server: DemoState | undefined
  try {
    const stamps = config.stamps ?? authority?.stamps
    const running = { ...config, stamps, wecom: config.wecom && { ...config.wecom, apiBase: sim.url } }
    server = await startDemoServer(running, log, `${sim.url}/sim/`)
    await connectCallbacks(sim.url, server.url, secrets.callback)
    const password = config.demoPassword ?? letters(14)
    const accounts = await demoAccounts(server, password)
    writeFileSync(join(config.dataDir, 'demo.json'), JSON.stringify({ seed: SEED }))
    welcome(io, server.url, `${sim.url}/sim/`, accounts, password)
    if (first) {
      await score(server, config, sim.seq, io)
      await furnishEvidence(server.premises, server.services)
      await furnishRetention(server.premises, server.services, oldDays())
      await furnishConsequences(server.premises, server.services)
      await furnishInspections(server.premises, server.services)
      await furnishDesk(server.premises, server.services)
      await furnishRules(server.premises, server.services)
      await furnishComplaints(server.premises)
    }
    await untilStopped(sim.child)
    return 0
  } finally {
    io.err('正在停止 …')
    await server?.close()
    sim.child.kill('SIGTERM')
    authority?.close()
  }
}

/** A time authority of the demo's own, unless a real one is configured. */
async function demoAuthority(config: Config) {
  if (config.stamps) return undefined
  const { url, ca, close } = await startAuthority(join(config.dataDir, 'demo-tsa'))
  return { close, stamps: { urls: [url], ca, policy: undefined, minutes: STAMP_MINUTES } }
}

/** The institution makes its RSA key and gives WeCom the public half; the simulator gets it the same way. */
function prepareFolder(config: Config): void {
  const keys = config.wecom?.archiveKeys ?? ''
  // The data folder first and open to pass through: as root, PostgreSQL runs as another account below it.
  mkdirSync(config.dataDir, { recursive: true, mode: 0o711 })
  mkdirSync(keys, { recursive: true, mode: 0o700 })
  if (existsSync(join(keys, '1.pem'))) return
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  writeFileSync(join(keys, '1.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  writeFileSync(join(keys, '1.pub.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
}

async function startWorld(
  config: Config,
  first: boolean,
): Promise<{ url: string; seq: number; child: ChildProcess }> {
  const { wecom } = config
  if (!wecom) throw new Error('the demo has no WeCom settings')
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, 'main.ts'),
      ...[
        '--port',
        new URL(wecom.apiBase).port || '0',
        '--seed',
        SEED,
        '--keys',
        wecom.archiveKeys,
        '--corpid',
        wecom.corpid,
      ],
      ...['--secret', wecom.archiveSecret, '--app-secret', wecom.contactSecret, '--live', String(PER_MINUTE)],
      ...['--platform-url', `http://127.0.0.1:${config.port}/`, '--truth', truthFile(config)],
      // A second start goes on where the first left off: the day is archived already, its numbers must not come again.
      ...(first
        ? ['--day', String(DAY), '--notice', DEFAULT_NOTICE]
        : ['--first-seq', String(Math.floor(performance.timeOrigin / 1000))]),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  for await (const line of createInterface({ input: child.stdout })) {
    const ready = JSON.parse(line) as { ready?: boolean; url?: string; seq?: number }
    if (ready.ready && ready.url) return { url: ready.url, seq: ready.seq ?? 0, child }
  }
  throw new Error('the simulator ended before it was ready; is its port in use?')
}

/** Easy to read aloud and to type: no 0, O, 1, l. Thirty-two of them, so that every byte is fair. */
function letters(count: number): string {
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'
  return [...randomBytes(count)].map(byte => alphabet[byte % alphabet.length]).join('')
}

/** What an operator does on WeCom's page: save the address, which WeCom first asks to answer. */
async function connectCallbacks(
  simUrl: string,
  platformUrl: string,
  callback: { token: string; aesKey: string },
): Promise<void> {
  const url = new URL('/wecom/callback', platformUrl)
  // Listening everywhere is no address to call.
  if (url.hostname === '0.0.0.0' || url.hostname === '[::]') url.hostname = '127.0.0.1'
  const response = await fetch(`${simUrl}/sim/callback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ url: url.href, ...callback }),
  })
  if (!response.ok)
    throw new Error(`the simulator did not take the callback address: ${await response.text()}`)
}

function welcome(io: Io, url: string, control: string, accounts: string[], password: string): void {
  io.out('')
  io.out(`通鉴演示已就绪   ${url}`)
  io.out(`模拟企微控制台   ${control}`)
  io.out(`账号             ${accounts.join('  ')}`)
  io.out(`密码             ${password}   （全部账号相同；可用 TONGJIAN_DEMO_PASSWORD 指定）`)
  io.out('')
}

/**
 * What the simulator knows of its own talk, in clear: beside the product's data folder, which holds nothing in clear.
 */
function truthFile(config: Config): string {
  return `${config.dataDir}-truth.jsonl`
}

/** When the simulated day is archived and judged, hold the alerts against what was planted. */
async function score(server: DemoState, config: Config, lastSeq: number, io: Io): Promise<void> {
  const deadline = performance.now() + SCORE_WAIT_MS
  while (!(await server.judgedUpTo(lastSeq)) && performance.now() < deadline) await wait(250)
  const truth = readFileSync(truthFile(config), 'utf8')
  const lines = truth
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Parameters<typeof scoreAlerts>[0][number])
  const alerted = await server.alerted()
  // The day is archived to its last message; what live traffic planted in these last seconds is left to the next look.
  const considered = new Set([...lines.map(line => line.msgid), ...alerted])
  io.out(printScore(scoreAlerts(lines, new Set(alerted), considered)))
  io.out(printBehaviours(await behavioursOf(server, lines)))
}

/** What did not happen is found by the clock, which looks every few seconds. */
async function behavioursOf(server: DemoState, lines: Parameters<typeof scoreAlerts>[0]) {
  const deadline = performance.now() + CLOCK_WAIT_MS
  for (;;) {
    const score = scoreBehaviours(lines, await server.behaviours())
    if (score.missed.length === 0 || performance.now() > deadline) return score
    await wait(1000)
  }
}

async function untilStopped(child: ChildProcess): Promise<void> {
  await new Promise<void>(resolve => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
    child.once('exit', () => resolve())
  })
}
