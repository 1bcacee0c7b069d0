import {
  type Actor,
  type Blobs,
  causeOf,
  type Db,
  fail,
  type House,
  inTransaction,
  newId,
  now,
  repeat,
  systemActor,
} from '../base/index.ts'
import { authorise } from '../people/index.ts'
import { record } from '../trail/index.ts'
import { moved } from './request.ts'
import { dropSealed, openSealed } from './sealed-file.ts'
import {
  insertDownload,
  markExpired,
  type PackageRow,
  selectByNumber,
  selectDue,
  selectPackage,
} from './store.ts'
import { mayTake } from './view.ts'

export type PackageFile = { name: string; size: number; bytes(): AsyncGenerator<Buffer> }

/** The finished package, for one of the two who answer for it. Each time is written down before the first byte goes. */
export async function takePackage(
  db: Db,
  actor: Actor,
  packages: Blobs,
  which: { id: string } | { number: string },
): Promise<PackageFile> {
  authorise(actor, 'evidence.download')
  const { house } = actor
  const row =
    'id' in which
      ? await selectPackage(db, house.corp, which.id)
      : await selectByNumber(db, house.corp, which.number)
  if (!row) throw fail('thing.missing', { evidence: 'id' in which ? which.id : which.number })
  if (!mayTake(actor, row)) throw fail('auth.denied', { verb: 'evidence.download' })
  const { fileBytes, pieces } = row
  const over = row.expiresAt !== null && row.expiresAt <= now()
  if (row.state !== 'ready' || over || fileBytes === null || pieces === null)
    throw fail('evidence.moved', { state: over ? 'expired' : row.state })
  await inTransaction(db, async tx => {
    await insertDownload(tx, house.corp, { id: newId(), package: row.id, by: actor.name, at: now() })
    await record(tx, actor, {
      verb: 'evidence.downloaded',
      thing: { kind: 'evidence', id: row.number },
      detail: { bytes: fileBytes },
    })
  })
  return {
    name: `${row.number}.zip`,
    size: fileBytes,
    bytes: () => openSealed(db, house, packages, row, pieces),
  }
}

/** Files whose time is over go; the record of who asked, who approved and who took it stays. */
export async function expireDue(db: Db, house: House, packages: Blobs): Promise<number> {
  const due = await selectDue(db, house.corp, now())
  for (const row of due) await expire(db, house, packages, row)
  return due.length
}

async function expire(db: Db, house: House, packages: Blobs, due: PackageRow): Promise<void> {
  const gone = await inTransaction(db, async tx => {
    const row = await selectPackage(tx, house.corp, due.id, { lock: true })
    if (row?.state !== 'ready') return false
    moved(row, 'expire')
    await markExpired(tx, house.corp, row.id, now())
    await record(tx, systemActor(house, 'evidence'), {
      verb: 'evidence.expired',
      thing: { kind: 'evidence', id: row.number },
      detail: {},
    })
    return true
  })
  if (gone) await dropSealed(packages, due, due.pieces)
}

const LOOK_MS = 60_000

/** Once a minute. */
export function startExpiry(db: Db, house: House, packages: Blobs): { stop(): Promise<void> } {
  return repeat(
    LOOK_MS,
    0,
    async () => {
      await expireDue(db, house, packages)
    },
    error => house.log.error({ error: causeOf(error) }, 'packages could not be removed at their time'),
  )
}
