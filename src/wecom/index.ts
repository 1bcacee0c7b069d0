export type { WecomFile } from './answer.ts'
export type { Answer, Attachment, Endpoint, Input } from './api/endpoint.ts'
export { ENDPOINTS, wecom } from './api/index.ts'
export { semanticsOf } from './api/intercept.ts'
export { type Outcome, type WecomApi, type WecomSecrets, wecomApi } from './api-client.ts'
export {
  type CallbackKeys,
  type CallbackQuery,
  type CallbackRefusal,
  openCallback,
} from './callback.ts'
export { readEnvelope, readEvent } from './callback-event.ts'
export { type CardButton, type CardFace, type CardSent, type WecomCards, wecomCards } from './cards.ts'
export {
  createWecomClient,
  errcodeOf,
  limitWait,
  type Upload,
  type WecomClient,
} from './client.ts'
export {
  type ArchiveRecord,
  type Decrypted,
  decryptSimulated,
  type Undecryptable,
} from './decrypt.ts'
export { openDecryptPool } from './decrypt-pool.ts'
export {
  type WecomConsent,
  type WecomContact,
  type WecomDepartment,
  type WecomDirectory,
  type WecomGroup,
  type WecomMember,
  wecomDirectory,
} from './directory.ts'
export { type Egress, openEgress, reasonOf, webRoots } from './egress.ts'
export type { WecomEvent } from './event.ts'
export { type Inside, insideOf, type Media, mediaOf, quoteIn } from './inside.ts'
export { loadArchiveKeys } from './key-folder.ts'
export {
  type Action,
  type Direction,
  isExternal,
  isRobot,
  type Link,
  NORMALISER,
  type Normal,
  normalise,
  type Unreadable,
} from './message.ts'
export { type GroupTaskState, type WecomOutreach, wecomOutreach } from './outreach.ts'
export { wecomRegister } from './register.ts'
export { checkLibrary } from './sdk/library.ts'
export { openSdkSource, type SdkSource, type SdkTuning } from './sdk/sdk-source.ts'
export { type ArchiveSource, type MediaSlice, openArchiveSource } from './source.ts'
export { type Fact, factsOf, type Text, textsOf } from './texts.ts'
