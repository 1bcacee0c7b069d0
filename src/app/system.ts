import type { z } from 'zod'
import { archiveState, countMedia } from '../archive/index.ts'
import { type Actor, now, sql } from '../base/index.ts'
import { captureState, countQuarantine, lagOf, listQuarantine, newestRepull } from '../capture/index.ts'
import { termCount } from '../monitor/index.ts'
import { logState, stampState } from '../notary/index.ts'
import { authorise } from '../people/index.ts'
import type { quarantinePage, SystemView } from './contract.ts'
import type { Premises } from './house.ts'
import { integrityOf } from './integrity/view.ts'
import { keysView } from './keys.ts'
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
  const { logs, findings } = await integrityOf(premises)
  const checked = logs.find(log => log.log === 'archive')
  const [first] = findings.items
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
      verifiedUpTo: checked?.checkedAt ? checked.checked : null,
      verifiedAt: checked?.checkedAt ?? null,
      verifiedOk: checked?.checkedAt ? findings.total === 0 : null,
      verifiedNote: first ? `${first.log} #${first.index ?? '—'} ${first.what}` : null,
    },
    stamps: await stampsView(premises),
    jobs: await services.jobs.counts(),
    rules: {
      version: rules.version,
      count: rules.rules.size,
      terms: termCount(rules),
      since: services.rules.since(),
      trouble: troubleOf(services.rules.trouble()),
    },
    database: { version: rows[0]?.version ?? '', embedded: premises.embedded !== undefined },
    keys: await keysView(premises),
  }
}

async function stampsView({ db, house, config }: Premises): Promise<SystemView['stamps']> {
  if (!config.stamps) return null
  const { last, failures } = await stampState(db, house)
  return { minutes: config.stamps.minutes, last, failures: failures.count, trouble: failures.newest }
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

type Trouble = NonNullable<ReturnType<Services['rules']['trouble']>>

function troubleOf(trouble: Trouble | null): SystemView['rules']['trouble'] {
  if (!trouble) return null
  const { problem, code = null, file = null, line = null } = trouble
  return { problem, code, file, line }
}
