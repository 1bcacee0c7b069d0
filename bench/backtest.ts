import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRng } from '../sim/rng.ts'
import { openPremises, type Premises, type Services, startServices } from '../src/app/index.ts'
import { append, type Incoming, prepare } from '../src/archive/index.ts'
import { type Actor, createLog, inTransaction, loadConfig, sql, systemActor } from '../src/base/index.ts'
import {
  askApply,
  askBacktest,
  makeDraft,
  publishDraft,
  readDraft,
  submitDraft,
  testDraft,
} from '../src/monitor/index.ts'
import { normalise } from '../src/wecom/index.ts'
import { loadBulk } from './bulk.ts'
import { loadCorpus, textOf } from './bulk-corpus.ts'

export type BacktestBench = {
  n?: number
  data?: string
  keep?: boolean
  corpus?: string
  say(line: string): void
}

const SEED = 'bench backtest'
/** Words of ordinary talk that no clean example of the packs holds: the draft finds much, and its own test holds. */
const TERMS = ['青鸾通道', '我给您', '我帮您', '我替您', '打电话', '推荐您去', '酒店住']
/** Messages that go on arriving while the backtest runs, one batch after the other. */
const LIVE_BATCH = 20
const LIVE_EVERY_MS = 200
const WAIT_MS = 3_600_000

type Key = { conv: string; at: string; msgid: string }
const nameOf = ({ conv, at, msgid }: Key): string => `${conv}|${at}|${msgid}`

/**
 * A draft backtested on stored history while messages go on arriving; then it is published and applied, and what it
 * raised is held against what was predicted. A table for people; the last line is JSON.
 */
export async function benchBacktest(options: BacktestBench): Promise<object> {
  const { say, n = 20_000 } = options
  const folder = options.data ?? mkdtempSync(join(tmpdir(), 'tongjian-backtest-'))
  // As root, PostgreSQL runs as another account and must be able to enter.
  if (options.data === undefined) chmodSync(folder, 0o711)
  const kept = options.data !== undefined || options.keep === true
  const config = loadConfig({ TONGJIAN_DATA: folder, LOG_LEVEL: 'error', PORT: '0' })
  const premises = await openPremises(config, createLog('error'), { mode: 'command' })
  try {
    const loaded = await loadBulk(premises, {
      n,
      seed: SEED,
      threads: 2,
      corpus: options.corpus,
      say,
    })
    if (loaded.loaded > 0) say(`装载 ${loaded.loaded} 条，${loaded.seconds.toFixed(0)} 秒`)
    const services = await startServices(premises, { capture: false })
    try {
      return await measured(premises, services, { n, say, corpus: options.corpus })
    } finally {
      await services.stop()
    }
  } finally {
    await premises.close()
    if (!kept) rmSync(folder, { recursive: true, force: true })
  }
}

type Run = { n: number; corpus: string | undefined; say(line: string): void }

const RULE = {
  category: 'GUAR',
  id: null,
  name: '回测基准规则',
  severity: 'P1',
  direction: 'both',
  verdict: 'violation',
  clause: 'M-01',
  terms: TERMS,
  near: [],
  exceptions: [],
  fires: ['这款产品走青鸾通道'],
  clean: [],
} satisfies Extract<Parameters<typeof makeDraft>[2], { by: 'form' }>['rule']

async function measured(premises: Premises, services: Services, run: Run): Promise<object> {
  const deps = services.rulebook
  const officer = person(premises, 'officer')
  const id = await makeDraft(deps, officer, { by: 'form', rule: RULE, why: '回测基准' })
  await testDraft(deps, officer, id)
  const traffic = startTraffic(premises, services, run.corpus)
  const cpuBefore = process.cpuUsage()
  const asked = performance.now()
  const backtest = await askBacktest(deps, officer, id, null)
  await until(async () => (await readState(premises, backtest)) !== 'running')
  const seconds = (performance.now() - asked) / 1000
  const cpu = process.cpuUsage(cpuBefore)
  const arrived = await traffic.stop()
  const view = (await readDraft(deps, officer, id)).backtest
  if (!view?.summary) throw new Error(`the backtest ended as ${view?.state}: ${view?.problem}`)
  const { messages, summary } = view
  const { ms } = await timesOf(premises, backtest)
  const each = (value: number): number => Math.round(value / Math.max(1, messages))
  const us = {
    process: each(cpu.user + cpu.system),
    read: each(ms.read * 1000),
    judge: each(ms.judge * 1000),
  }
  run.say(
    `回测          ${messages} 条，${seconds.toFixed(1)} 秒，${Math.round(messages / seconds)} 条/秒（2 线程，共享 ${cpus().length} 核）`,
  )
  run.say(
    `每条 CPU      回测线程 读取与解密 ${us.read} µs，判读 ${us.judge} µs；整个进程（含实时采集与检测）${us.process} µs`,
  )
  run.say(`同时到达      ${arrived} 条（不在总体内）`)
  run.say(
    `预测          ${summary.after} 条预警（新增 ${summary.fresh}，减少 ${summary.gone}），每日 ${summary.perDay.toFixed(1)}，工时 ${summary.hoursPerDay.toFixed(1)} 小时/日`,
  )
  const applied = await applyAll(premises, services, id, backtest)
  run.say(
    `应用到历史    ${applied.raised} 条，${applied.applySeconds} 秒；与预测相比缺 ${applied.missing}，多 ${applied.surplus}`,
  )
  return {
    bench: 'backtest',
    n: run.n,
    messages,
    seconds: Number(seconds.toFixed(1)),
    perSecond: Math.round(messages / seconds),
    cpuUs: us,
    arrived,
    predicted: summary.after,
    ...applied,
  }
}

/** Published and applied to history: alerts of the population then, less those before, are what was predicted. */
async function applyAll(premises: Premises, { rulebook }: Services, id: string, backtest: string) {
  const lead = person(premises, 'lead')
  const predicted = await keysOf(premises, 'predicted', backtest)
  const before = await keysOf(premises, 'alerts', backtest)
  const words = { reason: '回测基准', acknowledged: '回测基准' }
  await submitDraft(rulebook, person(premises, 'officer'), id)
  await publishDraft(rulebook, lead, id, { act: 'in_force', departments: [], ...words })
  await askApply(rulebook, lead, id)
  const began = performance.now()
  await until(async () => {
    const application = (await readDraft(rulebook, lead, id)).backtest?.application
    return application !== null && application !== undefined && application.endedAt !== null
  })
  const applySeconds = Number(((performance.now() - began) / 1000).toFixed(1))
  const after = await keysOf(premises, 'alerts', backtest)
  const raised = new Set([...after].filter(name => !before.has(name)))
  const expected = new Set([...predicted].filter(name => !before.has(name)))
  const missing = [...expected].filter(name => !raised.has(name)).length
  const surplus = [...raised].filter(name => !expected.has(name)).length
  return { raised: raised.size, missing, surplus, equal: missing === 0 && surplus === 0, applySeconds }
}

async function readState({ db, house }: Premises, id: string): Promise<string> {
  const { rows } = await sql<{
    state: string
  }>`SELECT CASE WHEN state = 'waiting' THEN 'running' ELSE state END AS state FROM backtest
    WHERE corp_id = ${house.corp} AND id = ${id}::uuid`.execute(db)
  return rows[0]?.state ?? ''
}

async function timesOf(
  { db, house }: Premises,
  id: string,
): Promise<{ ms: { read: number; judge: number } }> {
  const { rows } = await sql<{
    read: number
    judge: number
  }>`SELECT sum((counts->'ms'->>'read')::float8) AS read,
    sum((counts->'ms'->>'judge')::float8) AS judge FROM backtest_chunk WHERE corp_id = ${house.corp} AND backtest_id = ${id}::uuid`.execute(
    db,
  )
  return { ms: rows[0] ?? { read: 0, judge: 0 } }
}

/** Messages a backtest predicts an alert for, or messages of its population that have one. */
async function keysOf(
  { db, house }: Premises,
  what: 'predicted' | 'alerts',
  id: string,
): Promise<Set<string>> {
  const { rows } =
    what === 'predicted'
      ? await sql<Key>`SELECT conv_id::text AS conv, sent_at::text AS at, src_msgid AS msgid FROM backtest_alert
          WHERE corp_id = ${house.corp} AND backtest_id = ${id}::uuid AND change <> 'gone'`.execute(db)
      : await sql<Key>`SELECT a.conv_id::text AS conv, a.sent_at::text AS at, a.src_msgid AS msgid FROM alert a
          JOIN backtest b ON b.corp_id = a.corp_id AND b.id = ${id}::uuid
          WHERE a.corp_id = ${house.corp} AND EXISTS (SELECT FROM leaf l WHERE l.corp_id = a.corp_id AND l.log_id = 'archive'
            AND l.kind = 'message' AND l.conv_id = a.conv_id AND l.sent_at = a.sent_at AND l.ref = a.src_msgid AND l.idx < b.size)`.execute(
          db,
        )
  return new Set(rows.map(nameOf))
}

/** Messages keep coming, some of them with the draft's own words, as old as the history itself. */
function startTraffic(
  { db, house }: Premises,
  services: Services,
  file: string | undefined,
): { stop(): Promise<number> } {
  const corpus = loadCorpus(file)
  const rng = createRng(`${SEED} live`)
  const actor = systemActor(house, 'bench')
  let stopped = false
  let sent = 0
  const batch = async (): Promise<void> => {
    const incoming = Array.from({ length: LIVE_BATCH }, (_, i): Incoming => {
      sent += 1
      const text = i % 4 === 0 ? `${textOf(corpus, rng)}，走青鸾通道` : textOf(corpus, rng)
      const at = Date.UTC(2026, 6, 1) + rng.int(0, 40 * 86_400_000)
      const raw = Buffer.from(
        JSON.stringify({
          msgid: `live${sent}_external`,
          action: 'send',
          from: 'adviser001',
          tolist: ['wmErxtDgAA9AW32YyyuYRimKr7D1KWlw'],
          roomid: '',
          msgtime: at,
          msgtype: 'text',
          text: { content: text },
        }),
      )
      const normal = normalise(raw.toString('utf8'))
      if (typeof normal === 'string') throw new Error(normal)
      return { raw, normal, seq: null, source: 'bench' }
    })
    const prepared = await prepare(db, house, incoming)
    await inTransaction(db, tx => append(tx, actor, services.jobs, prepared))
  }
  const loop = async (): Promise<void> => {
    while (!stopped) {
      await batch()
      await new Promise(done => setTimeout(done, LIVE_EVERY_MS))
    }
  }
  const running = loop()
  return {
    async stop() {
      stopped = true
      await running
      return sent
    },
  }
}

async function until(true_: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + WAIT_MS
  while (!(await true_())) {
    if (performance.now() > end) throw new Error('the bench waits in vain')
    await new Promise(done => setTimeout(done, 100))
  }
}

function person({ house }: Premises, role: string): Actor {
  return { house, kind: 'person', name: role, role, accountId: null, userid: null, departments: [] }
}
