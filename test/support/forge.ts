import { createHash, generateKeyPairSync } from 'node:crypto'
import { sql } from 'kysely'
import { formatCheckpoint, hashLeaf, recordHash, rootOf, signNote } from '../../src/ledger/index.ts'
import type { TestPremises } from './premises.ts'

/**
 * What an intruder with every SQL right can do, who knows our code but not the keys outside the database: alter the
 * message of one leaf, recompute its record hash, every leaf after it, and every checkpoint, consistently.
 */
export async function forge(premises: Pick<TestPremises, 'owner' | 'outside'>, index: number): Promise<void> {
  const { owner } = premises
  const fake = recordHash(1, 'message', { forged: index }, createHash('sha256').update('forged').digest())
  await sql`UPDATE message SET from_party = 'somebody' WHERE src_msgid = (SELECT ref FROM leaf WHERE log_id = 'archive' AND idx = ${index})`.execute(
    owner,
  )
  await sql`UPDATE leaf SET record_hash = ${fake} WHERE log_id = 'archive' AND idx = ${index}`.execute(owner)
  const { rows } = await sql<{
    hash: Buffer
  }>`SELECT record_hash AS hash FROM leaf WHERE log_id = 'archive' ORDER BY idx`.execute(owner)
  const sizes = await sql<{
    size: number
  }>`SELECT size FROM checkpoint WHERE log_id = 'archive' AND size > ${index} ORDER BY size`.execute(owner)
  const { privateKey } = generateKeyPairSync('ed25519')
  for (const { size } of sizes.rows) {
    const root = rootOf(rows.slice(0, Number(size)).map(row => hashLeaf(row.hash)))
    const name = premises.outside.signer.name
    const note = signNote(formatCheckpoint({ origin: `${name}/archive`, size: Number(size), root }), {
      name,
      privateKey,
    })
    await sql`UPDATE checkpoint SET root = ${root}, note = ${note} WHERE log_id = 'archive' AND size = ${size}`.execute(
      owner,
    )
  }
}
