import { type Db, type House, now, sql, type Tx } from '../base/index.ts'
import type { Role } from './contract.ts'

export type AccountRow = {
  id: string
  username: string
  passwordHash: string
  role: Role
  userid: string | null
  departments: number[]
  sealed: Buffer
  disabled: boolean
}

const ACCOUNT = sql`id::text, username, password_hash AS "passwordHash", role, userid, departments, sealed,
  disabled_at IS NOT NULL AS disabled`

export async function selectAccount(db: Db, corp: number, username: string): Promise<AccountRow | null> {
  const { rows } = await sql<AccountRow>`
    SELECT ${ACCOUNT} FROM account WHERE corp_id = ${corp} AND username = ${username}`.execute(db)
  return rows[0] ?? null
}

export async function selectAccountById(db: Db, corp: number, id: string): Promise<AccountRow | null> {
  const { rows } = await sql<AccountRow>`
    SELECT ${ACCOUNT} FROM account WHERE corp_id = ${corp} AND id = ${id}`.execute(db)
  return rows[0] ?? null
}

/** Everybody who may sign in. Departments come with everything below them, as in a session. */
export async function selectActive(db: Db, corp: number): Promise<AccountRow[]> {
  const { rows } = await sql<AccountRow>`
    SELECT a.id::text, a.username, a.password_hash AS "passwordHash", a.role, a.userid, a.sealed, false AS disabled,
      ARRAY(WITH RECURSIVE below AS (
        SELECT unnest(a.departments) AS id
        UNION SELECT d.id FROM department d JOIN below ON d.parent_id = below.id WHERE d.corp_id = a.corp_id
      ) SELECT id FROM below ORDER BY id) AS departments
    FROM account a WHERE a.corp_id = ${corp} AND a.disabled_at IS NULL ORDER BY a.username`.execute(db)
  return rows
}

export type AccountInsert = Omit<AccountRow, 'disabled'> & { createdAt: number }

/** False when the username is taken. */
export async function insertAccount(tx: Tx, corp: number, account: AccountInsert): Promise<boolean> {
  const { id, username, passwordHash, role, userid, departments, sealed, createdAt } = account
  const { numAffectedRows } = await sql`
    INSERT INTO account (corp_id, id, username, password_hash, role, userid, departments, sealed, created_at)
    VALUES (${corp}, ${id}, ${username}, ${passwordHash}, ${role}, ${userid}, ${departments}::int[], ${sealed},
      ${new Date(createdAt)})
    ON CONFLICT (corp_id, username) DO NOTHING`.execute(tx)
  return numAffectedRows === 1n
}

export async function updatePassword(tx: Tx, corp: number, username: string, hash: string): Promise<void> {
  await sql`UPDATE account SET password_hash = ${hash} WHERE corp_id = ${corp} AND username = ${username}`.execute(
    tx,
  )
}

/** Only where none is bound yet. */
export async function bindUserid(tx: Tx, corp: number, username: string, userid: string): Promise<void> {
  await sql`UPDATE account SET userid = ${userid} WHERE corp_id = ${corp} AND username = ${username} AND userid IS NULL`.execute(
    tx,
  )
}

export async function markDisabled(tx: Tx, corp: number, id: string, at: number): Promise<void> {
  await sql`UPDATE account SET disabled_at = ${new Date(at)} WHERE corp_id = ${corp} AND id = ${id}::uuid`.execute(
    tx,
  )
}

export type SessionRow = {
  accountId: string
  username: string
  role: Role
  userid: string | null
  departments: number[]
  seenAt: number
}

/**
 * The live session of a token. Departments come with everything below them: who supervises a department supervises
 * its parts. UNION, not UNION ALL, so that a cycle in the directory ends.
 */
export async function selectSession(
  db: Db,
  corp: number,
  session: { tokenHash: Buffer; now: number; seenAfter: number },
): Promise<SessionRow | null> {
  const { rows } = await sql<SessionRow>`
    SELECT a.id::text AS "accountId", a.username, a.role, a.userid,
      (extract(epoch FROM s.seen_at) * 1000)::bigint AS "seenAt",
      ARRAY(WITH RECURSIVE below AS (
        SELECT unnest(a.departments) AS id
        UNION SELECT d.id FROM department d JOIN below ON d.parent_id = below.id WHERE d.corp_id = a.corp_id
      ) SELECT id FROM below ORDER BY id) AS departments
    FROM session s JOIN account a ON a.corp_id = s.corp_id AND a.id = s.account_id
    WHERE s.token_hash = ${session.tokenHash} AND s.corp_id = ${corp} AND s.expires_at > ${new Date(session.now)}
      AND s.seen_at > ${new Date(session.seenAfter)} AND a.disabled_at IS NULL`.execute(db)
  return rows[0] ?? null
}

export type ReachRow = Omit<SessionRow, 'seenAt'>

/** Accounts in use, one or all, with the departments below theirs. */
export async function selectReachable(db: Db, corp: number, id: string | null): Promise<ReachRow[]> {
  const { rows } = await sql<ReachRow>`
    SELECT a.id::text AS "accountId", a.username, a.role, a.userid,
      ARRAY(WITH RECURSIVE below AS (
        SELECT unnest(a.departments) AS id
        UNION SELECT d.id FROM department d JOIN below ON d.parent_id = below.id WHERE d.corp_id = a.corp_id
      ) SELECT id FROM below ORDER BY id) AS departments
    FROM account a WHERE a.corp_id = ${corp} AND a.disabled_at IS NULL AND (${id}::uuid IS NULL OR a.id = ${id}::uuid)
    ORDER BY a.username`.execute(db)
  return rows
}

export type SessionInsert = { tokenHash: Buffer; accountId: string; at: number; expiresAt: number }

export async function insertSession(tx: Tx, corp: number, session: SessionInsert): Promise<void> {
  const at = new Date(session.at)
  await sql`
    INSERT INTO session (token_hash, corp_id, account_id, created_at, seen_at, expires_at)
    VALUES (${session.tokenHash}, ${corp}, ${session.accountId}, ${at}, ${at}, ${new Date(session.expiresAt)})
  `.execute(tx)
}

export async function touchSession(db: Db, tokenHash: Buffer, at: number): Promise<void> {
  await sql`UPDATE session SET seen_at = ${new Date(at)} WHERE token_hash = ${tokenHash}`.execute(db)
}

export async function deleteSession(tx: Tx, tokenHash: Buffer): Promise<void> {
  await sql`DELETE FROM session WHERE token_hash = ${tokenHash}`.execute(tx)
}

export async function deleteSessionsOf(tx: Tx, corp: number, accountId: string): Promise<void> {
  await sql`DELETE FROM session WHERE corp_id = ${corp} AND account_id = ${accountId}`.execute(tx)
}

export async function deleteExpiredSessions(tx: Tx, at: number): Promise<void> {
  await sql`DELETE FROM session WHERE expires_at <= ${new Date(at)}`.execute(tx)
}

/** Attempts of one username take turns, so that guesses made at the same instant are counted too. */
export async function lockAttempts(tx: Tx, corp: number, username: string): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`tongjian sign-in ${corp} ${username}`}, 0))`.execute(
    tx,
  )
}

/** Attempts since `after`, oldest first. Older ones of everybody are swept on the way. */
export async function recentAttempts(
  tx: Tx,
  corp: number,
  username: string,
  after: number,
): Promise<number[]> {
  await sql`DELETE FROM sign_in_failure WHERE corp_id = ${corp} AND at <= ${new Date(after)}`.execute(tx)
  const { rows } = await sql<{ at: number }>`
    SELECT (extract(epoch FROM at) * 1000)::bigint AS at FROM sign_in_failure
    WHERE corp_id = ${corp} AND username = ${username} ORDER BY at`.execute(tx)
  return rows.map(row => row.at)
}

export type Attempt = { username: string; at: number; id: string }

export async function insertAttempt(tx: Tx, corp: number, attempt: Attempt): Promise<void> {
  await sql`INSERT INTO sign_in_failure (corp_id, username, at, id)
    VALUES (${corp}, ${attempt.username}, ${new Date(attempt.at)}, ${attempt.id})`.execute(tx)
}

export async function deleteAttempt(db: Db, corp: number, attempt: Attempt): Promise<void> {
  await sql`DELETE FROM sign_in_failure WHERE corp_id = ${corp} AND username = ${attempt.username}
    AND id = ${attempt.id}`.execute(db)
}

export async function deleteAttempts(tx: Tx, corp: number, username: string): Promise<void> {
  await sql`DELETE FROM sign_in_failure WHERE corp_id = ${corp} AND username = ${username}`.execute(tx)
}

export type DepartmentRow = { id: number; parentId: number; position: number; sealed: Buffer }
export type EmployeeRow = {
  userid: string
  departments: number[]
  leads: number[]
  status: number
  sealed: Buffer
}

export async function selectDepartments(db: Db, corp: number): Promise<DepartmentRow[]> {
  const { rows } = await sql<DepartmentRow>`
    SELECT id, parent_id AS "parentId", position, sealed FROM department WHERE corp_id = ${corp}`.execute(db)
  return rows
}

export async function selectEmployees(db: Db, corp: number): Promise<EmployeeRow[]> {
  const { rows } = await sql<EmployeeRow>`
    SELECT userid, departments, leads, status, sealed FROM employee WHERE corp_id = ${corp}`.execute(db)
  return rows
}

/** Changes with every write to the directory, and costs no decryption. */
export async function directoryStamp(db: Db, corp: number): Promise<string> {
  const { rows } = await sql<{ stamp: string }>`
    SELECT concat_ws('/', (SELECT concat(count(*), ' ', max(synced_at)) FROM employee WHERE corp_id = ${corp}),
      (SELECT concat(count(*), ' ', max(synced_at)) FROM department WHERE corp_id = ${corp})) AS stamp`.execute(
    db,
  )
  return rows[0]?.stamp ?? ''
}

export async function upsertDepartments(
  tx: Tx,
  corp: number,
  rows: DepartmentRow[],
  at: number,
): Promise<void> {
  const list = JSON.stringify(rows.map(row => ({ ...row, sealed: row.sealed.toString('hex') })))
  await sql`
    INSERT INTO department (corp_id, id, parent_id, position, sealed, synced_at)
    SELECT ${corp}::smallint, r.id, r."parentId", r.position, decode(r.sealed, 'hex'), ${new Date(at)}::timestamptz
    FROM jsonb_to_recordset(${list}::jsonb) AS r(id int, "parentId" int, position bigint, sealed text)
    ON CONFLICT (corp_id, id) DO UPDATE SET parent_id = excluded.parent_id, position = excluded.position,
      sealed = excluded.sealed, synced_at = excluded.synced_at`.execute(tx)
}

export async function upsertEmployees(tx: Tx, corp: number, rows: EmployeeRow[], at: number): Promise<void> {
  const list = JSON.stringify(rows.map(row => ({ ...row, sealed: row.sealed.toString('hex') })))
  await sql`
    INSERT INTO employee (corp_id, userid, departments, leads, status, sealed, synced_at)
    SELECT ${corp}::smallint, r.userid, r.departments, r.leads, r.status, decode(r.sealed, 'hex'), ${new Date(at)}::timestamptz
    FROM jsonb_to_recordset(${list}::jsonb) AS r(userid text, departments int[], leads int[], status smallint, sealed text)
    ON CONFLICT (corp_id, userid) DO UPDATE SET departments = excluded.departments, leads = excluded.leads,
      status = excluded.status, sealed = excluded.sealed, synced_at = excluded.synced_at`.execute(tx)
}

export async function updateStatus(tx: Tx, corp: number, userid: string, status: number): Promise<void> {
  await sql`UPDATE employee SET status = ${status}, synced_at = ${new Date(now())} WHERE corp_id = ${corp} AND userid = ${userid}
    AND status <> ${status}`.execute(tx)
}

/** Who left, as learnt from this moment on. */
export async function staffLeftSince(
  db: Db,
  house: House,
  since: number,
): Promise<{ userid: string; at: number }[]> {
  const { rows } = await sql<{ userid: string; at: number }>`
    SELECT userid, (extract(epoch FROM synced_at) * 1000)::bigint AS at FROM employee
    WHERE corp_id = ${house.corp} AND status = 5 AND synced_at >= ${new Date(since)} ORDER BY synced_at LIMIT 1000`.execute(
    db,
  )
  return rows
}
