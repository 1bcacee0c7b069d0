import { APPENDED, DERIVED, type MessageKey } from '../archive/index.ts'
import { type Db, type House, type JobQueue, systemActor } from '../base/index.ts'
import { watchBehaviour } from './behaviour/evaluate.ts'
import { selectAllFindings } from './behaviour/store.ts'
import { detectBatch, detectDerived } from './detect-batch.ts'
import type { RuleSet } from './rules.ts'
import type { Staged } from './rules-apart.ts'
import {
  type AtRisk,
  alertedAll,
  countAlertsAmong,
  type StoredAlert,
  selectAlerts,
  selectAtRisk,
} from './store.ts'

export type { FindingView } from './behaviour/contract.ts'
export { runBehaviourExamples } from './behaviour/judge.ts'
export { findingsOf } from './behaviour/view.ts'
export { watchTime } from './behaviour/watch.ts'
export type { HitView, RuleView, Severity } from './contract.ts'
export { rulesAlerting } from './detect-batch.ts'
export { hitsOf, hitVersions } from './hits.ts'
export { monitorRoutes } from './http.ts'
export { RAISED, READ_AGAIN } from './jobs.ts'
export { monitorPurge } from './purge.ts'
export {
  APPLY,
  askApply,
  askBacktest,
  BACKTEST,
  makeDraft,
  publicationsOf,
  publishDraft,
  RULES_CHANNEL,
  type RulebookDeps,
  readDraft,
  rollBack,
  rulebookRoutes,
  submitDraft,
  testDraft,
  workRulebook,
} from './rulebook/index.ts'
export {
  DEFAULT as DEFAULT_INSTITUTION,
  INSTITUTIONS,
  loadRules,
  loadRulesWith,
  RULES_FOLDER,
  type RuleSet,
  readRules,
  ruleViews,
  termCount,
} from './rules.ts'
export { compileApart, type LiveRules, watchRules } from './rules-apart.ts'
export { openSecondReader, type SecondReader } from './second-reader.ts'
export { workSecondReader } from './second-reading.ts'
export { customerSignals } from './signals.ts'
export type { AtRisk, StoredAlert } from './store.ts'
export { Turns } from './turns.ts'

/** Detect on every batch the archive tells of. Rules are asked for each time, so a new set takes effect at once. */
export async function workDetection(
  db: Db,
  house: House,
  jobs: JobQueue,
  rules: () => RuleSet,
  options: { askAgain?: boolean; staged?: () => Staged | null } = {},
): Promise<void> {
  const actor = systemActor(house, 'monitor')
  const { askAgain = false, staged = () => null } = options
  await jobs.work(APPENDED, async payload => {
    const keys = payload.keys.map(([convId, sentAt, msgid]) => ({ convId, sentAt, msgid }))
    const set = rules()
    const { messages } = await detectBatch(db, actor, jobs, set, keys, { askAgain, staged: staged() })
    await watchBehaviour({ db, actor, jobs, rules: set.behaviours }, messages)
  })
  await jobs.work(DERIVED, async payload => {
    const keys = payload.keys.map(([convId, sentAt, msgid]) => ({ convId, sentAt, msgid }))
    const set = rules()
    const { messages } = await detectDerived(db, actor, jobs, set, keys, { staged: staged() })
    await watchBehaviour({ db, actor, jobs, rules: set.behaviours }, messages)
  })
}

/** Where staff speak of advice and yields, or customers signal, since a moment. */
export function conversationsAtRisk(db: Db, house: House, since: number): Promise<AtRisk[]> {
  return selectAtRisk(db, house.corp, since)
}

/** Alerts by id, for the room that reviews them. */
export function alertsOf(db: Db, house: House, ids: string[]): Promise<StoredAlert[]> {
  return selectAlerts(db, house.corp, ids)
}

/** How many of these messages raised an alert: the figure `import` prints. */
export function countAlerts(db: Db, house: House, keys: MessageKey[]): Promise<number> {
  return keys.length === 0 ? Promise.resolve(0) : countAlertsAmong(db, house.corp, keys)
}

/** Every behaviour found, with the messages it rests on: the demo holds them against what was planted. */
export function behavioursFound(db: Db, house: House): Promise<{ rule: string; msgids: string[] }[]> {
  return selectAllFindings(db, house.corp)
}

/** Msgids of every message that raised an alert: the demo holds them against what the simulator planted. */
export function alertedMessages(db: Db, house: House): Promise<string[]> {
  return alertedAll(db, house.corp)
}
