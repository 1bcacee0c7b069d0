import type { Db, House } from '../base/index.ts'
import { partiesOf } from '../contacts/index.ts'
import type { Party } from '../people/index.ts'
import { factsOf, mediaOf, type Normal } from '../wecom/index.ts'
import type { MessageView } from './contract.ts'
import type { Opened } from './read.ts'

/** Opened messages as the screens show them: names resolved and masked, cards with their facts. */
export async function viewsOf(db: Db, house: House, opened: Opened[]): Promise<MessageView[]> {
  const parties = await partiesOf(
    db,
    house,
    opened.map(message => message.from),
  )
  return opened.map(message => viewOf(message, parties))
}

function viewOf(message: Opened, parties: Map<string, Party>): MessageView {
  const { normal } = message
  return {
    key: message.key,
    kind: message.kind,
    action: message.action,
    direction: message.direction,
    from: partyIn(parties, message.from),
    capturedAt: message.capturedAt,
    recalledAt: message.recalledAt,
    recalls: message.recalls,
    texts: message.texts,
    facts: normal ? factsOf(normal) : [],
    attachment: normal ? attachmentOf(normal, message) : null,
    ledgerIndex: message.ledgerIndex,
  }
}

function attachmentOf(normal: Normal, message: Opened): MessageView['attachment'] {
  const first = mediaOf(normal)[0]
  if (!first) return null
  const state = message.media.find(media => media.part === first.part)?.state
  return {
    name: first.name,
    size: numberOr(normal.meta.size),
    seconds: numberOr(normal.meta.seconds),
    part: first.part,
    state: shownState(state),
  }
}

/** Bytes that differ from what the message promised are there to be looked at all the same. */
function shownState(state: string | undefined): 'waiting' | 'stored' | 'missing' {
  if (state === undefined || state === 'waiting') return 'waiting'
  return state === 'expired' || state === 'failed' ? 'missing' : 'stored'
}

function numberOr(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}

/** A party that nobody told us of is shown by its id, never left out. */
export function partyIn(parties: Map<string, Party>, id: string): Party {
  return parties.get(id) ?? { id, kind: 'unknown', name: id, department: null }
}
