import { type Db, type House, open, seal } from '../../base/index.ts'

/** Words people write about holds, classes and purges: sealed under the institution's key, bound to their row. */
type Sealed = {
  hold: { reason: string; caseNo: string; q?: string | undefined }
  holdRelease: { reason: string }
  class: { note: string }
  classEnd: { reason: string }
  purge: { reason: string }
  purgeDecision: { reason: string }
}

const context = (house: House, kind: keyof Sealed, id: string): string => `keep-${kind}|${house.corp}|${id}`

export async function sealWords<K extends keyof Sealed>(
  db: Db,
  house: House,
  kind: K,
  id: string,
  words: Sealed[K],
): Promise<Buffer> {
  return seal((await house.keys.own(db)).key, JSON.stringify(words), context(house, kind, id))
}

export async function openWords<K extends keyof Sealed>(
  db: Db,
  house: House,
  kind: K,
  id: string,
  sealed: Buffer,
): Promise<Sealed[K]> {
  const plain = open((await house.keys.own(db)).key, sealed, context(house, kind, id))
  return JSON.parse(plain.toString('utf8')) as Sealed[K]
}
