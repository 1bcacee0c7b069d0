import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { archiveAll, textMessage } from '../../test/support/messages.ts'
import { testPremises, testServices } from '../../test/support/premises.ts'
import { transcriptQuery } from '../archive/contract.ts'
import { readTranscript } from '../archive/transcript.ts'
import { inTransaction, KeyRing, keyMonth, openDb, shellActor, sql } from '../base/index.ts'

const MARCH = Date.UTC(2026, 2, 10, 2)

test('a running server stops opening what another process destroyed, within moments, and says so with the date', async () => {
  const premises = await testPremises()
  const services = await testServices(premises)
  const { db, house, database } = premises
  await archiveAll(premises, services, [
    textMessage('三月的一句话', { msgtime: MARCH }),
    textMessage('别处的一句话', { msgtime: MARCH, tolist: ['boss'] }),
  ])
  const { rows } = await sql<{ conv: string; to: string }>`
    SELECT conv_id::text AS conv, meta->'to'->>0 AS to FROM message ORDER BY meta->'to'->>0`.execute(db)
  const [other, gone] = rows
  if (!other || !gone) throw new Error('nothing was archived')
  const scope = { conv: gone.conv, month: keyMonth(MARCH) }
  house.keys.cached(scope.conv, scope.month)
  const purge = openDb(database.purgeUrl, { max: 1 })
  onTestFinished(() => purge.close())
  const elsewhere = new KeyRing(1, house.keys.masters)
  expect(await inTransaction(purge.db, tx => elsewhere.shred(tx, [scope]))).toBe(1)
  const from = performance.now()
  while (opens()) await wait(5)
  expect(performance.now() - from).toBeLessThan(5000)

  function opens(): boolean {
    try {
      return house.keys.cached(scope.conv, scope.month).id !== ''
    } catch (error) {
      expect(error).toMatchObject({
        code: 'key.shredded',
        details: { ...scope, at: expect.stringMatching(/^\d{4}-/) },
      })
      return false
    }
  }
  const actor = shellActor(house, 'test')
  const read = (conv: string) => readTranscript(db, actor, conv, transcriptQuery.parse({}))
  await expect(read(gone.conv)).rejects.toMatchObject({ code: 'key.shredded', status: 410 })
  expect((await read(other.conv)).items).toHaveLength(1)
})
