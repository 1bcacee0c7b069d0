import type { AddressInfo } from 'node:net'
import { archiveRoutes } from '../archive/index.ts'
import { type Kit, now } from '../base/index.ts'
import { type CallbackDeps, callbackRoutes, captureRoutes, openCallbackCounts } from '../capture/index.ts'
import { caseRoutes, openLive } from '../cases/index.ts'
import { contactsRoutes, noticeRoutes } from '../contacts/index.ts'
import { monitorRoutes } from '../monitor/index.ts'
import { peopleRoutes } from '../people/index.ts'
import { trailRoutes } from '../trail/index.ts'
import { gaugesOf } from './gauges.ts'
import type { Premises } from './house.ts'
import { createServer } from './http.ts'
import { startReverify } from './reverify.ts'
import type { Services } from './services.ts'
import { VERSION } from './system.ts'
import { systemRoutes } from './system-http.ts'

export type RunningServer = { url: string; kit: Kit; close(): Promise<void> }

/** Mount every room's entrances and listen. */
export async function startServer(
  premises: Premises,
  services: Services,
  options: { controlUrl?: string } = {},
): Promise<RunningServer> {
  const { db, house, config, appUrl, role } = premises
  const rules = services.rules.current
  const live = await openLive(appUrl, house, role)
  const demo = options.controlUrl ? { controlUrl: options.controlUrl } : null
  const { app, kit } = await createServer({
    premises,
    version: VERSION,
    behindProxy: config.https,
    gauges: gaugesOf(premises, services),
    routes: [
      peopleRoutes({ db, house, secure: config.https, demo }),
      contactsRoutes({ db }),
      noticeRoutes({ db }),
      trailRoutes({ db }),
      captureRoutes({ db }),
      archiveRoutes({ db, media: premises.media }),
      monitorRoutes({ db, rules }),
      caseRoutes({ db, rules, live }),
      systemRoutes({ premises, services, startedAt: now() }),
      callbackRoutes(callbackDeps(premises, services)),
    ],
  })
  await app.listen({ host: config.host, port: config.port })
  const { port } = app.server.address() as AddressInfo
  const reverify = startReverify(premises)
  return {
    url: `http://${config.host}:${port}`,
    kit,
    async close() {
      await app.close()
      await reverify.stop()
      await live.stop()
    },
  }
}

function callbackDeps({ db, house, config }: Premises, { jobs }: Services): CallbackDeps | null {
  const callback = config.wecom?.callback
  if (!callback) return null
  return {
    db,
    house,
    jobs,
    keys: { ...callback, receiver: house.corpid },
    counts: openCallbackCounts(db, house),
  }
}
