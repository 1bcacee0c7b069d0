import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type TestPremises, testPremises } from '../../test/support/premises.ts'
import { inTransaction, sql } from '../base/index.ts'
import { hashLeaf, rootOf } from '../ledger/index.ts'
import { logLeaves, logState, type NewLeaf, startSealer, verifyLog } from './index.ts'

function leaf(n: number): NewLeaf {
  return {
    kind: 'message',
    recordHash: createHash('sha256').update(String(n)).digest(),
    conv: '7',
    sentAt: n,
    ref: `m${n}`,
  }
}
const hand = (premises: TestPremises, leaves: NewLeaf[]) =>
  inTransaction(premises.db, tx => logLeaves(tx, premises.house, 'archive', leaves))
function sealer(premises: TestPremises) {
  const made = startSealer(premises.db, premises.house, premises.outside, ['archive'])
  onTestFinished(() => made.stop())
  return made
}
async function leaves(premises: TestPremises): Promise<{ idx: number; hash: Buffer }[]> {
  const { rows } = await sql<{
    idx: number
    hash: Buffer
  }>`SELECT idx, record_hash AS hash FROM leaf WHERE log_id = 'archive' ORDER BY idx`.execute(premises.db)
  return rows
}

test('indexes are contiguous and the signed root is the tree of all leaves, however they came', async () => {
  const premises = await testPremises()
  const made = sealer(premises)
  for (const size of [1, 2, 300, 5, 257]) {
    await hand(
      premises,
      Array.from({ length: size }, (_, i) => leaf(size * 1000 + i)),
    )
    await made.flush()
  }
  const stored = await leaves(premises)
  expect(stored.map(row => row.idx)).toEqual(stored.map((_, i) => i))
  const state = await logState(premises.db, premises.house, premises.outside, 'archive')
  expect(state).toMatchObject({
    sealed: 565,
    pending: 0,
    outsideSize: 565,
    root: rootOf(stored.map(row => hashLeaf(row.hash))).toString('hex'),
  })
})

test('several sealers at once give every leaf one index', async () => {
  const premises = await testPremises()
  const sealers = [sealer(premises), sealer(premises), sealer(premises)]
  await Promise.all(
    Array.from({ length: 12 }, async (_, batch) => {
      await hand(
        premises,
        Array.from({ length: 20 }, (_, i) => leaf(batch * 100 + i)),
      )
      await sealers[batch % 3]?.flush()
    }),
  )
  await Promise.all(sealers.map(each => each.flush()))
  const stored = await leaves(premises)
  expect(stored).toHaveLength(240)
  expect(stored.map(row => row.idx)).toEqual(stored.map((_, i) => i))
})

test('what a transaction rolled back is never sealed', async () => {
  const premises = await testPremises()
  const made = sealer(premises)
  await expect(
    inTransaction(premises.db, async tx => {
      await logLeaves(tx, premises.house, 'archive', [leaf(1)])
      throw new Error('changed my mind')
    }),
  ).rejects.toThrow('changed my mind')
  await made.flush()
  expect(await leaves(premises)).toEqual([])
})

test('a copy outside that fell behind, as after a kill, is caught up from the database', async () => {
  const premises = await testPremises()
  const first = sealer(premises)
  await hand(premises, [leaf(1), leaf(2)])
  await first.flush()
  await first.stop()
  rmSync(join(premises.config.ledgerDir, 'archive'), { recursive: true })
  const second = sealer(premises)
  await hand(premises, [leaf(3)])
  await second.flush()
  expect(await logState(premises.db, premises.house, premises.outside, 'archive')).toMatchObject({
    sealed: 3,
    outsideSize: 3,
  })
})

test('a database whose leaves no longer give its signed root is not sealed further', async () => {
  const premises = await testPremises()
  const first = sealer(premises)
  await hand(premises, [leaf(1), leaf(2)])
  await first.stop()
  rmSync(join(premises.config.ledgerDir, 'archive'), { recursive: true })
  await sql`UPDATE leaf SET record_hash = ${Buffer.alloc(32)} WHERE log_id = 'archive' AND idx = 1`.execute(
    premises.owner,
  )
  const second = sealer(premises)
  await expect(second.flush()).rejects.toMatchObject({ code: 'ledger.fork' })
})

test('killed between the first commit and its copy: what stands outside is the empty log, and the copy is made up for', async () => {
  const premises = await testPremises()
  const first = sealer(premises)
  await first.flush()
  await first.stop()
  const file = join(premises.config.ledgerDir, 'archive', 'checkpoint')
  const empty = readFileSync(file)
  const second = sealer(premises)
  await hand(premises, [leaf(1), leaf(2)])
  await second.stop()
  // As a kill would leave it: committed inside, not copied outside.
  rmSync(join(premises.config.ledgerDir, 'archive'), { recursive: true })
  mkdirSync(join(premises.config.ledgerDir, 'archive'))
  writeFileSync(file, empty)
  const noLeafCheck = async () => []
  expect(
    (await verifyLog(premises.db, premises.house, premises.outside, 'archive', noLeafCheck)).problems,
  ).toEqual([])
  await sealer(premises).flush()
  expect(await logState(premises.db, premises.house, premises.outside, 'archive')).toMatchObject({
    sealed: 2,
    outsideSize: 2,
  })
})
