export type { Choice } from './choice.ts'
export { choiceAt, inKnownState, isRefusal } from './choice.ts'
export {
  type ConsentEvent,
  consentIn,
  consentOf,
  pendingChoice,
  recordConsent,
  recordConsents,
} from './consent.ts'
export { consentRoutes } from './consent-http.ts'
export { consentLeaves } from './consent-leaf.ts'
export { type ConsentRow, choicesOf, consentsById, recordedOf } from './consent-store.ts'
export { type FriendshipEnd, friendshipEnds } from './ends.ts'
export { applyContactEvent } from './events.ts'
export {
  type Identity,
  identitiesOf,
  type NoticeGiven,
  noticesOf,
  noticeWordings,
  type Stay,
  staysIn,
} from './evidence.ts'
export { type Gate, openGate, type Passing } from './gate.ts'
export { contactsRoutes } from './http.ts'
export { maskName } from './mask.ts'
export { mayWrite, type OptOut, recordOptOut, type WriteQuestion } from './may-write.ts'
export {
  followNotices,
  type NoticeSender,
  proveNotices,
  type SaidMessage,
  sendDueNotices,
} from './notice.ts'
export { noticeRoutes } from './notice-http.ts'
export { DEFAULT_NOTICE, registerNotice } from './notice-text.ts'
export { clearNamesOf, findContacts, partiesOf } from './parties.ts'
export { markErased, type Refuser, refusersOf } from './processing.ts'
export { refreshWanted } from './refresh.ts'
export { reveal } from './reveal.ts'
export { syncContacts } from './sync.ts'
export { type Happening, type Talk, type TalkThen, talkThen } from './talk.ts'
