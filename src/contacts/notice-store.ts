import { type Db, epochMs, newId, sql, type Tx } from '../base/index.ts'

export async function insertText(
  tx: Tx,
  corp: number,
  text: { version: string; sealed: Buffer; at: number },
): Promise<void> {
  await sql`
    INSERT INTO notice_text (corp_id, version, sealed, first_used_at)
    VALUES (${corp}, ${text.version}, ${text.sealed}, ${new Date(text.at)}) ON CONFLICT DO NOTHING`.execute(
    tx,
  )
}

export async function selectTexts(db: Db, corp: number): Promise<{ version: string; sealed: Buffer }[]> {
  const { rows } = await sql<{ version: string; sealed: Buffer }>`
    SELECT version, sealed FROM notice_text WHERE corp_id = ${corp} ORDER BY first_used_at DESC`.execute(db)
  return rows
}

/** Is this member's talk archived? Before the first look at the seats we do not know, and say the notice. */
export async function isSeated(db: Db, corp: number, userid: string): Promise<boolean> {
  const { rows } = await sql<{ known: boolean; seated: boolean }>`
    SELECT EXISTS (SELECT FROM archive_seat WHERE corp_id = ${corp}) AS known,
      EXISTS (SELECT FROM archive_seat WHERE corp_id = ${corp} AND userid = ${userid} AND until IS NULL) AS seated`.execute(
    db,
  )
  return rows[0]?.seated === true || rows[0]?.known === false
}

type NoticeInsert = {
  id: string
  kind: 'contact' | 'group'
  staff: string
  party: string
  state: 'due' | 'missing'
  reason: string | null
  sealed: Buffer | null
  dueAt: number
}

/**
 * Nothing when a notice that covers this moment is there. One said less than `quietMs` before puts this one off to the
 * end of that time, so that who joined meanwhile is told too, once.
 */
export async function insertNotice(
  tx: Tx,
  corp: number,
  notice: NoticeInsert,
  quietMs: number,
): Promise<void> {
  const { id, kind, staff, party, state, reason, sealed, dueAt } = notice
  const at = sql`${new Date(dueAt)}::timestamptz`
  const quiet = sql`${quietMs} * interval '1 millisecond'`
  await sql`
    INSERT INTO notice (corp_id, id, kind, staff, party, state, reason, sealed, due_at)
    SELECT ${corp}::smallint, ${id}::uuid, ${kind}, ${staff}, ${party}, ${state}, ${reason}, ${sealed}::bytea,
      CASE WHEN ${quietMs} = 0 THEN ${at} ELSE greatest(${at}, last + ${quiet}) END
    FROM (SELECT max(due_at) AS last FROM notice WHERE corp_id = ${corp} AND kind = ${kind} AND party = ${party}
      AND staff = ${staff}) l
    WHERE last IS NULL OR last < ${at} OR ${quietMs} = 0
    ON CONFLICT DO NOTHING`.execute(tx)
}

export type DueNotice = {
  id: string
  kind: 'contact' | 'group'
  staff: string
  party: string
  sealed: Buffer | null
  dueAt: number
  owner: string | null
  archived: boolean
}

/** Take what is due: marked as tried before it is, so that a crash never says it twice. */
export async function claimDue(db: Db, corp: number, at: number, limit: number): Promise<DueNotice[]> {
  const { rows } = await sql<DueNotice>`
    UPDATE notice n SET attempted_at = ${new Date(at)} FROM (
      SELECT id FROM notice n WHERE corp_id = ${corp} AND state = 'due' AND attempted_at IS NULL
        AND (kind = 'contact' OR due_at <= ${new Date(at)} AND EXISTS (SELECT FROM customer_group g WHERE g.corp_id = ${corp} AND g.chat_id = n.party))
      ORDER BY due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED) t
    WHERE n.corp_id = ${corp} AND n.id = t.id
    RETURNING n.id::text, n.kind, n.staff, n.party, n.sealed, ${epochMs('n.due_at')} AS "dueAt",
      (SELECT owner FROM customer_group g WHERE g.corp_id = ${corp} AND g.chat_id = n.party) AS owner,
      EXISTS (SELECT FROM customer_group_member m JOIN archive_seat s ON s.corp_id = m.corp_id AND s.userid = m.party
        WHERE m.corp_id = ${corp} AND m.chat_id = n.party AND m.left_at IS NULL AND s.until IS NULL) AS archived`.execute(
    db,
  )
  return rows
}

export type Outcome = {
  state: 'sent' | 'pending_owner' | 'refused' | 'failed' | 'missing'
  version?: string | null
  sentAt?: number | null
  task?: string | null
  errcode?: number | null
  reason?: string | null
}

/** What became of it. What the archive has proved meanwhile stays proved. */
export async function updateOutcome(db: Db, corp: number, id: string, outcome: Outcome): Promise<void> {
  const { state, version = null, sentAt = null, task = null, errcode = null, reason = null } = outcome
  const sent = sentAt === null ? null : new Date(sentAt)
  await sql`
    UPDATE notice SET state = CASE WHEN state = 'proved' THEN state ELSE ${state} END, sealed = NULL,
      version = coalesce(version, ${version}), sent_at = coalesce(sent_at, ${sent}::timestamptz),
      task_id = coalesce(${task}, task_id), errcode = ${errcode}::int, reason = ${reason}
    WHERE corp_id = ${corp} AND id = ${id}::uuid`.execute(db)
}

export type PendingTask = { id: string; task: string; party: string; staff: string; dueAt: number }

export async function selectPending(db: Db, corp: number, limit: number): Promise<PendingTask[]> {
  const { rows } = await sql<PendingTask>`
    SELECT n.id::text, n.task_id AS task, n.party, g.owner AS staff, ${epochMs('n.due_at')} AS "dueAt" FROM notice n
    JOIN customer_group g ON g.corp_id = n.corp_id AND g.chat_id = n.party
    WHERE n.corp_id = ${corp} AND n.state = 'pending_owner' AND n.task_id IS NOT NULL ORDER BY n.due_at LIMIT ${limit}`.execute(
    db,
  )
  return rows
}

/** Tried and never heard of again; said and not found in the archive in time; a task its owner let lie. */
export async function overdue(
  db: Db,
  corp: number,
  before: { attempted: number; proof: number },
): Promise<number> {
  const { numAffectedRows } = await sql`
    UPDATE notice SET sealed = NULL, state = CASE WHEN state = 'due' THEN 'failed' ELSE 'missing' END,
      reason = CASE state WHEN 'due' THEN 'interrupted' WHEN 'sent' THEN 'not_in_archive' ELSE 'not_confirmed' END
    WHERE corp_id = ${corp} AND (
      (state = 'due' AND (attempted_at < ${new Date(before.attempted)} OR due_at < ${new Date(before.proof)}))
      OR (state = 'sent' AND sent_at < ${new Date(before.proof)})
      OR (state = 'pending_owner' AND due_at < ${new Date(before.proof)}))`.execute(db)
  return Number(numAffectedRows ?? 0n)
}

export type Proof = {
  kind: 'contact' | 'group'
  staff: string
  party: string
  version: string
  msgid: string
  sentAt: number
}

/**
 * A message carries the notice. It proves what was due before it in that conversation; where nothing was due (said by
 * hand, or before this product was there) it stands as a notice of its own, once.
 */
export async function prove(tx: Tx, corp: number, proof: Proof, slackMs: number): Promise<number> {
  const { kind, staff, party, version, msgid } = proof
  const at = new Date(proof.sentAt)
  const { numAffectedRows } = await sql`
    UPDATE notice SET state = 'proved', proved_msgid = ${msgid}, proved_at = ${at}, reason = NULL, sealed = NULL,
      version = ${version}, sent_at = coalesce(sent_at, ${at})
    WHERE corp_id = ${corp} AND kind = ${kind} AND party = ${party} AND (kind = 'group' OR staff = ${staff})
      AND state <> 'proved' AND coalesce(sent_at, due_at) <= ${new Date(proof.sentAt + slackMs)}`.execute(tx)
  if ((numAffectedRows ?? 0n) > 0n) return Number(numAffectedRows)
  const inserted = await sql`
    INSERT INTO notice (corp_id, id, kind, staff, party, state, version, due_at, sent_at, proved_msgid, proved_at)
    SELECT ${corp}::smallint, ${newId()}::uuid, ${kind}, ${kind === 'group' ? '' : staff}, ${party}, 'proved', ${version}, ${at}::timestamptz, ${at}::timestamptz, ${msgid}, ${at}::timestamptz
    WHERE NOT EXISTS (SELECT FROM notice WHERE corp_id = ${corp} AND proved_msgid = ${msgid} AND kind = ${kind} AND party = ${party})
    ON CONFLICT DO NOTHING`.execute(tx)
  return Number(inserted.numAffectedRows ?? 0n)
}
