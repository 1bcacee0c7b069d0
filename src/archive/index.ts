export { type Appended, append } from './append.ts'
export { readBefore } from './before.ts'
export type { MessageKey, MessageView, SearchHit, SearchQuery, TextPart, Transcript } from './contract.ts'
export { searchQuery } from './contract.ts'
export { type RawDigest, rawDigests } from './digests.ts'
export { archiveRoutes } from './http.ts'
export { APPENDED, DERIVED, MEDIA_NOTED } from './jobs.ts'
export { mark } from './marks.ts'
export {
  keepSlice,
  type Measured,
  type MediaVerdict,
  measure,
  postponeMedia,
  releaseMedia,
  settleFetched,
  settleLoss,
  startAgain,
  takeWaiting,
  type Wanted,
} from './media.ts'
export { countMedia, releaseAll } from './media-store.ts'
export { type Incoming, type Prepared, prepare } from './prepare.ts'
export { eachMessage, type Opened, readDerived, readMessages, readSpoken, type Spoken } from './read.ts'
export { bytesOf, type Found, type Reading, settleReading, takeUnread, type Unread } from './reading.ts'
export { countReadings, unclaim, unclaimAll, wakeSkipped } from './reading-store.ts'
export { explainSearch, type SearchResult, search } from './search.ts'
export { type ArchiveState, archiveState } from './state.ts'
export { authoriseConversation, readTranscript } from './transcript.ts'
export { type ArchiveReport, type LeafKind, lastVerification, verifyArchive } from './verify.ts'
