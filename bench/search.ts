import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPremises, type Premises } from '../src/app/index.ts'
import { createLog, loadConfig, sql } from '../src/base/index.ts'
import { type Loaded, loadBulk } from './bulk.ts'
import { loadCorpus } from './bulk-corpus.ts'
import {
  badPlans,
  exportOf,
  hashing,
  percentile,
  proofTimes,
  type Sizes,
  sizes,
  type Timing,
  timeQueries,
} from './search-measure.ts'
import { queryClasses } from './search-queries.ts'

export type SearchBench = {
  n?: number
  /** Keep the set here and use it again. */
  data?: string
  keep?: boolean
  corpus?: string
  /** Queries of each class. */
  each?: number
  /** Rows to export; 0: none. */
  exported?: number
  say(line: string): void
}

const SEED = 'bench search'
/** Measured here at 1,000,000 messages, ledger and indexes included. */
const BYTES_A_MESSAGE = 2400
/** max_wal_size, and the file of a million exported rows. */
const WAL_BYTES = 2.5e9

/** How the archive is searched, stored, hashed and exported at size. A table for people; the last line is JSON. */
export async function benchSearch(options: SearchBench): Promise<object> {
  const { say, n = 200_000, each = 40 } = options
  const folder = options.data ?? mkdtempSync(join(tmpdir(), 'tongjian-search-'))
  // As root, PostgreSQL runs as another account and must be able to enter; else its cluster would be left elsewhere.
  if (options.data === undefined) chmodSync(folder, 0o711)
  const kept = options.data !== undefined || options.keep === true
  say(
    `${n} 条消息，数据在 ${kept ? folder : '临时目录'}；约需磁盘 ${((n * BYTES_A_MESSAGE + WAL_BYTES) / 1e9).toFixed(1)} GB`,
  )
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
    if (loaded.loaded > 0)
      say(
        `装载 ${loaded.loaded} 条，${loaded.seconds.toFixed(0)} 秒，${Math.round(loaded.perSecond)} 条/秒（含入链）`,
      )
    return await measured(premises, { ...options, n, each }, loaded)
  } finally {
    await premises.close()
    if (!kept) rmSync(folder, { recursive: true, force: true })
  }
}

async function measured(
  premises: Premises,
  options: SearchBench & { n: number; each: number },
  loaded: Loaded,
): Promise<object> {
  const { n, say, each } = options
  const corpus = loadCorpus(options.corpus)
  const classes = queryClasses(corpus, n, SEED, each)
  const bad = await badPlans(
    premises,
    classes.flatMap(({ queries }) => queries.filter(q => !q.includes('-')).slice(0, 3)),
  )
  const { rows, all } = await timeQueries(premises, classes)
  for (const line of timingTable(rows)) say(line)
  const parts = await sizes(premises, n)
  const raw = loaded.rawBytes > 0 ? loaded.rawBytes / loaded.loaded : await rawBytes(premises)
  for (const line of sizeTable(parts, raw)) say(line)
  const hash = hashing(Math.min(n, 1_000_000), Math.round(raw))
  const proof = await proofTimes(premises, Math.min(200, n))
  say(
    `校验散列      ${Math.round(hash.tree)} 条/秒·核（叶与树），含信封与承诺 ${Math.round(hash.whole)} 条/秒·核`,
  )
  say(
    `单条证明      p50 ${proof.p50.toFixed(2)} 毫秒，p99 ${proof.p99.toFixed(2)} 毫秒（读叶、读瓦片、生成并验证）`,
  )
  const want = options.exported ?? Math.min(n, 1_000_000)
  const exported = want === 0 ? null : await exportOf(premises, await spanOf(premises, want))
  if (exported)
    say(
      `导出          ${exported.rows} 条，${exported.seconds.toFixed(0)} 秒，峰值内存 ${Math.round(exported.peakMb)} MB，文件 ${Math.round(exported.fileMb)} MB`,
    )
  if (bad.length > 0) say(`计划不对      ${bad.join('、')}`)
  return {
    bench: 'search',
    n,
    corpus: corpus.from,
    load: {
      messages: loaded.loaded,
      perSecond: Math.round(loaded.perSecond),
      seconds: Math.round(loaded.seconds),
    },
    p50: Number(percentile(all, 0.5).toFixed(1)),
    p95: Number(percentile(all, 0.95).toFixed(1)),
    p99: Number(percentile(all, 0.99).toFixed(1)),
    classes: Object.fromEntries(
      rows.map(row => [
        row.name,
        { p50: Math.round(row.p50), p95: Math.round(row.p95), p99: Math.round(row.p99) },
      ]),
    ),
    bytes: {
      raw: Math.round(raw),
      ...Object.fromEntries(parts.map(p => [p.part, Math.round(p.bytes)])),
      sum: Math.round(sum(parts)),
    },
    hashPerSecond: Math.round(hash.tree),
    recordPerSecond: Math.round(hash.whole),
    proofMs: { p50: Number(proof.p50.toFixed(2)), p99: Number(proof.p99.toFixed(2)) },
    export: exported && {
      rows: exported.rows,
      seconds: Math.round(exported.seconds),
      peakMb: Math.round(exported.peakMb),
    },
    badPlans: bad.length,
  }
}

const sum = (parts: Sizes): number => parts.reduce((total, part) => total + part.bytes, 0)

/** A query for about the newest `rows` messages: the day from which on they are so many. */
async function spanOf(premises: Premises, rows: number): Promise<string> {
  const found = await sql<{
    day: string
  }>`SELECT to_char(sent_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD') AS day FROM message
    WHERE corp_id = ${premises.house.corp} ORDER BY sent_at DESC OFFSET ${rows - 1} LIMIT 1`.execute(
    premises.db,
  )
  return `自:${found.rows[0]?.day ?? '2000'}`
}

/** Where the set was there already: a sealed body is longer than what it holds by version, nonce, tag and salt. */
async function rawBytes(premises: Premises): Promise<number> {
  const { rows } = await sql<{
    bytes: number
  }>`SELECT avg(octet_length(body) - 61)::float8 AS bytes FROM (SELECT body FROM message LIMIT 20000) few`.execute(
    premises.db,
  )
  return rows[0]?.bytes ?? 0
}

function timingTable(rows: Timing[]): string[] {
  const ms = (value: number): string => value.toFixed(0).padStart(5)
  return [
    '首页毫秒        p50   p95   p99   其中索引  解密复核  命中/页  未满而停',
    ...rows.map(
      row =>
        `${row.name.padEnd(12, '　')}${ms(row.p50)} ${ms(row.p95)} ${ms(row.p99)}      ${ms(row.index)}     ${ms(row.look)}    ${row.hits.toFixed(1).padStart(5)}   ${row.partial}/${row.queries}`,
    ),
  ]
}

function sizeTable(parts: Sizes, raw: number): string[] {
  return [
    `每条字节      原始 JSON ${raw.toFixed(0)}，库内合计 ${sum(parts).toFixed(0)}（${(sum(parts) / raw).toFixed(1)} 倍）`,
    `              ${parts.map(({ part, bytes }) => `${part} ${bytes.toFixed(0)}`).join(' · ')}`,
  ]
}
