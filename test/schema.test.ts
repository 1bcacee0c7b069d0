import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { expect, inject, onTestFinished, test } from 'vitest'
import { checkSchema, migrate } from '../src/base/index.ts'
import { freshDatabase } from './support/database.ts'

const MIGRATIONS = join(import.meta.dirname, '..', 'migrations')
/** Tables that grow with the messages; each can be partitioned and distributed by its key. */
const BIG = [
  'message',
  'message_link',
  'derived_text',
  'message_gram',
  'message_mark',
  'message_media',
  'media_reading',
  'hit',
  'destroyed',
  'behaviour_event',
  'rule_shadow_hit',
  'backtest_alert',
]
/** The app may add to these and read them; it may not change or remove a row. */
const APPEND_ONLY = [
  'message',
  'message_link',
  'derived_text',
  'message_mark',
  'media',
  'leaf',
  'checkpoint',
  'data_key',
  'master_key',
  'consent_event',
  'follow_event',
  'group_event',
  'notice_text',
  'trail_entry',
  'hit',
  'alert',
  'decision',
  'review_move',
  'case_alert',
  'case_move',
  'hold',
  'retention_anchor',
  'destruction',
  'hold_release',
  'retention_class',
  'retention_class_approval',
  'retention_class_end',
  'purge_request',
  'purge_decision',
  'purge_item',
  'destroyed',
  'purge_file',
  'corp',
  'second_reading',
  'capture_seats',
  'completeness_certificate',
  'customer_move',
  'consent_paper',
  'consent_paper_decision',
  'contact_opt_out',
  'restricted_unlock',
  'restricted_unlock_decision',
  'delivery_setting',
  'evidence_issue',
  'evidence_download',
  'training_attempt',
  'penalty_statement',
  'complaint_step',
  'sample_plan',
  'sample_draw',
  'behaviour_finding',
  'wall_note',
  'rule_version',
  'rule_act',
  'rule_shadow_hit',
]

async function asked<T extends object>(url: string, text: string, values: unknown[] = []): Promise<T[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<T>(text, values)).rows
  } finally {
    await client.end()
  }
}

async function database() {
  const made = await freshDatabase()
  onTestFinished(() => made.drop())
  return made
}

/** An empty database, without our schema. */
async function emptyDatabase(): Promise<string> {
  const name = `test_empty_${Math.random().toString(36).slice(2)}`
  const { ownerUrl } = inject('cluster')
  await asked(ownerUrl, `CREATE DATABASE ${name}`)
  onTestFinished(async () => void (await asked(ownerUrl, `DROP DATABASE ${name} WITH (FORCE)`)))
  const url = new URL(ownerUrl)
  url.pathname = `/${name}`
  return url.href
}

function copyOfMigrations(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tongjian-migrations-'))
  cpSync(MIGRATIONS, folder, { recursive: true })
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

test("every big table's key holds institution, conversation and time", async () => {
  const { ownerUrl } = await database()
  const rows = await asked<{ table: string; columns: string[] }>(
    ownerUrl,
    `SELECT c.relname AS table, array_agg(a.attname::text) AS columns FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey) WHERE i.indisprimary AND c.relname = ANY($1) GROUP BY c.relname`,
    [BIG],
  )
  expect(rows.map(row => row.table).sort()).toEqual([...BIG].sort())
  for (const row of rows)
    expect(row.columns, row.table).toEqual(expect.arrayContaining(['corp_id', 'conv_id', 'sent_at']))
})

test('corp_id stands in the key of every table of ours', async () => {
  const { ownerUrl } = await database()
  const rows = await asked<{ table: string }>(
    ownerUrl,
    `SELECT c.relname AS table FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
     JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY(i.indkey) AND a.attname = 'corp_id')`,
  )
  // A session is found by its token alone; corp is the institution itself; migrations belong to none.
  expect(rows.map(row => row.table).sort()).toEqual(['corp', 'schema_migration', 'session'])
})

test('the app role may not change or remove what is append-only', async () => {
  const { ownerUrl } = await database()
  const rows = await asked<{ table: string; privilege: string }>(
    ownerUrl,
    `SELECT table_name AS table, privilege_type AS privilege FROM information_schema.role_table_grants
     WHERE grantee = 'tongjian_app' AND table_name = ANY($1) AND privilege_type NOT IN ('SELECT', 'INSERT')`,
    [APPEND_ONLY],
  )
  expect(rows).toEqual([])
})

test('and the database refuses it when it tries', async () => {
  const { appUrl } = await database()
  for (const table of ['message', 'leaf', 'checkpoint', 'trail_entry', 'decision']) {
    await expect(asked(appUrl, `DELETE FROM ${table}`), table).rejects.toThrow(/permission denied/)
    await expect(asked(appUrl, `UPDATE ${table} SET corp_id = 2`), table).rejects.toThrow(/permission denied/)
    await expect(asked(appUrl, `TRUNCATE ${table}`), table).rejects.toThrow(/permission denied/)
  }
})

test('a text read from a file may be purged of its body and of nothing else', async () => {
  const { ownerUrl, appUrl } = await database()
  await expect(asked(appUrl, "UPDATE derived_text SET part = ''")).rejects.toThrow(/permission denied/)
  await expect(asked(appUrl, 'DELETE FROM media_reading')).rejects.toThrow(/permission denied/)
  const rows = await asked<{ grant: string }>(
    ownerUrl,
    `SELECT table_name || '.' || column_name AS grant FROM information_schema.role_column_grants
     WHERE grantee = 'tongjian_purge' AND privilege_type = 'UPDATE' AND table_name IN ('derived_text', 'media_reading')`,
  )
  expect(rows).toEqual([{ grant: 'derived_text.body' }])
})

test('hits from before their grounds were kept come through the migration as they were', async () => {
  const url = await emptyDatabase()
  const folder = copyOfMigrations()
  rmSync(join(folder, '0009_hit_grounds.sql'))
  await migrate(url, folder)
  await asked(
    url,
    `INSERT INTO hit VALUES (1, 7, '2026-11-01', 'm1', 'GUAR-01', '1@x', 'body', 2, 4, 'GUAR', 'P0', 'violation', 'staff',
     '{homophone}', '2026-11-01')`,
  )
  expect((await migrate(url)).applied).toEqual(['0009_hit_grounds.sql'])
  expect(await asked(url, 'SELECT rule, start_at, end_at, path, grounds, reading_sealed FROM hit')).toEqual([
    { rule: 'GUAR-01', start_at: 2, end_at: 4, path: ['homophone'], grounds: null, reading_sealed: null },
  ])
})

const SHAPE = `
  SELECT 'column' AS what, table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '') AS detail
    FROM information_schema.columns WHERE table_schema = 'public'
  UNION ALL SELECT 'index', indexdef FROM pg_indexes WHERE schemaname = 'public'
  UNION ALL SELECT 'constraint', conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT 'grant', grantee || ' ' || privilege_type || ' ' || table_name FROM information_schema.role_table_grants WHERE table_schema = 'public'
  UNION ALL SELECT 'function', proname || md5(prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  ORDER BY 1, 2`

test('a fresh install and one upgraded step by step have the same schema', async () => {
  const fresh = await emptyDatabase()
  const upgraded = await emptyDatabase()
  await migrate(fresh)
  const steps = copyOfMigrations()
  const names = readdirSync(steps).sort()
  for (let kept = 1; kept <= names.length; kept += 1) {
    const folder = mkdtempSync(join(tmpdir(), 'tongjian-step-'))
    for (const name of names.slice(0, kept)) cpSync(join(steps, name), join(folder, name))
    await migrate(upgraded, folder)
    rmSync(folder, { recursive: true })
  }
  expect(await asked(upgraded, SHAPE)).toEqual(await asked(fresh, SHAPE))
})

test('a newer schema is refused, by name', async () => {
  const url = await emptyDatabase()
  const folder = copyOfMigrations()
  writeFileSync(join(folder, '9999_from_the_future.sql'), 'SELECT 1;')
  await migrate(url, folder)
  await expect(migrate(url)).rejects.toMatchObject({
    code: 'schema.newer',
    details: { migration: '9999_from_the_future.sql' },
  })
  await expect(checkSchema(url)).rejects.toMatchObject({ code: 'schema.newer' })
})

test('an applied migration that was edited is refused, an older schema says what to run', async () => {
  const url = await emptyDatabase()
  const folder = copyOfMigrations()
  await migrate(url, folder)
  const first = readdirSync(folder).sort()[0] ?? ''
  writeFileSync(join(folder, first), '-- edited\n')
  await expect(migrate(url, folder)).rejects.toMatchObject({
    code: 'schema.changed',
    details: { migration: first },
  })
  await expect(checkSchema(await emptyDatabase())).rejects.toMatchObject({ code: 'schema.older' })
})

test('a broken migration leaves nothing of itself behind', async () => {
  const url = await emptyDatabase()
  const folder = copyOfMigrations()
  writeFileSync(join(folder, '9998_broken.sql'), 'CREATE TABLE half (id int); SELECT 1/0;')
  await expect(migrate(url, folder)).rejects.toThrow(/division by zero/)
  expect(await asked(url, "SELECT to_regclass('half')::text AS half")).toEqual([{ half: null }])
})
