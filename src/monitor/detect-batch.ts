import { type MessageKey, mark, readBefore, readDerived, readSpoken, type Spoken } from '../archive/index.ts'
import {
  type Actor,
  type Db,
  failpoint,
  type House,
  inRedoableTransaction,
  type JobQueue,
  keyMonth,
  newId,
  now,
} from '../base/index.ts'
import { type ContextLine, type Hit, isAlert } from '../detect/index.ts'
import { directoryOf } from '../people/index.ts'
import { isExternal } from '../wecom/index.ts'
import { linkHits } from './domains.ts'
import { sealReading } from './hit-reading.ts'
import { RAISED, READ_AGAIN } from './jobs.ts'
import { insertShadow } from './rulebook/shadow-store.ts'
import type { RuleSet } from './rules.ts'
import type { Staged } from './rules-apart.ts'
import { type AlertInsert, type HitInsert, insertAlerts, insertHits } from './store.ts'
import { needsTurns, REACH, Turns } from './turns.ts'

/** How sharply each severity presses; the sharpest of a message's hits is the alert's. */
const ORDER = ['P0', 'P1', 'P2', 'P3'] as const

/**
 * Run the rules on a batch of archived messages and write hits, marks and alerts, with one job for the new alerts,
 * in one transaction. Idempotent: keys are the message's own, so a repeat after a crash adds nothing.
 */
export async function detectBatch(
  db: Db,
  actor: Actor,
  jobs: JobQueue,
  set: RuleSet,
  keys: MessageKey[],
  options: { askAgain?: boolean; staged?: Staged | null } = {},
): Promise<{ alerts: number; messages: Spoken[] }> {
  const messages = await readSpoken(db, actor.house, keys)
  await markUnread(db, actor, messages)
  const earlier = await readBefore(
    db,
    actor.house,
    messages.filter(needsTurns).map(message => message.key),
    REACH,
  )
  const order = Turns.order(earlier, messages, keys)
  const sets = await setsFor(db, actor.house, set, options.staged)
  const found = inTurn(sets.of, order, new Set(messages))
  if (options.staged && sets.shadow)
    await noteShadow(db, actor.house, options.staged, inTurn(sets.shadow, order, new Set(messages)))
  const hits = new Map(found.map(entry => [entry.message, entry.hits]))
  const doubtful = options.askAgain
    ? messages.filter(message => inDoubt(set, message, hits.get(message) ?? []))
    : []
  return { ...(await write(db, actor, jobs, found, doubtful)), messages }
}

/** The same for what the pictures, files and voices of these messages say. */
export async function detectDerived(
  db: Db,
  actor: Actor,
  jobs: JobQueue,
  set: RuleSet,
  keys: MessageKey[],
  options: { staged?: Staged | null } = {},
): Promise<{ alerts: number; messages: Spoken[] }> {
  const messages = await readDerived(db, actor.house, keys)
  const sets = await setsFor(db, actor.house, set, options.staged)
  const apart = (of: SetOf): Judged[] =>
    messages
      .map(message => ({ message, set: of(message), hits: hitsIn(of(message), message, []) }))
      .filter(entry => entry.hits.length > 0)
  if (options.staged && sets.shadow) await noteShadow(db, actor.house, options.staged, apart(sets.shadow))
  return { ...(await write(db, actor, jobs, apart(sets.of), [])), messages }
}

type SetOf = (message: Spoken) => RuleSet
/** A message with what the rules found in it, and which set of them. */
export type Judged = { message: Spoken; set: RuleSet; hits: PartHit[] }

/** By which rules each message is judged: a staged version for its departments, and in its shadow beside for all. */
async function setsFor(
  db: Db,
  house: House,
  set: RuleSet,
  staged: Staged | null | undefined,
): Promise<{ of: SetOf; shadow?: SetOf }> {
  if (!staged) return { of: () => set }
  if (staged.departments.length === 0) return { of: () => set, shadow: () => staged.set }
  const { people } = await directoryOf(db, house)
  const there = (message: Spoken): boolean =>
    people.get(message.from)?.departments.some(id => staged.departments.includes(id)) ?? false
  return { of: message => (there(message) ? staged.set : set) }
}

/** What a version in its shadow would have hit: counted, and nothing else. */
async function noteShadow(db: Db, house: House, staged: Staged, found: Judged[]): Promise<void> {
  const rows = found.flatMap(({ message, set, hits }) => {
    const alerting = new Set(alertRow(set, message, hits).flatMap(alert => alert.rules))
    return hits
      .filter(hit => staged.changed.has(hit.rule))
      .map(hit => ({
        key: message.key,
        rule: hit.rule,
        severity: hit.severity,
        alerting: alerting.has(hit.rule),
        staff: message.from,
      }))
  })
  await insertShadow(db, house.corp, staged, rows)
}

/** Write what a version applied to history found: only its own rules speak, and a message alerted before keeps its alert. */
export function writeJudged(
  db: Db,
  actor: Actor,
  jobs: Pick<JobQueue, 'enqueue'>,
  found: Judged[],
  rules: ReadonlySet<string>,
): Promise<{ alerts: number }> {
  const own = found.filter(entry =>
    alertRow(entry.set, entry.message, entry.hits).some(alert => alert.rules.some(rule => rules.has(rule))),
  )
  return write(db, actor, jobs, own, [])
}

/**
 * What a customer refuses to have read is not read by the rules either. The mark says so, where others would take silence
 * for a clean message.
 */
async function markUnread(db: Db, actor: Actor, messages: Spoken[]): Promise<void> {
  const unread = messages.filter(({ absent }) => absent === 'refused' || absent === 'restricted')
  if (unread.length === 0) return
  await inRedoableTransaction(db, tx =>
    mark(
      tx,
      actor,
      unread.map(({ key, absent }) => ({ key, kind: 'unread', value: `consent_${absent}` })),
    ),
  )
}

async function write(
  db: Db,
  actor: Actor,
  jobs: Pick<JobQueue, 'enqueue'>,
  found: Judged[],
  doubtful: Spoken[],
): Promise<{ alerts: number }> {
  failpoint('monitor.detecting')
  if (found.length === 0 && doubtful.length === 0) return { alerts: 0 }
  await actor.house.keys.load(
    db,
    found.map(({ message: { key } }) => ({ conv: key.convId, month: keyMonth(key.sentAt) })),
  )
  return inRedoableTransaction(db, async tx => {
    await insertHits(
      tx,
      actor.house.corp,
      found.flatMap(entry => entry.hits.map(hit => hitRow(actor.house, entry.set, entry.message, hit))),
    )
    await mark(
      tx,
      actor,
      found.flatMap(entry => marksOf(entry.message, entry.hits)),
    )
    const alerts = await insertAlerts(
      tx,
      actor.house.corp,
      found.flatMap(entry => alertRow(entry.set, entry.message, entry.hits)),
    )
    if (alerts.length > 0) await jobs.enqueue(tx, RAISED, { corp: actor.house.corp, alerts })
    for (const { key } of doubtful) {
      const again = { key: [key.convId, key.sentAt, key.msgid] as [string, number, string], since: now() }
      await jobs.enqueue(tx, READ_AGAIN, { corp: actor.house.corp, ...again })
    }
    return { alerts: alerts.length }
  })
}

/** Said by staff to customers, and the evidence is weak: no outright violation, but advice, a hint, or words taken back. */
function inDoubt(set: RuleSet, message: Spoken, hits: PartHit[]): boolean {
  if (message.direction === 'customer' || message.direction === 'system' || message.direction === 'internal')
    return false
  if (hits.some(hit => hit.verdict === 'violation' && hit.part === 'new')) return false
  return hits.length > 0 || message.texts.some(({ text }) => set.engine.nearMiss({ text, from: 'staff' }))
}

/** Messages in the order they were said; only those of the batch are judged, the others lend their words. */
function inTurn(setOf: SetOf, said: Spoken[], batch: Set<Spoken>): Judged[] {
  const turns = new Turns()
  return said.flatMap(message => {
    const set = setOf(message)
    const hits = batch.has(message) ? hitsIn(set, message, turns.before(message)) : []
    turns.remember(message)
    return hits.length > 0 ? [{ message, set, hits }] : []
  })
}

/** The rules a message would be alerted for after these turns, with nothing written: for backtests. */
export function rulesAlerting(set: RuleSet, message: Spoken, before: ContextLine[]): string[] {
  return alertRow(set, message, hitsIn(set, message, before)).flatMap(alert => alert.rules)
}

export type PartHit = Hit & { textPart: string }

/** Every text of a message is judged apart, so that offsets and sources stay true. */
export function hitsIn(set: RuleSet, message: Spoken, context: ContextLine[]): PartHit[] {
  if (message.direction === 'system') return []
  const from = message.direction === 'customer' ? 'customer' : 'staff'
  const at = message.key.sentAt > 0 ? message.key.sentAt : undefined
  return message.texts.flatMap(text =>
    [
      ...(text.part.startsWith('qr:')
        ? []
        : set.engine.detect({ text: text.text, from, at, context, audience: listener(message) })),
      ...linkHits(set.domains, text, from),
    ].map(hit => ({ ...hit, textPart: text.part })),
  )
}

/** Who hears a message. */
export const listener = (message: Pick<Spoken, 'direction' | 'room'>): 'internal' | 'group' | 'customer' =>
  message.direction === 'internal' ? 'internal' : message.room !== null ? 'group' : 'customer'

function hitRow(house: House, set: RuleSet, message: Spoken, hit: PartHit): HitInsert {
  // A hit in the quoted part stays visible as such: it explains, and never alerts (design §4).
  const part = hit.part === 'quote' ? `${hit.textPart}#quote` : hit.textPart
  return {
    key: message.key,
    rule: hit.rule,
    ruleVersion: `${set.rules.get(hit.rule)?.version ?? 0}@${set.version}`,
    part,
    start: hit.start,
    end: hit.end,
    category: hit.category,
    severity: hit.severity,
    verdict: hit.verdict,
    audience: hit.audience,
    path: hit.path,
    grounds: hit.grounds,
    sealed: sealReading(house, message.key, { ...hit, part }),
  }
}

function marksOf(message: Spoken, hits: PartHit[]): { key: MessageKey; kind: string; value: string }[] {
  return hits.flatMap(hit => [
    { key: message.key, kind: 'rule', value: hit.rule },
    { key: message.key, kind: 'severity', value: hit.severity },
  ])
}

/** What is wrong among colleagues too: leaking customers' data and going round the archive. */
const INTERNAL = new Set(['LEAK', 'EVADE'])

/**
 * Among staff alone, what is only wrong towards a customer is recorded and alerts nobody (regulation.md §3.0, global
 * exemption d). Conduct that is wrong whoever hears it (rules for both sides: insider dealing, laundering …) does.
 */
function concerns(set: RuleSet, message: Spoken, hit: PartHit): boolean {
  return (
    message.direction !== 'internal' ||
    set.rules.get(hit.rule)?.direction === 'both' ||
    INTERNAL.has(hit.category)
  )
}

export function alertRow(set: RuleSet, message: Spoken, hits: PartHit[]): AlertInsert[] {
  const from = message.direction === 'customer' ? 'customer' : 'staff'
  const alerting = hits.filter(hit => isAlert([hit], from) && concerns(set, message, hit))
  if (alerting.length === 0) return []
  const severity = ORDER.find(level => alerting.some(hit => hit.severity === level)) ?? 'P2'
  const rank = (rule: string): number =>
    ORDER.indexOf(alerting.find(hit => hit.rule === rule)?.severity ?? 'P3')
  const rules = [...new Set(alerting.map(hit => hit.rule))].sort(
    (a, b) => rank(a) - rank(b) || (a < b ? -1 : 1),
  )
  return [
    {
      id: newId(),
      key: message.key,
      severity,
      rules,
      staff: message.from,
      counterpart: message.room ?? message.to.find(isExternal) ?? message.to[0] ?? message.from,
      room: message.room !== null,
      raisedAt: now(),
    },
  ]
}
