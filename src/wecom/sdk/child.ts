import { bindFate, type FinanceSdk, loadFinanceSdk } from './abi.ts'
import { withDigest } from './digest.ts'
import type { SdkAnswer, SdkRequest, SdkResults } from './protocol.ts'

/*
 * The process that holds Tencent's library, and nothing else of worth: no private keys, no database, no environment.
 * It may abort, hang or grow at any call; the supervisor sees to that. Calls are synchronous, so strictly one by one.
 */
let sdk: FinanceSdk | undefined

class LibraryRefused extends Error {}

function open(request: Extract<SdkRequest, { op: 'open' }>): SdkResults['open'] {
  sdk = withDigest(request.library, (sha256, name) => {
    if (!request.known.includes(sha256)) throw new LibraryRefused(`the library changed: SHA-256 ${sha256}`)
    return loadFinanceSdk(name)
  })
  return { rc: sdk.init(request.corpid, request.secret) }
}

function handle(request: SdkRequest): SdkResults[SdkRequest['op']] {
  if (request.op === 'open') return open(request)
  if (!sdk) throw new Error('the library is not open')
  const held = sdk
  switch (request.op) {
    case 'pull':
      return held.chatData(request.seq, request.limit, request.network)
    case 'decrypt':
      return request.items.map(item => held.decrypt(item.key, item.message))
    case 'media':
      return held.media(request.index, request.fileid, request.network)
    case 'close':
      held.destroy()
      return null
  }
}

function answer(id: number, request: SdkRequest): SdkAnswer {
  try {
    const result = handle(request)
    return { id, rss: process.memoryUsage.rss(), result }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const reason = error instanceof LibraryRefused ? 'library' : 'load'
    return { id, rss: process.memoryUsage.rss(), failed: { reason, message } }
  }
}

bindFate()
process.on('disconnect', () => process.exit(0))
process.on('message', (asked: { id: number; request: SdkRequest }) => {
  process.send?.(answer(asked.id, asked.request), () => {
    if (asked.request.op === 'close') process.exit(0)
  })
})
