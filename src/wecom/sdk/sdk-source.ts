import { setTimeout as wait } from 'node:timers/promises'
import { fail, type WecomConfig } from '../../base/index.ts'
import type { ArchiveRecord, Decrypted, Unwrapped } from '../decrypt.ts'
import type { MediaSlice } from '../source.ts'
import type { Network, Rc } from './abi.ts'
import { DECRYPT_DEADLINE_MS, decryptRecords } from './decrypt.ts'
import { isPassing, type SdkApi, type SdkFailure, sdkFault, TOKEN_DEAD, TOO_LARGE } from './errors.ts'
import { acceptedDigests, checkLibrary } from './library.ts'
import { chatPage, errcodeIn } from './page.ts'
import { createPageSize, type PageSize } from './page-size.ts'
import { isCrash, SdkProcess, type Vitals } from './supervisor.ts'

/** RSA over encrypt_random_key, where the private keys are. */
export type Unwrap = (records: ArchiveRecord[]) => Promise<Unwrapped[]>

/** What tests set; production keeps the defaults. Milliseconds and bytes. */
export type SdkTuning = {
  timeoutSeconds?: number
  /** Beyond the library's own timeout. */
  graceMs?: number
  decryptDeadlineMs?: number
  retryMs?: number
  backoffMs?: number[]
  rssLimit?: number
}

export type SdkSource = {
  name: string
  pull(seq: number, limit: number): Promise<ArchiveRecord[]>
  decrypt(records: ArchiveRecord[]): Promise<Decrypted[]>
  media(sdkfileid: string, index: string): Promise<MediaSlice>
  close(): Promise<void>
  /** The process that pulls and decrypts. */
  vitals(): Vitals
}

/** A full page of 1,000 with long texts takes a slow line this long. */
const TIMEOUT_SECONDS = 20
/** The library counts its timeout a request, and may ask for a token first. */
const GRACE_MS = 25_000
const RETRY_MS = 200

/**
 * Tencent's library as an archive source. Media has a process of its own: messages never wait for a large file.
 * Throws `sdk.library` at once when the library is missing, altered or cannot run here.
 */
export function openSdkSource(config: WecomConfig, unwrap: Unwrap, tuning: SdkTuning = {}): SdkSource {
  const choice = config.sdk
  if (!choice) throw fail('config.invalid', { hint: 'WECOM_SDK_LIBRARY is not set' })
  checkLibrary(choice)
  const timeout = tuning.timeoutSeconds ?? TIMEOUT_SECONDS
  const network = { proxy: choice.proxy ?? '', passwd: choice.proxyAuth ?? '', timeout }
  const start = (): SdkProcess =>
    new SdkProcess({
      library: choice.library,
      known: acceptedDigests(choice),
      corpid: config.corpid,
      secret: config.archiveSecret,
      backoffMs: tuning.backoffMs,
      rssLimit: tuning.rssLimit,
    })
  const [messages, files] = [start(), start()]
  const deadline = timeout * 1000 + (tuning.graceMs ?? GRACE_MS)
  const retry = { ms: tuning.retryMs ?? RETRY_MS }
  const size = createPageSize()
  return {
    name: 'sdk',
    pull: (seq, limit) => pull({ sdk: messages, network, deadline, retry, size }, seq, limit),
    async decrypt(records) {
      const keys = await unwrap(records)
      return decryptRecords(messages, records, keys, tuning.decryptDeadlineMs ?? DECRYPT_DEADLINE_MS)
    },
    async media(sdkfileid, index) {
      const request = { op: 'media', index, fileid: sdkfileid, network } as const
      const piece = await asked('GetMediaData', files, retry, () => files.call(request, deadline))
      return { data: piece.data, next: piece.finished ? null : piece.next }
    },
    async close() {
      await Promise.all([messages.close(), files.close()])
    },
    vitals: () => messages.vitals(),
  }
}

type Line = { sdk: SdkProcess; network: Network; deadline: number; retry: { ms: number }; size: PageSize }

/** As many as asked for, in several calls when the server takes only smaller ones; fewer only at the end of the data. */
async function pull(line: Line, seq: number, limit: number): Promise<ArchiveRecord[]> {
  const records: ArchiveRecord[] = []
  while (records.length < limit) {
    const ask = Math.min(line.size.get(), limit - records.length)
    const after = records.at(-1)?.seq ?? seq
    let page: ArchiveRecord[] | 'too large'
    try {
      page = await pullOnce(line, after, ask)
    } catch (error) {
      // What came before the trouble counts; it will be met again.
      if (records.length > 0) return records
      throw error
    }
    if (page === 'too large') continue
    records.push(...page)
    if (page.length < ask) break
  }
  return records
}

async function pullOnce(line: Line, seq: number, limit: number): Promise<ArchiveRecord[] | 'too large'> {
  const request = { op: 'pull', seq, limit, network: line.network } as const
  try {
    const answer = await asked('GetChatData', line.sdk, line.retry, () =>
      line.sdk.call(request, line.deadline),
    )
    line.size.passed()
    return chatPage(answer.data)
  } catch (error) {
    if (!isTooLarge(error) || !line.size.tooLarge(limit)) throw error
    return 'too large'
  }
}

function isTooLarge(error: unknown): boolean {
  return (error as { details?: { errcode?: unknown } } | null)?.details?.errcode === TOO_LARGE
}

/** The answer, or what its two error layers mean; once more when that may help (capture has its own patience). */
async function asked<T extends Rc>(
  api: SdkApi,
  sdk: SdkProcess,
  retry: { ms: number },
  call: () => Promise<T>,
): Promise<T> {
  const first = await call().catch(error => {
    if (isCrash(error) && error.details.how !== 'closed') return null
    throw error
  })
  if (first) {
    const failure = failureOf(api, first)
    if (!failure) return first
    if (TOKEN_DEAD.has(failure.errcode)) await sdk.renew()
    else if (!isPassing(failure)) throw sdkFault(failure)
  }
  await wait(retry.ms)
  const second = await call()
  const failure = failureOf(api, second)
  if (failure) throw sdkFault(failure)
  return second
}

/** rc may be 0 with an errcode in the JSON, and a failing rc may bring the JSON too (§3.1): both are looked at. */
function failureOf(api: SdkApi, answer: Rc): SdkFailure | null {
  const errcode = api === 'GetChatData' || answer.rc !== 0 ? errcodeIn(answer.data) : 0
  return answer.rc === 0 && errcode === 0 ? null : { api, rc: answer.rc, errcode }
}
