export { type ConsentEvent, consentOf, recordConsent } from './consent.ts'
export { applyContactEvent } from './events.ts'
export { contactsRoutes } from './http.ts'
export { maskName } from './mask.ts'
export {
  followNotices,
  type NoticeSender,
  proveNotices,
  type SaidMessage,
  sendDueNotices,
} from './notice.ts'
export { noticeRoutes } from './notice-http.ts'
export { DEFAULT_NOTICE, registerNotice } from './notice-text.ts'
export { findContacts, partiesOf } from './parties.ts'
export { refreshWanted } from './refresh.ts'
export { reveal } from './reveal.ts'
export { syncContacts } from './sync.ts'
