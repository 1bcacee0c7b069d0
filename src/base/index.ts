export { type Actor, type House, shellActor, systemActor } from './actor.ts'
export { type Blobs, folderBlobs } from './blobs.ts'
export {
  addBusinessDays,
  addBusinessHours,
  dayOf,
  endOfDayAfter,
  hourOf,
  instantOn,
  isBusinessDay,
  isNight,
  loadCalendars,
  minuteOfDay,
} from './calendar.ts'
export { after, monotonic, now } from './clock.ts'
export {
  type Config,
  demoConfig,
  forgetKeys,
  loadConfig,
  type ReaderConfig,
  type S3Config,
  type StampConfig,
  type WecomConfig,
} from './config.ts'
export type { SmtpConfig } from './config-delivery.ts'
export { readCursor, writeCursor } from './cursor.ts'
export {
  type Db,
  epochMs,
  inRedoableTransaction,
  inTransaction,
  type OpenDb,
  openDb,
  sql,
  type Tx,
  wholeMs,
} from './db.ts'
export { type Embedded, startEmbedded } from './embedded/index.ts'
export { causeOf, Fault, type FaultCode, fail, messageOf } from './errors.ts'
export { armFailpoint, type FailpointName, failpoint } from './failpoint.ts'
export { createKit, type Kit, type KitOptions } from './http.ts'
export { hash63, newId } from './ids.ts'
export { defineJob, type JobCounts, type JobKind, type JobQueue, openJobs } from './jobs.ts'
export {
  countKeys,
  KEYS_APPLICATION,
  type KeyStatus,
  keyStatus,
  rewrapAll,
  serversWithout,
} from './key-rotation.ts'
export { type DataKey, KEYS_SHREDDED, KeyRing, type KeyScope, keyMonth, OWN_SCOPE } from './keys.ts'
export { type Listener, listen } from './listen.ts'
export { createLog, type Log } from './log.ts'
export { describeSource, MasterKeys, type MasterSource } from './master-key.ts'
export { addMonths, checkSchema, type MigrateReport, migrate } from './migrate.ts'
export { pooledRandom } from './random.ts'
export { repeat } from './repeat.ts'
export { open, type Suite, seal } from './seal.ts'
export { type Cell, type Sheet, toCsv, toXlsx } from './spreadsheet.ts'
