import { type MessageKey, mark, readDerived, readSpoken, type Spoken } from '../archive/index.ts'
import { type Actor, type Db, failpoint, inTransaction, type JobQueue, newId, now } from '../base/index.ts'
import { type Hit, isAlert } from '../detect/index.ts'
import { isExternal } from '../wecom/index.ts'
import { linkHits } from './domains.ts'
import { RAISED } from './jobs.ts'
import type { RuleSet } from './rules.ts'
import { type AlertInsert, type HitInsert, insertAlerts, insertHits } from './store.ts'

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
): Promise<{ alerts: number }> {
  return judge(db, actor, jobs, set, await readSpoken(db, actor.house, keys))
}

/** The same for what the pictures, files and voices of these messages say. */
export async function detectDerived(
  db: Db,
  actor: Actor,
  jobs: JobQueue,
  set: RuleSet,
  keys: MessageKey[],
): Promise<{ alerts: number }> {
  return judge(db, actor, jobs, set, await readDerived(db, actor.house, keys))
}

async function judge(
  db: Db,
  actor: Actor,
  jobs: JobQueue,
  set: RuleSet,
  messages: Spoken[],
): Promise<{ alerts: number }> {
  const found = messages
    .map(message => ({ message, hits: hitsIn(set, message) }))
    .filter(entry => entry.hits.length > 0)
  failpoint('monitor.detecting')
  if (found.length === 0) return { alerts: 0 }
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
    return { alerts: alerts.length }
  })
}

/** The rules a message would be alerted for, with nothing written: for backtests. */
export function rulesAlerting(set: RuleSet, message: Spoken): string[] {
  return alertRow(set, message, hitsIn(set, message)).flatMap(alert => alert.rules)
}

type PartHit = Hit & { textPart: string }

/** Every text of a message is judged apart, so that offsets and sources stay true. */
function hitsIn(set: RuleSet, message: Spoken): PartHit[] {
  if (message.direction === 'system') return []
  const from = message.direction === 'customer' ? 'customer' : 'staff'
  const at = message.key.sentAt > 0 ? message.key.sentAt : undefined
  return message.texts.flatMap(text =>
    [
      ...(text.part.startsWith('qr:') ? [] : set.engine.detect({ text: text.text, from, at })),
      ...linkHits(set.domains, text, from),
    ].map(hit => ({ ...hit, textPart: text.part })),
  )
}

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
