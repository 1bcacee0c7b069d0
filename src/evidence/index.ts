import type { JobQueue } from '../base/index.ts'
import { type BuildDeps, buildPackage } from './build.ts'
import { startExpiry } from './download.ts'
import { EVIDENCE_APPROVED } from './jobs.ts'

export type { BuildDeps } from './build.ts'
export { buildPackage, fingerprintOf } from './build.ts'
export type { EvidenceRequest, EvidenceState } from './contract.ts'
export { takePackage } from './download.ts'
export { evidenceRoutes } from './http.ts'
export { EVIDENCE_APPROVED } from './jobs.ts'
export { evidenceLeaves } from './leaf.ts'
export { Sheet, streamed } from './report/sheet.ts'
export { decide, requestPackage } from './request.ts'
export { issuedNumber } from './store.ts'
export { differenceWords, tallyWords, UNCHECKED } from './verifier/words.ts'
export { verifyFile } from './verify-file.ts'
export { listPackages } from './view.ts'

/** Build what is approved and remove what is over, until stopped. */
export async function startEvidence(deps: BuildDeps, jobs: JobQueue): Promise<{ stop(): Promise<void> }> {
  await jobs.work(EVIDENCE_APPROVED, payload => buildPackage(deps, payload.id))
  return startExpiry(deps.db, deps.house, deps.packages)
}
