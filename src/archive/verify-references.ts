import { type Db, type House, keyMonth, open, sql } from '../base/index.ts'
import type { Media } from '../wecom/index.ts'

/** The files a message's body speaks of: for each there must be one row that knows where to fetch it. */
export type PromisedFiles = {
  index: number
  key: { conv: string; sentAt: string; msgid: string }
  sentMs: number
  files: Media[]
}

type Row = { index: number; part: string; sdkfileid: Buffer }

/** What is wrong with the references to files, by leaf index. Messages whose body is gone promise nothing. */
export async function brokenReferences(
  db: Db,
  house: House,
  promises: PromisedFiles[],
): Promise<Map<number, string>> {
  const found = new Map<number, string>()
  if (promises.length === 0) return found
  const rows = Map.groupBy(await selectReferences(db, house.corp, promises), row => row.index)
  for (const promise of promises) {
    const what = referenceFault(house, promise, rows.get(promise.index) ?? [])
    if (what !== null) found.set(promise.index, what)
  }
  return found
}

async function selectReferences(db: Db, corp: number, promises: PromisedFiles[]): Promise<Row[]> {
  const { rows } = await sql<Row>`
    SELECT w.idx AS index, a.part, a.sdkfileid
    FROM unnest(${promises.map(p => p.index)}::bigint[], ${promises.map(p => p.key.conv)}::bigint[],
      ${promises.map(p => p.key.sentAt)}::bigint[], ${promises.map(p => p.key.msgid)}::text[]) AS w (idx, conv, micros, msgid)
    JOIN LATERAL (SELECT * FROM message_media x WHERE x.corp_id = ${corp} AND x.conv_id = w.conv AND x.src_msgid = w.msgid
      AND x.sent_at = timestamptz 'epoch' + w.micros * interval '1 microsecond' OFFSET 0) a ON true
  `.execute(db)
  return rows
}

function referenceFault(house: House, promise: PromisedFiles, rows: Row[]): string | null {
  const byPart = new Map(rows.map(row => [row.part, row]))
  const parts = new Set(promise.files.map(file => file.part))
  if (rows.some(row => !parts.has(row.part)))
    return 'a file is referred to that the message does not speak of'
  for (const { part, sdkfileid } of promise.files) {
    const row = byPart.get(part)
    if (!row) return 'the reference to a file of the message is missing'
    if (openReference(house, promise, row) !== sdkfileid)
      return 'the reference to a file of the message differs'
  }
  return null
}

function openReference(house: House, promise: PromisedFiles, row: Row): string | null {
  const { conv, msgid } = promise.key
  try {
    const { key } = house.keys.cached(conv, keyMonth(promise.sentMs))
    const context = `media|${house.corp}|${conv}|${promise.sentMs}|${msgid}|${row.part}`
    return open(key, row.sdkfileid, context).toString('utf8')
  } catch {
    return null
  }
}
