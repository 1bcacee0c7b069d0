import { type Db, epochMs, sql, type Tx } from '../../base/index.ts'
import type { Severity } from '../../monitor/index.ts'

const at = (instant: number): Date => new Date(instant)

export type AddressRow = { account: string; sealed: Buffer }
export async function selectAddresses(db: Db, corp: number): Promise<AddressRow[]> {
  const { rows } = await sql<AddressRow>`SELECT account_id::text AS account, sealed FROM delivery_address
    WHERE corp_id = ${corp} AND length(sealed) > 0`.execute(db)
  return rows
}

export async function upsertAddress(
  tx: Tx,
  corp: number,
  row: { account: string; sealed: Buffer; by: string; at: number },
): Promise<void> {
  await sql`INSERT INTO delivery_address (corp_id, account_id, sealed, set_by, set_at)
    VALUES (${corp}, ${row.account}, ${row.sealed}, ${row.by}, ${at(row.at)})
    ON CONFLICT (corp_id, account_id) DO UPDATE SET sealed = excluded.sealed, set_by = excluded.set_by, set_at = excluded.set_at`.execute(
    tx,
  )
}

export type HookRow = { id: string; sealed: Buffer; severities: Severity[]; madeBy: string; madeAt: number }
/** Those in use; by id also one that was ended, for a delivery that still waits. */
export async function selectHooks(db: Db, corp: number): Promise<HookRow[]> {
  const { rows } =
    await sql<HookRow>`SELECT id::text, sealed, severities, made_by AS "madeBy", ${epochMs('made_at')} AS "madeAt"
    FROM delivery_hook WHERE corp_id = ${corp} AND ended_at IS NULL ORDER BY made_at, id`.execute(db)
  return rows
}

export async function insertHook(
  tx: Tx,
  corp: number,
  row: { id: string; sealed: Buffer; severities: string[]; by: string; at: number },
): Promise<void> {
  await sql`INSERT INTO delivery_hook (corp_id, id, sealed, severities, made_by, made_at)
    VALUES (${corp}, ${row.id}, ${row.sealed}, ${row.severities}::text[], ${row.by}, ${at(row.at)})`.execute(
    tx,
  )
}

export async function endHook(tx: Tx, corp: number, id: string, by: string, now: number): Promise<boolean> {
  const { numAffectedRows } = await sql`UPDATE delivery_hook SET ended_by = ${by}, ended_at = ${at(now)}
    WHERE corp_id = ${corp} AND id = ${id}::uuid AND ended_at IS NULL`.execute(tx)
  return numAffectedRows === 1n
}
