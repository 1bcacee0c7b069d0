import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import type { WecomConfig } from '../base/index.ts'
import { createWecomClient } from './client.ts'
import type { ArchiveRecord, Decrypted } from './decrypt.ts'
import { openKeyFolder } from './key-folder.ts'
import { openSdkSource, type SdkTuning } from './sdk/sdk-source.ts'

/** One piece of a media file; `next` is what to ask with for the one after it, null when this was the last (§3.4). */
export type MediaSlice = { data: Buffer; next: string | null }

/**
 * Where archive records and media come from: Tencent's library in a process of its own, or the simulator. One face, so
 * that nothing above knows which.
 */
export type ArchiveSource = {
  name: string
  /** Records with seq greater than the given one, in order; empty at the end. */
  pull(seq: number, limit: number): Promise<ArchiveRecord[]>
  /** Results in the order of the records; what cannot be decrypted says why. */
  decrypt(records: ArchiveRecord[]): Promise<Decrypted[]>
  /** At most 512 KiB of a file; `index` is '' at first, then the `next` of the piece before. */
  media(sdkfileid: string, index: string): Promise<MediaSlice>
  close(): Promise<void>
}

const record = z.looseObject({
  seq: z.number().int().nonnegative(),
  msgid: z.string(),
  publickey_ver: z.number().int(),
  encrypt_random_key: z.string(),
  encrypt_chat_msg: z.string(),
})
export const page = z.looseObject({ chatdata: z.array(record) })
const slice = z.looseObject({ data: z.string(), outindexbuf: z.string(), is_finish: z.number().int() })
/** A full page of 1,000 with long texts takes a slow line this long. */
const TIMEOUT_MS = 20_000

/**
 * The archive source of this institution: Tencent's library in processes of its own, or the simulator's HTTP source.
 * Throws `sdk.library` at once when the library is missing, altered or cannot run here. `tuning` is for tests.
 */
export function openArchiveSource(config: WecomConfig, tuning: SdkTuning = {}): ArchiveSource {
  return config.source === 'sdk' ? librarySource(config, tuning) : simulatorSource(config)
}

function librarySource(config: WecomConfig, tuning: SdkTuning): ArchiveSource {
  const pool = openKeyFolder(config.archiveKeys)
  try {
    const sdk = openSdkSource(config, records => pool.unwrap(records), tuning)
    return {
      ...sdk,
      async close() {
        await sdk.close()
        await pool.close()
      },
    }
  } catch (error) {
    void pool.close()
    throw error
  }
}

function simulatorSource(config: WecomConfig): ArchiveSource {
  const client = createWecomClient({
    apiBase: config.apiBase,
    corpid: config.corpid,
    proxy: config.proxy,
    timeoutMs: TIMEOUT_MS,
    // Capture has its own patience, and shows its trouble while it waits.
    backoffMs: [200],
    wait: ms => wait(ms),
  })
  const pool = openKeyFolder(config.archiveKeys)
  return {
    name: config.source,
    decrypt: records => pool.decrypt(records),
    close: () => pool.close(),
    async pull(seq, limit) {
      const reply = await client.call(config.archiveSecret, {
        method: 'POST',
        path: 'message/getchatdata',
        body: { seq, limit, timeout: TIMEOUT_MS / 1000 },
        reply: page,
        idempotent: true,
      })
      return reply.chatdata
    },
    async media(sdkfileid, index) {
      const reply = await client.call(config.archiveSecret, {
        method: 'POST',
        path: 'message/getchatmediadata',
        body: { sdkfileid, indexbuf: index, timeout: TIMEOUT_MS / 1000 },
        reply: slice,
        idempotent: true,
      })
      return {
        data: Buffer.from(reply.data, 'base64'),
        next: reply.is_finish === 1 ? null : reply.outindexbuf,
      }
    },
  }
}
