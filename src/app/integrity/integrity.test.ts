import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { archiveAll, CUSTOMER, textMessage } from '../../../test/support/messages.ts'
import { type TestPremises, testPremises, testServices } from '../../../test/support/premises.ts'
import { rebuildGrams } from '../../archive/index.ts'
import { setClock } from '../../base/clock.ts'
import { inTransaction, now, shellActor, sql, systemActor } from '../../base/index.ts'
import { logLeaves } from '../../notary/index.ts'
import { list } from '../../trail/index.ts'
import { CONDITIONS, type ConditionName } from '../contract.ts'
import { levelOf, measure, noteConditions, noteGramGaps } from './conditions.ts'
import { startPatrol } from './patrol.ts'
import { integrityOf, sealsOf } from './view.ts'

const LONG_MS = 60_000

async function archived() {
  const premises = await testPremises()
  const services = await testServices(premises)
  await archiveAll(premises, services, [
    textMessage('这款产品'),
    textMessage('好的', { from: CUSTOMER, tolist: ['linyue'] }),
  ])
  await archiveAll(premises, services, [textMessage('谢谢')])
  return { premises, services }
}

function patrolOf(premises: TestPremises) {
  const patrol = startPatrol(premises)
  onTestFinished(() => patrol.stop())
  return patrol
}

/** Past the rest between two rounds. */
function later(): void {
  const at = now() + 2 * LONG_MS
  onTestFinished(setClock(() => at))
}

const findingsOf = async (premises: TestPremises) => (await integrityOf(premises)).findings
const spoil = (premises: TestPremises, to: string) =>
  sql`UPDATE message SET from_party = ${to} WHERE direction = 'customer'`.execute(premises.owner)

test('the newest leaves are checked at once, rounds come to their end and are written down', async () => {
  const { premises, services } = await archived()
  const patrol = patrolOf(premises)
  await patrol.turn(LONG_MS)
  const first = await integrityOf(premises)
  expect(first).toMatchObject({ level: 'ok', findings: { total: 0 } })
  expect(first.logs[0]).toMatchObject({
    log: 'archive',
    sealed: 3,
    checked: 3,
    last: { leaves: 3, found: 0 },
  })
  await archiveAll(premises, services, [textMessage('再问一句')])
  await patrol.turn(10)
  expect((await integrityOf(premises)).logs[0]).toMatchObject({ sealed: 4, checked: 4 })
  // Another process, or this one after a restart, goes on where it stood.
  await patrol.stop()
  await patrolOf(premises).turn(10)
  expect((await integrityOf(premises)).logs[0]).toMatchObject({ checked: 4, last: { leaves: 3 } })
})

test('what differs is told at once, stands in the trail once, shows beside the message, and is cleared by a clean round', async () => {
  const { premises } = await archived()
  const patrol = patrolOf(premises)
  await spoil(premises, 'somebody')
  await patrol.turn(LONG_MS)
  const { items } = await findingsOf(premises)
  expect(items).toHaveLength(1)
  expect(items[0]).toMatchObject({
    log: 'archive',
    what: 'a column of the message or a link differs from its leaf',
  })
  const view = await integrityOf(premises)
  expect(view.level).toBe('alarm')
  const { rows } = await sql<{ conv: string; msgid: string }>`
    SELECT conv_id::text AS conv, src_msgid AS msgid FROM message WHERE direction = 'customer'`.execute(
    premises.db,
  )
  const ask = { convId: rows[0]?.conv ?? '', from: 0, to: Date.UTC(2099, 0, 1) }
  const seals = await sealsOf(premises, systemActor(premises.house, 'test'), ask)
  expect(seals.items.find(item => item.msgid === rows[0]?.msgid)?.problem).toBe(items[0]?.what)
  later()
  await patrol.turn(LONG_MS)
  const told = await list(premises.db, shellActor(premises.house, 'test'), {
    verb: 'archive.verified',
    limit: 10,
  })
  expect(told.items.map(entry => entry.detail.ok)).toEqual([false])
  await spoil(premises, CUSTOMER)
  later()
  await patrol.turn(LONG_MS)
  later()
  await patrol.turn(LONG_MS)
  expect((await findingsOf(premises)).total).toBe(0)
  expect((await integrityOf(premises)).level).toBe('ok')
})

test('a position somebody wrote is not believed, and a log that became shorter is told', async () => {
  const { premises } = await archived()
  const patrol = patrolOf(premises)
  await patrol.turn(LONG_MS)
  await sql`UPDATE integrity_walk SET state = replace(state, '"found":0', '"found":1')`.execute(
    premises.owner,
  )
  later()
  await patrol.turn(LONG_MS)
  expect((await integrityOf(premises)).logs[0]).toMatchObject({ checked: 3, last: { leaves: 3 } })
  await sql`DELETE FROM leaf WHERE log_id = 'archive' AND idx = 2`.execute(premises.owner)
  await sql`DELETE FROM checkpoint WHERE log_id = 'archive' AND size = 3`.execute(premises.owner)
  await patrol.turn(LONG_MS)
  expect((await findingsOf(premises)).items[0]).toMatchObject({
    index: 2,
    what: 'leaves from here to 2 are missing',
  })
})

test('every condition has a warning line, an alarm line, and is well without a measure', () => {
  for (const name of Object.keys(CONDITIONS) as ConditionName[]) {
    const { warn, alarm, worse } = CONDITIONS[name]
    const well = worse === 'more' ? warn - 0.5 : warn + 0.5
    expect([levelOf(name, null), levelOf(name, well), levelOf(name, alarm)], name).toEqual([
      'ok',
      'ok',
      'alarm',
    ])
    if (warn !== alarm) expect(levelOf(name, warn), name).toBe('warn')
  }
})

test('conditions are raised and cleared: sealing, the copy outside, grams, files, the clock', async () => {
  const { premises, services } = await archived()
  const look = async (): Promise<Record<string, string>> => {
    const found = await noteConditions(premises, await measure(premises))
    return Object.fromEntries(found.map(condition => [condition.name, condition.level]))
  }
  expect(await look()).toMatchObject({
    sealing: 'ok',
    outside: 'ok',
    grams: 'ok',
    media: 'ok',
    clock: 'ok',
    findings: 'ok',
  })
  await services.sealer.stop()

  const leaf = { kind: 'message', recordHash: Buffer.alloc(32), conv: '1', sentAt: 0, ref: 'x' }
  await inTransaction(premises.db, tx => logLeaves(tx, premises.house, 'archive', [leaf]))
  await sql`UPDATE leaf_pending SET queued_at = now() - interval '20 seconds'`.execute(premises.owner)
  const file = join(premises.config.ledgerDir, 'archive', 'checkpoint')
  const outside = readFileSync(file)
  rmSync(file)
  await sql`UPDATE checkpoint SET sealed_at = sealed_at - interval '10 minutes'`.execute(premises.owner)
  await sql`DELETE FROM message_gram`.execute(premises.owner)
  await noteGramGaps(premises)
  await sql`UPDATE message SET source = 'wecom', captured_at = now() - interval '1 hour 1 second'`.execute(
    premises.owner,
  )
  await sql`INSERT INTO message_media (corp_id, conv_id, sent_at, src_msgid, part, sdkfileid)
    SELECT corp_id, conv_id, sent_at, src_msgid, 'image', 'x' FROM message LIMIT 1`.execute(premises.owner)
  expect(await look()).toMatchObject({ sealing: 'warn', outside: 'alarm', grams: 'warn', media: 'warn' })
  await sql`UPDATE message SET captured_at = now() - interval '10 minutes', sent_at = now()`.execute(
    premises.owner,
  )
  expect(await look()).toMatchObject({ clock: 'warn' })

  await sql`DELETE FROM leaf_pending`.execute(premises.owner)
  writeFileSync(file, outside)
  expect(await rebuildGrams(premises.db, premises.house, () => undefined)).toBe(0)
  await sql`DELETE FROM message_media`.execute(premises.owner)
  await sql`UPDATE message SET captured_at = sent_at`.execute(premises.owner)
  expect(await look()).toMatchObject({ sealing: 'ok', outside: 'ok', media: 'ok', clock: 'ok' })
})

test('missing grams are made again, and a second run finds nothing to do', async () => {
  const { premises } = await archived()
  const { rows: before } = await sql<{ g: number[] }>`SELECT g FROM message_gram ORDER BY src_msgid`.execute(
    premises.db,
  )
  await sql`DELETE FROM message_gram`.execute(premises.owner)
  await noteGramGaps(premises)
  expect((await measure(premises)).grams).toBe(3)
  expect(await rebuildGrams(premises.db, premises.house, () => undefined)).toBe(3)
  expect(await rebuildGrams(premises.db, premises.house, () => undefined)).toBe(0)
  const { rows: again } = await sql<{ g: number[] }>`SELECT g FROM message_gram ORDER BY src_msgid`.execute(
    premises.db,
  )
  expect(again.map(row => row.g.toSorted())).toEqual(before.map(row => row.g.toSorted()))
  await noteGramGaps(premises)
  expect((await measure(premises)).grams).toBe(null)
})
