import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { archiveAll, textMessage } from '../../test/support/messages.ts'
import { type TestPremises, testPremises, testServices } from '../../test/support/premises.ts'
import { shellActor, sql } from '../base/index.ts'
import type { MessageKey, MessageProof } from './contract.ts'
import { proveMessage } from './prove.ts'

const VERIFY = new URL('../../test/second-verifier/verify.py', import.meta.url).pathname

async function archived(n: number): Promise<{ premises: TestPremises; keys: MessageKey[] }> {
  const premises = await testPremises()
  const services = await testServices(premises)
  await archiveAll(
    premises,
    services,
    Array.from({ length: n }, (_, i) => textMessage(`第 ${i} 条 "\u001f😀`)),
  )
  await services.stop()
  const { rows } = await sql<MessageKey>`
    SELECT conv_id::text AS "convId", (extract(epoch FROM sent_at) * 1000)::bigint AS "sentAt", src_msgid AS msgid
    FROM message ORDER BY sent_at, src_msgid`.execute(premises.owner)
  return { premises, keys: rows }
}
const prove = (premises: TestPremises, key: MessageKey) =>
  proveMessage(premises.db, shellActor(premises.house, 'test'), premises.outside, key)

function python(premises: TestPremises, proof: MessageProof, verifier = proof.verifier): string {
  const file = join(premises.folder, 'proof.json')
  writeFileSync(file, JSON.stringify(proof))
  try {
    return execFileSync('python3', ['-I', VERIFY, file, verifier], { encoding: 'utf8' })
  } catch (error) {
    return String((error as { stdout: unknown }).stdout)
  }
}

test('the proof of a message is accepted by a program that is not ours, and refused when any part is changed', async () => {
  const { premises, keys } = await archived(9)
  const key = keys[4]!
  const proof = await prove(premises, key)
  expect(proof.record.envelope).toMatchObject({ msgid: key.msgid, kind: 'text' })
  expect(JSON.stringify(proof)).not.toContain('第 4 条')
  expect(python(premises, proof)).toContain('"ok": true')
  const alterations: Partial<MessageProof>[] = [
    { record: { ...proof.record, envelope: { ...proof.record.envelope, from: 'somebody' } } },
    { record: { ...proof.record, commitment: '00'.repeat(32) } },
    { leaf: { ...proof.leaf, index: proof.leaf.index - 1 } },
    { proof: proof.proof.toReversed() },
    { checkpoint: { ...proof.checkpoint, note: proof.checkpoint.note.replace('\n9\n', '\n8\n') } },
    { checkpoint: { ...proof.checkpoint, size: 8 } },
  ]
  for (const altered of alterations)
    expect(python(premises, { ...proof, ...altered })).toContain('"ok": false')
  const other = (await testPremises({ WECOM_CORPID: '' })).outside
  expect(other.verifier.keyHash.equals(premises.outside.verifier.keyHash)).toBe(false)
  const { noteVerifierToString } = await import('../ledger/index.ts')
  expect(python(premises, proof, noteVerifierToString(other.verifier))).toContain('no signature by this key')
  const { rows } = await sql<{ n: number }>`
    SELECT count(*) AS n FROM trail_entry WHERE verb = 'proof.issued'`.execute(premises.owner)
  expect(rows[0]?.n).toBe(1)
})

test('a message that was altered is not proved, and one that does not exist is missing', async () => {
  const { premises, keys } = await archived(3)
  const [first, second, third] = keys
  await sql`UPDATE message SET from_party = 'somebody' WHERE src_msgid = ${first!.msgid}`.execute(
    premises.owner,
  )
  await expect(prove(premises, first!)).rejects.toMatchObject({ code: 'ledger.fork' })
  await sql`UPDATE leaf SET record_hash = ${Buffer.alloc(32)} WHERE ref = ${second!.msgid}`.execute(
    premises.owner,
  )
  await expect(prove(premises, second!)).rejects.toMatchObject({ code: 'ledger.fork' })
  await expect(prove(premises, { ...third!, msgid: 'none' })).rejects.toMatchObject({ code: 'thing.missing' })
  expect(python(premises, await prove(premises, third!))).toContain('"ok": true')
})

test('without the copy outside the proof is made from the database, against the checkpoint it holds', async () => {
  const { premises, keys } = await archived(5)
  const before = await prove(premises, keys[2]!)
  rmSync(join(premises.config.ledgerDir, 'archive', 'tile'), { recursive: true })
  expect(await prove(premises, keys[2]!)).toEqual(before)
  rmSync(join(premises.config.ledgerDir, 'archive'), { recursive: true })
  const after = await prove(premises, keys[2]!)
  expect(after.proof).toEqual(before.proof)
  expect(python(premises, after)).toContain('"ok": true')
})
