import { countMedia, countReadings } from '../archive/index.ts'
import { type Config, type Log, systemActor } from '../base/index.ts'
import { captureState } from '../capture/index.ts'
import { alertedMessages, behavioursFound } from '../monitor/index.ts'
import { ensureDemoAccounts } from '../people/index.ts'
import { openPremises, type Premises } from './house.ts'
import { type RunningServer, startServer } from './serve.ts'
import { type Services, startServices } from './services.ts'

/** A running demo, as the simulator's side needs to know it. */
export type DemoState = {
  url: string
  premises: Premises
  services: Services
  /** Is everything up to this seq archived, read, judged and under review? */
  judgedUpTo(seq: number): Promise<boolean>
  alerted(): Promise<string[]>
  behaviours(): Promise<{ rule: string; msgids: string[] }[]>
  close(): Promise<void>
}

/** The product as in production, on a folder marked as a demo, with capture pointed at the simulator. */
export async function startDemoServer(config: Config, log: Log, controlUrl: string): Promise<DemoState> {
  const premises = await openPremises(config, log, { mode: 'server', demo: true })
  const { services, server } = await start(premises, controlUrl).catch(async error => {
    await premises.close()
    throw error
  })
  const { db, house } = premises
  return {
    url: server.url,
    premises,
    services,
    async judgedUpTo(seq) {
      const cursor = await captureState(db, systemActor(house, 'demo'), config.wecom?.source ?? '')
      const counts = await services.jobs.counts()
      const files = await countMedia(db, house.corp)
      const readings = await countReadings(db, house.corp)
      return (
        (cursor?.seq ?? 0) >= seq &&
        (files.waiting ?? 0) === 0 &&
        readings.every(reading => reading.state !== 'waiting') &&
        counts.every(c => c.waiting === 0 && c.active === 0)
      )
    },
    alerted: () => alertedMessages(db, house),
    behaviours: () => behavioursFound(db, house),
    async close() {
      await server.close()
      await services.stop()
      await premises.close()
    },
  }
}

async function start(
  premises: Premises,
  controlUrl: string,
): Promise<{ services: Services; server: RunningServer }> {
  const services = await startServices(premises, { capture: true })
  try {
    return { services, server: await startServer(premises, services, { controlUrl }) }
  } catch (error) {
    await services.stop()
    throw error
  }
}

/** The member behind the account `adviser`. */
export const DEMO_ADVISER = 'linyue'

/** The accounts of design §4, all with one password; the supervisor looks after one department. */
export function demoAccounts(demo: DemoState, password: string): Promise<string[]> {
  const people = { supervisorOf: 13, userids: DEMO_MEMBERS }
  return ensureDemoAccounts(demo.premises.db, demo.premises.house, password, people)
}

/** Who of the simulated WeCom stands behind the accounts. */
export const DEMO_MEMBERS = {
  officer: 'linxiaowen',
  lead: 'zhoumingyuan',
  risk: 'guhuaijin',
  supervisor: 'chenliqun',
  adviser: DEMO_ADVISER,
} as const
