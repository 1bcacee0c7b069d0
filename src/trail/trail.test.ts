import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharedDatabase } from '../../test/support/database.ts'
import { withClock } from '../base/clock.ts'
import { openDb } from '../base/db.ts'
import { type Actor, type Db, type House, inTransaction, shellActor, sql } from '../base/index.ts'
import { checkTrail, list, record, type TrailEntry } from './index.ts'
import { openTestHouse } from './testing.ts'

const database = sharedDatabase()
let db: Db
let house: House
let who: Actor
let close: () => Promise<void>
beforeAll(async () => {
  ;({ db, house, close } = await openTestHouse(database.appUrl))
  who = shellActor(house, 'root')
})
afterAll(() => close())

const search = {
  verb: 'archive.searched',
  thing: { kind: 'archive', id: 'all' },
  detail: { query: '保本保息', staff: null, customer: null, found: 3 },
} as const satisfies TrailEntry
const write = (entry: TrailEntry, actor = who) => inTransaction(db, tx => record(tx, actor, entry))
const all = { limit: 50 }

test('an entry is read back, stands sealed in the table, and waits for its place in the ledger', async () => {
  const id = await write(search)
  const page = await list(db, who, all)
  expect(page.items[0]).toMatchObject({
    id,
    actor: 'shell:root',
    verb: 'archive.searched',
    thingKind: 'archive',
    detail: { query: '保本保息', found: 3 },
  })
  const { rows } = await sql<{ row: string; leaf: string }>`
    SELECT t::text AS row, l.log_id || l.kind AS leaf FROM trail_entry t JOIN leaf_pending l ON l.ref = t.id::text
    WHERE t.id = ${id}`.execute(db)
  expect(rows).toHaveLength(1)
  expect(rows[0]?.leaf).toBe('trailtrail')
  expect(rows[0]?.row).not.toContain(Buffer.from('保本').toString('hex'))
})

test('a change that fails takes its entry with it, and an entry that fails takes the change', async () => {
  const before = (await list(db, who, all)).items.length
  await expect(
    inTransaction(db, async tx => {
      await record(tx, who, search)
      throw new Error('the change failed')
    }),
  ).rejects.toThrow('the change failed')
  const odd = { ...search, detail: { ...search.detail, extra: true } } as TrailEntry
  await expect(write(odd)).rejects.toThrow()
  expect((await list(db, who, all)).items).toHaveLength(before)
})

test('pages follow each other without a gap although entries share an instant', async () => {
  await withClock(Date.UTC(2031, 0, 1), async () => {
    for (let i = 0; i < 7; i += 1) await write({ ...search, detail: { ...search.detail, found: i } })
  })
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await list(db, who, { verb: 'archive.searched', limit: 3, cursor })
    seen.push(...page.items.map(item => item.id))
    cursor = page.next ?? undefined
  } while (cursor)
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.length).toBeGreaterThanOrEqual(8)
  await expect(list(db, who, { limit: 3, cursor: "1_' OR true" })).rejects.toMatchObject({
    code: 'request.invalid',
  })
})

test('the app may not change or remove what is in the trail', async () => {
  await expect(sql`UPDATE trail_entry SET actor = 'nobody'`.execute(db)).rejects.toThrow('permission denied')
  await expect(sql`DELETE FROM trail_entry`.execute(db)).rejects.toThrow('permission denied')
})

test('verify sees an entry that was altered by hand, swapped or removed', async () => {
  const ids = [
    await write(search),
    await write({ ...search, detail: { ...search.detail, query: '返点' } }),
    await write(search),
  ]
  const { rows } = await sql<{ ref: string; recordHash: Buffer }>`
    SELECT ref, record_hash AS "recordHash" FROM leaf_pending WHERE ref = ANY(${ids}::text[]) ORDER BY ref`.execute(
    db,
  )
  const leaves = rows.map((row, idx) => ({ ...row, idx, kind: 'trail', conv: '0', sentAt: '0' }))
  const check = checkTrail(db, house)
  expect(await check(leaves)).toEqual([])
  const owner = openDb(database.ownerUrl, { max: 1 })
  await sql`UPDATE trail_entry SET actor = 'somebody' WHERE id = ${ids[0]}`.execute(owner.db)
  await sql`UPDATE trail_entry SET sealed = (SELECT sealed FROM trail_entry WHERE id = ${ids[2]}) WHERE id = ${ids[1]}`.execute(
    owner.db,
  )
  await sql`DELETE FROM trail_entry WHERE id = ${ids[2]}`.execute(owner.db)
  await owner.close()
  expect((await check(leaves)).map(problem => problem.index)).toEqual([0, 1, 2])
})
