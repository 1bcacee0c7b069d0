import { createHash } from 'node:crypto'
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type TestPremises, testPremises } from '../../test/support/premises.ts'
import { inTransaction, sql } from '../base/index.ts'
import {
  type LogReport,
  logLeaves,
  logState,
  openEpoch,
  planEpoch,
  proveLeaves,
  startSealer,
  verifyLog,
} from './index.ts'

const REASON = '磁盘损坏，恢复了昨晚的备份'
const noLeafCheck = async () => []

async function seal(premises: TestPremises, ...refs: string[]): Promise<void> {
  const leaves = refs.map(ref => ({
    kind: 'message',
    recordHash: createHash('sha256').update(ref).digest(),
    conv: '7',
    sentAt: 1,
    ref,
  }))
  await inTransaction(premises.db, tx => logLeaves(tx, premises.house, 'archive', leaves))
  await startSealer(premises.db, premises.house, premises.outside, ['archive']).stop()
}
const names = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `m${from + i}`)
const verify = ({ db, house, outside }: TestPremises): Promise<LogReport> =>
  verifyLog(db, house, outside, 'archive', noLeafCheck)
const plan = ({ db, house, outside }: TestPremises) => planEpoch(db, house, outside, 'archive')
const open = ({ db, house, outside }: TestPremises) =>
  inTransaction(db, tx => openEpoch(tx, house, outside, 'archive', { reason: REASON, by: 'shell:test' }))
const flush = ({ db, house, outside }: TestPremises) => {
  const sealer = startSealer(db, house, outside, ['archive'])
  return sealer.flush().finally(() => sealer.stop())
}
const asOwner = (premises: TestPremises, ...statements: string[]) =>
  premises.owner.transaction().execute(async tx => {
    for (const statement of statements) await sql.raw(statement).execute(tx)
  })

/** The database as a backup of that size would have it; what lies outside is newer. */
const restoreTo = (premises: TestPremises, size: number) =>
  asOwner(
    premises,
    `DELETE FROM leaf WHERE idx >= ${size}`,
    `DELETE FROM checkpoint WHERE size > ${size}`,
    `DELETE FROM ledger_epoch WHERE first_idx >= ${size}`,
  )

/** 300 leaves, a restore to 200, an epoch at 300, and 70 more: across tiles and with a hole across them. */
async function reopened() {
  const premises = await testPremises()
  await seal(premises, ...names(0, 200))
  await seal(premises, ...names(200, 300))
  await restoreTo(premises, 200)
  await open(premises)
  await seal(premises, ...names(300, 370))
  return premises
}

test('a database behind what stands outside is refused until an epoch is opened, and then goes on and verifies', async () => {
  const premises = await testPremises()
  await seal(premises, ...names(0, 200))
  expect(await plan(premises)).toMatchObject({ state: 'level', lost: null })
  await expect(open(premises)).rejects.toMatchObject({ code: 'ledger.fork' })
  await seal(premises, ...names(200, 300))
  const old = await proveLeaves(premises.db, premises.house, premises.outside, 'archive', [150])
  await restoreTo(premises, 200)
  await expect(flush(premises)).rejects.toMatchObject({ code: 'ledger.fork' })
  expect((await verify(premises)).problems[0]).toMatchObject({ index: 200 })
  expect(await plan(premises)).toMatchObject({
    state: 'behind',
    epoch: 1,
    lost: { from: 200, to: 299 },
    database: { size: 200 },
    outside: { size: 300 },
  })
  expect(await open(premises)).toMatchObject({ epoch: 1, first: 300, databaseSize: 200, reason: REASON })
  await seal(premises, ...names(300, 370))
  const report = await verify(premises)
  expect(report).toMatchObject({
    size: 371,
    problems: [],
    epochs: [{ epoch: 1, first: 300, by: 'shell:test' }],
  })
  expect(await logState(premises.db, premises.house, premises.outside, 'archive')).toMatchObject({
    outsideSize: 371,
  })
  const file = (name: string) => readFileSync(join(premises.config.ledgerDir, 'archive', name), 'utf8')
  expect(file('checkpoint').split('\n')[3]).toBe('epoch 1 300')
  expect(JSON.parse(file('epoch/1.json'))).toMatchObject({ outsideNote: old.checkpoint.note, reason: REASON })
  const proven = await proveLeaves(premises.db, premises.house, premises.outside, 'archive', [150, 300, 370])
  expect(proven.leaves.map(leaf => leaf.kind)).toEqual(['message', 'epoch', 'message'])
  // A leaf that the restore has lost is not proved: its hash is in the tree, its record is gone.
  await expect(
    proveLeaves(premises.db, premises.house, premises.outside, 'archive', [250]),
  ).rejects.toMatchObject({ code: 'thing.missing' })
})

test('a second restore, to before the first epoch, opens the second; both seams are told', async () => {
  const premises = await reopened()
  await restoreTo(premises, 100 + 100)
  expect(await plan(premises)).toMatchObject({ state: 'behind', epoch: 2, lost: { from: 200, to: 370 } })
  await open(premises)
  await seal(premises, ...names(400, 600))
  const report = await verify(premises)
  expect(report).toMatchObject({ size: 572, problems: [] })
  expect(report.epochs.map(seam => [seam.epoch, seam.first, seam.databaseSize])).toEqual([
    [1, 300, 200],
    [2, 371, 200],
  ])
  // And one to after it.
  await restoreTo(premises, 400)
  await asOwner(premises, 'DELETE FROM checkpoint WHERE size > 372')
  await asOwner(premises, 'DELETE FROM leaf WHERE idx > 371')
  await open(premises)
  await seal(premises, 'z')
  const third = await verify(premises)
  expect(third.problems).toEqual([])
  expect(third.epochs.map(seam => [seam.epoch, seam.first, seam.databaseSize])).toEqual([
    [1, 300, 200],
    [2, 371, 200],
    [3, 572, 372],
  ])
})

test.each([50, 7, 333])('walked in pieces of %i the log verifies as in one', async piece => {
  const { db, house, outside } = await reopened()
  let tree: LogReport['tree'] | undefined
  for (;;) {
    const upTo = (tree?.size ?? 0) + piece
    const report = await verifyLog(db, house, outside, 'archive', noLeafCheck, {
      ...(tree && { from: tree }),
      upTo,
    })
    expect(report.problems).toEqual([])
    tree = report.tree
    if (report.whole) break
  }
  expect(tree.size).toBe(371)
})

test('killed after the epoch was committed and before it was copied: the sealer copies it, and nothing is red meanwhile', async () => {
  const premises = await testPremises()
  await seal(premises, ...names(0, 5))
  await seal(premises, ...names(5, 9))
  await restoreTo(premises, 5)
  await open(premises)
  expect((await verify(premises)).problems).toEqual([])
  await flush(premises)
  expect(existsSync(join(premises.config.ledgerDir, 'archive', 'epoch', '1.json'))).toBe(true)
  expect(await verify(premises)).toMatchObject({ size: 10, outsideSize: 10, problems: [] })
})

test('an empty database can go on where the log outside ends', async () => {
  const premises = await testPremises()
  await seal(premises, ...names(0, 9))
  await restoreTo(premises, 0)
  await open(premises)
  await seal(premises, 'n')
  expect(await verify(premises)).toMatchObject({ size: 11, problems: [] })
})

test('a database that is no earlier state of what stands outside gets no epoch', async () => {
  const premises = await testPremises()
  await seal(premises, ...names(0, 5))
  const outer = join(premises.config.ledgerDir, 'archive')
  cpSync(outer, `${outer}.kept`, { recursive: true })
  await seal(premises, ...names(5, 9))
  const newer = `${outer}.newer`
  cpSync(outer, newer, { recursive: true })
  // Database and folder go back together, other things are sealed, and then the newer folder comes back.
  await restoreTo(premises, 5)
  rmSync(outer, { recursive: true })
  cpSync(`${outer}.kept`, outer, { recursive: true })
  await seal(premises, 'other', 'things')
  rmSync(outer, { recursive: true })
  cpSync(newer, outer, { recursive: true })
  expect(await plan(premises)).toMatchObject({ state: 'diverged' })
  await expect(open(premises)).rejects.toMatchObject({ code: 'ledger.fork' })
})

const HIDING: [string, string[]][] = [
  ['the row of the seam', ['DELETE FROM ledger_epoch']],
  ['the leaf of the seam', ['DELETE FROM leaf WHERE idx = 300']],
  [
    'the seam, its leaf and its epoch',
    [
      'DELETE FROM ledger_epoch',
      'DELETE FROM leaf WHERE epoch = 1',
      'DELETE FROM checkpoint WHERE epoch = 1',
    ],
  ],
  ['the epoch number', ['UPDATE leaf SET epoch = 0', 'DELETE FROM ledger_epoch']],
  ['who it was', [`UPDATE ledger_epoch SET opened_by = 'shell:other'`]],
  ['the reason', [`UPDATE ledger_epoch SET reason = 'routine'`]],
  ['how much was lost', ['UPDATE ledger_epoch SET database_size = 250']],
  [
    'the checkpoint from before',
    [`UPDATE ledger_epoch SET outside_note = (SELECT note FROM checkpoint WHERE size = 200)`],
  ],
  [
    'a lost leaf that is put back',
    [
      `INSERT INTO leaf SELECT corp_id, log_id, 0, 250, kind, record_hash, conv_id, sent_at, 'x' FROM leaf WHERE idx = 0`,
    ],
  ],
  ['a leaf before the seam', ['DELETE FROM leaf WHERE idx = 199']],
  [
    'a leaf behind the seam',
    [
      `UPDATE leaf SET record_hash = set_byte(record_hash, 0, (get_byte(record_hash, 0) + 1) % 256) WHERE idx = 340`,
    ],
  ],
]
test('hiding or altering the seam, or what stands at it, is red', async () => {
  const premises = await reopened()
  const { house, outside } = premises
  expect((await verify(premises)).problems).toEqual([])
  for (const [what, statements] of HIDING) {
    const undo = new Error('undo')
    await premises.owner
      .transaction()
      .execute(async tx => {
        for (const statement of statements) await sql.raw(statement).execute(tx)
        expect((await verifyLog(tx, house, outside, 'archive', noLeafCheck)).problems, what).not.toEqual([])
        throw undo
      })
      .catch((error: unknown) => {
        if (error !== undo) throw error
      })
  }
  expect((await verify(premises)).problems).toEqual([])
})

test('so is a seam outside that is gone, altered, or exchanged for another', async () => {
  const premises = await reopened()
  const file = join(premises.config.ledgerDir, 'archive', 'epoch', '1.json')
  const whole = readFileSync(file, 'utf8')
  const alterations = [
    null,
    whole.replace(REASON, '例行维护'),
    whole.replace('"first":300', '"first":299'),
    `${whole} `,
    '{}',
    'no JSON',
  ]
  for (const altered of alterations) {
    if (altered === null) rmSync(file)
    else writeFileSync(file, altered)
    const { problems } = await verify(premises)
    expect(problems, String(altered)).not.toEqual([])
    expect([299, 300], String(altered)).toContain(problems[0]?.index)
  }
  writeFileSync(file, whole)
  expect((await verify(premises)).problems).toEqual([])
  rmSync(join(premises.config.ledgerDir, 'archive', 'tile', '0', '000'))
  expect((await verify(premises)).problems).not.toEqual([])
})

test('a column that names a far epoch is red and does not send verify looking for every epoch up to it', async () => {
  const premises = await reopened()
  await asOwner(
    premises,
    'UPDATE checkpoint SET epoch = 1301934321 WHERE size = (SELECT max(size) FROM checkpoint)',
  )
  const { problems } = await verify(premises)
  expect(problems.length).toBeGreaterThan(0)
})
