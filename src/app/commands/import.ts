import { setTimeout as wait } from 'node:timers/promises'
import { APPENDED, type MessageKey } from '../../archive/index.ts'
import { type Config, inTransaction, type Log, monotonic } from '../../base/index.ts'
import { type ImportReport, importFile } from '../../capture/index.ts'
import { countAlerts } from '../../monitor/index.ts'
import { authorise } from '../../people/index.ts'
import { record } from '../../trail/index.ts'
import { openPremises, type Premises } from '../house.ts'
import { type Services, startServices } from '../services.ts'
import { type Io, shellUser } from './io.ts'

type Waiting = { job: string; keys: MessageKey[] }
const REASONS: Record<string, string> = {
  broken_json: '不是完整的 JSON',
  destroyed_month: '该会话当月记录已按两人批准销毁，密钥不再存在；原文已转入隔离区，待人工决定',
  not_an_object: '不是一个 JSON 对象',
  no_msgid: '缺少 msgid',
  no_sender: '缺少发送人（from 或 user）',
}
const POLL_MS = 100
const TELL_EVERY = 20_000

/** Import files, wait until their messages are detected and sealed, and print the counts as the last line. */
export async function importCommand(config: Config, log: Log, io: Io, files: string[]): Promise<number> {
  const started = performance.now()
  const premises = await openPremises(config, log, { mode: 'command' })
  const services = await startServices(premises, { capture: false })
  try {
    const report = await importAll(premises, services, io, files)
    const seconds = Number(((performance.now() - started) / 1000).toFixed(2))
    io.out(JSON.stringify({ ...report, seconds }))
    return 0
  } finally {
    await services.stop()
    await premises.close()
  }
}

export async function importAll(
  premises: Premises,
  services: Services,
  io: Io,
  files: string[],
): Promise<ImportReport & { alerts: number }> {
  const { db, house } = premises
  const actor = shellUser(house)
  authorise(actor, 'archive.import')
  const waiting: Waiting[] = []
  const total: ImportReport = { read: 0, archived: 0, duplicate: 0, conflict: 0, rejected: 0 }
  for (const file of files) {
    let told = 0
    const report = await importFile(db, actor, services.jobs, file, {
      rejected: (name, line, reason) =>
        io.err(`${name}:${line} 未归档，已存入隔离区：${REASONS[reason] ?? reason}`),
      conflict: msgid => io.err(`${msgid} 与已归档的同号消息内容不同，已存入隔离区`),
      batch: batch =>
        waiting.push({
          job: batch.job,
          keys: batch.keys.map(k => ({ convId: k.conv, sentAt: k.sentAt, msgid: k.msgid })),
        }),
      progress: state => {
        if (state.read - told < TELL_EVERY) return
        told = state.read
        io.err(`${file} 已读 ${state.read} 行`)
      },
    })
    for (const key of Object.keys(total) as (keyof ImportReport)[]) total[key] += report[key]
  }
  const alerts = await detected(premises, services, waiting)
  await drained(services)
  await services.sealer.flush()
  await inTransaction(db, tx =>
    record(tx, actor, {
      verb: 'archive.imported',
      thing: { kind: 'archive', id: 'import' },
      detail: { files, ...total },
    }),
  )
  return { ...total, alerts }
}

/** What an earlier, killed import or a busy server left behind may take this long and no longer. */
const DRAIN_MS = 60_000

/**
 * Let the work that was found waiting come to its end too: an import that was killed left batches to judge, and the
 * one that repeats it has none of its own to wait for.
 */
async function drained(services: Services): Promise<void> {
  const deadline = monotonic() + DRAIN_MS
  for (;;) {
    const counts = await services.jobs.counts()
    if (counts.every(count => count.waiting === 0 && count.active === 0) || monotonic() > deadline) return
    await wait(POLL_MS)
  }
}

/** Wait for the detection of these batches, whichever process does it, and count what they raised. */
async function detected(premises: Premises, services: Services, waiting: Waiting[]): Promise<number> {
  let alerts = 0
  let left = waiting
  while (left.length > 0) {
    const unfinished = new Set(
      await services.jobs.unfinished(
        APPENDED,
        left.map(batch => batch.job),
      ),
    )
    for (const batch of left.filter(b => !unfinished.has(b.job)))
      alerts += await countAlerts(premises.db, premises.house, batch.keys)
    left = left.filter(batch => unfinished.has(batch.job))
    if (left.length > 0) await wait(POLL_MS)
  }
  return alerts
}
