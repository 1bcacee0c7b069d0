import { fail } from './errors.ts'
import type { MasterKey } from './master-key.ts'
import { open, seal } from './seal.ts'

/**
 * A data key as it stands in the table: 0x80 ‖ fingerprint of its master key, 8 bytes ‖ sealed. Before rotation
 * existed it was sealed alone; such a one begins with the version of sealed bytes, 1, and names nobody.
 */
const NAMED = 0x80
const ID_BYTES = 8

type Row = { conv: string; month: string; id: string }

function contextOf(corp: number, { conv, month, id }: Row): string {
  return `${corp}|${conv}|${month}|${id}`
}

export function wrap(master: MasterKey, secret: Uint8Array, corp: number, row: Row): Buffer {
  const sealed = seal(master.key, secret, contextOf(corp, row))
  return Buffer.concat([Buffer.of(NAMED), Buffer.from(master.id, 'hex'), sealed])
}

/** The fingerprint of the master key that opens it; undefined for one that names nobody. */
export function masterOf(wrapped: Buffer): string | undefined {
  return wrapped[0] === NAMED ? wrapped.subarray(1, 1 + ID_BYTES).toString('hex') : undefined
}

/** The secret of a data key, by whichever of `masters` opens it. `key.wrong` names the master key that is needed. */
export function unwrap(
  masters: readonly (MasterKey | undefined)[],
  wrapped: Buffer,
  corp: number,
  row: Row,
): Buffer {
  const needed = masterOf(wrapped)
  const sealed = needed ? wrapped.subarray(1 + ID_BYTES) : wrapped
  for (const master of masters) {
    if (!master) continue
    try {
      return open(master.key, sealed, contextOf(corp, row))
    } catch {
      // Another one may open it.
    }
  }
  const held = masters.some(master => master !== undefined)
  const hint = needed
    ? held
      ? `the data key of ${row.conv} in ${row.month} was altered: master key ${needed} is here and does not open it`
      : `this data was sealed under master key ${needed}, which this process was not given`
    : 'none of the master keys this process was given opens it'
  throw fail('key.wrong', { hint, ...(needed ? { master: needed } : {}) })
}
