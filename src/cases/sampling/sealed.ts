import { type Db, type House, open, seal, type Tx } from '../../base/index.ts'

/** Words that people write about samples and findings, each bound to its row. */
export async function sealWords(tx: Tx, house: House, context: string, text: string): Promise<Buffer> {
  const own = await house.keys.own(tx)
  return seal(own.key, text, `${context}|${house.corp}`)
}

/** Null where nothing was written, or it was destroyed with the messages it speaks of. */
export async function openWords(
  db: Db,
  house: House,
  context: string,
  sealed: Buffer | null,
): Promise<string | null> {
  if (sealed === null || sealed.length === 0) return null
  const own = await house.keys.own(db)
  return open(own.key, sealed, `${context}|${house.corp}`).toString('utf8')
}
