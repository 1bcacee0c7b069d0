import { type Db, type House, keyMonth } from '../base/index.ts'
import { conversationId, type Incoming } from './prepare.ts'
import { selectByMsgid } from './store.ts'

/** Messages by what became of their conversation-month. */
type Sorted = {
  /** May be sealed and archived. */
  open: Incoming[]
  /** Archived once and destroyed since: they come again from a backup or a re-pull, and change nothing. */
  again: Incoming[]
  /** Never seen, and the key of their month is gone: nothing may be lost and nothing can be sealed with it. */
  late: Incoming[]
}

/** Sort out what belongs to months whose key was destroyed on purpose, so that one such message stops no batch. */
export async function sortDestroyed(db: Db, house: House, batch: Incoming[]): Promise<Sorted> {
  const scopes = batch.map(({ normal }) => ({
    conv: conversationId(house, normal),
    month: keyMonth(normal.sentAt),
  }))
  const gone = await house.keys.destroyed(db, scopes)
  if (!gone.includes(true)) return { open: batch, again: [], late: [] }
  const among = batch.filter((_, i) => gone[i])
  const stored = await selectByMsgid(
    db,
    house.corp,
    among.map(({ normal }) => normal.msgid),
  )
  const known = new Set(stored.map(row => row.msgid))
  return {
    open: batch.filter((_, i) => !gone[i]),
    again: among.filter(({ normal }) => known.has(normal.msgid)),
    late: among.filter(({ normal }) => !known.has(normal.msgid)),
  }
}
