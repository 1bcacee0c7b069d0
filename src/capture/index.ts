export { callbackRoutes } from './callback-http.ts'
export {
  type CallbackDeps,
  type CallbackState,
  callbackState,
  openCallbackCounts,
} from './callbacks.ts'
export { insertSeats, newestRepull, type Repull } from './care-store.ts'
export { type CertificateDeps, certificateLeaves, certify, startCertificates } from './certificate.ts'
export { dayBefore } from './certificate-facts.ts'
export type { CertificateView } from './contract.ts'
export { type EventHandlers, workEvents } from './events.ts'
export { captureRoutes } from './http.ts'
export {
  type Batch,
  type ImportEvents,
  type ImportReport,
  importFile,
} from './import.ts'
export {
  type Ingested,
  ingest,
  type Reason,
  type Refused,
  read,
} from './ingest.ts'
export { EVENT } from './jobs.ts'
export { type Lag, lagOf, lookAtLag, watchLag } from './lag.ts'
export { fetchWaiting, type MediaDeps, startMedia } from './media.ts'
export { capturePurge } from './purge.ts'
export { ocrLoads, startReading } from './reading/index.ts'
export { type RepullDeps, repull, startRepulls } from './repull.ts'
export { retryQuarantine } from './retry.ts'
export { type Capture, type CaptureDeps, startCapture } from './run.ts'
export { capturedUpTo, captureState, countQuarantine, listQuarantine } from './state.ts'
export { openWake } from './wake.ts'
