import { causeOf, type Db, type House, inTransaction, now, repeat, systemActor } from '../base/index.ts'
import { record } from '../trail/index.ts'
import { closeOutage, markBefore, openOutage, raiseOutage, selectOpenOutage } from './care-store.ts'
import { type CursorState, selectCursor } from './store.ts'

/** Internal warning lines (企业内部预警线, regulation.md P6); nobody has published any. Worst first. */
const LINES = [
  { level: 'h72', ms: 72 * 3_600_000 },
  { level: 'h6', ms: 6 * 3_600_000 },
  { level: 'm15', ms: 15 * 60_000 },
] as const
/** WeCom keeps messages for five days (wecom-api.md §3.1); what was not pulled by then is gone. */
export const WINDOW_MS = 5 * 86_400_000
const DAY_MS = 86_400_000
/** Pulls that bring nothing new for this long show that all is caught up: what came late is backlog no more. */
const CAUGHT_UP_MS = 60_000

type LagLevel = 'none' | (typeof LINES)[number]['level']
export type Lag = {
  level: LagLevel
  seconds: number
  /** Epoch ms since when nothing, or nothing newer, is captured. */
  since: number
  /** `silent`: the source has not answered since; `backlog`: it answers, with messages sent that long ago. */
  cause: 'silent' | 'backlog'
  /** Until the first message not captured yet is gone from WeCom, in tenths of a day, rounded down; 0: it may be lost. */
  daysLeft: number
}

/** How far capture is behind, from the last answer and from the age of what is being captured. Null before the first pull. */
export function lagOf(state: CursorState | null, at: number): Lag | null {
  if (!state?.pulledAt) return null
  const silent = Math.max(0, at - state.pulledAt)
  const { newestCapturedAt: captured, newestSentAt: sent } = state
  const fresh = captured !== null && sent !== null && state.pulledAt - captured <= CAUGHT_UP_MS
  const backlog = fresh ? Math.max(0, captured - sent) : 0
  const ms = Math.max(silent, backlog)
  return {
    level: LINES.find(line => ms > line.ms)?.level ?? 'none',
    seconds: Math.floor(ms / 1000),
    since: at - ms,
    cause: silent >= backlog ? 'silent' : 'backlog',
    daysLeft: Math.floor((Math.max(0, WINDOW_MS - ms) / DAY_MS) * 10) / 10,
  }
}

/** Look once: open, raise or close the outage on record; each change of line is in the trail. */
export async function lookAtLag(db: Db, house: House, source: string): Promise<Lag | null> {
  const at = now()
  const lag = lagOf(await selectCursor(db, house.corp, source), at)
  if (!lag) return null
  const open = await selectOpenOutage(db, house.corp, source)
  if (!open && lag.level === 'none') return lag
  // A first start brings the days that WeCom kept from before it: nothing was interrupted.
  if (!open && lag.cause === 'backlog' && (await markBefore(db, house.corp, source, at)) === 0) return lag
  if (open && rank(lag.level) <= rank(open.level) && lag.level !== 'none') return lag
  await inTransaction(db, async tx => {
    if (lag.level === 'none') await closeOutage(tx, house.corp, source, at)
    else if (open) await raiseOutage(tx, house.corp, source, lag.level)
    else await openOutage(tx, house.corp, source, lag.since, lag.level)
    await record(tx, systemActor(house, 'capture'), {
      verb: 'capture.lagged',
      thing: { kind: 'capture', id: source },
      detail: { level: lag.level, seconds: lag.seconds, daysLeft: lag.daysLeft.toFixed(1) },
    })
  })
  if (lag.level !== 'none')
    house.log.error({ level: lag.level, seconds: lag.seconds, daysLeft: lag.daysLeft }, 'capture lags behind')
  return lag
}

function rank(level: string): number {
  const found = LINES.findIndex(line => line.level === level)
  return found === -1 ? 0 : LINES.length - found
}

const LOOK_MS = 15_000

/** Watch the lag until stopped; it runs beside capture, so that it sees when capture itself stands still. */
export function watchLag(db: Db, house: House, source: string): { stop(): Promise<void> } {
  return repeat(
    LOOK_MS,
    0,
    async () => void (await lookAtLag(db, house, source)),
    error => house.log.error({ error: causeOf(error) }, 'the lag of capture could not be looked at'),
  )
}
