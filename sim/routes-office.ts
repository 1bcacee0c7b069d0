import { acquisitionRoutes } from './routes-acquisition.ts'
import { customerRoutes } from './routes-customers.ts'
import { directoryRoutes } from './routes-directory.ts'
import { interceptRoutes } from './routes-intercept.ts'
import { mediaRoutes } from './routes-media.ts'
import { messageRoutes } from './routes-message.ts'
import { momentRoutes } from './routes-moments.ts'
import { reachRoutes } from './routes-reach.ts'
import { sendRoutes } from './routes-send.ts'
import { ssoRoutes } from './routes-sso.ts'
import { statisticRoutes } from './routes-statistics.ts'
import { strategyRoutes } from './routes-strategies.ts'
import { transferRoutes } from './routes-transfer.ts'
import type { Route } from './server.ts'
import type { World } from './world.ts'

/** Every endpoint beside the archive's and the reading of customers. */
export function officeRoutes(world: World): Route[] {
  const { office } = world
  return [
    ...directoryRoutes(world),
    ...customerRoutes(office),
    ...transferRoutes(office),
    ...sendRoutes(office),
    ...momentRoutes(office),
    ...interceptRoutes(office),
    ...statisticRoutes(world),
    ...messageRoutes(office),
    ...ssoRoutes(office),
    ...mediaRoutes(office),
    ...reachRoutes(office),
    ...strategyRoutes(office),
    ...acquisitionRoutes(office),
  ]
}
