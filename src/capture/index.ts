export {
  type CallbackDeps,
  type CallbackState,
  callbackState,
  openCallbackCounts,
} from './callbacks.ts'
export { type EventHandlers, workEvents } from './events.ts'
export { callbackRoutes } from './http.ts'
export { type Batch, type ImportEvents, type ImportReport, importFile } from './import.ts'
export { type Ingested, ingest, type Reason, type Refused, read } from './ingest.ts'
export { EVENT } from './jobs.ts'
export { fetchWaiting, type MediaDeps, startMedia } from './media.ts'
export { retryQuarantine } from './retry.ts'
export { type Capture, type CaptureDeps, startCapture } from './run.ts'
export { captureState, countQuarantine, listQuarantine } from './state.ts'
export { openWake } from './wake.ts'
