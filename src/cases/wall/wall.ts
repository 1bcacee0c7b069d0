import { type Opened, readMessages } from '../../archive/index.ts'
import { type Actor, type Db, dayOf, type House, hash63, inTransaction, now } from '../../base/index.ts'
import { partiesOf } from '../../contacts/index.ts'
import {
  type AtRisk,
  conversationsAtRisk,
  type FindingView,
  findingsOf,
  type HitView,
  hitsOf,
  type RuleSet,
  type Severity,
} from '../../monitor/index.ts'
import { authorise, type Party } from '../../people/index.ts'
import { record } from '../../trail/index.ts'
import { isExternal } from '../../wecom/index.ts'
import type { ReviewRow } from '../store.ts'
import { excerptOf } from '../view.ts'
import { SHARES, type WallCard, type WallPage, WEIGHTS, type Weight } from './contract.ts'
import { countNotes, type StepIn, selectOpenSince, selectStepIns } from './store.ts'

/** What was said longer ago is a matter for the queue, not for who watches live. */
const HOURS = 4
const HOUR_MS = 3_600_000
const MOST_CARDS = 60
const MOST_ALERTS = 500

const ADVICE = new Set(['ADVICE', 'UNLIC', 'AI_STOCK'])
const YIELDS = new Set(['EXAG', 'GUAR', 'INDUCE'])

/** One conversation with all that counts in it. */
type Pile = { convId: string; alerts: ReviewRow[]; risks: AtRisk[]; stepIns: StepIn[] }

/** The wall: conversations at risk within the last hours, by risk. What is seen for the first time is a look, and in the trail. */
export async function readWall(db: Db, actor: Actor, set: RuleSet): Promise<WallPage> {
  authorise(actor, 'wall.watch')
  const { house } = actor
  const at = now()
  return inTransaction(db, async tx => {
    const since = at - HOURS * HOUR_MS
    const alerts = await selectOpenSince(tx, house.corp, since, MOST_ALERTS)
    const risks = await conversationsAtRisk(tx, house, since)
    const convs = [...new Set([...alerts.map(one => one.convId), ...risks.map(one => one.convId)])]
    const stepIns = await selectStepIns(tx, house.corp, { convs })
    const piles = convs
      .map(convId => ({
        convId,
        alerts: alerts.filter(one => one.convId === convId),
        risks: risks.filter(one => one.convId === convId),
        stepIns: stepIns.filter(one => one.key.convId === convId),
      }))
      // Customers' signals alone are no high-risk talk of staff.
      .filter(pile => pile.alerts.length > 0 || pile.risks.some(one => one.audience === 'staff'))
      .map(pile => ({ pile, weights: weigh(set, pile) }))
      .map(one => ({ ...one, risk: one.weights.reduce((sum, weight) => sum + weight.points, 0) }))
      .sort(
        (a, b) =>
          b.risk - a.risk ||
          lastOf(b.pile).sentAt - lastOf(a.pile).sentAt ||
          (a.pile.convId < b.pile.convId ? -1 : 1),
      )
      .slice(0, MOST_CARDS)
    const items = await cardsOf(tx, house, set, piles, at)
    const fresh = unseen(actor, items)
    if (fresh > 0)
      await record(tx, actor, {
        verb: 'wall.watched',
        thing: { kind: 'wall', id: 'wall' },
        detail: { shown: fresh },
      })
    return { items, hours: HOURS, at }
  })
}

type Weighed = { of: Weight; n: number; points: number }

/** Deterministic: the same hits and alerts give the same number, whoever looks. */
export function weigh(set: Pick<RuleSet, 'behaviours'>, pile: Omit<Pile, 'convId'>): Weighed[] {
  const counts = new Map<Weight, number>()
  const add = (of: Weight, n: number): void => void counts.set(of, (counts.get(of) ?? 0) + n)
  for (const alert of pile.alerts) {
    if (alert.severity !== 'P3') add(alert.severity, 1)
    if (isBehaviour(set, alert)) add('behaviour', 1)
  }
  for (const { category, audience, hits } of pile.risks) {
    if (audience === 'customer') {
      if (category === 'VULN') add('vulnerable', 1)
      if (category === 'COMPLAINT' || category === 'GROUP_RISK') add('complaint', 1)
    } else add(ADVICE.has(category) ? 'advice' : YIELDS.has(category) ? 'yields' : 'other', hits)
  }
  if (pile.stepIns.some(one => one.answeredAt === null)) add('stepin', 1)
  return [...counts]
    .map(([of, n]) => ({ of, n, points: WEIGHTS[of] * Math.min(n, 5) }))
    .sort((a, b) => b.points - a.points || (a.of < b.of ? -1 : 1))
}

const lastOf = (pile: Pile): { convId: string; sentAt: number; msgid: string } => {
  const keys = [
    ...pile.alerts.map(({ convId, sentAt, msgid }) => ({ convId, sentAt, msgid })),
    ...pile.risks.filter(one => one.audience === 'staff').map(one => one.last),
  ]
  return keys.reduce((a, b) => (b.sentAt > a.sentAt ? b : a))
}

/** Who is looked at: everything grave, and of the rest a fixed share, drawn from the day and the conversation alone. */
export function sampleOf(
  convId: string,
  day: string,
  weights: Weighed[],
): { sampled: WallCard['sampled']; share: number } {
  const has = (...of: Weight[]): boolean => weights.some(weight => of.includes(weight.of))
  if (has('P0', 'P1')) return { sampled: 'must', share: 100 }
  if (has('vulnerable')) return { sampled: 'vulnerable', share: 100 }
  if (has('stepin')) return { sampled: 'stepin', share: 100 }
  const share = has('P2') ? SHARES.P2 : SHARES.none
  const drawn = Number(BigInt(hash63('tongjian wall v1', day, convId)) % 100n)
  return { sampled: drawn < share ? 'share' : null, share }
}

/** The newest words that count; where only behaviours were found, the newest message among them. */
function shownOf(set: Pick<RuleSet, 'behaviours'>, pile: Pile): ReturnType<typeof lastOf> {
  const spoken = pile.alerts.filter(alert => !isBehaviour(set, alert))
  const worded = { ...pile, alerts: spoken }
  return spoken.length > 0 || pile.risks.some(one => one.audience === 'staff') ? lastOf(worded) : lastOf(pile)
}

const isBehaviour = (set: Pick<RuleSet, 'behaviours'>, alert: ReviewRow): boolean =>
  alert.rules.some(rule => set.behaviours.some(one => one.id === rule))

async function cardsOf(
  db: Db,
  house: House,
  set: RuleSet,
  piles: { pile: Pile; weights: Weighed[]; risk: number }[],
  at: number,
): Promise<WallCard[]> {
  const opened = await readMessages(
    db,
    house,
    piles.map(({ pile }) => shownOf(set, pile)),
  )
  const found = await findingsOf(
    db,
    house,
    set,
    piles.flatMap(({ pile }) => pile.alerts.map(alert => alert.alertId)),
  )
  const messages = new Map(opened.map(message => [message.key.msgid, message]))
  const hits = Map.groupBy(await hitsOf(db, house, set, opened), hit => hit.msgid)
  const notes = await countNotes(
    db,
    house.corp,
    piles.map(({ pile }) => pile.convId),
  )
  const who = piles.map(({ pile }) => peopleOf(pile, messages.get(shownOf(set, pile).msgid)))
  const names = await partiesOf(
    db,
    house,
    who.flatMap(one => [one.staff, one.counterpart]),
  )
  const named = (id: string): Party => names.get(id) ?? { id, kind: 'unknown', name: id, department: null }
  const day = dayOf(at, house.zone)
  return piles.map(({ pile, weights, risk }, i) => {
    const key = shownOf(set, pile)
    const { staff = '', counterpart = '', room = false } = who[i] ?? {}
    const told = (hits.get(key.msgid) ?? []).filter(hit => !hit.quoted)
    const [stepIn] = pile.stepIns
    return {
      convId: pile.convId,
      key,
      staff: named(staff),
      counterpart: named(counterpart),
      room,
      risk,
      worst: worstOf(pile.alerts),
      weights,
      alerts: pile.alerts.map(one => ({
        id: one.alertId,
        number: one.number,
        severity: one.severity,
        state: one.state,
        title: one.rules.map(rule => set.rules.get(rule)?.name ?? rule).join(' · '),
      })),
      lastAt: lastOf(pile).sentAt,
      excerpt: excerptFor(pile, messages.get(key.msgid), told, found),
      ...sampleOf(pile.convId, day, weights),
      stepIn: stepIn ? { id: stepIn.id, askedAt: stepIn.askedAt, answeredAt: stepIn.answeredAt } : null,
      notes: notes.get(pile.convId) ?? 0,
    }
  })
}

/** The risky words; where there are none, what a behaviour rule counted. */
function excerptFor(
  pile: Pile,
  message: Opened | undefined,
  hits: HitView[],
  found: Map<string, FindingView>,
): WallCard['excerpt'] {
  const words = excerptOf(message, hits)
  if (words.text !== '') return words
  const told = pile.alerts.map(alert => found.get(alert.alertId)).find(one => one !== undefined)
  return told === undefined ? words : { text: told.found, source: `${told.ruleName}：`, spans: [] }
}

const worstOf = (alerts: ReviewRow[]): Severity | null =>
  (['P0', 'P1', 'P2', 'P3'] as const).find(level => alerts.some(one => one.severity === level)) ?? null

export function peopleOf(
  pile: Pick<Pile, 'alerts'>,
  message: Opened | undefined,
): { staff: string; counterpart: string; room: boolean } {
  const [alert] = pile.alerts
  if (alert) return { staff: alert.staff, counterpart: alert.counterpart, room: alert.room }
  const parties = message ? [message.from, ...message.to] : []
  return {
    staff: parties.find(one => !isExternal(one)) ?? '',
    counterpart: message?.room ?? parties.find(isExternal) ?? parties[1] ?? '',
    room: (message?.room ?? null) !== null,
  }
}

/** What each watcher has before him already. A wall that only counts on shows nothing new, and is no new look. */
const before = new WeakMap<House, Map<string, Set<string>>>()
const MOST_REMEMBERED = 5000

function unseen(actor: Actor, items: WallCard[]): number {
  const known = before.get(actor.house) ?? new Map<string, Set<string>>()
  before.set(actor.house, known)
  const seen = known.get(actor.name) ?? new Set<string>()
  const fresh = items.filter(item => !seen.has(item.key.msgid)).length
  const remembered = [...seen, ...items.map(item => item.key.msgid)].slice(-MOST_REMEMBERED)
  known.set(actor.name, new Set(remembered))
  return fresh
}
