import { conversationId, readMessages, readTranscript } from '../../archive/index.ts'
import { type Actor, type Db, inTransaction, now } from '../../base/index.ts'
import { partiesOf } from '../../contacts/index.ts'
import { customerSignals, type RuleSet } from '../../monitor/index.ts'
import { authorise, departmentsOf, directoryOf } from '../../people/index.ts'
import { sightOf } from '../judge.ts'
import { selectReviews } from '../store.ts'
import { rowsOf } from '../view.ts'
import { BEFORE_DAYS, type ComplaintBefore, type ComplaintSignal } from './contract.ts'
import { complainedIn, type Stored } from './store.ts'
import { visibleComplaint } from './view.ts'

const DAY = 86_400_000
const MOST = 100
/** Words by which a customer complains; the other signals of this kind only ask us to stop writing. */
const SIGNALS = ['COMPLAINT-01', 'COMPLAINT-03'] as const
const SHOWN_SIGNALS = 50

/** What was said and what was alerted in the thirty days before, as it stood when the complaint came. */
export async function readBefore(db: Db, actor: Actor, set: RuleSet, id: string): Promise<ComplaintBefore> {
  const row = await inTransaction(db, tx => visibleComplaint(tx, actor, id))
  const since = row.receivedAt - BEFORE_DAYS * DAY
  const convId = conversationOf(actor, row)
  const messages = convId === null ? [] : await talkOf(db, actor, convId, { since, until: row.receivedAt })
  return { convId, messages, alerts: await alertsBefore(db, actor, set, row, since) }
}

function conversationOf({ house }: Actor, { message, staff, customer }: Stored): string | null {
  if (message) return message.convId
  if (staff === null || customer === null) return null
  return conversationId(house, { conversation: [staff, customer].sort() })
}

/** Alerts of the person, whoever he wrote to. What is hidden from the chain above stays hidden here. */
async function alertsBefore(
  db: Db,
  actor: Actor,
  set: RuleSet,
  { staff, receivedAt }: Stored,
  since: number,
): Promise<ComplaintBefore['alerts']> {
  if (staff === null) return []
  const reviews = await selectReviews(db, actor.house.corp, {
    ...{ state: 'all', staff, sight: sightOf(actor), by: actor.name, after: null, limit: MOST },
  })
  const near = reviews.filter(one => one.sentAt >= since && one.sentAt <= receivedAt)
  return rowsOf(db, actor, set, near)
}

/** The newest messages of a stretch. A conversation that is not there, or that the reader may not read, is empty here. */
async function talkOf(
  db: Db,
  actor: Actor,
  convId: string,
  { since, until }: { since: number; until: number },
): Promise<ComplaintBefore['messages']> {
  const transcript = await readTranscript(db, actor, convId, {
    limit: MOST,
    at: until,
    recalled: 'shown',
  }).catch(error => {
    if (error?.code === 'thing.missing' || error?.code === 'auth.denied') return null
    throw error
  })
  return (transcript?.items ?? [])
    .filter(item => item.key.sentAt >= since && item.action === 'send')
    .map(({ key, from, texts, recalledAt }) => ({
      ...{ key, from, recalled: recalledAt !== null },
      text: texts.map(part => part.text).join(' '),
    }))
}

/** Messages of the last thirty days in which a customer complained and that nobody took up. */
export async function readSignals(db: Db, actor: Actor): Promise<{ items: ComplaintSignal[] }> {
  authorise(actor, 'complaint.handle')
  const { house } = actor
  const found = await customerSignals(db, house, {
    ...{ rules: SIGNALS, since: now() - BEFORE_DAYS * DAY, limit: SHOWN_SIGNALS },
  })
  const known = await complainedIn(
    db,
    house.corp,
    found.map(one => one.key),
  )
  const fresh = found.filter(one => !known.has(one.key.msgid))
  const opened = new Map(
    (
      await readMessages(
        db,
        house,
        fresh.map(one => one.key),
      )
    ).map(one => [one.key.msgid, one]),
  )
  const { people } = await directoryOf(db, house)
  const parties = await partiesOf(
    db,
    house,
    [...opened.values()].flatMap(one => [one.from, ...one.to]),
  )
  const items: ComplaintSignal[] = []
  for (const { key, rule } of fresh) {
    const message = opened.get(key.msgid)
    const staff = parties.get(message?.to.find(id => people.has(id)) ?? '')
    const customer = parties.get(message?.from ?? '')
    if (!message || !staff || !customer || customer.kind !== 'customer') continue
    const departments = await departmentsOf(db, house, [staff.id])
    authorise(actor, 'message.read', { departments })
    items.push({ key, customer, staff, rule, text: message.texts.map(part => part.text).join(' ') })
  }
  return { items }
}
