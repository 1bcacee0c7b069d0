import { type Db, type House, open, seal } from '../../base/index.ts'
import type { CardFace } from '../../wecom/index.ts'

/** A card to be changed: whose, with what code, to what. The face holds names, masked or of colleagues. */
export type CardChange = { userid: string; code: string; face: CardFace }
export type PressInside = { from: string; code: string }

const context = (what: string, house: House, id: string): string => `delivery ${what}|${house.corp}|${id}`

async function sealText(db: Db, house: House, what: string, id: string, text: string): Promise<Buffer> {
  return seal((await house.keys.own(db)).key, text, context(what, house, id))
}
async function openText(db: Db, house: House, what: string, id: string, sealed: Buffer): Promise<string> {
  return open((await house.keys.own(db)).key, sealed, context(what, house, id)).toString('utf8')
}

export const sealCode = (db: Db, house: House, id: string, code: string): Promise<Buffer> =>
  sealText(db, house, 'code', id, code)
export const openCode = (db: Db, house: House, id: string, sealed: Buffer): Promise<string> =>
  openText(db, house, 'code', id, sealed)

export const sealUpdate = (db: Db, house: House, id: string, change: CardChange): Promise<Buffer> =>
  sealText(db, house, 'update', id, JSON.stringify(change))
export const openUpdate = async (db: Db, house: House, id: string, sealed: Buffer): Promise<CardChange> =>
  JSON.parse(await openText(db, house, 'update', id, sealed)) as CardChange

export const sealPress = (db: Db, house: House, id: string, press: PressInside): Promise<Buffer> =>
  sealText(db, house, 'press', id, JSON.stringify(press))
export const openPress = async (db: Db, house: House, id: string, sealed: Buffer): Promise<PressInside> =>
  JSON.parse(await openText(db, house, 'press', id, sealed)) as PressInside
