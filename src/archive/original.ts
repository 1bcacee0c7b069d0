import { type Actor, type Db, fail, inTransaction } from '../base/index.ts'
import { record } from '../trail/index.ts'
import type { MessageKey, MessageView } from './contract.ts'
import { readMessages } from './read.ts'
import { authoriseConversation } from './transcript.ts'
import { viewsOf } from './view.ts'

/** The words of one message, a recalled one above all, for a person who may read its conversation. The look is in the trail. */
export async function readOriginal(db: Db, actor: Actor, key: MessageKey): Promise<MessageView> {
  return inTransaction(db, async tx => {
    await authoriseConversation(tx, actor, key.convId)
    const [view] = await viewsOf(tx, actor.house, await readMessages(tx, actor.house, [key]))
    if (!view) throw fail('thing.missing', { message: key.msgid })
    await record(tx, actor, {
      verb: 'original.opened',
      thing: { kind: 'conversation', id: key.convId },
      detail: { msgid: key.msgid, sentAt: key.sentAt, recalled: view.recalledAt !== null },
    })
    return view
  })
}
