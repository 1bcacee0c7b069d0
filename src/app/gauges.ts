import { archiveState, countMedia } from '../archive/index.ts'
import { now, systemActor } from '../base/index.ts'
import {
  callbackState,
  captureState,
  countQuarantine,
  type Lag,
  lagOf,
  newestRepull,
} from '../capture/index.ts'
import { logState, stampState } from '../notary/index.ts'
import { type IntegrityView, LEVELS } from './contract.ts'
import type { Premises } from './house.ts'
import { integrityOf } from './integrity/view.ts'
import type { Gauge, Gauges } from './metrics.ts'
import type { Services } from './services.ts'

/** The numbers an operator alarms on: capture that stands still, queues that grow, leaves that wait, a failed check. */
export function gaugesOf(premises: Premises, services: Services): Gauges {
  const { db, house, outside, config } = premises
  return async () => {
    const capture = await captureState(db, systemActor(house, 'metrics'), config.wecom?.source ?? 'sdk')
    const ledger = await logState(db, house, outside, 'archive')
    const { messages } = await archiveState(db, house)
    const integrity = await integrityOf(premises)
    const repull = await newestRepull(db, house.corp, config.wecom?.source ?? 'sdk')
    return [
      ...since(
        'tongjian_capture_silent_seconds',
        'Since the source last answered.',
        capture?.pulledAt ?? null,
      ),
      ...lagGauges(config.wecom ? lagOf(capture, now()) : null),
      ...mediaGauges(await countMedia(db, house.corp)),
      ...since('tongjian_repull_age_seconds', 'Since the newest re-pull ended.', repull?.endedAt ?? null),
      {
        name: 'tongjian_repull_late',
        help: 'Messages the newest re-pull found missing.',
        value: repull?.late ?? 0,
      },
      { name: 'tongjian_capture_seq', help: 'Newest seq archived.', value: capture?.seq ?? 0 },
      {
        name: 'tongjian_capture_trouble',
        help: '1 while capture is in trouble.',
        value: capture?.trouble ? 1 : 0,
      },
      {
        name: 'tongjian_quarantined',
        help: 'Records that wait for a person.',
        value: await countQuarantine(db, house),
      },
      { name: 'tongjian_messages', help: 'Messages archived; an estimate beyond 200,000.', value: messages },
      { name: 'tongjian_ledger_sealed', help: 'Leaves in the ledger.', value: ledger.sealed },
      { name: 'tongjian_ledger_pending', help: 'Leaves that wait to be sealed.', value: ledger.pending },
      {
        name: 'tongjian_ledger_outside',
        help: 'Size of the checkpoint outside the database.',
        value: ledger.outsideSize ?? 0,
      },
      ...integrityGauges(integrity),
      ...(await stampGauges(premises)),
      ...(await callbackGauges(premises)),
      ...(await jobGauges(services)),
    ]
  }
}

function since(name: string, help: string, at: number | null): Gauge[] {
  return at === null ? [] : [{ name, help, value: Math.max(0, (now() - at) / 1000) }]
}

/** The lines are 0 none, 1 fifteen minutes, 2 six hours, 3 seventy-two hours: internal lines, published by nobody. */
function lagGauges(lag: Lag | null): Gauge[] {
  if (!lag) return []
  return [
    { name: 'tongjian_capture_lag_seconds', help: 'How far capture is behind.', value: lag.seconds },
    {
      name: 'tongjian_capture_lag_level',
      help: '0 none, 1 over 15 min, 2 over 6 h, 3 over 72 h.',
      value: ['none', 'm15', 'h6', 'h72'].indexOf(lag.level),
    },
    {
      name: 'tongjian_capture_days_left',
      help: 'Days until what is not captured yet is gone from WeCom.',
      value: lag.daysLeft,
    },
  ]
}

function integrityGauges({ logs, findings, conditions, at }: IntegrityView): Gauge[] {
  const started = logs.some(log => log.checkedAt !== null)
  return [
    {
      name: 'tongjian_verified_ok',
      help: '1 while nothing differs, 0 when something does, -1 before the first check.',
      value: findings.total > 0 ? 0 : started ? 1 : -1,
    },
    { name: 'tongjian_integrity_findings', help: 'Differences that stand.', value: findings.total },
    ...logs.flatMap(log => [
      {
        name: 'tongjian_patrol_checked',
        help: 'Leaves checked since they were sealed.',
        value: log.checked,
        labels: { log: log.log },
      },
      {
        name: 'tongjian_patrol_round_leaves',
        help: 'Leaves the running round has checked.',
        value: log.round?.done ?? 0,
        labels: { log: log.log },
      },
      ...(log.last
        ? [
            {
              name: 'tongjian_patrol_round_age_seconds',
              help: 'Since the newest whole round ended.',
              value: Math.max(0, (at - log.last.endedAt) / 1000),
              labels: { log: log.log },
            },
          ]
        : []),
    ]),
    ...conditions.flatMap(({ name, level, value }) => [
      {
        name: 'tongjian_condition',
        help: '0 well, 1 beyond the warning line, 2 beyond the alarm line.',
        value: LEVELS.indexOf(level),
        labels: { name },
      },
      ...(value === null
        ? []
        : [
            {
              name: 'tongjian_condition_value',
              help: 'What was measured: seconds, counts, or per cent left.',
              value,
              labels: { name },
            },
          ]),
    ]),
  ]
}

function mediaGauges(states: Record<string, number>): Gauge[] {
  return Object.entries(states).map(([state, value]) => ({
    name: 'tongjian_media',
    help: 'Files of messages by state.',
    value,
    labels: { state },
  }))
}

async function jobGauges(services: Services): Promise<Gauge[]> {
  const counts = await services.jobs.counts()
  return counts.flatMap(({ name, waiting, active, failed }) =>
    Object.entries({ waiting, active, failed }).map(([state, value]) => ({
      name: 'tongjian_jobs',
      help: 'Jobs by kind and state.',
      value,
      labels: { kind: name, state },
    })),
  )
}

async function stampGauges({ db, house, config }: Premises): Promise<Gauge[]> {
  if (!config.stamps) return []
  const { last, failures } = await stampState(db, house)
  return [
    ...since('tongjian_stamp_age_seconds', 'Since the newest time stamp of the ledger.', last?.at ?? null),
    { name: 'tongjian_stamp_size', help: 'Leaves the newest time stamp covers.', value: last?.size ?? 0 },
    {
      name: 'tongjian_stamp_failures',
      help: 'Tries for a time stamp that failed since the newest.',
      value: failures.count,
    },
  ]
}

async function callbackGauges({ db, house }: Premises): Promise<Gauge[]> {
  const { outcomes, waiting, failed } = await callbackState(db, house)
  return [
    ...outcomes.map(({ outcome, n }) => ({
      name: 'tongjian_callbacks',
      help: 'Calls at the event entrance by outcome, since the beginning.',
      value: n,
      labels: { outcome },
    })),
    ...Object.entries({ waiting, failed }).map(([state, value]) => ({
      name: 'tongjian_callback_events',
      help: 'Events of WeCom that are not settled.',
      value,
      labels: { state },
    })),
  ]
}
