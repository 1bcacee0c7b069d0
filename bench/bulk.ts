import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Client } from 'pg'
import type { Premises } from '../src/app/index.ts'
import { startSealer } from '../src/notary/index.ts'
import type { BulkDone, BulkMonth, BulkTask } from './bulk-worker.ts'

export type Bulk = {
  n: number
  seed: string
  threads: number
  corpus?: string
  say(line: string): void
}
export type Loaded = { seconds: number; perSecond: number; rawBytes: number; loaded: number }

/** Where the newest month of a set ends; fixed, so that the same seed is the same set in any year. */
const LAST = { year: 2026, month: 9 }

/** Over how many months a set of this size is spread: an institution that has more has had it longer. */
const spanOf = (n: number): number => (n >= 1_000_000 ? 24 : n >= 100_000 ? 12 : 6)

/** The months of a set, oldest first, and how many rows each holds. */
function monthsOf(n: number): BulkMonth[] {
  const months = spanOf(n)
  return Array.from({ length: months }, (_, i) => {
    const from = Math.floor((n * i) / months)
    const at = new Date(Date.UTC(LAST.year, LAST.month - months + i, 1))
    return { month: at.toISOString().slice(0, 10), from, rows: Math.floor((n * (i + 1)) / months) - from }
  })
}

/**
 * Fill an empty archive with `n` messages through the product's own sealing, hashing and grams, by COPY into months of
 * their own, and seal them into the ledger. Every month is one transaction: after a kill the same command goes on.
 */
export async function loadBulk(premises: Premises, bulk: Bulk): Promise<Loaded> {
  const { embedded, house, config, appUrl } = premises
  if (!embedded) throw new Error('the bulk loader works on an embedded database')
  const record = join(config.dataDir, 'bulk.json')
  const is = JSON.stringify({
    n: bulk.n,
    seed: bulk.seed,
    months: spanOf(bulk.n),
    corpus: bulk.corpus !== undefined,
  })
  if (existsSync(record) && readFileSync(record, 'utf8') !== is)
    throw new Error(`${config.dataDir} holds another set: ${readFileSync(record, 'utf8')}`)
  writeFileSync(record, is)
  const owner = new Client({ connectionString: embedded.ownerUrl() })
  await owner.connect()
  const started = performance.now()
  const sealer = startSealer(premises.db, house, premises.outside, ['archive'])
  try {
    const waiting = await missingMonths(owner, monthsOf(bulk.n))
    const task: BulkTask = {
      ownerUrl: embedded.ownerUrl(),
      appUrl,
      masterKey: config.masterKey,
      corp: house.corp,
      corpid: house.corpid,
      n: bulk.n,
      seed: bulk.seed,
      corpusFile: bulk.corpus,
    }
    const done = await byWorkers(task, waiting, bulk)
    await sealer.flush()
    const seconds = (performance.now() - started) / 1000
    const sum = (of: (one: BulkDone) => number): number => done.reduce((total, one) => total + of(one), 0)
    const rows = sum(one => one.rows)
    await owner.query('ANALYZE leaf; ANALYZE conversation_party; CHECKPOINT').catch(() => undefined)
    return { seconds, perSecond: rows / seconds, rawBytes: sum(one => one.rawBytes), loaded: rows }
  } finally {
    await sealer.stop()
    await owner.end()
  }
}

/** Months not loaded yet, with every table but the two that the workers make themselves. */
async function missingMonths(owner: Client, months: BulkMonth[]): Promise<BulkMonth[]> {
  const missing: BulkMonth[] = []
  for (const month of months) {
    const suffix = month.month.slice(0, 7).replace('-', '_')
    await owner.query('SELECT tongjian_add_month($1::date)', [month.month])
    const { rows } = await owner.query<{ some: boolean }>(
      `SELECT EXISTS (SELECT FROM message_${suffix}) AS some`,
    )
    if (rows[0]?.some || month.rows === 0) continue
    await owner.query(`DROP TABLE message_${suffix}, message_gram_${suffix}`)
    missing.push(month)
  }
  return missing
}

function byWorkers(task: BulkTask, months: BulkMonth[], bulk: Bulk): Promise<BulkDone[]> {
  const waiting = [...months]
  const done: BulkDone[] = []
  const started = performance.now()
  const told = (one: BulkDone): void => {
    done.push(one)
    const rows = done.reduce((sum, d) => sum + d.rows, 0)
    const each = (ms: number): string => ((ms / one.rows) * 1000).toFixed(0)
    bulk.say(
      `${one.month.slice(0, 7)}  ${one.rows} 条  每条 制备 ${each(one.prepareMs)} 写入 ${each(one.copyMs)} 索引 ${each(one.indexMs)} µs  累计 ${rows}（${Math.round(rows / ((performance.now() - started) / 1000))} 条/秒）`,
    )
  }
  const run = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('bulk-worker.ts', import.meta.url), { workerData: task })
      worker.on('message', (one: BulkDone | null) => {
        if (one) told(one)
        worker.postMessage(waiting.shift() ?? null)
      })
      worker.on('error', reject)
      worker.on('exit', code => (code === 0 ? resolve() : reject(new Error(`a loader ended with ${code}`))))
    })
  return Promise.all(Array.from({ length: bulk.threads }, run)).then(() => done)
}
