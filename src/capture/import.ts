import { createReadStream } from 'node:fs'
import type { Incoming } from '../archive/index.ts'
import type { Actor, Db, JobQueue } from '../base/index.ts'
import { ingest, isRefused, type Refused, read } from './ingest.ts'

/** Rows a transaction: large enough to amortise the round trips, small enough that a kill repeats little. */
const BATCH = 1000
/** A batch of huge messages is cut by bytes as well. */
const BATCH_BYTES = 16 * 1024 * 1024

export type ImportReport = {
  read: number
  archived: number
  duplicate: number
  conflict: number
  rejected: number
}
export type Batch = { job: string; keys: { conv: string; sentAt: number; msgid: string }[] }
export type ImportEvents = {
  /** A line that could not be archived; it stands in quarantine. */
  rejected(file: string, line: number, reason: string): void
  conflict(msgid: string): void
  batch(batch: Batch): void
  progress(report: ImportReport): void
}

type Line = { number: number; raw: Buffer }

/** Archive decrypted WeCom messages, one JSON a line (wecom-api.md §3.5). A bad line is told and the rest goes on. */
export async function importFile(
  db: Db,
  actor: Actor,
  jobs: JobQueue,
  file: string,
  events: ImportEvents,
): Promise<ImportReport> {
  const report: ImportReport = { read: 0, archived: 0, duplicate: 0, conflict: 0, rejected: 0 }
  let lines: Line[] = []
  let bytes = 0
  const flush = async (): Promise<void> => {
    await importLines(db, actor, jobs, file, lines, report, events)
    lines = []
    bytes = 0
  }
  for await (const line of linesOf(file)) {
    lines.push(line)
    bytes += line.raw.length
    if (lines.length >= BATCH || bytes >= BATCH_BYTES) await flush()
  }
  if (lines.length > 0) await flush()
  return report
}

async function importLines(
  db: Db,
  actor: Actor,
  jobs: JobQueue,
  file: string,
  lines: Line[],
  report: ImportReport,
  events: ImportEvents,
): Promise<void> {
  const batch: (Incoming | Refused)[] = lines.map(line => read(line.raw, null, null, 'import'))
  batch.forEach((item, i) => {
    if (isRefused(item)) events.rejected(file, lines[i]?.number ?? 0, item.reason)
  })
  const done = await ingest(db, actor, jobs, batch, 'import')
  report.read += lines.length
  report.archived += done.archived.length
  report.duplicate += done.duplicates.length
  report.conflict += done.conflicts.length
  report.rejected += batch.filter(isRefused).length + done.late.length
  for (const item of done.late)
    events.rejected(file, lines[batch.indexOf(item)]?.number ?? 0, 'destroyed_month')
  for (const conflict of done.conflicts) events.conflict(conflict.normal.msgid)
  if (done.job !== null) {
    const keys = done.archived.map(item => ({
      conv: item.conv,
      sentAt: item.sentAt,
      msgid: item.incoming.normal.msgid,
    }))
    events.batch({ job: done.job, keys })
  }
  events.progress(report)
}

const NEWLINE = 0x0a
const BOM = Buffer.from([0xef, 0xbb, 0xbf])

/** Lines as bytes, so that what is archived is what stood in the file. Blank lines are skipped. */
async function* linesOf(file: string): AsyncGenerator<Line> {
  let number = 0
  let parts: Buffer[] = []
  const finish = (): Line | null => {
    number += 1
    const whole = Buffer.concat(parts)
    parts = []
    const text = number === 1 && whole.subarray(0, 3).equals(BOM) ? whole.subarray(3) : whole
    const raw = text.at(-1) === 0x0d ? text.subarray(0, -1) : text
    return raw.toString('latin1').trim() === '' ? null : { number, raw }
  }
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    let from = 0
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      parts.push(chunk.subarray(from, at))
      const line = finish()
      if (line) yield line
      from = at + 1
    }
    if (from < chunk.length) parts.push(chunk.subarray(from))
  }
  if (parts.length > 0) {
    const line = finish()
    if (line) yield line
  }
}
