import type { Config, Log } from '../base/index.ts'
import { alertedMessages } from '../monitor/index.ts'
import { ensureDemoAccounts } from '../people/index.ts'
import { archiveState } from '../archive/index.ts'
import { openPremises, type Premises } from './house.ts'
import { startServer } from './serve.ts'
import { type Services, startServices } from './services.ts'

/** A running demo, as the simulator's side needs to know it. */
export type DemoState = {
  url: string
  premises: Premises
  services: Services
  /** Has a day of about this many messages been archived and judged? */
  dayDone(messages: number): Promise<boolean>
  alerted(): Promise<string[]>
  close(): Promise<void>
}

/** The simulated history may come out a little shorter than asked for. */
const NEARLY = 0.8

/** The product as in production, on a folder marked as a demo, with capture pointed at the simulator. */
export async function startDemoServer(config: Config, log: Log, controlUrl: string): Promise<DemoState> {
  const premises = await openPremises(config, log, { mode: 'server', demo: true })
  const services = await startServices(premises, { capture: true })
  const server = await startServer(premises, services, { controlUrl })
  const { db, house } = premises
  return {
    url: server.url,
    premises,
    services,
    async dayDone(messages) {
      const { messages: archived } = await archiveState(db, house)
      const counts = await services.jobs.counts()
      return archived >= messages * NEARLY && counts.every(count => count.waiting === 0 && count.active === 0)
    },
    alerted: () => alertedMessages(db, house),
    async close() {
      await server.close()
      await services.stop()
      await premises.close()
    },
  }
}

/** The accounts of design §4, all with one password; the supervisor looks after one department. */
export function demoAccounts(demo: DemoState, password: string): Promise<string[]> {
  return ensureDemoAccounts(demo.premises.db, demo.premises.house, password, { supervisorOf: 2 })
}
