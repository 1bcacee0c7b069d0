import type { z } from 'zod'
import { archiveState, countMedia, lastVerification } from '../archive/index.ts'
import { type Actor, now, sql } from '../base/index.ts'
import { captureState, countQuarantine, lagOf, listQuarantine, newestRepull } from '../capture/index.ts'
import { termCount } from '../monitor/index.ts'
import { logState } from '../notary/index.ts'
import { authorise } from '../people/index.ts'
import type { quarantinePage, SystemView } from './contract.ts'
import type { Premises } from './house.ts'
import type { Services } from './services.ts'

export const VERSION = '0.1.0'
/** A source that has not answered for this long is in trouble: an empty answer comes three times a second. */
const SILENT_MS = 15_000

/** The state of the machine, in one look. Holds counts and times, no content. */
export async function systemState(
  premises: Premises,
  services: Services,
  startedAt: number,
  actor: Actor,
): Promise<SystemView> {
  authorise(actor, 'system.read')
  const { db, house, outside } = premises
  const rules = services.rules.current()
  const ledger = await logState(db, house, outside, 'archive')
  const verified = lastVerification(house)
  const { rows } = await sql<{
    version: string
  }>`SELECT current_setting('server_version') AS version`.execute(db)
  return {
    at: now(),
    version: VERSION,
    startedAt,
    memoryMb: Math.round(process.memoryUsage().rss / 1_048_576),
    capture: await captureView(premises, actor),
    archive: await archiveState(db, house),
    ledger: {
      ...ledger,
      verifiedUpTo: verified?.size ?? null,
      verifiedAt: verified?.at ?? null,
      verifiedOk: verified?.ok ?? null,
      verifiedNote: verified?.note ?? null,
    },
    jobs: await services.jobs.counts(),
    rules: {
      version: rules.version,
      count: rules.rules.size,
      terms: termCount(rules),
      since: services.rules.since(),
      trouble: services.rules.trouble()?.problem ?? null,
    },
    database: { version: rows[0]?.version ?? '', embedded: premises.embedded !== undefined },
  }
}

async function captureView(premises: Premises, actor: Actor): Promise<SystemView['capture']> {
  const { db, config } = premises
  const configured = config.wecom !== undefined
  const state = await captureState(db, actor, config.wecom?.source ?? 'sdk')
  const lag =
    state?.newestSentAt && state.newestCapturedAt
      ? Math.max(0, (state.newestCapturedAt - state.newestSentAt) / 1000)
      : null
  const silent = state?.pulledAt ? now() - state.pulledAt > SILENT_MS : false
  return {
    configured,
    state: !configured
      ? 'off'
      : !state?.pulledAt
        ? 'waiting'
        : state.trouble || silent
          ? 'trouble'
          : 'running',
    seq: state?.seq ?? 0,
    pulledAt: state?.pulledAt ?? null,
    lagSeconds: lag,
    trouble: state?.trouble ?? null,
    troubleSince: state?.troubleSince ?? null,
    quarantined: await countQuarantine(db, premises.house),
    lag: configured ? lagOf(state, now()) : null,
    media: await countMedia(db, premises.house.corp),
    repull: await newestRepull(db, premises.house.corp, config.wecom?.source ?? 'sdk'),
  }
}

/** Records that wait for a person, newest first. */
export function quarantineState(premises: Premises, actor: Actor): Promise<z.infer<typeof quarantinePage>> {
  return listQuarantine(premises.db, actor, 200)
}
