import { type Db, epochMs, newId, sql, type Tx } from '../base/index.ts'

export type OptOutRow = {
  externalUserid: string
  choice: 'out' | 'in'
  source: string
  sourceRef: string
  effectiveAt: number
  recordedAt: number
  by: string
}

/** False when it was known. */
export async function insertOptOut(tx: Tx, corp: number, row: OptOutRow): Promise<boolean> {
  const { numAffectedRows } = await sql`
    INSERT INTO contact_opt_out (corp_id, id, external_userid, choice, source, source_ref, effective_at, recorded_at, recorded_by)
    VALUES (${corp}, ${newId()}, ${row.externalUserid}, ${row.choice}, ${row.source}, ${row.sourceRef},
      ${new Date(row.effectiveAt)}, ${new Date(row.recordedAt)}, ${row.by}) ON CONFLICT DO NOTHING`.execute(
    tx,
  )
  return (numAffectedRows ?? 0n) > 0n
}

const OPT_COLUMNS = sql`external_userid AS "externalUserid", choice, source, source_ref AS "sourceRef",
  ${epochMs('effective_at')} AS "effectiveAt", ${epochMs('recorded_at')} AS "recordedAt", recorded_by AS "by"`
/** Of two at the same instant the one that allows less holds. */
const NEWEST = sql`effective_at DESC, choice = 'out' DESC`

export async function selectOptOuts(db: Db, corp: number, customer: string): Promise<OptOutRow[]> {
  const { rows } = await sql<OptOutRow>`
    SELECT ${OPT_COLUMNS} FROM contact_opt_out WHERE corp_id = ${corp} AND external_userid = ${customer}
    ORDER BY ${NEWEST}`.execute(db)
  return rows
}

/** What holds today, for each customer who ever said something. */
export async function selectOptOutList(db: Db, corp: number, limit: number): Promise<OptOutRow[]> {
  const { rows } = await sql<OptOutRow>`
    SELECT * FROM (SELECT DISTINCT ON (external_userid) ${OPT_COLUMNS} FROM contact_opt_out WHERE corp_id = ${corp}
      ORDER BY external_userid, ${NEWEST}) o ORDER BY "effectiveAt" DESC LIMIT ${limit}`.execute(db)
  return rows
}

export async function optedOut(db: Db, corp: number, customers: readonly string[]): Promise<Set<string>> {
  if (customers.length === 0) return new Set()
  const { rows } = await sql<{ id: string; choice: string }>`
    SELECT DISTINCT ON (external_userid) external_userid AS id, choice FROM contact_opt_out
    WHERE corp_id = ${corp} AND external_userid = ANY(${customers}::text[]) ORDER BY external_userid, ${NEWEST}`.execute(
    db,
  )
  return new Set(rows.filter(row => row.choice === 'out').map(row => row.id))
}

/** Was the notice said, so far as is known? */
export async function noticeSaid(
  db: Db,
  corp: number,
  where: { externalUserid: string; userid: string | null; chatId: string | null },
): Promise<boolean> {
  const { externalUserid, userid, chatId } = where
  const { rows } = await sql<{ said: boolean }>`
    SELECT EXISTS (SELECT FROM notice n WHERE n.corp_id = ${corp} AND n.state IN ('proved', 'sent')
      AND (${chatId}::text IS NOT NULL AND n.kind = 'group' AND n.party = ${chatId}
        OR ${chatId}::text IS NULL AND n.kind = 'contact' AND n.party = ${externalUserid}
          AND (${userid}::text IS NULL OR n.staff = ${userid}))) AS said`.execute(db)
  return rows[0]?.said === true
}

export async function customersIn(db: Db, corp: number, chatId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    SELECT DISTINCT party AS id FROM customer_group_member
    WHERE corp_id = ${corp} AND chat_id = ${chatId} AND kind = 2 AND left_at IS NULL ORDER BY 1`.execute(db)
  return rows.map(row => row.id)
}
