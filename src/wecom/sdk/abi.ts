import koffi from 'koffi'

/** `data` is a copy of the slice; on a non-zero rc it may hold an error JSON (wecom-api.md §3.1). */
export type Rc = { rc: number; data: Buffer }
/** `next` is GetOutIndexBuf: what to ask with for the following piece. */
export type MediaRc = Rc & { next: string; finished: boolean }
/** `proxy` and `passwd` may be empty (direct); `timeout` in seconds. */
export type Network = { proxy: string; passwd: string; timeout: number }

/** Tencent's C functions with values instead of pointers; every slice they fill is freed before they return. */
export type FinanceSdk = {
  /** NewSdk and Init; the rc of Init. Once. */
  init(corpid: string, secret: string): number
  chatData(seq: number, limit: number, network: Network): Rc
  /** `key` is what RSA gave; it may be random bytes when the private key is wrong. */
  decrypt(key: Buffer, message: string): Rc
  media(index: string, fileid: string, network: Network): MediaRc
  destroy(): void
}

const NOTHING = Buffer.alloc(0)
const POINTER = 'void *'
const NUL = Buffer.from([0])

/**
 * Bind WeWorkFinanceSdk_C.h (§3.1). `deep` is RTLD_DEEPBIND: Node exports its own OpenSSL 3.5, and Tencent's library,
 * which carries OpenSSL 3.0, would otherwise be bound to Node's functions and corrupt its memory.
 * Throws when the library cannot be loaded or lacks a function.
 */
export function loadFinanceSdk(path: string): FinanceSdk {
  const native = bind(path)
  let sdk: bigint | null = null
  const slice = (call: (slice: bigint) => number): Rc => {
    const pointer = native.NewSlice()
    try {
      const rc = call(pointer)
      return { rc, data: native.copy(native.GetContentFromSlice(pointer), native.GetSliceLen(pointer)) }
    } finally {
      native.FreeSlice(pointer)
    }
  }
  return {
    init(corpid, secret) {
      sdk = native.NewSdk()
      return native.Init(sdk, corpid, secret)
    },
    chatData: (seq, limit, { proxy, passwd, timeout }) =>
      slice(to => native.GetChatData(sdk, seq, limit, proxy, passwd, timeout, to)),
    decrypt: (key, message) =>
      slice(to => native.DecryptData(Buffer.concat([key, NUL]), Buffer.from(`${message}\0`), to)),
    media(index, fileid, { proxy, passwd, timeout }) {
      const media = native.NewMediaData()
      try {
        const rc = native.GetMediaData(sdk, index, fileid, proxy, passwd, timeout, media)
        return {
          rc,
          data: native.copy(native.GetData(media), native.GetDataLen(media)),
          next: native.copy(native.GetOutIndexBuf(media), native.GetIndexLen(media)).toString('latin1'),
          finished: native.IsMediaDataFinish(media) !== 0,
        }
      } finally {
        native.FreeMediaData(media)
      }
    },
    destroy() {
      if (sdk !== null) native.DestroySdk(sdk)
      sdk = null
    },
  }
}

type Pointer = bigint | null

/** The functions of the header, one for one. Text out of the library is a pointer with a length, never a C string. */
type Native = {
  NewSdk(): bigint
  Init(sdk: Pointer, corpid: string, secret: string): number
  GetChatData(
    sdk: Pointer,
    seq: number,
    limit: number,
    proxy: string,
    passwd: string,
    timeout: number,
    slice: Pointer,
  ): number
  DecryptData(key: Buffer, message: Buffer, slice: Pointer): number
  GetMediaData(
    sdk: Pointer,
    index: string,
    fileid: string,
    proxy: string,
    passwd: string,
    timeout: number,
    media: Pointer,
  ): number
  DestroySdk(sdk: Pointer): void
  NewSlice(): bigint
  FreeSlice(slice: Pointer): void
  GetContentFromSlice(slice: Pointer): Pointer
  GetSliceLen(slice: Pointer): number
  NewMediaData(): bigint
  FreeMediaData(media: Pointer): void
  GetOutIndexBuf(media: Pointer): Pointer
  GetData(media: Pointer): Pointer
  GetIndexLen(media: Pointer): number
  GetDataLen(media: Pointer): number
  IsMediaDataFinish(media: Pointer): number
  copy(from: Pointer, length: number): Buffer
}

const TEXT = 'str'
const NETWORK = [TEXT, TEXT, 'int']
const SIGNATURES: Record<Exclude<keyof Native, 'copy'>, [result: string, parameters: string[]]> = {
  NewSdk: [POINTER, []],
  Init: ['int', [POINTER, TEXT, TEXT]],
  GetChatData: ['int', [POINTER, 'uint64', 'uint', ...NETWORK, POINTER]],
  // Both are const char *, given as bytes: the key may be no text, and a message may exceed what the FFI copies.
  DecryptData: ['int', [POINTER, POINTER, POINTER]],
  GetMediaData: ['int', [POINTER, TEXT, TEXT, ...NETWORK, POINTER]],
  DestroySdk: ['void', [POINTER]],
  NewSlice: [POINTER, []],
  FreeSlice: ['void', [POINTER]],
  GetContentFromSlice: [POINTER, [POINTER]],
  GetSliceLen: ['int', [POINTER]],
  NewMediaData: [POINTER, []],
  FreeMediaData: ['void', [POINTER]],
  GetOutIndexBuf: [POINTER, [POINTER]],
  GetData: [POINTER, [POINTER]],
  GetIndexLen: ['int', [POINTER]],
  GetDataLen: ['int', [POINTER]],
  IsMediaDataFinish: ['int', [POINTER]],
}

function bind(path: string): Native {
  const library = koffi.load(path, { deep: true })
  const functions = Object.entries(SIGNATURES).map(([name, [result, parameters]]) => [
    name,
    library.func(name, result, parameters),
  ])
  const memcpy = koffi.load(null).func('memcpy', POINTER, [POINTER, POINTER, 'size_t'])
  const copy = (from: Pointer, length: number): Buffer => {
    if (from === null || from === 0n || length <= 0) return NOTHING
    const to = Buffer.allocUnsafeSlow(length)
    memcpy(to, from, length)
    return to
  }
  return { ...Object.fromEntries(functions), copy } as Native
}

/**
 * Linux: die with the parent even while a call hangs, and leave no core file, which would hold messages and the secret.
 */
export function bindFate(): void {
  if (process.platform !== 'linux') return
  const prctl = koffi.load(null).func('prctl', 'int', ['int', 'ulong', 'ulong', 'ulong', 'ulong'])
  const [PR_SET_PDEATHSIG, PR_SET_DUMPABLE, SIGKILL] = [1, 4, 9]
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
}
