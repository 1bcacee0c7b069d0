import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { startSim } from '../sim/index.ts'
import { createRng } from '../sim/rng.ts'
import { importAll } from '../src/app/commands/import.ts'
import { JOB_KINDS, type Services, startServices } from '../src/app/index.ts'
import { explainSearch, search, searchQuery } from '../src/archive/index.ts'
import { openJobs, shellActor, sql } from '../src/base/index.ts'
import { importFile } from '../src/capture/index.ts'
import { filePremises, type TestPremises, testPremises, testServices } from './support/premises.ts'

const SHARED = join(import.meta.dirname, '..', '..', 'shared', 'data', 'crosswoz-val.wecom.jsonl')
const quiet = { out: () => undefined, err: () => undefined }

/** 8,458 real messages where the shared data is at hand; otherwise as many believable ones. */
async function realLines(): Promise<string[]> {
  if (existsSync(SHARED))
    return readFileSync(SHARED, 'utf8')
      .split('\n')
      .filter(line => line !== '')
  const { publicKey } = await import('node:crypto').then(c =>
    c.generateKeyPairSync('rsa', { modulusLength: 2048 }),
  )
  const sim = await startSim({
    seed: 'import',
    publicKeys: [{ version: 1, pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() }],
    day: 3000,
  })
  const lines = sim.world.archive.all().map(stored => stored.json)
  await sim.close()
  return lines
}

describe('importing a file', () => {
  let premises: TestPremises
  let services: Services
  let lines: string[]
  const file = (name: string, content: string[]): string => {
    const path = join(premises.folder, name)
    writeFileSync(path, content.join('\n'))
    return path
  }
  const run = (...files: string[]) => importAll(premises, services, quiet, files)

  beforeAll(async () => {
    lines = await realLines()
    premises = await filePremises()
    services = await startServices(premises, { capture: false })
    return () => services.stop()
  })

  test('archives every line, raises next to no alert on ordinary talk, and knows every line again', async () => {
    const whole = file('whole.jsonl', lines)
    const first = await run(whole)
    expect(first).toMatchObject({
      read: lines.length,
      archived: lines.length,
      duplicate: 0,
      conflict: 0,
      rejected: 0,
    })
    if (existsSync(SHARED)) expect(first.alerts).toBeLessThanOrEqual(4)
    expect(await run(whole)).toEqual({
      read: lines.length,
      archived: 0,
      duplicate: lines.length,
      conflict: 0,
      rejected: 0,
      alerts: 0,
    })
  })

  test('one line altered under the same msgid is one conflict, and both stay', async () => {
    const at = lines.findIndex((line, i) => i > 20 && line.includes('"content":"'))
    const altered = lines.map((line, i) =>
      i === at ? line.replace(/"content":"/, '"content":"改过 ') : line,
    )
    expect(altered[at]).not.toBe(lines[at])
    expect(await run(file('altered.jsonl', altered.slice(0, 100)))).toMatchObject({
      archived: 0,
      duplicate: 99,
      conflict: 1,
    })
    const { rows } = await sql<{ reason: string }>`SELECT reason FROM quarantine`.execute(premises.db)
    expect(rows).toEqual([{ reason: 'conflict' }])
  })

  test('an altered time or sender under the same msgid is a conflict too, other spacing is not', async () => {
    const message = JSON.parse(lines[7] ?? '') as Record<string, unknown>
    const report = await run(
      file('variants.jsonl', [
        JSON.stringify({ ...message, msgtime: Number(message.msgtime) + 1 }),
        JSON.stringify({ ...message, from: 'somebody' }),
        JSON.stringify(message, null, 1).replaceAll('\n', ' '),
      ]),
    )
    expect(report).toMatchObject({ archived: 0, conflict: 2, duplicate: 1 })
  })

  test('search finds exactly what reading the file finds', async () => {
    const rng = createRng('search')
    const texts = lines.flatMap(line => {
      const message = JSON.parse(line) as { msgid: string; text?: { content: string } }
      return message.text ? [{ msgid: message.msgid, text: message.text.content }] : []
    })
    const textIds = new Set(texts.map(entry => entry.msgid))
    const rawOf = new Map(lines.map(line => [(JSON.parse(line) as { msgid: string }).msgid, line]))
    const queries = Array.from({ length: 50 }, () => {
      const { text } = rng.pick(texts)
      const length = Math.min(text.length, rng.int(2, 6))
      const start = rng.int(0, text.length - length)
      return text.slice(start, start + length)
    })
    const absent = Array.from({ length: 20 }, (_, i) => `龘${String.fromCharCode(0x9f00 + i)}靐`)
    for (const q of [...queries.filter(query => query !== ''), ...absent]) {
      const expected = texts.filter(entry => entry.text.includes(q)).map(entry => entry.msgid)
      const hits = await found(q)
      expect(
        hits.filter(id => textIds.has(id)),
        q,
      ).toEqual(expected.sort())
      // Titles, file names and mixed messages are words too: those hits must hold the query where they keep it.
      for (const id of hits.filter(one => !textIds.has(one))) expect(rawOf.get(id), q).toContain(q)
    }
  })

  async function found(q: string): Promise<string[]> {
    const actor = shellActor(premises.house, 'test')
    const msgids: string[] = []
    let cursor: string | undefined
    do {
      const page = await search(
        premises.db,
        actor,
        searchQuery.parse({ q, exact: 'true', cursor, limit: 200 }),
      )
      msgids.push(...page.items.map(item => item.key.msgid))
      cursor = page.next ?? undefined
    } while (cursor)
    expect(new Set(msgids).size).toBe(msgids.length)
    return msgids.sort()
  }

  test('no search reads a table whole', async () => {
    for (const q of ['酒店', '龘靐', '的']) {
      const plan = await explainSearch(
        premises.db,
        shellActor(premises.house, 'test'),
        searchQuery.parse({ q, exact: 'true' }),
      )
      expect(plan).toMatch(/message_gram_2026_\d\d_g_idx/)
      expect(plan).not.toMatch(/Seq Scan/)
    }
  })
})

test('bad lines are told with their number and kept; the rest goes on', async () => {
  const premises = await testPremises()
  const services = await testServices(premises)
  const said = (fields: object): string =>
    JSON.stringify({
      msgid: 'x',
      action: 'send',
      from: 'a',
      tolist: ['b'],
      msgtime: 1,
      msgtype: 'text',
      text: { content: '好' },
      ...fields,
    })
  const path = join(premises.folder, 'bad.jsonl')
  const content = [
    said({ msgid: 'ok1' }),
    '{"msgid":"cut","from":',
    '',
    said({ msgid: '' }),
    '[]',
    'null',
    said({ msgid: 'zero', msgtime: 0 }),
    said({ msgid: 'far', msgtime: Date.UTC(2099, 5, 1) }),
    said({ msgid: 'odd', msgtype: 'hologram', hologram: { words: '投影留言' } }),
    said({ msgid: 'huge', text: { content: '长'.repeat(1_700_000) } }),
    said({ msgid: 'ok2' }),
  ]
  writeFileSync(path, `\ufeff${content.join('\r\n')}`)
  const told: string[] = []
  const report = await importAll(
    premises,
    services,
    { out: () => undefined, err: line => void told.push(line) },
    [path],
  )
  expect(report).toMatchObject({ read: 10, archived: 6, rejected: 4 })
  expect(told.map(line => /:(\d+) /.exec(line)?.[1])).toEqual(['2', '4', '5', '6'])
  const { rows } = await sql<{
    msgid: string
    year: number
  }>`SELECT src_msgid AS msgid, extract(year FROM sent_at)::int AS year FROM message ORDER BY 1`.execute(
    premises.db,
  )
  expect(rows.map(row => row.msgid)).toEqual(['far', 'huge', 'odd', 'ok1', 'ok2', 'zero'])
  expect(rows.find(row => row.msgid === 'far')?.year).toBe(2099)
  const kept = await sql<{ reason: string }>`SELECT reason FROM quarantine ORDER BY reason`.execute(
    premises.db,
  )
  expect(kept.rows.map(row => row.reason)).toEqual([
    'broken_json',
    'no_msgid',
    'not_an_object',
    'not_an_object',
  ])
  const actor = shellActor(premises.house, 'test')
  const page = await search(premises.db, actor, searchQuery.parse({ q: '投影' }))
  expect(page.items.map(item => item.key.msgid)).toEqual(['odd'])
})

test('an import that repeats a killed one waits for what that one left to be judged', async () => {
  const premises = await testPremises()
  const path = join(premises.folder, 'risky.jsonl')
  const lines = Array.from({ length: 40 }, (_, i) =>
    JSON.stringify({
      msgid: `r${i}_external`,
      action: 'send',
      from: 'linyue',
      tolist: ['wmErxtDgAA9AW32YyyuYRimKr7D1KWlw'],
      msgtime: Date.UTC(2026, 10, 23, 3, 0, i),
      msgtype: 'text',
      text: { content: '这款保本保息，亏了算我的' },
    }),
  )
  writeFileSync(path, lines.join('\n'))
  // The killed one: archived and enqueued, with nobody to do the work.
  const queue = await openJobs(premises.appUrl, JOB_KINDS, {
    worker: false,
    log: premises.house.log,
    role: premises.role,
  })
  const events = {
    rejected: () => undefined,
    conflict: () => undefined,
    batch: () => undefined,
    progress: () => undefined,
  }
  await importFile(premises.db, shellActor(premises.house, 'killed'), queue, path, events)
  await queue.stop()
  const reviews = async () => (await sql`SELECT 1 FROM review`.execute(premises.db)).rows.length
  expect(await reviews()).toBe(0)

  const services = await testServices(premises)
  expect(await importAll(premises, services, quiet, [path])).toMatchObject({ archived: 0, duplicate: 40 })
  expect(await reviews()).toBe(40)
})
