import { type Db, sql } from '../base/index.ts'
import { ENVELOPE } from './envelope.ts'
import { linksInOrder, type MessageEnvelope, messageRecord } from './record.ts'

/** Whose messages of which time; `size`: only those whose leaf stands below it. */
type PopulationScope = {
  from: number
  to: number
  staff: readonly string[]
  directions: readonly string[]
  size: number | null
}
/** A sealed message as its leaf tells it, without content. */
export type PopulationRow = {
  index: number
  recordHash: string
  conv: string
  /** Microseconds since the epoch. */
  sentAt: string
  msgid: string
  action: string
  direction: string
  from: string
  meta: object
}

/** Every sealed message of a scope: what a sample may be drawn from. */
export async function populationOf(db: Db, corp: number, scope: PopulationScope): Promise<PopulationRow[]> {
  if (scope.staff.length === 0) return []
  const { rows } = await sql<PopulationRow>`
    SELECT f.idx AS index, encode(f.record_hash, 'hex') AS "recordHash", m.conv_id::text AS conv,
      ((extract(epoch FROM m.sent_at) * 1000000)::bigint)::text AS "sentAt", m.src_msgid AS msgid, m.action, m.direction,
      m.from_party AS "from", m.meta
    FROM message m JOIN leaf f ON f.corp_id = m.corp_id AND f.log_id = 'archive' AND f.conv_id = m.conv_id
      AND f.sent_at = m.sent_at AND f.ref = m.src_msgid AND f.kind = 'message'
    WHERE m.corp_id = ${corp} AND m.sent_at >= ${when(scope.from)}::timestamptz AND m.sent_at < ${when(scope.to)}::timestamptz
      AND m.from_party = ANY(${[...scope.staff]}::text[]) AND m.direction = ANY(${[...scope.directions]}::text[])
      AND m.action = 'send' AND (${scope.size}::bigint IS NULL OR f.idx < ${scope.size}::bigint)
    ORDER BY f.idx`.execute(db)
  return rows
}

const when = (at: number): string => new Date(at).toISOString()

/** What opens a leaf: whoever has it computes the record hash himself. */
export type Opening = { index: number; envelope: MessageEnvelope; commitment: string }
const SLICE = 1000

/** The openings of these messages, in the order given. A row that is gone is left out: its leaf then stays closed. */
export async function* openingsOf(
  db: Db,
  corp: number,
  rows: readonly Pick<PopulationRow, 'index' | 'conv' | 'sentAt' | 'msgid'>[],
): AsyncGenerator<Opening> {
  for (let at = 0; at < rows.length; at += SLICE) {
    const slice = rows.slice(at, at + SLICE)
    const found = await sql<MessageEnvelope & { index: number; commitment: Buffer }>`
      SELECT w.idx AS index, ${ENVELOPE}, m.commitment
      FROM unnest(${slice.map(r => r.index)}::bigint[], ${slice.map(r => r.conv)}::bigint[], ${slice.map(r => r.sentAt)}::bigint[],
        ${slice.map(r => r.msgid)}::text[]) AS w (idx, conv, at, msgid)
      JOIN message m ON m.corp_id = ${corp} AND m.conv_id = w.conv AND m.src_msgid = w.msgid
        AND m.sent_at = timestamptz 'epoch' + w.at * interval '1 microsecond'
      ORDER BY w.idx`.execute(db)
    for (const { index, commitment, ...envelope } of found.rows)
      yield {
        index,
        envelope: { ...envelope, links: linksInOrder(envelope.links) },
        commitment: commitment.toString('hex'),
      }
  }
}

/** The record hash an opening gives, in hexadecimal. Throws a ledger error on what has no canonical form. */
export function openedRecord(opening: Pick<Opening, 'envelope' | 'commitment'>): string {
  return messageRecord(opening.envelope, Buffer.from(opening.commitment, 'hex')).toString('hex')
}
