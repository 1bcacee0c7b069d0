import type { Sim, Stored } from '../sim/index.ts'
import { type Premises, verifyWhole } from '../src/app/index.ts'
import { rawDigests } from '../src/archive/index.ts'
import { sql } from '../src/base/index.ts'
import { mediaOf, normalise } from '../src/wecom/index.ts'
import { type Span, sha256, type WeekRow } from './week.ts'

export type Comparison = {
  rows: WeekRow[]
  messages: number
  /** Archived, though nobody emitted it. */
  foreign: number
  files: number
  /** Files WeCom no longer had; the certificate counts them as lost. */
  expired: number
  /** Files that are neither the bytes WeCom had nor recorded as expired. */
  wrongFiles: number
  verified: boolean
  quarantined: number
}

/** The archive beside what the simulator emitted: every message by the digest of its bytes, every file by its own. */
export async function compareWeek(premises: Premises, sim: Sim, spans: Span[]): Promise<Comparison> {
  const { db, house } = premises
  const archived = new Map<string, string[]>()
  for await (const { msgid, sha256: digest } of rawDigests(db, house)) {
    archived.set(msgid, [...(archived.get(msgid) ?? []), digest])
  }
  const emitted = sim.world.archive.all()
  const ids = new Set(emitted.map(one => one.msgid))
  const report = await verifyWhole(premises, { everyByte: true })
  const { rows: held } = await sql<{ n: number }>`
    SELECT count(*) AS n FROM quarantine WHERE resolved_at IS NULL`.execute(db)
  return {
    rows: spans.map(span => rowOf(span, emitted.slice(span.from, span.to), archived)),
    messages: emitted.length,
    foreign: [...archived.keys()].filter(id => !ids.has(id)).length,
    ...(await compareFiles(premises, sim, emitted)),
    verified: report.ok,
    quarantined: held[0]?.n ?? 0,
  }
}

function rowOf(span: Span, emitted: readonly Stored[], archived: Map<string, string[]>): WeekRow {
  const copies = emitted.map(one =>
    (archived.get(one.msgid) ?? []).filter(digest => digest === sha256(one.json)),
  )
  return {
    fault: span.fault,
    times: span.times,
    messages: emitted.length,
    lost: copies.filter(found => found.length === 0).length,
    doubled: copies.filter(found => found.length > 1).length,
  }
}

async function compareFiles(
  { db, house }: Premises,
  sim: Sim,
  emitted: readonly Stored[],
): Promise<Pick<Comparison, 'files' | 'expired' | 'wrongFiles'>> {
  const { rows } = await sql<{ msgid: string; part: string; state: string; sha256: Buffer | null }>`
    SELECT src_msgid AS msgid, part, state, sha256 FROM message_media WHERE corp_id = ${house.corp}`.execute(
    db,
  )
  const known = new Map(rows.map(row => [`${row.msgid}|${row.part}`, row]))
  let files = 0
  let expired = 0
  let wrongFiles = 0
  for (const { msgid, json } of emitted) {
    const normal = normalise(json)
    for (const media of typeof normal === 'string' ? [] : mediaOf(normal)) {
      files += 1
      const row = known.get(`${msgid}|${media.part}`)
      const bytes = sim.world.media.bytes(media.sdkfileid)
      if (row?.state === 'expired' && !bytes) expired += 1
      else if (!bytes || row?.sha256?.toString('hex') !== sha256(bytes)) wrongFiles += 1
    }
  }
  return { files, expired, wrongFiles }
}
