import { spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { Client } from 'pg'
import { type Sim, startSim } from '../sim/index.ts'
import { openPremises } from '../src/app/index.ts'
import { createLog, loadConfig } from '../src/base/index.ts'
import { RULES_FOLDER } from '../src/monitor/index.ts'
import { type Boards, clock, openBoards } from './alert-boards.ts'
import { type Sample, type Stages, slowest, stagesOf, table } from './alert-stages.ts'
import { loadBulk } from './bulk.ts'
import { packsOf } from './detect-corpus.ts'
import { samples } from './detect-samples.ts'

export type AlertBench = {
  /** Messages in the archive before. */
  n?: number | undefined
  rate?: number | undefined
  seconds?: number | undefined
  boards?: number | undefined
  /** Of the boards, so many are pages in Chromium; the others are clients of the same stream. */
  pages?: number | undefined
  terms?: number | undefined
  /** Seconds of the same talk before anything counts: a day that has already begun. */
  warm?: number | undefined
  say(line: string): void
}

const SEED = 20_261_130
/** Of a hundred messages, one is a violation. */
const SHARE = 0.01
const PATIENCE_MS = 120_000
const TICK_MS = 5
/** Each is an alert by the rules of the house; 〔n〕 lets its row be known again. */
const WRONG = [
  '这款保本保息，亏了算我的',
  '加我个人微信聊，这里不方便说',
  '您先转给我，我帮您统一打款',
  '保证收益，稳赚不赔',
]

/** From the moment a message is at WeCom to the moment its alert is in the page, on the one clock of this machine. */
export async function benchAlert(options: AlertBench): Promise<object> {
  const { say, n = 1_000_000, rate = 200, seconds = 600, boards = 10, terms = 10_000, warm = 30 } = options
  const pages = Math.min(options.pages ?? 2, boards)
  const folder = mkdtempSync(join(tmpdir(), 'tongjian-alert-'))
  chmodSync(folder, 0o711)
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const sim = await startSim({ seed: SEED, publicKeys: [{ version: 1, pem }] })
  const keys = join(folder, 'keys', 'archive')
  mkdirSync(keys, { recursive: true })
  writeFileSync(join(keys, '1.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  try {
    const env = environment(folder, sim)
    await preload(env, n, say)
    const rules = lexicon(folder, terms)
    say(
      `${n} 条已归档；词库 ${terms} 词；${boards} 块看板（${pages} 个 Chromium 页面，${boards - pages} 个事件流）`,
    )
    const run = await running(env, rules, boards, pages, async (server, open) => {
      say(`每秒 ${rate} 条，先 ${warm} 秒不计，再 ${seconds} 秒 …`)
      return measure({ sim, server, boards: open, rate, seconds, warm })
    })
    for (const line of [...table(run.stages), '最慢的几条：', ...run.slowest]) say(line)
    return {
      bench: 'alert',
      ...{ n, rate, seconds, warm, boards, pages, terms },
      ...{
        published: run.published,
        planted: run.planted,
        missing: run.missing,
        twice: run.twice,
        cards: run.cards,
      },
      stages: run.stages,
    }
  } finally {
    await sim.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function environment(folder: string, sim: Sim): Record<string, string> {
  return {
    TONGJIAN_DATA: folder,
    LOG_LEVEL: 'error',
    PORT: '0',
    WECOM_API_BASE: sim.url,
    WECOM_CORPID: sim.world.corpid,
    WECOM_ARCHIVE_SECRET: sim.world.secrets.archive,
    WECOM_CONTACT_SECRET: sim.world.secrets.app,
    WECOM_ARCHIVE_SOURCE: 'simulator',
    WECOM_AGENTID: String(sim.world.office.agentid),
  }
}

async function preload(env: Record<string, string>, n: number, say: (line: string) => void): Promise<void> {
  const premises = await openPremises(loadConfig(env), createLog('error'), { mode: 'server' })
  try {
    await loadBulk(premises, { n, seed: 'bench alert', threads: 2, say })
  } finally {
    await premises.close()
  }
}

/** The rules of the house and a lexicon an institution might bring along, as one more pack. */
function lexicon(folder: string, terms: number): string {
  const rules = join(folder, 'rules')
  cpSync(RULES_FOLDER, rules, { recursive: true })
  const extra = packsOf(terms, SEED).packs.rules.find(rule => rule.id === 'BENCH-01')?.terms ?? []
  const first = extra[0]?.term ?? ''
  const lines = [
    ...[
      'category: BENCH',
      'name: 机构自带词库',
      'why: 测量用',
      'severity: P3',
      'direction: staff',
      'verdict: advisory',
    ],
    ...[
      'clause: M-02',
      'basis: [广告法-28]',
      'owner: 合规部',
      'rules:',
      '  - id: BENCH-01',
      '    name: 机构自带词库',
    ],
    ...['    version: 1', '    disguise: false', '    terms:'],
    ...extra.map(({ term }) => `      - ${JSON.stringify(term)}`),
    `    fires: [${JSON.stringify(first)}]`,
    "    clean: ['好']",
  ]
  if (extra.length > 0) writeFileSync(join(rules, 'bench.yaml'), `${lines.join('\n')}\n`)
  return rules
}

type Server = { url: string; database: string }

async function running<T>(
  env: Record<string, string>,
  rules: string,
  boards: number,
  pages: number,
  work: (server: Server, open: Boards) => Promise<T>,
): Promise<T> {
  const password = randomBytes(12).toString('hex')
  const script = join(import.meta.dirname, 'alert-server.ts')
  const child = spawn(process.execPath, [script, rules, password, String(boards)], {
    env: { ...env, PATH: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  let open: Boards | undefined
  try {
    const server = await ready(child.stdout)
    open = await openBoards(server.url, password, boards, pages)
    return await work(server, open)
  } finally {
    await open?.close()
    child.kill('SIGTERM')
    await ended
  }
}

async function ready(output: NodeJS.ReadableStream): Promise<Server> {
  for await (const line of createInterface({ input: output })) return JSON.parse(line) as Server
  throw new Error('the server ended before it was ready')
}

type Measuring = { sim: Sim; server: Server; boards: Boards; rate: number; seconds: number; warm: number }
type Run = {
  published: number
  planted: number
  missing: number
  twice: number
  cards: object
  stages: Stages
  slowest: string[]
}

async function measure({ sim, server, boards, rate, seconds, warm }: Measuring): Promise<Run> {
  const told = new Map<string, number>()
  const database = new Client({ connectionString: server.database })
  await database.connect()
  database.on('notification', ({ payload }) => {
    const { kind, id } = JSON.parse(payload ?? '{}') as { kind?: string; id?: string }
    if (kind === 'alert' && id && !told.has(id)) told.set(id, clock())
  })
  await database.query('LISTEN tongjian_board')
  try {
    const planted = await publish(sim, { rate, seconds, warm })
    await arrived(boards, planted.length)
    const seen = await Promise.all(
      boards.list.map(async board => ({ kind: board.kind, at: await board.seen() })),
    )
    const twice = await Promise.all(boards.list.map(board => board.twice()))
    const known = await stored(database, planted)
    const samples = planted.flatMap(one => known.get(one.msgid) ?? [])
    const missing = seen.reduce((sum, { at }) => sum + planted.filter(one => !at.has(one.number)).length, 0)
    return {
      published: sim.world.archive.all().length,
      planted: planted.length,
      missing,
      twice: twice.reduce((sum, one) => sum + one, 0),
      cards: cardsOf(sim, known, planted),
      stages: stagesOf(samples, told, seen),
      slowest: slowest(samples, told, seen),
    }
  } finally {
    await database.end()
  }
}

type Planted = { number: number; msgid: string; at: number }

/** Ordinary talk at an even pace, with a violation now and then. */
async function publish(
  sim: Sim,
  { rate, seconds, warm }: Pick<Measuring, 'rate' | 'seconds' | 'warm'>,
): Promise<Planted[]> {
  const { world } = sim
  const pairs = world.people.contacts.flatMap(contact =>
    contact.follows.filter(one => one.consent === 'Agree').map(one => ({ from: one.userid, to: contact.id })),
  )
  const talk = samples('ordinary.txt').map(({ text }) => text)
  const planted: Planted[] = []
  const started = clock()
  const total = rate * (warm + seconds)
  for (let n = 0; n < total; ) {
    for (const due = Math.min(total, ((clock() - started) * rate) / 1000); n < due; n++) {
      const pair = pairs[(n * 7919) % pairs.length]
      if (!pair) throw new Error('nobody agreed to be archived')
      const wrong = n >= rate * warm && n % Math.round(1 / SHARE) === 0
      const content = wrong
        ? `${WRONG[planted.length % WRONG.length]}〔${n}〕`
        : (talk[n % talk.length] ?? '')
      const at = clock()
      const message = { from: pair.from, tolist: [pair.to], msgtype: 'text', text: { content } }
      const { msgid } = world.emit(message)
      if (wrong) planted.push({ number: n, msgid, at })
    }
    await wait(TICK_MS)
  }
  return planted
}

async function arrived(boards: Boards, planted: number): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (performance.now() < deadline) {
    const counts = await Promise.all(boards.list.map(async board => (await board.seen()).size))
    if (counts.every(count => count >= planted)) return
    await wait(500)
  }
}

async function stored(database: Client, planted: Planted[]): Promise<Map<string, Sample>> {
  const { rows } = await database.query<{ msgid: string; alert: string; captured: number; raised: number }>(
    `SELECT a.src_msgid AS msgid, a.id::text AS alert, extract(epoch FROM m.captured_at) * 1000 AS captured,
       extract(epoch FROM a.raised_at) * 1000 AS raised
     FROM alert a JOIN message m ON m.corp_id = a.corp_id AND m.conv_id = a.conv_id AND m.sent_at = a.sent_at AND m.src_msgid = a.src_msgid
     WHERE a.src_msgid = ANY($1)`,
    [planted.map(one => one.msgid)],
  )
  const numbers = new Map(planted.map(one => [one.msgid, one]))
  return new Map(
    rows.map(row => {
      const { number = -1, at = 0 } = numbers.get(row.msgid) ?? {}
      return [
        row.msgid,
        {
          number,
          alert: row.alert,
          published: at,
          captured: Number(row.captured),
          raised: Number(row.raised),
        },
      ]
    }),
  )
}

/** Cards that were sent one by one: how long after the message. What a flood gathered is not among them. */
function cardsOf(
  sim: Sim,
  known: Map<string, Sample>,
  planted: Planted[],
): { n: number; p50: number; max: number } {
  const byAlert = new Map([...known.values()].map(one => [one.alert, one]))
  const times = sim.world.office.appMessages.all().flatMap(one => {
    const alert = /alert=([0-9a-f-]{36})/.exec(JSON.stringify(one.card ?? {}))?.[1]
    const sample = byAlert.get(alert ?? '')
    return sample ? [one.at - sample.published] : []
  })
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): number => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0)
  return { n: Math.min(sorted.length, planted.length), p50: at(0.5), max: at(1) }
}
