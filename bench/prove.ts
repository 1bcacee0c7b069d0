import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPremises, type Premises, startServices } from '../src/app/index.ts'
import { append, type MessageKey, prepare, proveMessage } from '../src/archive/index.ts'
import { createLog, loadConfig, newId, shellActor, sql, systemActor } from '../src/base/index.ts'
import { proveLeaves } from '../src/notary/index.ts'
import { normalise } from '../src/wecom/index.ts'

const BATCH = 2_000
const PROOFS = 500
/** Design §5: the proof of one message takes less than this. */
const LIMIT_MS = 5

/**
 * How long the proof of one message takes: its leaf, the checkpoint and the tiles outside, the check of the proof; and
 * with what stands around it: may he read it, the row, the entry in the trail and its commit.
 */
export async function benchProve(options: {
  n?: number | undefined
  say(line: string): void
}): Promise<object> {
  const n = options.n ?? 50_000
  const folder = mkdtempSync(join(tmpdir(), 'tongjian-bench-'))
  const config = loadConfig({ TONGJIAN_DATA: folder, LOG_LEVEL: 'error', PORT: '0' })
  const premises = await openPremises(config, createLog('error'), { mode: 'command' })
  try {
    options.say(`存入 ${n} 条消息 …`)
    await fill(premises, n)
    const { proofs, whole } = await measure(premises, n)
    const report = { proof: spread(proofs), answer: spread(whole) }
    options.say(
      `一条消息的证明：p50 ${report.proof.p50} 毫秒，p99 ${report.proof.p99} 毫秒（目标 < ${LIMIT_MS} 毫秒）`,
    )
    options.say(
      `连同权限、消息行与操作轨迹（一次提交）：p50 ${report.answer.p50} 毫秒，p99 ${report.answer.p99} 毫秒`,
    )
    return { bench: 'prove', n, ...report, limitMs: LIMIT_MS }
  } finally {
    await premises.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function fill(premises: Premises, n: number): Promise<void> {
  const { db, house } = premises
  const services = await startServices(premises, { capture: false })
  for (let from = 0; from < n; from += BATCH) {
    const messages = Array.from({ length: Math.min(BATCH, n - from) }, (_, i) => incoming(from + i))
    const prepared = await prepare(db, house, messages)
    await db.transaction().execute(tx => append(tx, systemActor(house, 'bench'), services.jobs, prepared))
  }
  await services.stop()
}

function incoming(i: number) {
  const raw = Buffer.from(
    JSON.stringify({
      msgid: newId(),
      action: 'send',
      from: `staff${i % 50}`,
      tolist: [`wm${i % 997}`],
      roomid: '',
      msgtime: Date.UTC(2026, 10, 23, 2) + i * 1000,
      msgtype: 'text',
      text: { content: `第 ${i} 条` },
    }),
  )
  const normal = normalise(raw.toString('utf8'))
  if (typeof normal === 'string') throw new Error(normal)
  return { raw, normal, seq: null, source: 'import' as const }
}

type Times = { proofs: number[]; whole: number[] }

async function measure(premises: Premises, n: number): Promise<Times> {
  const { db, house, outside } = premises
  const { rows } = await sql<MessageKey & { index: number }>`
    SELECT conv_id::text AS "convId", (extract(epoch FROM sent_at) * 1000)::bigint AS "sentAt", ref AS msgid, idx AS index
    FROM leaf WHERE log_id = 'archive' ORDER BY ref LIMIT ${Math.min(n, PROOFS)}`.execute(db)
  const actor = shellActor(house, 'bench')
  const times: Times = { proofs: [], whole: [] }
  for (const { index, ...key } of rows) {
    times.proofs.push(await timed(() => proveLeaves(db, house, outside, 'archive', [index])))
    times.whole.push(await timed(() => proveMessage(db, actor, outside, key)))
  }
  return times
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

function spread(times: number[]): { p50: number; p99: number; worst: number } {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    Number((sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(2))
  return { p50: at(0.5), p99: at(0.99), worst: at(1) }
}
