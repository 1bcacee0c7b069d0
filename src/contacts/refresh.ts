import { type Db, type House, inTransaction, now } from '../base/index.ts'
import { type DirectorySource, syncDirectory } from '../people/index.ts'
import { deleteWanted, insertGroupEvents, selectWanted, type Wanted } from './history-store.ts'
import { forgetNames } from './parties.ts'
import { type SourceContact, type SourceGroup, saveContacts, saveGroup } from './sync.ts'

/** Single look-ups; `wecomOutreach` is one. */
export type LookupSource = {
  contact(externalUserid: string): Promise<SourceContact[]>
  group(chatId: string): Promise<SourceGroup | null>
}

/** A burst of events asks for many; the rest waits for the next turn, within the limits of wecom-api.md §1.4. */
const AT_ONCE = 20

/** Ask WeCom again for just those whose events carried too little. Returns how many were asked for. */
export async function refreshWanted(
  db: Db,
  house: House,
  source: LookupSource,
  directory: DirectorySource,
): Promise<number> {
  const wanted = await selectWanted(db, house.corp, AT_ONCE)
  for (const one of wanted) {
    await refresh(db, house, source, directory, one)
    await deleteWanted(db, house.corp, one)
  }
  if (wanted.length > 0) forgetNames(house)
  return wanted.length
}

async function refresh(
  db: Db,
  house: House,
  source: LookupSource,
  directory: DirectorySource,
  { kind, id }: Wanted,
): Promise<void> {
  if (kind === 'directory') {
    await syncDirectory(db, house, directory)
  } else if (kind === 'contact') {
    const follows = await source.contact(id)
    if (follows.length > 0) await inTransaction(db, tx => saveContacts(tx, house, follows))
  } else {
    const group = await source.group(id)
    await inTransaction(db, async tx => {
      if (group) return saveGroup(tx, house, group)
      const seen = { chatId: id, party: '', source: 'reconcile' as const, effectiveAt: now() }
      await insertGroupEvents(tx, house.corp, [{ ...seen, kind: 'dismissed' }])
    })
  }
}
