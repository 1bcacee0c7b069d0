export { createWecomClient, errcodeOf, limitWait, type WecomClient } from './client.ts'
export {
  type ArchiveRecord,
  type Decrypted,
  decryptSimulated,
  loadArchiveKeys,
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
export type { WecomEvent } from './event.ts'
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
export { type ArchiveSource, type MediaSlice, openArchiveSource } from './source.ts'
export { type Fact, factsOf, type Media, mediaOf, type Text, textsOf } from './texts.ts'
