import { type Actor, type Db, type House, inTransaction } from '../base/index.ts'
import { type Choice, partiesOf, type Refuser, refusersOf } from '../contacts/index.ts'
import { authorise } from '../people/index.ts'
import { record } from '../trail/index.ts'
import { conversationId } from './prepare.ts'
import type { RefusedList } from './refusal-contract.ts'
import { type DroppedRow, selectFlagged } from './unlock-store.ts'
import { partyIn } from './view.ts'

const SHOWN = 500

/** Customers who refuse or once refused, and what was not kept because of it; masked. The look is in the trail. */
export async function listRefused(db: Db, actor: Actor): Promise<RefusedList> {
  authorise(actor, 'notice.read')
  const { house } = actor
  return inTransaction(db, async tx => {
    const refusers = await refusersOf(tx, house)
    const events = refusers.flatMap(one => one.choices.map(choice => choice.id))
    const flagged = Map.groupBy(await selectFlagged(tx, house.corp, events), row => row.event)
    const shown = refusers.slice(0, SHOWN)
    const names = await partiesOf(tx, house, shown.flatMap(idsOf))
    await record(tx, actor, {
      verb: 'consent.listed',
      thing: { kind: 'notice', id: 'refused' },
      detail: { shown: shown.length },
    })
    return {
      policy: {
        mode: house.archiveBasis === undefined ? 'metadata' : 'archive',
        basis: house.archiveBasis ?? null,
      },
      total: refusers.length,
      items: shown.map(one => rowOf(house, one, flagged, names)),
    }
  })
}

function idsOf({ externalUserid, today }: Refuser): string[] {
  return [externalUserid, ...today.flatMap(choice => choice.chatId ?? choice.userid ?? [])]
}

function rowOf(
  house: House,
  one: Refuser,
  flagged: Map<string, DroppedRow[]>,
  names: Parameters<typeof partyIn>[0],
): RefusedList['items'][number] {
  const rows = one.choices.flatMap(choice => flagged.get(choice.id) ?? [])
  const dropped = rows.filter(row => row.word === 'refused')
  const sum = (word: string): number =>
    rows.filter(row => row.word === word).reduce((all, row) => all + row.messages, 0)
  const { newest } = one
  return {
    customer: partyIn(names, one.externalUserid),
    state: one.state,
    choice: newest.state,
    since: newest.effectiveAt,
    learntAt: newest.recordedAt,
    source: newest.source,
    scopes: one.today.flatMap(choice => scopeOf(house, one.externalUserid, choice, names)),
    dropped: sum('refused'),
    droppedFrom: dropped.length === 0 ? null : Math.min(...dropped.map(row => row.first)),
    droppedTo: dropped.length === 0 ? null : Math.max(...dropped.map(row => row.last)),
    byLaw: sum('by_law'),
    others: sum('others'),
  }
}

/** The conversation a choice concerns: its number can be computed. One towards everybody has none of its own. */
function scopeOf(
  house: House,
  customer: string,
  { userid, chatId }: Choice,
  names: Parameters<typeof partyIn>[0],
): RefusedList['items'][number]['scopes'] {
  const other = chatId ?? userid
  if (other === null) return []
  const conversation = chatId === null ? [customer, other].sort() : [`room:${chatId}`]
  return [{ party: partyIn(names, other), convId: conversationId(house, { conversation }) }]
}
