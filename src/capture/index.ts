export { type Batch, type ImportEvents, type ImportReport, importFile } from './import.ts'
export { type Ingested, ingest, type Reason, type Refused, read } from './ingest.ts'
export { type Capture, type CaptureDeps, startCapture } from './run.ts'
export { captureState, countQuarantine, listQuarantine } from './state.ts'
