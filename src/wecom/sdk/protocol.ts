import type { MediaRc, Network, Rc } from './abi.ts'

/** What the child is asked, one request at a time. Nothing here is a private key: RSA stays with the parent. */
export type SdkRequest =
  /** Load the library if its SHA-256 is among `known`, then NewSdk and Init. */
  | { op: 'open'; library: string; known: string[]; corpid: string; secret: string }
  | { op: 'pull'; seq: number; limit: number; network: Network }
  | { op: 'decrypt'; items: SealedItem[] }
  | { op: 'media'; index: string; fileid: string; network: Network }
  /** DestroySdk; the child ends after the answer. */
  | { op: 'close' }

/** `key`: encrypt_random_key after RSA. `message`: encrypt_chat_msg as it came. */
export type SealedItem = { key: Buffer; message: string }

export type SdkResults = {
  open: { rc: number }
  pull: Rc
  decrypt: Rc[]
  media: MediaRc
  close: null
}

/** `rss`: bytes the child holds after the call. `failed`: the call could not be made at all. */
export type SdkAnswer =
  | { id: number; rss: number; result: SdkResults[SdkRequest['op']] }
  | { id: number; rss: number; failed: { reason: 'library' | 'load'; message: string } }
