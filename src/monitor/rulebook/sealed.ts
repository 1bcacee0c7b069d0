import { type Db, type House, open, seal } from '../../base/index.ts'

/** Texts of rules, reasons and test failures: sealed under the institution's key and bound to their row. */
type Kind = 'text' | 'why' | 'test' | 'return' | 'version' | 'versionWhy' | 'acknowledged' | 'act'

const context = (house: House, kind: Kind, id: string): string => `rulebook-${kind}|${house.corp}|${id}`

export async function sealText(db: Db, house: House, kind: Kind, id: string, text: string): Promise<Buffer> {
  return seal((await house.keys.own(db)).key, text, context(house, kind, id))
}

export async function openText(
  db: Db,
  house: House,
  kind: Kind,
  id: string,
  sealed: Buffer,
): Promise<string> {
  return open((await house.keys.own(db)).key, sealed, context(house, kind, id)).toString('utf8')
}
