import { type Db, type House, open, seal, type Tx } from '../../base/index.ts'

/** What stands sealed of a complaint: the customer's words, who he is, how he is reached. */
export type Words = { text: string; name: string; contact: string }
type Part = 'words' | 'step' | 'extension' | 'decision'

const context = (house: House, part: Part, id: string): string => `complaint|${house.corp}|${part}|${id}`

export async function sealPart(tx: Tx, house: House, part: Part, id: string, text: string): Promise<Buffer> {
  const { key } = await house.keys.own(tx)
  return seal(key, text, context(house, part, id))
}

export async function openParts(
  db: Db,
  house: House,
): Promise<(part: Part, id: string, sealed: Buffer) => string> {
  const { key } = await house.keys.own(db)
  return (part, id, sealed) => open(key, sealed, context(house, part, id)).toString('utf8')
}

export async function openWords(
  db: Db,
  house: House,
  row: { id: string; wordsSealed: Buffer },
): Promise<Words> {
  const opened = await openParts(db, house)
  return JSON.parse(opened('words', row.id, row.wordsSealed)) as Words
}
