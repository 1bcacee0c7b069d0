import { type MessageKey, mark, readBefore, readDerived, readSpoken, type Spoken } from '../archive/index.ts'
import { type Actor, type Db, failpoint, inTransaction, type JobQueue, newId, now } from '../base/index.ts'
import { type ContextLine, type Hit, isAlert } from '../detect/index.ts'
import { isExternal } from '../wecom/index.ts'
import { linkHits } from './domains.ts'
import { RAISED, READ_AGAIN } from './jobs.ts'
import type { RuleSet } from './rules.ts'
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
  options: { askAgain?: boolean } = {},
): Promise<{ alerts: number }> {
  const messages = await readSpoken(db, actor.house, keys)
  const earlier = await readBefore(
    db,
    actor.house,
    messages.filter(needsTurns).map(message => message.key),
    REACH,
  )
  const found = inTurn(set, Turns.order(earlier, messages, keys), new Set(messages))
  const hits = new Map(found.map(entry => [entry.message, entry.hits]))
  const doubtful = options.askAgain
    ? messages.filter(message => inDoubt(set, message, hits.get(message) ?? []))
    : []
  return write(db, actor, jobs, set, found, doubtful)
}

/** The same for what the pictures, files and voices of these messages say. */
export async function detectDerived(
  db: Db,
  actor: Actor,
  jobs: JobQueue,
  set: RuleSet,
  keys: MessageKey[],
): Promise<{ alerts: number }> {
  const messages = await readDerived(db, actor.house, keys)
  const found = messages
    .map(message => ({ message, hits: hitsIn(set, message, []) }))
    .filter(entry => entry.hits.length > 0)
  return write(db, actor, jobs, set, found, [])
}

async function write(
  db: Db,
  actor: Actor,
  jobs: JobQueue,
  set: RuleSet,
  found: { message: Spoken; hits: PartHit[] }[],
  doubtful: Spoken[],
): Promise<{ alerts: number }> {
  failpoint('monitor.detecting')
  if (found.length === 0 && doubtful.length === 0) return { alerts: 0 }
  return inTransaction(db, async tx => {
    await insertHits(
      tx,
      actor.house.corp,
      found.flatMap(entry => entry.hits.map(hit => hitRow(set, entry.message, hit))),
    )
    await mark(
      tx,
      actor,
      found.flatMap(entry => marksOf(entry.message, entry.hits)),
    )
    const alerts = await insertAlerts(
      tx,
      actor.house.corp,
      found.flatMap(entry => alertRow(set, entry.message, entry.hits)),
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
function inTurn(set: RuleSet, said: Spoken[], batch: Set<Spoken>): { message: Spoken; hits: PartHit[] }[] {
  const turns = new Turns()
  return said.flatMap(message => {
    const hits = batch.has(message) ? hitsIn(set, message, turns.before(message)) : []
    turns.remember(message)
    return hits.length > 0 ? [{ message, hits }] : []
  })
}

/** The rules a message would be alerted for after these turns, with nothing written: for backtests. */
export function rulesAlerting(set: RuleSet, message: Spoken, before: ContextLine[]): string[] {
  return alertRow(set, message, hitsIn(set, message, before)).flatMap(alert => alert.rules)
}

type PartHit = Hit & { textPart: string }

/** Every text of a message is judged apart, so that offsets and sources stay true. */
function hitsIn(set: RuleSet, message: Spoken, context: ContextLine[]): PartHit[] {
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

const listener = (message: Spoken): 'internal' | 'group' | 'customer' =>
  message.direction === 'internal' ? 'internal' : message.room !== null ? 'group' : 'customer'

function hitRow(set: RuleSet, message: Spoken, hit: PartHit): HitInsert {
  return {
    key: message.key,
    rule: hit.rule,
    ruleVersion: `${set.rules.get(hit.rule)?.version ?? 0}@${set.version}`,
    // A hit in the quoted part stays visible as such: it explains, and never alerts (design §4).
    part: hit.part === 'quote' ? `${hit.textPart}#quote` : hit.textPart,
    start: hit.start,
    end: hit.end,
    category: hit.category,
    severity: hit.severity,
    verdict: hit.verdict,
    audience: hit.audience,
    path: hit.path,
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

function alertRow(set: RuleSet, message: Spoken, hits: PartHit[]): AlertInsert[] {
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
