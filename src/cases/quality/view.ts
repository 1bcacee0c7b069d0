import { readMessages } from '../../archive/index.ts'
import { type Actor, type Db, inTransaction, now, type Tx } from '../../base/index.ts'
import { authorise } from '../../people/index.ts'
import { looksAt, record } from '../../trail/index.ts'
import { QUALITY_LINES, type QualityView, type ReviewerRow } from './contract.ts'
import { kappa, type Pair } from './kappa.ts'
import { concludedLooks, type Look, type Made, madeSince, waitingLooks } from './store.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
/** Texts are opened for this many of the newest decisions: enough for a rate, little enough for a page. */
const MOST_READ = 500
const MOST_LOOKS = 20_000

/** How reviewers review. Leads only; the look is in the trail. */
export async function readQuality(db: Db, actor: Actor): Promise<QualityView> {
  authorise(actor, 'case.lead')
  return inTransaction(db, async tx => {
    const { corp } = actor.house
    const since = now() - QUALITY_LINES.days * DAY
    const made = await madeSince(tx, corp, since)
    const looks = await concludedLooks(tx, corp, since)
    const timed = await timesOf(tx, actor, made)
    const blind = looks.filter(look => look.kind === 'blind')
    const names = new Set([...made.map(one => one.by), ...looks.map(look => look.concludedBy ?? '')])
    const reviewers = [...names]
      .filter(name => name !== '')
      .map(name => reviewer(actor.house.zone, name, { made, looks, timed }))
      .sort((a, b) => b.decisions - a.decisions || (a.name < b.name ? -1 : 1))
    await record(tx, actor, {
      verb: 'quality.read',
      thing: { kind: 'quality', id: 'all' },
      detail: { reviewers: reviewers.length },
    })
    const pairs = blind.flatMap(pairOf)
    return {
      since,
      lines: QUALITY_LINES,
      waiting: (await waitingLooks(tx, corp)).length,
      pairs: pairs.length,
      agreed: pairs.filter(pair => pair.first === pair.second).length,
      kappa: kappa(pairs),
      reviewers,
    }
  })
}

function pairOf(look: Look): Pair[] {
  return look.verdict === null ? [] : [{ first: look.firstVerdict, second: look.verdict }]
}

/** Milliseconds from the last look to the decision, and how long reading takes at least; null where there was no look. */
type Timed = { took: number | null; needed: number }
type Facts = { made: Made[]; looks: Look[]; timed: ReadonlyMap<Made, Timed> }

function reviewer(zone: string, name: string, { made, looks, timed }: Facts): ReviewerRow {
  const own = made.filter(one => one.by === name)
  const times = own.flatMap(one => timed.get(one) ?? [])
  const withLook = times.filter(time => time.took !== null)
  const blind = looks.filter(
    look => look.kind === 'blind' && (look.firstBy === name || look.concludedBy === name),
  )
  const known = looks.filter(look => look.kind === 'known' && look.concludedBy === name)
  const pairs = blind.flatMap(pairOf)
  return {
    name,
    decisions: own.length,
    busiestHour: busiest(own.map(one => one.at)),
    unread: times.length - withLook.length,
    fast: withLook.filter(time => (time.took ?? 0) < time.needed).length,
    timed: withLook.length,
    blind: pairs.length,
    agreed: pairs.filter(pair => pair.first === pair.second).length,
    kappa: kappa(pairs),
    known: known.length,
    knownMissed: known.filter(look => look.verdict === 'clean').length,
    hours: hoursOf(zone, own),
  }
}

/** The most that lie within any one hour. */
export function busiest(times: readonly number[]): number {
  const order = times.toSorted((a, b) => a - b)
  let most = 0
  let from = 0
  for (const [i, at] of order.entries()) {
    while (at - (order[from] ?? at) >= HOUR) from += 1
    most = Math.max(most, i - from + 1)
  }
  return most
}

/** Decisions and false positives by the hour of the day: a rate that rises late is what fatigue looks like. */
function hoursOf(zone: string, own: Made[]): ReviewerRow['hours'] {
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', hourCycle: 'h23' })
  return [...Map.groupBy(own, one => Number(clock.format(one.at)))]
    .map(([hour, those]) => ({
      hour,
      decisions: those.length,
      falsePositives: those.filter(one => one.falsePositive).length,
    }))
    .sort((a, b) => a.hour - b.hour)
}

/** Of the newest decisions: the last look of whoever decided, and how much there was to read. */
async function timesOf(tx: Tx, actor: Actor, made: Made[]): Promise<Map<Made, Timed>> {
  const newest = made.slice(0, MOST_READ)
  const alerts = newest.filter(one => one.kind === 'alert')
  const looks = await looksAt(
    tx,
    actor.house,
    { kind: 'alert', ids: alerts.map(one => one.id) },
    Number.MAX_SAFE_INTEGER,
    MOST_LOOKS,
  )
  const opened = Map.groupBy(
    looks.filter(look => look.envelope.verb === 'alert.opened'),
    look => `${look.envelope.thingId} ${look.envelope.actor}`,
  )
  const texts = new Map(
    (
      await readMessages(
        tx,
        actor.house,
        alerts.map(({ convId, sentAt, msgid }) => ({ convId, sentAt, msgid })),
      )
    ).map(message => [message.key.msgid, message.texts.reduce((sum, { text }) => sum + text.length, 0)]),
  )
  return new Map(
    newest.map(one => {
      const before = (opened.get(`${one.id} ${one.by}`) ?? [])
        .map(look => look.envelope.at)
        .filter(at => at <= one.at)
      const from = one.kind === 'unit' ? one.openedAt : (before.at(-1) ?? null)
      return [
        one,
        { took: from === null ? null : one.at - from, needed: needed(one, texts.get(one.msgid) ?? 0) },
      ]
    }),
  )
}

/** A second for each message at least, and for its characters what reading takes. */
export function needed(one: Pick<Made, 'messages'>, characters: number): number {
  return Math.max(one.messages, characters / QUALITY_LINES.charsPerSecond) * 1000
}
