import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { archiveAll, CUSTOMER, textMessage } from '../../test/support/messages.ts'
import { filePremises, type TestPremises, testPremises, testServices } from '../../test/support/premises.ts'
import { type Services, startServices } from '../app/index.ts'
import { verifyArchive } from './verify.ts'

const FORWARD = {
  msgtype: 'chatrecord',
  chatrecord: {
    title: '群聊',
    item: [
      { type: 'ChatRecordText', content: '{"content":"保本保息"}' },
      { type: 'ChatRecordText', content: '{"content":"好的"}' },
    ],
  },
}

/** Six leaves: two texts, a forward with two derived texts, a recall. */
async function archived() {
  const premises = await testPremises()
  await fill(premises, await testServices(premises))
  return premises
}

async function fill(premises: TestPremises, services: Services): Promise<void> {
  const said = textMessage('这款保本')
  await archiveAll(premises, services, [
    said,
    textMessage('好的，谢谢', { from: CUSTOMER, tolist: ['linyue'] }),
  ])
  await archiveAll(premises, services, [textMessage('', FORWARD)])
  await archiveAll(premises, services, [
    textMessage('', { action: 'recall', msgtype: 'revoke', revoke: { pre_msgid: said.msgid } }),
  ])
  await services.stop()
}
const verify = (premises: TestPremises) =>
  verifyArchive(premises.db, premises.house, premises.outside, { blobs: premises.media, everyByte: true })

async function indexOf(premises: TestPremises, kind: string, nth = 0): Promise<number> {
  const { rows } = await sql<{
    idx: string
  }>`SELECT idx::text FROM leaf WHERE log_id = 'archive' AND kind = ${kind} ORDER BY idx OFFSET ${nth} LIMIT 1`.execute(
    premises.owner,
  )
  return Number(rows[0]?.idx)
}

test('an untouched archive verifies', async () => {
  const premises = await archived()
  expect(await verify(premises)).toMatchObject({
    ok: true,
    size: 6,
    pending: 0,
    outsideSize: 6,
    messages: 4,
    problems: [],
  })
})

const COLUMNS: Record<string, Record<string, string>> = {
  message: {
    corp_id: '2',
    conv_id: 'conv_id + 1',
    sent_at: "sent_at + interval '1 microsecond'",
    src_msgid: "src_msgid || 'x'",
    source: "'wecom'",
    seq: '7',
    kind: "'image'",
    action: "'recall'",
    direction: "'internal'",
    from_party: "'somebody'",
    meta: `meta || '{"size": 1}'`,
    consent_event: 'gen_random_uuid()',
    retention_class: "'short'",
    body: 'set_byte(body, 20, (get_byte(body, 20) + 1) % 256)',
    key_id: 'gen_random_uuid()',
    commitment: 'set_byte(commitment, 0, (get_byte(commitment, 0) + 1) % 256)',
    captured_at: "captured_at + interval '1 microsecond'",
  },
  message_link: {
    corp_id: '2',
    conv_id: 'conv_id + 1',
    sent_at: "sent_at + interval '1 second'",
    src_msgid: "'other'",
    kind: "'quotes'",
    target_msgid: "'other'",
  },
  derived_text: {
    corp_id: '2',
    conv_id: 'conv_id + 1',
    sent_at: "sent_at + interval '1 microsecond'",
    src_msgid: "'other'",
    source: "'ocr'",
    part: "'item.9'",
    body: 'NULL',
    key_id: 'gen_random_uuid()',
    commitment: 'set_byte(commitment, 31, (get_byte(commitment, 31) + 1) % 256)',
    derived_at: "derived_at + interval '1 microsecond'",
  },
  leaf: {
    corp_id: '2',
    log_id: "'other'",
    epoch: '1',
    idx: 'idx + 1000',
    kind: "'media'",
    record_hash: 'set_byte(record_hash, 5, (get_byte(record_hash, 5) + 1) % 256)',
    conv_id: 'conv_id + 1',
    sent_at: "sent_at + interval '1 second'",
    ref: "'other'",
  },
}
/** Which leaf the altered row belongs to, so that the index named can be checked. */
const PLACE: Record<string, { where: string; kind: string; nth: number }> = {
  message: { where: "kind = 'text' AND direction = 'customer'", kind: 'message', nth: 1 },
  message_link: { where: 'true', kind: 'message', nth: 3 },
  derived_text: { where: "part = 'item.1'", kind: 'derived', nth: 1 },
  leaf: { where: "log_id = 'archive' AND idx = 2", kind: '', nth: 0 },
}

const DELETIONS = [
  ["DELETE FROM message WHERE direction = 'customer'", 'message', 1],
  ['DELETE FROM message_link', 'message', 3],
  ["DELETE FROM derived_text WHERE part = 'item.0'", 'derived', 0],
  ["DELETE FROM leaf WHERE log_id = 'archive' AND idx = 2", '', 0],
] as const

describe('one archive, altered and put back', () => {
  let premises: TestPremises
  beforeAll(async () => {
    premises = await filePremises()
    await fill(premises, await startServices(premises, { capture: false }))
    for (const table of Object.keys(COLUMNS))
      await sql.raw(`CREATE TABLE kept_${table} AS TABLE ${table}`).execute(premises.owner)
  })
  afterEach(async () => {
    for (const table of Object.keys(COLUMNS)) {
      await sql
        .raw(`DELETE FROM ${table}; INSERT INTO ${table} SELECT * FROM kept_${table}`)
        .execute(premises.owner)
    }
    expect((await verify(premises)).problems).toEqual([])
  })

  test('every column the tables have is in this list', async () => {
    for (const [table, columns] of Object.entries(COLUMNS)) {
      const { rows } = await sql<{
        name: string
      }>`SELECT column_name AS name FROM information_schema.columns WHERE table_name = ${table}`.execute(
        premises.owner,
      )
      expect(rows.map(row => row.name).sort(), table).toEqual(Object.keys(columns).sort())
    }
  })

  test.each(
    Object.entries(COLUMNS).flatMap(([table, columns]) =>
      Object.entries(columns).map(([column, value]) => [table, column, value] as const),
    ),
  )('%s.%s altered: verify says so and names the index', async (table, column, value) => {
    const place = PLACE[table]
    if (!place) throw new Error(table)
    const expected = table === 'leaf' ? 2 : await indexOf(premises, place.kind, place.nth)
    await sql.raw(`UPDATE ${table} SET ${column} = ${value} WHERE ${place.where}`).execute(premises.owner)
    const report = await verify(premises)
    expect(report.ok).toBe(false)
    expect(report.problems[0]?.index).toBe(expected)
  })

  test.each(DELETIONS)('after %s the index is named', async (statement, kind, nth) => {
    const expected = kind === '' ? 2 : await indexOf(premises, kind, nth)
    await sql.raw(statement).execute(premises.owner)
    expect((await verify(premises)).problems[0]?.index).toBe(expected)
  })
})

test('the newest rows removed with their leaves and checkpoints: the first missing index is named', async () => {
  const premises = await archived()
  await sql
    .raw(`DELETE FROM message WHERE kind IN ('revoke', 'chatrecord'); DELETE FROM derived_text; DELETE FROM message_link;
    DELETE FROM leaf WHERE log_id = 'archive' AND idx >= 2; DELETE FROM checkpoint WHERE log_id = 'archive' AND size > 2`)
    .execute(premises.owner)
  const report = await verify(premises)
  expect(report.ok).toBe(false)
  expect(report.problems[0]?.index).toBe(2)
})

test('a message put in behind the ledger is found, and a link without its message', async () => {
  const premises = await archived()
  await sql
    .raw(`INSERT INTO message SELECT corp_id, conv_id, sent_at + interval '1 hour', 'smuggled', source, seq, kind, action, direction, from_party, meta, consent_event,
    retention_class, body, key_id, commitment, captured_at FROM message WHERE direction = 'customer'`)
    .execute(premises.owner)
  expect((await verify(premises)).problems).toContainEqual({
    log: 'archive',
    index: null,
    what: 'message unknown to the ledger',
    ref: 'smuggled',
  })
})

test('leaves and checkpoints recomputed consistently with full SQL rights are found by what stands outside', async () => {
  const premises = await archived()
  const { forge } = await import('../../test/support/forge.ts')
  await forge(premises, 1)
  const report = await verify(premises)
  expect(report.ok).toBe(false)
  expect(report.problems[0]?.index).toBe(1)
})

test('a checkpoint outside that somebody else signed, or none, is told', async () => {
  const premises = await archived()
  const file = join(premises.config.ledgerDir, 'archive', 'checkpoint')
  const note = readFileSync(file, 'utf8')
  writeFileSync(file, note.replace(/\n6\n/, '\n5\n'))
  expect((await verify(premises)).problems[0]?.what).toMatch(/not ours/)
  rmSync(file)
  expect((await verify(premises)).problems[0]?.what).toBe('no checkpoint outside the database')
})

test('a tile outside that was altered is told with its index', async () => {
  const premises = await archived()
  const file = join(premises.config.ledgerDir, 'archive', 'tile', '0', '000.p', '6')
  const bytes = readFileSync(file)
  bytes.writeUInt8((bytes.readUInt8(4 * 32) + 1) % 256, 4 * 32)
  writeFileSync(file, bytes)
  expect((await verify(premises)).problems[0]).toMatchObject({
    index: 4,
    what: 'leaf differs from the tile outside the database',
  })
})

test('a database restored to an older state is not sealed further, and says so', async () => {
  const premises = await archived()
  await sql
    .raw(
      "DELETE FROM leaf WHERE log_id = 'archive' AND idx >= 2; DELETE FROM checkpoint WHERE log_id = 'archive' AND size > 2",
    )
    .execute(premises.owner)
  const services = await testServices(premises)
  await expect(archiveAll(premises, services, [textMessage('之后的一句')])).rejects.toMatchObject({
    code: 'ledger.fork',
  })
})
