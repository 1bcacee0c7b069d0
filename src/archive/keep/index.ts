import type { House, JobQueue } from '../../base/index.ts'
import { executePurge, type PurgeDeps } from './execute.ts'
import { PURGE } from './jobs.ts'

export { approvePurgeClass, endPurgeClass, proposePurgeClass } from './classes.ts'
export type { ExplainView } from './contract.ts'
export type { PurgeReach } from './destroy.ts'
export { executePurge, type PurgeDeps } from './execute.ts'
export { explainRetention } from './explain.ts'
export { anchorConversation, place as placeHold, release as releaseHold } from './holds.ts'
export { keepRoutes } from './http.ts'
export { PURGE } from './jobs.ts'
export type { PurgeGuard } from './judge.ts'
export {
  decidePurgeRequest,
  type KeepDeps,
  listPurges,
  purgeByCustomer,
  requestPurge,
  withdrawPurge,
} from './requests.ts'
export { destructionLeaves, holdLeaves } from './verify-destruction.ts'

/** Carry out what was approved, one after the other. */
export async function workPurges(
  jobs: JobQueue,
  house: House,
  deps: PurgeDeps,
  after: (request: string) => Promise<void>,
): Promise<void> {
  await jobs.work(PURGE, async ({ corp, request }) => {
    if (corp !== house.corp) return
    await executePurge(deps, request)
    await after(request)
  })
}
export { destructionsOf, holdsPlaced } from './exhibits.ts'
