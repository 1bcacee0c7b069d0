export { firstWithin, newestOf, nthAfter } from './after.ts'
export { type Appended, append } from './append.ts'
export { readBefore } from './before.ts'
export { refusalRoutes } from './consent-http.ts'
export type { MessageKey, MessageView, SearchHit, SearchQuery, TextPart, Transcript } from './contract.ts'
export { exportAsk, searchQuery } from './contract.ts'
export { identityOf } from './derived.ts'
export { sortDestroyed } from './destroyed-months.ts'
export { type RawDigest, rawDigests } from './digests.ts'
export { settleErasure } from './erasure.ts'
export {
  type Exhibit,
  exhibits,
  type Measure,
  measureStretches,
  type Stretch,
  storedFile,
} from './exhibits.ts'
export { countGramGaps, rebuildGrams } from './gram-gaps.ts'
export { archiveRoutes } from './http.ts'
export { APPENDED, DERIVED, MEDIA_NOTED } from './jobs.ts'
export {
  anchorConversation,
  approvePurgeClass,
  decidePurgeRequest,
  destructionLeaves,
  destructionsOf,
  type ExplainView,
  endPurgeClass,
  executePurge,
  explainRetention,
  holdLeaves,
  holdsPlaced,
  type KeepDeps,
  keepRoutes,
  listPurges,
  PURGE,
  type PurgeDeps,
  type PurgeGuard,
  type PurgeReach,
  placeHold,
  proposePurgeClass,
  purgeByCustomer,
  releaseHold,
  requestPurge,
  withdrawPurge,
  workPurges,
} from './keep/index.ts'
export { mark } from './marks.ts'
export {
  keepSlice,
  type Measured,
  type MediaFile,
  type MediaVerdict,
  measure,
  postponeMedia,
  readMedia,
  releaseMedia,
  settleFetched,
  settleLoss,
  startAgain,
  takeWaiting,
  type Wanted,
} from './media.ts'
export { countMedia, releaseAll } from './media-store.ts'
export { readOriginal } from './original.ts'
export { findPlace } from './places.ts'
export {
  type Opening,
  openedRecord,
  openingsOf,
  type PopulationRow,
  populationOf,
} from './population.ts'
export { conversationId, type Incoming, type Prepared, prepare } from './prepare.ts'
export { proveMessage } from './prove.ts'
export { eachMessage, type Opened, readDerived, readMessages, readSpoken, type Spoken } from './read.ts'
export { bytesOf, type Found, type Reading, settleReading, takeUnread, type Unread } from './reading.ts'
export { countReadings, unclaim, unclaimAll, wakeSkipped } from './reading-store.ts'
export type { RuleNames } from './search/criteria.ts'
export { askExport, downloadExport } from './search/export.ts'
export { explainSearch, keysOfSearch, type SearchResult, search } from './search/search.ts'
export { fixPopulation, type Population, readSpan, type Span, spansOf } from './spans.ts'
export { type ArchiveState, archiveState } from './state.ts'
export { conversationTitles } from './titles.ts'
export { authoriseConversation, readTranscript } from './transcript.ts'
export {
  type ArchiveReport,
  type LeafKind,
  type VerifyOptions,
  type VerifyState,
  verifyArchive,
} from './verify.ts'
export { checkFiles, type FilesChecked } from './verify-media.ts'
export { wavOf } from './voice.ts'
