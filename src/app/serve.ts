import type { AddressInfo } from 'node:net'
import { archiveRoutes, keepRoutes, refusalRoutes } from '../archive/index.ts'
import { type Kit, now } from '../base/index.ts'
import { type CallbackDeps, callbackRoutes, captureRoutes, openCallbackCounts } from '../capture/index.ts'
import {
  caseFileRoutes,
  caseRoutes,
  complaintRoutes,
  deliveryRoutes,
  inspectionRoutes,
  openLive,
  qualityRoutes,
  samplingRoutes,
  wallRoutes,
} from '../cases/index.ts'
import { consentRoutes, contactsRoutes, noticeRoutes } from '../contacts/index.ts'
import { evidenceRoutes, issuedNumber } from '../evidence/index.ts'
import { insightRoutes } from '../insight/index.ts'
import { monitorRoutes, rulebookRoutes } from '../monitor/index.ts'
import { peopleRoutes } from '../people/index.ts'
import { policyRoutes } from '../policies/index.ts'
import { trailRoutes } from '../trail/index.ts'
import { gaugesOf } from './gauges.ts'
import type { Premises } from './house.ts'
import { createServer } from './http.ts'
import { watchConditions } from './integrity/conditions.ts'
import { integrityRoutes } from './integrity/http.ts'
import { startPatrol } from './integrity/patrol.ts'
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
      consentRoutes({ db }),
      refusalRoutes({ db }),
      trailRoutes({ db }),
      captureRoutes({ db }),
      archiveRoutes({
        db,
        media: premises.media,
        outside: premises.outside,
        rules: () => [...rules().rules.values()],
      }),
      keepRoutes(services.keep),
      monitorRoutes({ db, rules }),
      complaintRoutes({ db, rules, institution: config.institution }),
      policyRoutes({ db, evidence: (tx, number) => issuedNumber(tx, house.corp, number) }),
      caseRoutes({ db, house, jobs: services.jobs, rules, live }),
      caseFileRoutes({ db, rules }),
      deliveryRoutes(services.delivery),
      wallRoutes({ db, rules, live, jobs: services.jobs }),
      samplingRoutes({ db, jobs: services.jobs, outside: premises.outside }),
      inspectionRoutes({ db, rules }),
      rulebookRoutes(services.rulebook),
      qualityRoutes({ db }),
      evidenceRoutes({ db, jobs: services.jobs, outside: premises.outside, packages: premises.packages }),
      insightRoutes({ db, rules }),
      systemRoutes({ premises, services, startedAt: now() }),
      integrityRoutes(premises),
      callbackRoutes(callbackDeps(premises, services)),
    ],
  })
  await app.listen({ host: config.host, port: config.port })
  const { port } = app.server.address() as AddressInfo
  // Whatever port the system gave: cards must lead here.
  if (config.port === 0) services.delivery.ways.home = `http://${config.host}:${port}`
  const patrol = startPatrol(premises)
  const conditions = watchConditions(premises)
  return {
    url: `http://${config.host}:${port}`,
    kit,
    async close() {
      await app.close()
      await patrol.stop()
      await conditions.stop()
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
