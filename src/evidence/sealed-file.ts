import { createHash } from 'node:crypto'
import { type Blobs, type Db, fail, type House, hash63, open, seal } from '../base/index.ts'

/** A package stands in pieces of this size, each sealed under a key of the package's own. */
const PIECE_BYTES = 1 << 20
/** Before every month of messages, so that no conversation's key can be taken for a package's. */
const MONTH = '0001-01-01'

type Place = { id: string; attempt: number }

const scopeOf = (id: string) => ({ conv: hash63('tongjian evidence v1', id), month: MONTH })
const nameOf = (place: Place, n: number): string => `${place.id}/${place.attempt}/${n}`
const contextOf = (house: House, place: Place, n: number): string =>
  `evidence|${house.corp}|${place.id}|${place.attempt}|${n}`

export type SealedFile = {
  write(bytes: Uint8Array): Promise<void>
  finish(): Promise<{ bytes: number; sha256: Buffer; pieces: number }>
}

/** Write a package away, sealed, piece by piece; nothing of it is in clear on disk. */
export async function sealedFile(db: Db, house: House, blobs: Blobs, place: Place): Promise<SealedFile> {
  const [key] = await house.keys.forScopes(db, [scopeOf(place.id)])
  if (!key) throw fail('key.missing', { evidence: place.id })
  const hash = createHash('sha256')
  let held: Uint8Array[] = []
  let heldBytes = 0
  let bytes = 0
  let pieces = 0
  const put = async (piece: Buffer): Promise<void> => {
    await blobs.put(nameOf(place, pieces), seal(key.key, piece, contextOf(house, place, pieces)))
    pieces += 1
  }
  return {
    async write(chunk) {
      hash.update(chunk)
      bytes += chunk.length
      // A copy: whoever writes may use its buffer again.
      held.push(Buffer.from(chunk))
      heldBytes += chunk.length
      if (heldBytes < PIECE_BYTES) return
      const whole = Buffer.concat(held)
      let at = 0
      for (; at + PIECE_BYTES <= whole.length; at += PIECE_BYTES)
        await put(whole.subarray(at, at + PIECE_BYTES))
      held = at < whole.length ? [whole.subarray(at)] : []
      heldBytes = whole.length - at
    },
    async finish() {
      if (heldBytes > 0 || pieces === 0) await put(Buffer.concat(held))
      return { bytes, sha256: hash.digest(), pieces }
    },
  }
}

/** The bytes of a sealed package. `blob.missing` or `key.wrong` when they are not what was put away. */
export async function* openSealed(
  db: Db,
  house: House,
  blobs: Blobs,
  place: Place,
  pieces: number,
): AsyncGenerator<Buffer> {
  const scope = scopeOf(place.id)
  await house.keys.load(db, [scope])
  const { key } = house.keys.cached(scope.conv, scope.month)
  for (let n = 0; n < pieces; n += 1) {
    const sealed = await blobs.get(nameOf(place, n))
    if (sealed === null) throw fail('blob.missing', { piece: n })
    yield open(key, sealed, contextOf(house, place, n))
  }
}

/** Remove the pieces of an attempt; of one that was cut short, as many as there are. */
export async function dropSealed(blobs: Blobs, place: Place, pieces: number | null): Promise<void> {
  for (let n = 0; pieces === null || n < pieces; n += 1) {
    const name = nameOf(place, n)
    if (pieces === null && (await blobs.get(name)) === null) return
    await blobs.remove(name)
  }
}
