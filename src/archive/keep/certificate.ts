import { createHash } from 'node:crypto'
import { type Actor, type Db, fail, inTransaction, sql } from '../../base/index.ts'
import { canonicalJson } from '../../ledger/index.ts'
import { authorise } from '../../people/index.ts'
import { record } from '../../trail/index.ts'
import type { DestructionView } from './contract.ts'
import { selectDestroyed, selectDestruction } from './purge-store.ts'

/** A certificate of destruction with its whole hash list; the look is in the trail. */
export async function readDestruction(db: Db, actor: Actor, id: string): Promise<DestructionView> {
  authorise(actor, 'retention.read')
  const { house } = actor
  return inTransaction(db, async tx => {
    const row = await selectDestruction(tx, house.corp, id)
    if (!row) throw fail('thing.missing', { destruction: id })
    const list = await selectDestroyed(tx, house.corp, id, null)
    await record(tx, actor, {
      verb: 'destruction.read',
      thing: { kind: 'purge', id },
      detail: { number: row.certificate.number },
    })
    return {
      certificate: row.certificate,
      sha256: createHash('sha256').update(canonicalJson(row.certificate)).digest('hex'),
      ledgerIndex: await indexOf(tx, house.corp, id),
      list: list.map(({ digest, ...rest }) => ({ ...rest, digest: digest.toString('hex') })),
    }
  })
}

async function indexOf(db: Db, corp: number, ref: string): Promise<number | null> {
  const { rows } = await sql<{ idx: number }>`
    SELECT idx FROM leaf WHERE corp_id = ${corp} AND log_id = 'archive' AND conv_id = 0 AND sent_at = 'epoch' AND ref = ${ref}
      AND kind = 'destruction' LIMIT 1`.execute(db)
  return rows[0]?.idx ?? null
}
