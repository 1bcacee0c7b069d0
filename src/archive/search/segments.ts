import { type Db, sql } from '../../base/index.ts'

/** One stretch of time that lies in one partition: a UTC month, or what the default partition holds beside them. */
export type Segment = {
  /** `2026_03`, or `default`: the ending of the names of its partitions. */
  suffix: string
  /** Epoch ms; `from` inclusive, `until` exclusive; infinite at both ends of time. */
  from: number
  until: number
  /** Rows by the planner's statistics; null when it has none yet. */
  grams: number | null
  messages: number | null
}

type Known = { at: number; list: Segment[] }
const known = new WeakMap<Db, Known>()
/** New months are made days ahead, so a list that is half a minute old is right. */
const FRESH_FOR = 30_000

/** All time, newest first, cut where partitions begin and end. */
export async function segmentsOf(db: Db, root: Db): Promise<Segment[]> {
  const before = known.get(root)
  if (before && performance.now() - before.at < FRESH_FOR) return before.list
  const { rows } = await sql<{ suffix: string; grams: number; messages: number }>`
    SELECT substr(g.relname, 14) AS suffix, g.reltuples::bigint AS grams, m.reltuples::bigint AS messages
    FROM pg_inherits i JOIN pg_class g ON g.oid = i.inhrelid
      JOIN pg_class m ON m.relname = 'message_' || substr(g.relname, 14) AND m.relnamespace = g.relnamespace
    WHERE i.inhparent = 'message_gram'::regclass AND g.relname ~ '^message_gram_([0-9]{4}_[0-9]{2}|default)$'
    ORDER BY 1 DESC`.execute(db)
  const list = cut(rows)
  known.set(root, { at: performance.now(), list })
  return list
}

type Partition = { suffix: string; grams: number; messages: number }

function cut(partitions: Partition[]): Segment[] {
  const months = partitions
    .filter(partition => partition.suffix !== 'default')
    .map(partition => {
      const [year = 0, month = 1] = partition.suffix.split('_').map(Number)
      return { ...partition, from: Date.UTC(year, month - 1, 1), until: Date.UTC(year, month, 1) }
    })
    .sort((a, b) => b.from - a.from)
  const rest = partitions.find(partition => partition.suffix === 'default')
  const out: Segment[] = []
  let upper = Number.POSITIVE_INFINITY
  const between = (from: number): void => {
    if (rest && from < upper) out.push({ suffix: 'default', from, until: upper, ...counts(rest) })
  }
  for (const month of months) {
    between(month.until)
    out.push({ suffix: month.suffix, from: month.from, until: month.until, ...counts(month) })
    upper = month.from
  }
  between(Number.NEGATIVE_INFINITY)
  return out
}

function counts(partition: Partition): Pick<Segment, 'grams' | 'messages'> {
  // -1: never analysed.
  const of = (n: number): number | null => (n < 0 ? null : n)
  return { grams: of(partition.grams), messages: of(partition.messages) }
}

/** Segments that a search within these bounds must walk, cut to them. */
export function within(list: Segment[], from: number | null, until: number | null): Segment[] {
  return list
    .map(segment => ({
      ...segment,
      from: Math.max(segment.from, from ?? Number.NEGATIVE_INFINITY),
      until: Math.min(segment.until, until ?? Number.POSITIVE_INFINITY),
    }))
    .filter(segment => segment.from < segment.until)
}
