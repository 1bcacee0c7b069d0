import { type Actor, fail, type Tx } from '../base/index.ts'
import { authorise } from '../people/index.ts'
import { record } from '../trail/index.ts'
import { openPart } from './sealed.ts'
import { selectContacts } from './store.ts'

/** A customer's name in clear, for a reason. The look and its reason are in the trail, in the same transaction. */
export async function reveal(
  tx: Tx,
  actor: Actor,
  input: { id: string; reason: string },
): Promise<{ id: string; name: string }> {
  authorise(actor, 'contact.reveal')
  const { house } = actor
  const [contact] = await selectContacts(tx, house.corp, [input.id])
  if (!contact) throw fail('thing.missing', { contact: input.id })
  const { key } = await house.keys.own(tx)
  const { name } = openPart(house, key, 'contact', contact)
  const thing = { kind: 'contact', id: contact.id }
  await record(tx, actor, { verb: 'contact.revealed', thing, detail: { reason: input.reason } })
  return { id: contact.id, name }
}
