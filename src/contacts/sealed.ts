import type { KeyObject } from 'node:crypto'
import { type House, open, seal } from '../base/index.ts'

/** What stands sealed in each table. Add fields, never rename one: old rows stay as they are. */
type Sealed = {
  contact: { name: string; corpName: string }
  follow: { remark: string; state: string }
  group: { name: string }
  groupEvent: { name: string; was?: string }
  notice: { code: string }
  noticeText: { text: string }
  consentPaper: { channel: string; reference: string; note: string; fileName: string | null }
}

/** Seal the private part of a row, bound to the row's identity. */
export function sealPart<K extends keyof Sealed>(
  house: House,
  key: KeyObject,
  kind: K,
  id: string,
  part: Sealed[K],
): Buffer {
  return seal(key, JSON.stringify(part), context(house, kind, id))
}

export function openPart<K extends keyof Sealed>(
  house: House,
  key: KeyObject,
  kind: K,
  row: { id: string; sealed: Buffer },
): Sealed[K] {
  return JSON.parse(open(key, row.sealed, context(house, kind, row.id)).toString()) as Sealed[K]
}

/** The identity of a follow, which is a pair. */
export function followId(follow: { userid: string; id: string }): string {
  return `${follow.userid}|${follow.id}`
}

function context(house: House, kind: keyof Sealed, id: string): string {
  return `${kind}|${house.corp}|${id}`
}
