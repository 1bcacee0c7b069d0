import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { fail, type WecomConfig } from '../base/index.ts'
import { createWecomClient } from './client.ts'
import type { ArchiveRecord } from './decrypt.ts'

/** Where encrypted archive records come from. `pull` gives records with seq greater than the given one, in order. */
export type ArchiveSource = { name: string; pull(seq: number, limit: number): Promise<ArchiveRecord[]> }

const record = z.looseObject({
  seq: z.number().int().nonnegative(),
  msgid: z.string(),
  publickey_ver: z.number().int(),
  encrypt_random_key: z.string(),
  encrypt_chat_msg: z.string(),
})
const page = z.looseObject({ chatdata: z.array(record) })
/** A full page of 1,000 with long texts takes a slow line this long. */
const TIMEOUT_MS = 20_000

/**
 * The archive source of this institution. Tencent's Finance SDK is not in this release: its driver runs in a process
 * of its own and comes with the next; until then only the simulator's HTTP source can be followed.
 */
export function openArchiveSource(config: WecomConfig): ArchiveSource {
  if (config.source === 'sdk') {
    throw fail('source.unsupported', {
      hint: 'this release follows the simulator only (WECOM_ARCHIVE_SOURCE=simulator); decrypted messages can be brought in with "import"',
    })
  }
  const client = createWecomClient({
    apiBase: config.apiBase,
    corpid: config.corpid,
    timeoutMs: TIMEOUT_MS,
    // Capture has its own patience, and shows its trouble while it waits.
    backoffMs: [200],
    wait: ms => wait(ms),
  })
  return {
    name: config.source,
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
  }
}
