import { APPENDED, DERIVED, type MessageKey } from '../archive/index.ts'
import { type Db, type House, type JobQueue, systemActor } from '../base/index.ts'
import { detectBatch, detectDerived } from './detect-batch.ts'
import type { RuleSet } from './rules.ts'
import { alertedAll, countAlertsAmong, type StoredAlert, selectAlerts } from './store.ts'

export type { HitView, RuleView, Severity } from './contract.ts'
export { rulesAlerting } from './detect-batch.ts'
export { hitsOf } from './hits.ts'
export { monitorRoutes } from './http.ts'
export { RAISED, READ_AGAIN } from './jobs.ts'
export {
  DEFAULT as DEFAULT_INSTITUTION,
  INSTITUTIONS,
  loadRules,
  loadRulesWith,
  type RuleSet,
  ruleViews,
  termCount,
} from './rules.ts'
export { openSecondReader, type SecondReader } from './second-reader.ts'
export { workSecondReader } from './second-reading.ts'
export type { StoredAlert } from './store.ts'
export { Turns } from './turns.ts'

/** Detect on every batch the archive tells of. Rules are asked for each time, so a new set takes effect at once. */
export async function workDetection(
  db: Db,
  house: House,
  jobs: JobQueue,
  rules: () => RuleSet,
  options: { askAgain?: boolean } = {},
): Promise<void> {
  const actor = systemActor(house, 'monitor')
  await jobs.work(APPENDED, async payload => {
    const keys = payload.keys.map(([convId, sentAt, msgid]) => ({ convId, sentAt, msgid }))
    await detectBatch(db, actor, jobs, rules(), keys, options)
  })
  await jobs.work(DERIVED, async payload => {
    const keys = payload.keys.map(([convId, sentAt, msgid]) => ({ convId, sentAt, msgid }))
    await detectDerived(db, actor, jobs, rules(), keys)
  })
}

/** Alerts by id, for the room that reviews them. */
export function alertsOf(db: Db, house: House, ids: string[]): Promise<StoredAlert[]> {
  return selectAlerts(db, house.corp, ids)
}

/** How many of these messages raised an alert: the figure `import` prints. */
export function countAlerts(db: Db, house: House, keys: MessageKey[]): Promise<number> {
  return keys.length === 0 ? Promise.resolve(0) : countAlertsAmong(db, house.corp, keys)
}

/** Msgids of every message that raised an alert: the demo holds them against what the simulator planted. */
export function alertedMessages(db: Db, house: House): Promise<string[]> {
  return alertedAll(db, house.corp)
}
