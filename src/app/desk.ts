import { type JobQueue, listen } from '../base/index.ts'
import {
  conclusionsOf,
  type DeliveryDeps,
  handlingOf,
  startDelivery,
  workIntake,
  workSampling,
} from '../cases/index.ts'
import {
  type LiveRules,
  openSecondReader,
  publicationsOf,
  RULES_CHANNEL,
  RULES_FOLDER,
  type RulebookDeps,
  watchRules,
  watchTime,
  workDetection,
  workRulebook,
  workSecondReader,
} from '../monitor/index.ts'
import { openWays } from './delivery.ts'
import type { Premises } from './house.ts'

/** What happens to a message once it is archived: rules, behaviours, review, samples, and telling people. */
export type Desk = {
  rulebook: RulebookDeps
  delivery: DeliveryDeps
  /** Begin nothing new; before the jobs are stopped. */
  quiet(): Promise<void>
  /** After the jobs are stopped. */
  stop(): Promise<void>
}

export async function startDesk(premises: Premises, jobs: JobQueue, rules: LiveRules): Promise<Desk> {
  const { db, house, config } = premises
  const reader = config.reader && openSecondReader(config.reader)
  const askAgain = reader !== undefined
  await workDetection(db, house, jobs, rules.current, { askAgain, staged: rules.staged })
  if (reader) await workSecondReader(db, house, jobs, rules.current, reader)
  await workIntake(db, house, jobs)
  await workSampling(db, house, jobs)
  const rulebook = rulebookOf(premises, jobs, rules)
  const drafts = await workRulebook(rulebook)
  const behaviour = watchTime(db, house, jobs, () => rules.current().behaviours)
  const ways = openWays(config)
  const delivery: DeliveryDeps = { db, house, rules: rules.current, jobs, ways }
  const delivering = await startDelivery(delivery, jobs)
  return {
    rulebook,
    delivery,
    async quiet() {
      drafts.stop()
      await behaviour.stop()
    },
    async stop() {
      await delivering.stop()
      await ways.close()
      await reader?.close()
    },
  }
}

/** The rules in force: the folder's packs and what is published over them, looked at when told and every second. */
export async function startRules(
  premises: Premises,
  folder: string = RULES_FOLDER,
): Promise<{ rules: LiveRules; stop(): Promise<void> }> {
  const { db, house, config, appUrl, role } = premises
  const rules = watchRules(config.institution, house.log, folder, publicationsOf(db, house))
  const told = await listen({
    url: appUrl,
    role,
    channel: RULES_CHANNEL,
    application: 'tongjian-rules',
    log: house.log,
    away: 'published rules are looked for every second until the connection is back',
    told: () => void rules.poke(),
  })
  // No message is judged by rules older than those published.
  await rules.poke()
  return {
    rules,
    async stop() {
      await told.stop()
      await rules.stop()
    },
  }
}

function rulebookOf(
  { db, house, config, appUrl, role }: Premises,
  jobs: JobQueue,
  live: LiveRules,
): RulebookDeps {
  return {
    db,
    house,
    jobs,
    live,
    institution: config.institution,
    reviewed: { conclusions: conclusionsOf, handling: handlingOf },
    appUrl,
    role,
    masterKey: config.masterKey,
  }
}
