import { createHash } from 'node:crypto'
import {
  type Actor,
  type Db,
  fail,
  inTransaction,
  newId,
  now,
  open,
  seal,
  type Tx,
} from '../../base/index.ts'
import { authorise } from '../../people/index.ts'
import { record } from '../../trail/index.ts'
import { type ExportAsk, type ExportState, type SearchQuery, searchQuery } from '../contract.ts'
import type { RuleNames } from './criteria.ts'
import { type ExportFormat, exportRows } from './export-rows.ts'
import { insertExport, type StoredExport, selectExport, updateExport } from './export-store.ts'
import { askOf } from './search.ts'

/** Once asked for, the download begins within this time or is asked for again. */
const VALID_MS = 10 * 60_000
const PROGRESS_MS = 1000

type Sealed = { query: SearchQuery; reason: string }

/**
 * Ask for an export: the reason and the query go into the trail before a single row is read. The file itself is not
 * kept anywhere; it is made while it is downloaded, once. Returns the number to download it by.
 */
export async function askExport(
  db: Db,
  actor: Actor,
  input: ExportAsk,
  rules: RuleNames,
): Promise<{ id: string }> {
  authorise(actor, 'message.export')
  if (input.clearNames) authorise(actor, 'contact.reveal')
  const query = searchQuery.parse(input.query)
  return inTransaction(db, async tx => {
    // Understood now, so that a mistake is told before the download begins.
    await askOf(db, tx, actor, query, rules)
    const id = newId()
    const own = await actor.house.keys.own(tx)
    const sealed: Sealed = { query, reason: input.reason }
    await insertExport(tx, actor.house.corp, {
      id,
      accountId: actor.accountId,
      askedBy: actor.name,
      askedAt: now(),
      format: input.format,
      clearNames: input.clearNames,
      sealed: seal(own.key, JSON.stringify(sealed), context(actor, id)),
    })
    await record(tx, actor, {
      verb: 'archive.export_asked',
      thing: { kind: 'search_export', id },
      detail: {
        query: asText(query),
        reason: input.reason,
        format: input.format,
        clearNames: input.clearNames,
      },
    })
    return { id }
  })
}

function context(actor: Actor, id: string): string {
  return `export|${actor.house.corp}|${id}`
}

/** The query in one line: words and filters, as the trail and the head of the file show it. */
function asText(query: SearchQuery): string {
  const { q, cursor: _cursor, limit: _limit, exact, ...filters } = query
  const said = Object.entries(filters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  )
  return [q, ...(exact === 'true' ? ['exact'] : []), ...said]
    .filter(part => part !== '')
    .join(' · ')
    .slice(0, 4000)
}

/**
 * The bytes of an export that its asker begins to download: once, within ten minutes. How it ended, how many rows went
 * out and the SHA-256 of the whole file are in the trail. Throws `thing.missing` for another's, a used or an old one.
 */
export async function downloadExport(
  db: Db,
  actor: Actor,
  id: string,
  rules: RuleNames,
): Promise<{ format: ExportFormat; bytes: AsyncGenerator<Buffer> }> {
  authorise(actor, 'message.export')
  const stored = await mine(db, actor, id)
  const fresh = stored.state === 'asked' && now() - stored.askedAt < VALID_MS
  const taken =
    fresh &&
    (await updateExport(db, actor.house.corp, id, { from: 'asked', state: 'running', startedAt: now() }))
  if (!taken)
    throw fail('thing.missing', {
      export: id,
      hint: 'the download was used or has expired; ask for it again',
    })
  return { format: stored.format, bytes: bytesOf(db, actor, stored, rules) }
}

/** How far an export has come. */
export async function exportState(db: Db, actor: Actor, id: string): Promise<ExportState> {
  authorise(actor, 'message.export')
  const { state, written, reachedAt, endedAt } = await mine(db, actor, id)
  return { state, written, reachedAt, endedAt }
}

async function mine(db: Db, actor: Actor, id: string): Promise<StoredExport> {
  const stored = await selectExport(db, actor.house.corp, id)
  if (!stored || stored.askedBy !== actor.name) throw fail('thing.missing', { export: id })
  return stored
}

async function* bytesOf(
  db: Db,
  actor: Actor,
  stored: StoredExport,
  rules: RuleNames,
): AsyncGenerator<Buffer> {
  const digest = createHash('sha256')
  const progress = { rows: 0, reachedAt: null as number | null, complete: false }
  const pieces = piecesOf(db, actor, stored, rules)
  let told = performance.now()
  try {
    for await (const piece of pieces) {
      const bytes = Buffer.from(piece.text)
      digest.update(bytes)
      progress.rows += piece.rows
      progress.reachedAt = piece.reachedAt ?? progress.reachedAt
      yield bytes
      if (performance.now() - told < PROGRESS_MS) continue
      told = performance.now()
      await updateExport(db, actor.house.corp, stored.id, {
        from: 'running',
        written: progress.rows,
        reachedAt: progress.reachedAt,
      })
    }
    progress.complete = true
  } finally {
    // Reached also when the browser went away: the generator is then ended from outside.
    await inTransaction(db, tx => finish(tx, actor, stored, progress, digest.digest()))
  }
}

/** One transaction, so that the file shows the archive at one moment however long it takes. */
async function* piecesOf(db: Db, actor: Actor, stored: StoredExport, rules: RuleNames) {
  const own = await actor.house.keys.own(db)
  const { query, reason } = JSON.parse(
    open(own.key, stored.sealed, context(actor, stored.id)).toString('utf8'),
  ) as Sealed
  const tx = await db.startTransaction().setIsolationLevel('repeatable read').execute()
  try {
    const ask = await askOf(db, tx, actor, query, rules)
    const head = {
      institution: actor.house.name,
      by: actor.name,
      at: now(),
      reason,
      query: asText(query),
      names: stored.clearNames ? ('clear' as const) : ('masked' as const),
    }
    yield* exportRows(tx, actor, ask, head, stored.format, rules())
  } finally {
    await tx.rollback().execute()
  }
}

async function finish(
  tx: Tx,
  actor: Actor,
  stored: StoredExport,
  progress: { rows: number; reachedAt: number | null; complete: boolean },
  sha256: Buffer,
): Promise<void> {
  const { rows, reachedAt, complete } = progress
  await updateExport(tx, actor.house.corp, stored.id, {
    from: 'running',
    state: complete ? 'done' : 'broken',
    written: rows,
    reachedAt,
    endedAt: now(),
    sha256: complete ? sha256 : undefined,
  })
  await record(tx, actor, {
    verb: 'archive.exported',
    thing: { kind: 'search_export', id: stored.id },
    detail: { rows, complete, ...(complete ? { sha256: sha256.toString('hex') } : {}) },
  })
}
