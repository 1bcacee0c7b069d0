import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pregenerate } from '../sim/stream.ts'
import { loadConfig } from '../src/base/index.ts'
import { type ArchiveRecord, openDecryptPool, openSdkSource } from '../src/wecom/index.ts'
import { standIn } from '../test/support/finance-sdk.ts'

type Point = { messages: number; rssMb: number }
export type SdkMemory = {
  bench: 'sdk-memory'
  n: number
  seconds: number
  perSecond: number
  starts: number
  points: Point[]
  /** RSS after all messages to that after the first 10,000. */
  growth: number
}

const FIRST = 10_000
const PAGE = 1000
/** Different messages; they are served again and again under new numbers. */
const DISTINCT = 5000
const KEYS = 64

/**
 * Memory of the process that holds the Finance SDK: n messages pulled and decrypted through the real supervisor and FFI
 * and the C stand-in. RSA runs elsewhere and each of the 64 random keys is unwrapped once, so that a million fits a tea
 * break. Needs gcc.
 */
export async function benchSdkMemory(options: { n?: number; say(line: string): void }): Promise<SdkMemory> {
  const n = options.n ?? 1_000_000
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const records = pregenerate(Math.min(n, DISTINCT), {
    seed: 'sdk-memory',
    publicKeys: [{ version: 1, pem }],
    keyPool: KEYS,
  })
  const server = await serve(records, n)
  const folder = mkdtempSync(join(tmpdir(), 'tongjian-sdk-'))
  const pool = openDecryptPool(new Map([[1, privateKey]]), 1)
  try {
    const stand = standIn(folder, server.url)
    const { wecom } = loadConfig({ ...stand.env, ...SETTINGS })
    if (!wecom) throw new Error('no WeCom settings')
    const source = openSdkSource(wecom, onceEach(pool.unwrap))
    try {
      return await follow(source, n, options.say)
    } finally {
      await source.close()
    }
  } finally {
    await pool.close()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const SETTINGS = { WECOM_CORPID: 'ww-bench', WECOM_ARCHIVE_SECRET: 'secret', WECOM_CONTACT_SECRET: 'secret' }

type Source = ReturnType<typeof openSdkSource>

async function follow(source: Source, n: number, say: (line: string) => void): Promise<SdkMemory> {
  const started = performance.now()
  const points: Point[] = []
  const marks = [FIRST, n / 10, n / 4, n / 2, (n * 3) / 4, n].filter(at => at >= FIRST)
  say('消息数        SDK 进程内存')
  let seq = 0
  for (;;) {
    const page = await source.pull(seq, PAGE)
    if (page.length === 0) break
    const results = await source.decrypt(page)
    const bad = results.findIndex(result => !result.ok)
    if (bad !== -1) throw new Error(`record ${page[bad]?.seq} was not decrypted`)
    seq = page.at(-1)?.seq ?? seq
    if (seq >= (marks[0] ?? Number.POSITIVE_INFINITY)) {
      while (seq >= (marks[0] ?? Number.POSITIVE_INFINITY)) marks.shift()
      const rssMb = Number((source.vitals().rss / 1_048_576).toFixed(1))
      points.push({ messages: seq, rssMb })
      say(`${String(seq).padEnd(14)}${rssMb} MB`)
    }
  }
  if (seq !== n) throw new Error(`${seq} of ${n} messages came`)
  const seconds = (performance.now() - started) / 1000
  const growth = (points.at(-1)?.rssMb ?? 0) / (points[0]?.rssMb ?? 1)
  const { starts } = source.vitals()
  say(
    `与 ${FIRST} 条后之比 ${growth.toFixed(3)}（目标 ≤ 1.1），进程启动 ${starts} 次，${Math.round(n / seconds)} 条/秒`,
  )
  return {
    bench: 'sdk-memory',
    n,
    seconds: Number(seconds.toFixed(1)),
    perSecond: Math.round(n / seconds),
    starts,
    points,
    growth: Number(growth.toFixed(3)),
  }
}

/** RSA once for each random key: it does not run in the process that is measured. */
function onceEach(unwrap: Parameters<typeof openSdkSource>[1]): Parameters<typeof openSdkSource>[1] {
  const known = new Map<string, Awaited<ReturnType<typeof unwrap>>[number]>()
  return async records => {
    const fresh = records.filter(record => !known.has(record.encrypt_random_key))
    const keys = await unwrap(fresh)
    fresh.forEach((record, i) => {
      const key = keys[i]
      if (key) known.set(record.encrypt_random_key, key)
    })
    return records.map(
      record => known.get(record.encrypt_random_key) ?? { ok: false, reason: 'wrong_private_key' },
    )
  }
}

/** A server that holds n messages without the room for them. */
async function serve(records: ArchiveRecord[], n: number): Promise<{ url: string; close(): void }> {
  const tails = records.map(({ seq, ...rest }) => JSON.stringify(rest).slice(1))
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      const body = request.url?.startsWith('/cgi-bin/gettoken')
        ? '{"errcode":0,"errmsg":"ok","access_token":"token","expires_in":7200}'
        : pageOf(tails, n, JSON.parse(Buffer.concat(chunks).toString()))
      response.end(body)
    })
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() }
}

function pageOf(tails: string[], n: number, { seq, limit }: { seq: number; limit: number }): string {
  const rows: string[] = []
  for (let at = seq + 1; at <= Math.min(n, seq + limit); at++) {
    rows.push(`{"seq":${at},${tails[(at - 1) % tails.length]}`)
  }
  return `{"errcode":0,"errmsg":"ok","chatdata":[${rows.join(',')}]}`
}
