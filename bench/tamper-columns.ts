import { type Db, sql } from '../src/base/index.ts'

/** One table the ledger covers: its columns, those it does not hold with the reason, and the leaf of a row as SQL. */
export type Covered = {
  table: string
  log: 'archive' | 'trail'
  columns: string[]
  /** Columns that no leaf holds, and why. */
  without: Record<string, string>
  /** SQL for the index of the leaf that stands for row `t`; null where the place is not one leaf. */
  place: string
  /** Another leaf that may be named as well, where the row stands for two. */
  also?: string
  /** Only these rows. */
  where?: string
}

const leafOf = (log: string, kind: string, ref: string): string =>
  `(SELECT f.idx FROM leaf f WHERE f.corp_id = 1 AND f.log_id = '${log}' AND f.kind = '${kind}' AND f.conv_id = t.conv_id
     AND f.sent_at = t.sent_at AND f.ref = ${ref})`
/** Things outside every conversation: the leaf has the thing's own name. */
const ownLeaf = (kind: string, ref: string): string =>
  `(SELECT f.idx FROM leaf f WHERE f.corp_id = 1 AND f.log_id = 'archive' AND f.kind = '${kind}' AND f.ref = ${ref})`
const WORK = 'the state of the fetching, not of the file'

const PART = ownLeaf('destruction', "t.request_id || '|' || t.conv_id || '|' || t.month")

export const COVERED: readonly Covered[] = [
  {
    table: 'message',
    log: 'archive',
    columns:
      'corp_id conv_id sent_at src_msgid source seq kind action direction from_party meta consent_event retention_class body key_id commitment captured_at'.split(
        ' ',
      ),
    without: {},
    place: leafOf('archive', 'message', 't.src_msgid'),
  },
  {
    table: 'message_link',
    log: 'archive',
    columns: 'corp_id conv_id sent_at src_msgid kind target_msgid'.split(' '),
    without: {},
    place: leafOf('archive', 'message', 't.src_msgid'),
  },
  {
    table: 'derived_text',
    log: 'archive',
    columns: 'corp_id conv_id sent_at src_msgid source part body key_id commitment derived_at'.split(' '),
    without: {},
    place: leafOf('archive', 'derived', "t.src_msgid || '|' || t.source || '|' || t.part"),
  },
  {
    table: 'message_media',
    log: 'archive',
    columns: 'corp_id conv_id sent_at src_msgid part sdkfileid state sha256 reason size settled_at'.split(
      ' ',
    ),
    without: { attempts: WORK, next_at: WORK, claimed_until: WORK, resume_index: WORK, resume_slices: WORK },
    // The reference belongs to the message's leaf, the verdict to its own: the message's comes first.
    place: leafOf('archive', 'media', "t.src_msgid || '|' || t.part"),
    where: "t.state <> 'waiting'",
  },
  {
    table: 'media',
    log: 'archive',
    columns: 'corp_id sha256 size key_id pieces'.split(' '),
    without: { stored_at: 'when the first copy came; each message has its own time in its leaf' },
    place: `(SELECT min(f.idx) FROM leaf f JOIN message_media m ON m.conv_id = f.conv_id AND m.sent_at = f.sent_at
      AND m.src_msgid || '|' || m.part = f.ref WHERE f.log_id = 'archive' AND f.kind = 'media' AND m.sha256 = t.sha256)`,
  },
  {
    table: 'completeness_certificate',
    log: 'archive',
    columns: 'corp_id day revision document facts note issued_at'.split(' '),
    without: {},
    place: `(SELECT f.idx FROM leaf f WHERE f.log_id = 'archive' AND f.kind = 'certificate' AND f.ref = t.day::text || '|' || t.revision)`,
  },
  {
    table: 'leaf',
    log: 'archive',
    columns: 'corp_id log_id epoch idx kind record_hash conv_id sent_at ref'.split(' '),
    without: {},
    place: 't.idx',
    where: "t.log_id = 'archive'",
  },
  {
    table: 'leaf',
    log: 'trail',
    columns: 'corp_id log_id epoch idx kind record_hash conv_id sent_at ref'.split(' '),
    without: {},
    place: 't.idx',
    where: "t.log_id = 'trail'",
  },
  {
    table: 'checkpoint',
    log: 'archive',
    columns: 'corp_id log_id epoch size root note'.split(' '),
    without: {
      sealed_at: 'the note signs origin, size and root; a time is proved by stamps, not by this column',
    },
    place: 'NULL',
  },
  {
    table: 'data_key',
    log: 'archive',
    columns: 'corp_id conv_id month key_id wrapped'.split(' '),
    without: {
      created_at: 'says nothing about a record',
      shredded_at: 'empty until a key is destroyed',
    },
    place: `coalesce((SELECT min(f.idx) FROM leaf f WHERE f.log_id = 'archive' AND f.kind IN ('message', 'derived') AND f.conv_id = t.conv_id
      AND date_trunc('month', f.sent_at AT TIME ZONE 'UTC')::date = t.month), -1)`,
    where: "t.conv_id <> 0 AND t.month > '1000-01-01'",
  },
  {
    table: 'consent_event',
    log: 'archive',
    columns:
      'corp_id id external_userid userid chat_id state source source_ref effective_at recorded_at'.split(' '),
    without: {
      before_ledger: 'marks rows older than their leaves; a row that has a leaf is held to it anyway',
    },
    place: ownLeaf('consent', 't.id::text'),
  },
  {
    table: 'hold',
    log: 'archive',
    columns: 'corp_id id scope cause reason_sealed placed_by placed_at'.split(' '),
    without: {},
    place: ownLeaf('hold', 't.id::text'),
  },
  {
    table: 'hold_release',
    log: 'archive',
    columns: 'corp_id hold_id placed_by released_by reason_sealed released_at'.split(' '),
    without: {},
    place: ownLeaf('hold', "t.hold_id::text || '|released'"),
  },
  {
    table: 'purge_item',
    log: 'archive',
    columns: 'corp_id request_id conv_id month done_at messages records list_sha256 key_shredded'.split(' '),
    without: { refused: 'what was not destroyed and why; it stands in the certificate, which is covered' },
    place: PART,
    where: 't.list_sha256 IS NOT NULL',
  },
  {
    table: 'destroyed',
    log: 'archive',
    columns: 'corp_id conv_id sent_at src_msgid item digest request_id month'.split(' '),
    without: {},
    place: PART,
    // Nothing answers for the body any more: then the message is what is told first.
    also: `(SELECT min(f.idx) FROM leaf f WHERE f.log_id = 'archive' AND f.conv_id = t.conv_id AND f.sent_at = t.sent_at
      AND (f.ref = t.src_msgid OR f.ref LIKE t.src_msgid || '|%') AND f.kind = CASE WHEN t.item = 'body' THEN 'message'
        WHEN t.item LIKE 'file:%' THEN 'media' ELSE 'derived' END)`,
  },
  {
    table: 'destruction',
    log: 'archive',
    columns: 'corp_id id requested_by approved_by certificate at'.split(' '),
    without: {},
    place: ownLeaf('destruction', 't.id::text'),
  },
  {
    table: 'evidence_issue',
    log: 'archive',
    columns: 'corp_id id number requested_by approved_by issued_at manifest_sha256 note'.split(' '),
    without: {},
    place: ownLeaf('evidence', 't.id::text'),
  },
  {
    table: 'sample_plan',
    log: 'archive',
    columns: 'corp_id id number scope_key document registered_by registered_at'.split(' '),
    without: { title_sealed: 'for the eye: number and document name the plan' },
    place: ownLeaf('plan', 't.id::text'),
  },
  {
    table: 'sample_draw',
    log: 'archive',
    columns: 'corp_id plan_id size note seed population population_sha256 drawn drawn_sha256 drawn_at'.split(
      ' ',
    ),
    without: { strata: 'follows from plan and population: a redraw makes it again' },
    place: ownLeaf('draw', 't.plan_id::text'),
  },
  {
    table: 'trail_entry',
    log: 'trail',
    columns: 'corp_id id at actor role verb thing_kind thing_id sealed key_id commitment'.split(' '),
    without: {},
    place: `(SELECT f.idx FROM leaf f WHERE f.log_id = 'trail' AND f.ref = t.id::text)`,
  },
]

/** A cell chosen at random: where the row lies, what stands there, and which leaf must be named. */
export type Cell = {
  covered: Covered
  column: string
  type: string
  part: string
  ctid: string
  value: string
  /** What a name may be besides an index: the checkpoint's size. */
  size: string | null
  /** The message the row belongs to, where it belongs to one. */
  msgid: string | null
  index: number | null
  other: number | null
}

export async function chooseCell(
  owner: Db,
  covered: Covered,
  column: string,
  salt: string,
): Promise<Cell | null> {
  const size = covered.table === 'checkpoint' ? "t.log_id || ' ' || t.size" : 'NULL'
  const msgid = covered.table === 'message_media' ? 't.src_msgid' : 'NULL'
  const { rows } = await sql<Omit<Cell, 'covered' | 'column'>>`
    SELECT t.ctid::text, t.tableoid::regclass::text AS part, t.${sql.ref(column)}::text AS value, ${sql.raw(size)} AS size, ${sql.raw(msgid)} AS msgid,
      ${sql.raw(covered.place)} AS index, ${sql.raw(covered.also ?? 'NULL::bigint')} AS other, pg_typeof(t.${sql.ref(column)})::text AS type
    FROM ${sql.table(covered.table)} t WHERE t.${sql.ref(column)} IS NOT NULL AND t.${sql.ref(column)}::text <> ''
      AND ${sql.raw(covered.where ?? 'true')}
    ORDER BY md5(t.ctid::text || t.tableoid::text || ${salt}) LIMIT 1`.execute(owner)
  const [row] = rows
  return row ? { ...row, covered, column } : null
}

/** Write a value into a cell; returns where the row lies now. A change of time may move it to another month. */
export async function writeCell(
  owner: Db,
  cell: Cell,
  value: string,
): Promise<{ part: string; ctid: string }> {
  const { rows } = await sql<{ part: string; ctid: string }>`
    WITH moved AS (UPDATE ${sql.table(cell.covered.table)} t SET ${sql.ref(cell.column)} = ${value}::${sql.raw(cell.type)}
      WHERE t.ctid = ${cell.ctid}::tid AND t.tableoid = ${cell.part}::regclass
      RETURNING t.ctid::text AS ctid, t.tableoid::regclass::text AS part) SELECT * FROM moved`.execute(owner)
  const [row] = rows
  if (!row) throw new Error(`no row at ${cell.part} ${cell.ctid}`)
  return row
}

/** The intruder may drop what stands in his way. */
export async function dropChecks(owner: Db): Promise<void> {
  const { rows } = await sql<{ statement: string }>`
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', c.conrelid::regclass, c.conname) AS statement FROM pg_constraint c
    JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace AND n.nspname = 'public'
    WHERE c.contype IN ('c', 'f') AND c.conparentid = 0 AND NOT r.relispartition`.execute(owner)
  for (const { statement } of rows) await sql.raw(statement).execute(owner)
}

/** Tables that no leaf covers, and why; every table of the schema is here or above. */
export const UNCOVERED: Record<string, string> = {
  corp: 'settings of the institution; a wrong corpid lets no conversation be derived again',
  message_gram: 'rebuildable from the bodies; missing ones are alarmed',
  message_mark: 'what later rooms say of a message; each can be made again',
  media_reading: 'which files have been read; what was read is covered',
  hit: 'made again by the rules from the bodies',
  alert: 'follows from hits',
  review: 'the state of a review; each decision leaves a trail entry, which is covered',
  review_move: 'each leaves a trail entry, which is covered',
  case_file: 'the state of a case; each move leaves a trail entry, which is covered',
  case_alert: 'each leaves a trail entry, which is covered',
  case_move: 'each leaves a trail entry, which is covered',
  sample_unit: 'the drawn list is in the leaf of the draw; each conclusion leaves a trail entry',
  inspection: 'each move leaves a trail entry, which is covered',
  finding: 'each step leaves a trail entry, which is covered',
  second_look: 'each step leaves a trail entry, which is covered',
  decision: 'each leaves a trail entry, which is covered',
  second_reading: 'an optional second opinion; it never takes an alert back',
  rule_draft: 'work in progress; each step leaves a trail entry, which is covered',
  rule_version:
    'each leaves a trail entry, which is covered; a text that is not the one backtested is refused',
  rule_act: 'each leaves a trail entry, which is covered',
  rule_shadow_hit: 'counts; made again by the rules from the bodies',
  backtest: 'made again from the bodies and the rules',
  backtest_chunk: 'how far a backtest has come',
  backtest_alert: 'made again from the bodies and the rules',
  rule_application: 'how far an application to history has come; what it raised are alerts',
  leaf_pending: 'waits for less than a second; a wrong one differs from its record once sealed',
  quarantine: 'what could not become a message; not a record yet',
  retention_anchor: 'each leaves a trail entry, which is covered',
  customer_move: 'follows from the consent events',
  consent_paper: 'becomes a consent event when it counts',
  consent_paper_decision: 'leaves a trail entry',
  contact_opt_out: 'not in the ledger: see THREATS',
  restricted_unlock: 'leaves a trail entry',
  restricted_unlock_decision: 'leaves a trail entry',
  notice: 'the message that proves a notice is covered',
  notice_text: 'the message that proves a notice is covered',
  callback_event: 'as WeCom sent them; sealed, not in the ledger',
  callback_count: 'counts',
  follow_event: 'history from WeCom; not in the ledger',
  group_event: 'history from WeCom; not in the ledger',
  refresh_wanted: 'work to be done',
  archive_seat: 'asked of WeCom every day',
  capture_cursor: 'how far capture has come; a re-pull compares by content',
  capture_mark: 'where a re-pull begins',
  capture_key_count: 'counts; the certificate that quotes them is covered',
  capture_outage: 'the certificate that quotes them is covered',
  capture_repull: 'the certificate that quotes them is covered',
  capture_seats: 'the certificate that quotes them is covered',
  department: 'asked of WeCom again',
  employee: 'asked of WeCom again',
  external_contact: 'asked of WeCom again',
  contact_follow: 'asked of WeCom again',
  customer_group: 'asked of WeCom again',
  customer_group_member: 'asked of WeCom again',
  account: 'who may sign in; changes leave a trail entry',
  session: 'ends within hours',
  sign_in_failure: 'ends within minutes',
  checkpoint_stamp: 'an authority signed it; verified apart from the log',
  stamp_failure: 'work to be done again',
  ledger_epoch: 'each has a leaf of its own and a signed note; verified with the log',
  master_key: 'which master key is in use; a wrong one opens nothing',
  conversation_party: 'rebuildable from the messages',
  saved_search: 'a convenience of its owner',
  recent_search: 'a convenience of its owner; the trail keeps each search',
  search_export: 'each leaves a trail entry, which is covered',
  employee_history: 'history from WeCom; not in the ledger',
  department_history: 'history from WeCom; not in the ledger',
  integrity_walk: 'where the patrol stands; signed with the key outside the database',
  integrity_round: 'rounds of the patrol; each finding leaves a trail entry',
  integrity_finding: 'each leaves a trail entry, which is covered',
  integrity_span: 'when which leaves were checked last; for display',
  integrity_condition: 'states of alarms; for display',
  retention_class: 'two signatures; each step leaves a trail entry, which is covered',
  retention_class_approval: 'leaves a trail entry, which is covered',
  retention_class_end: 'leaves a trail entry, which is covered',
  purge_request: 'leaves a trail entry, which is covered',
  purge_decision: 'leaves a trail entry, which is covered',
  purge_file: 'work to be done',
  evidence_package: 'a request and its states; each step leaves a trail entry, which is covered',
  evidence_download: 'each leaves a trail entry, which is covered',
  violation: 'each confirmation leaves a trail entry, which is covered',
  training_task: 'follows from violations',
  training_attempt: 'each leaves a trail entry, which is covered',
  penalty: 'each step leaves a trail entry, which is covered',
  penalty_statement: 'each leaves a trail entry, which is covered',
  complaint: 'each step leaves a trail entry, which is covered',
  complaint_step: 'each leaves a trail entry, which is covered',
  complaint_extension: 'question and answer leave a trail entry each, which is covered',
  behaviour_event: 'made again from the messages; dropped when no window reaches it',
  behaviour_finding: 'follows from the messages by the behaviour rules',
  behaviour_cursor: 'how far events have been looked at',
  wall_note: 'each leaves a trail entry, which is covered',
  step_in: 'asking and answering each leave a trail entry, which is covered',
  delivery_setting: 'each version leaves a trail entry, which is covered',
  delivery_address: 'each change leaves a trail entry, which is covered',
  delivery_hook: 'each change leaves a trail entry, which is covered',
  delivery: 'work to be done, and what became of it; for display',
  delivery_escalation: 'work to be done',
  delivery_press: 'each leaves a trail entry, which is covered',
  delivery_update: 'work to be done',
  gram_gap: 'a count, made again every hour',
  schema_migration: 'the version of the schema',
}
