import { type Db, sql, type Tx } from '../../base/index.ts'
import type { DraftState } from './contract.ts'

/** This room's SQL for drafts, versions and acts. Backtests have their own file. */

type TestCounts = {
  rules: number
  fires: number
  clean: number
  failed: number
  disguised: number
  seen: number
}
export type DraftRow = {
  id: string
  file: string
  state: DraftState
  text: Buffer
  hash: string
  why: Buffer
  focus: string | null
  changed: string[]
  madeBy: string
  authors: string[]
  madeAt: number
  changedAt: number
  test: TestCounts | null
  testSealed: Buffer | null
  testHash: string | null
  backtest: string | null
  submittedBy: string | null
  submittedAt: number | null
  returnedBy: string | null
  returnSealed: Buffer | null
  version: number | null
}

const DRAFT = sql`id::text, file, state, text_sealed AS text, text_hash AS hash, why_sealed AS why, focus, changed, made_by AS "madeBy",
  authors, (extract(epoch FROM made_at) * 1000)::bigint AS "madeAt", (extract(epoch FROM changed_at) * 1000)::bigint AS "changedAt", test,
  test_sealed AS "testSealed", test_hash AS "testHash", backtest_id::text AS backtest, submitted_by AS "submittedBy",
  (extract(epoch FROM submitted_at) * 1000)::bigint AS "submittedAt", returned_by AS "returnedBy", return_sealed AS "returnSealed", version`

export async function selectDrafts(db: Db, corp: number, most: number): Promise<DraftRow[]> {
  const { rows } =
    await sql<DraftRow>`SELECT ${DRAFT} FROM rule_draft WHERE corp_id = ${corp} AND state <> 'discarded'
    ORDER BY changed_at DESC LIMIT ${most}`.execute(db)
  return rows
}

export async function selectDraft(
  db: Db,
  corp: number,
  id: string,
  options: { lock?: boolean } = {},
): Promise<DraftRow | null> {
  const { rows } =
    await sql<DraftRow>`SELECT ${DRAFT} FROM rule_draft WHERE corp_id = ${corp} AND id = ${id}::uuid
    ${options.lock ? sql`FOR UPDATE` : sql``}`.execute(db)
  return rows[0] ?? null
}

/** The draft a version came from. */
export async function draftOfVersion(
  tx: Tx,
  corp: number,
  file: string,
  version: number,
): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`SELECT draft_id::text AS id FROM rule_version
    WHERE corp_id = ${corp} AND file = ${file} AND version = ${version}`.execute(tx)
  return rows[0]?.id ?? null
}

export async function insertDraft(tx: Tx, corp: number, row: DraftRow): Promise<void> {
  await sql`INSERT INTO rule_draft (corp_id, id, file, state, text_sealed, text_hash, why_sealed, focus, changed, made_by, authors, made_at, changed_at)
    VALUES (${corp}, ${row.id}, ${row.file}, ${row.state}, ${row.text}, ${row.hash}, ${row.why}, ${row.focus}, ${row.changed}::text[],
      ${row.madeBy}, ${row.authors}::text[], ${new Date(row.madeAt)}, ${new Date(row.changedAt)})`.execute(tx)
}

type Change = Partial<Omit<DraftRow, 'id' | 'file' | 'madeBy' | 'madeAt'>>

/** Set what is named; the rest stays. */
export async function updateDraft(tx: Tx, corp: number, id: string, change: Change): Promise<void> {
  const at = (ms: number | null | undefined): Date | null => (ms ? new Date(ms) : null)
  const columns: Record<keyof Change, ReturnType<typeof sql>> = {
    state: sql`state = ${change.state}`,
    text: sql`text_sealed = ${change.text}`,
    hash: sql`text_hash = ${change.hash}`,
    why: sql`why_sealed = ${change.why}`,
    focus: sql`focus = ${change.focus}`,
    changed: sql`changed = ${change.changed}::text[]`,
    authors: sql`authors = ${change.authors}::text[]`,
    changedAt: sql`changed_at = ${at(change.changedAt)}`,
    test: sql`test = ${JSON.stringify(change.test ?? null)}::jsonb`,
    testSealed: sql`test_sealed = ${change.testSealed}`,
    testHash: sql`test_hash = ${change.testHash}`,
    backtest: sql`backtest_id = ${change.backtest}::uuid`,
    submittedBy: sql`submitted_by = ${change.submittedBy}`,
    submittedAt: sql`submitted_at = ${at(change.submittedAt)}`,
    returnedBy: sql`returned_by = ${change.returnedBy}`,
    returnSealed: sql`return_sealed = ${change.returnSealed}`,
    version: sql`version = ${change.version}`,
  }
  const set = (Object.keys(change) as (keyof Change)[]).map(key => columns[key])
  await sql`UPDATE rule_draft SET ${sql.join(set)} WHERE corp_id = ${corp} AND id = ${id}::uuid`.execute(tx)
}

export type VersionRow = {
  file: string
  version: number
  draft: string
  text: Buffer
  hash: string
  why: Buffer
  rules: Record<string, number>
  changed: string[]
  authors: string[]
  backtest: string
  growth: number | null
  acknowledged: Buffer | null
  publishedBy: string
  publishedAt: number
}
const VERSION = sql`file, version, draft_id::text AS draft, text_sealed AS text, text_hash AS hash, why_sealed AS why, rules, changed, authors,
  backtest_id::text AS backtest, growth, acknowledged_sealed AS acknowledged, published_by AS "publishedBy",
  (extract(epoch FROM published_at) * 1000)::bigint AS "publishedAt"`

export async function selectVersions(db: Db, corp: number): Promise<VersionRow[]> {
  const { rows } = await sql<VersionRow>`SELECT ${VERSION} FROM rule_version WHERE corp_id = ${corp}
    ORDER BY published_at DESC, version DESC`.execute(db)
  return rows
}

export async function insertVersion(tx: Tx, corp: number, row: VersionRow): Promise<void> {
  await sql`INSERT INTO rule_version (corp_id, file, version, draft_id, text_sealed, text_hash, why_sealed, rules, changed, authors, backtest_id,
      growth, acknowledged_sealed, published_by, published_at)
    VALUES (${corp}, ${row.file}, ${row.version}, ${row.draft}::uuid, ${row.text}, ${row.hash}, ${row.why}, ${JSON.stringify(row.rules)}::jsonb,
      ${row.changed}::text[], ${row.authors}::text[], ${row.backtest}::uuid, ${row.growth}, ${row.acknowledged}, ${row.publishedBy},
      ${new Date(row.publishedAt)})`.execute(tx)
}

export type ActRow = {
  seq: number
  file: string
  version: number
  act: 'shadow' | 'staged' | 'in_force' | 'rolled_back'
  departments: number[]
  by: string
  at: number
  reason: Buffer
}
export async function selectActs(db: Db, corp: number): Promise<ActRow[]> {
  const { rows } = await sql<ActRow>`SELECT seq, file, version, act, departments, acted_by AS by,
    (extract(epoch FROM acted_at) * 1000)::bigint AS at, reason_sealed AS reason FROM rule_act WHERE corp_id = ${corp} ORDER BY seq`.execute(
    db,
  )
  return rows
}

export async function newestAct(db: Db, corp: number): Promise<number> {
  const { rows } = await sql<{
    seq: number
  }>`SELECT coalesce(max(seq), 0) AS seq FROM rule_act WHERE corp_id = ${corp}`.execute(db)
  return rows[0]?.seq ?? 0
}

/** One publication after the other: the lock lasts to the end of this transaction. */
export async function lockRulebook(tx: Tx, corp: number): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtext(${`rulebook ${corp}`}))`.execute(tx)
}

/** Every process listens on this channel and looks; one that heard nothing looks within a second anyway. */
export const RULES_CHANNEL = 'tongjian_rules'

export async function insertAct(tx: Tx, corp: number, row: ActRow): Promise<void> {
  await sql`INSERT INTO rule_act (corp_id, seq, file, version, act, departments, acted_by, acted_at, reason_sealed)
    VALUES (${corp}, ${row.seq}, ${row.file}, ${row.version}, ${row.act}, ${row.departments}::int[], ${row.by}, ${new Date(row.at)}, ${row.reason})`.execute(
    tx,
  )
  await sql`SELECT pg_notify(${RULES_CHANNEL}, ${String(corp)})`.execute(tx)
}
