import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Premises } from '../src/app/index.ts'
import { explainSearch, search, searchQuery } from '../src/archive/index.ts'
import { shellActor, sql } from '../src/base/index.ts'
import {
  appendLeaf,
  commitment,
  emptyFrontier,
  frontierRoot,
  hashLeaf,
  inclusionProof,
  recordHash,
  verifyInclusion,
  withTiles,
} from '../src/ledger/index.ts'
import type { QueryClass } from './search-queries.ts'

export type Timing = {
  name: string
  queries: number
  p50: number
  p95: number
  p99: number
  index: number
  look: number
  partial: number
  hits: number
}

const at = (sorted: number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0

/** First pages as the screen asks for them, with permission, trail and names; each query once. */
export async function timeQueries(
  premises: Premises,
  classes: QueryClass[],
): Promise<{ rows: Timing[]; all: number[] }> {
  const actor = shellActor(premises.house, 'bench')
  const page = (q: string) => search(premises.db, actor, searchQuery.parse({ q }))
  for (const q of ['热身', '检索热身', '身']) await page(q)
  const rows: Timing[] = []
  const all: number[] = []
  for (const { name, queries } of classes) {
    const took: number[] = []
    const sums = { index: 0, look: 0, partial: 0, hits: 0 }
    for (const q of queries) {
      const started = performance.now()
      const found = await page(q)
      took.push(performance.now() - started)
      sums.index += found.stages.candidates
      sums.look += found.stages.look
      sums.partial += found.searchedTo === null ? 0 : 1
      sums.hits += found.items.length
    }
    all.push(...took)
    const sorted = took.toSorted((a, b) => a - b)
    const n = queries.length
    rows.push({
      name,
      queries: n,
      p50: at(sorted, 0.5),
      p95: at(sorted, 0.95),
      p99: at(sorted, 0.99),
      index: sums.index / n,
      look: sums.look / n,
      partial: sums.partial,
      hits: sums.hits / n,
    })
  }
  return { rows, all }
}

export const percentile = (values: number[], share: number): number =>
  at(
    values.toSorted((a, b) => a - b),
    share,
  )

/** Every plan of words must go through the grams: no table read whole, no index on time walked. Empty when all is well. */
export async function badPlans(premises: Premises, queries: string[]): Promise<string[]> {
  const actor = shellActor(premises.house, 'bench')
  const bad: string[] = []
  for (const q of queries) {
    const plan = await explainSearch(premises.db, actor, searchQuery.parse({ q }))
    if (
      !/Bitmap Index Scan on message_gram_\d{4}_\d{2}_g_idx/.test(plan) ||
      /Seq Scan|_pkey|sent_at_/.test(plan)
    )
      bad.push(q)
  }
  return bad
}

export type Sizes = { part: string; bytes: number }[]

/** Bytes on disk of every part, for one message. */
export async function sizes(premises: Premises, n: number): Promise<Sizes> {
  const { rows } = await sql<{ part: string; bytes: number }>`
    SELECT part, sum(bytes)::bigint AS bytes FROM (
      SELECT CASE WHEN c.relname LIKE 'message\\_gram%' THEN 'grams' WHEN c.relname LIKE 'message\\_2%' OR c.relname = 'message_default' THEN 'message'
          WHEN c.relname LIKE 'leaf%' THEN 'leaf' ELSE 'other' END || ' heap' AS part, pg_table_size(c.oid) AS bytes
        FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
      UNION ALL
      SELECT CASE WHEN m.amname = 'gin' THEN 'grams GIN' WHEN t.relname LIKE 'message\\_gram%' THEN 'grams key'
          WHEN t.relname LIKE 'message\\_2%' OR t.relname = 'message_default' THEN 'message indexes'
          WHEN t.relname LIKE 'leaf%' THEN 'leaf indexes' ELSE 'other indexes' END, pg_relation_size(i.indexrelid)
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid AND c.relkind = 'i' JOIN pg_class t ON t.oid = i.indrelid
          JOIN pg_am m ON m.oid = c.relam WHERE t.relnamespace = 'public'::regnamespace) every
    GROUP BY 1 ORDER BY 2 DESC`.execute(premises.db)
  return rows.map(row => ({ part: row.part, bytes: row.bytes / n }))
}

/** What verify hashes for one message, on one core: the tree alone, and with the envelope and the commitment. */
export function hashing(count: number, rawBytes: number): { tree: number; whole: number } {
  const raw = randomBytes(rawBytes)
  const salt = randomBytes(32)
  const envelopes = Array.from({ length: 1000 }, (_, i) => ({
    ...{
      action: 'send',
      capturedAt: '1780000000000000',
      consentEvent: null,
      conv: '4611686018427387904',
      corp: 1,
    },
    ...{
      direction: 'staff',
      from: 'adviser017',
      kind: 'text',
      links: [],
      meta: { to: ['wmErxtDgAA9AW32YyyuYRimKr7D1KWlw'], v: 1 },
    },
    ...{
      msgid: `1395971070332056695_${1_780_000_000_000 + i}_external`,
      retention: 'forever',
      sentAt: '1780000000000000',
    },
    ...{ seq: String(i), source: 'bench' },
  }))
  const hashes = envelopes.map(envelope => recordHash(1, 'message', envelope, commitment(salt, raw)))
  let started = performance.now()
  const tree = emptyFrontier()
  for (let i = 0; i < count; i += 1) appendLeaf(tree, hashLeaf(hashes[i % 1000] ?? raw))
  frontierRoot(tree)
  const treeRate = count / ((performance.now() - started) / 1000)
  const few = Math.ceil(count / 4)
  started = performance.now()
  for (let i = 0; i < few; i += 1) recordHash(1, 'message', envelopes[i % 1000] ?? {}, commitment(salt, raw))
  return { tree: treeRate, whole: few / ((performance.now() - started) / 1000) }
}

/** Time of making and checking the proof of one message against the newest checkpoint, from the tiles outside. */
export async function proofTimes(premises: Premises, count: number): Promise<{ p50: number; p99: number }> {
  const { db, house, outside } = premises
  const { rows } = await sql<{
    size: number
    root: Buffer
  }>`SELECT size, root FROM checkpoint WHERE corp_id = ${house.corp}
    AND log_id = 'archive' ORDER BY size DESC LIMIT 1`.execute(db)
  const newest = rows[0]
  if (!newest) throw new Error('nothing is sealed yet')
  const took: number[] = []
  for (let i = 0; i < count; i += 1) {
    const index = Math.floor((newest.size * (i + 0.5)) / count)
    const started = performance.now()
    const leaf = await sql<{
      hash: Buffer
    }>`SELECT record_hash AS hash FROM leaf WHERE corp_id = ${house.corp}
      AND log_id = 'archive' AND epoch = 0 AND idx = ${index}`.execute(db)
    const hash = leaf.rows[0]?.hash
    if (!hash) throw new Error(`leaf ${index} is missing`)
    const read = async (paths: readonly string[]) => {
      const tiles = await Promise.all(paths.map(path => outside.blobs.get(`archive/${path}`)))
      return new Map(
        paths.flatMap((path, k) => {
          const tile = tiles[k]
          return tile ? [[path, tile] as const] : []
        }),
      )
    }
    const proof = await withTiles(newest.size, read, hashAt => inclusionProof(index, newest.size, hashAt))
    const good = verifyInclusion({
      index,
      size: newest.size,
      leafHash: hashLeaf(hash),
      proof,
      root: newest.root,
    })
    took.push(performance.now() - started)
    if (good === false) throw new Error(`the proof of ${index} does not hold`)
  }
  return { p50: percentile(took, 0.5), p99: percentile(took, 0.99) }
}

export type Exported = { rows: number; seconds: number; peakMb: number; fileMb: number }

const ENTRY = join(import.meta.dirname, '..', 'bin', 'tongjian.ts')

/** The product's own export of a query, in the process that the shell starts for it (commands/search.ts), whose peak memory Linux tells (VmHWM). */
export function exportOf(premises: Premises, query: string): Promise<Exported> {
  const { dataDir } = premises.config
  const file = join(dataDir, 'export.csv')
  const started = performance.now()
  const child = spawn(
    process.execPath,
    ['--optimize-for-size', ENTRY, 'search', query, '--fold', '--export', file, '--reason', '性能测试'],
    {
      env: { TONGJIAN_DATA: dataDir, PATH: '/usr/bin:/bin', LOG_LEVEL: 'error' },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let peakKb = 0
  const watch = setInterval(() => {
    peakKb = Math.max(peakKb, peakOf(child.pid))
  }, 100)
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8')
  })
  return new Promise((resolve, reject) => {
    child.on('close', code => {
      clearInterval(watch)
      if (code !== 0) return reject(new Error(`the export ended with ${code}: ${said}`))
      const tail = readFileSync(file).subarray(-200).toString('utf8')
      const rows = Number(/共 (\d+) 条，文件完整/.exec(tail)?.[1] ?? Number.NaN)
      resolve({
        rows,
        seconds: (performance.now() - started) / 1000,
        peakMb: peakKb / 1024,
        fileMb: statSync(file).size / 1_048_576,
      })
    })
  })
}

function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}
