import { createRng } from './rng.ts'

/** What a call of the API can meet; the numbers are errcodes of wecom-api.md §§1.3, 3.1. */
const API_FAULTS = [
  '-1',
  '45009',
  '42001',
  '40014',
  'token_expiry',
  '60020',
  '301042',
  '301048',
  '301058',
  '10001',
  '10002',
  '10003',
  '10009',
  '10010',
  '10011',
  'cut',
  'slow',
  'http500',
  'down',
] as const
/** What a callback can meet. */
export const CALLBACK_FAULTS = [
  'callback_slow',
  'callback_truncated',
  'callback_duplicate',
  'callback_out_of_order',
  'callback_lost',
  'callback_forged',
] as const
/** What the world itself can do: keys, clock and sums. */
const WORLD_FAULTS = ['key_rotation', 'clock_skew', 'md5_empty', 'md5_wrong'] as const
export const FAULT_KINDS = [...API_FAULTS, ...CALLBACK_FAULTS, ...WORLD_FAULTS] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

export type Fault = {
  /** The end of the path, as `getchatdata` or `externalcontact/get`; `*`, the default, is any that the kind can meet. */
  endpoint?: string
  kind: FaultKind
  /** How often; 1 by default, or as often as it comes up while `forMs` lasts. */
  times?: number
  /** Of `slow` and `callback_slow`, in ms of the machine's clock. */
  delayMs?: number
  /** When it begins on this world's clock: at an instant (epoch ms), or so long from now. At once by default. */
  at?: number
  afterMs?: number
  /** How long it waits to be met; until it is, by default. */
  forMs?: number
  /** Of `clock_skew`: how far WeCom's clock is ahead, in ms. */
  skewMs?: number
  /** Of `key_rotation`: the public key that messages are sealed under from then on. */
  pem?: string
}
/** One that waits, with its times and places worked out. */
export type Waiting = Fault & { endpoint: string; times: number; from: number; until: number }

export type Faults = {
  add(fault: Fault): void
  schedule(faults: readonly Fault[]): void
  /** What this call of the API meets, used up by one. */
  take(path: string): Waiting | undefined
  /** One of these kinds, wherever it belongs; used up by one. */
  takeOf(kinds: readonly FaultKind[], path?: string): Waiting | undefined
  /** Something was done by hand that counts as one of these. */
  note(kind: FaultKind): void
  list(): Waiting[]
  /** How often each really came to pass. */
  injected(): Record<string, number>
  clear(): void
}

/** Taken where the answer is made, since they need to see more than the path. */
const INSIDE: readonly string[] = ['301048', ...CALLBACK_FAULTS, ...WORLD_FAULTS]
/** `*` means only these places, where a kind is of one place alone. */
const PLACES: Record<string, RegExp> = {
  token_expiry: /\/(?!gettoken$)[^/]+$/,
  '40014': /\/(?!gettoken$)[^/]+$/,
  '42001': /\/(?!gettoken$)[^/]+$/,
  '60020': /\/cgi-bin\/(?!message\/getchat|msgaudit\/)/,
  '301042': /\/(message\/getchat\w+|msgaudit\/\w+)$/,
  '301048': /\/getchatmediadata$/,
  '301058': /\/getchatdata$/,
}
/** Return codes of the library: only its two calls have them. */
const LIBRARY = /\/message\/getchat(media)?data$/

export function createFaults(now: () => number): Faults {
  let waiting: Waiting[] = []
  const injected = new Map<string, number>()
  const note = (kind: FaultKind): void => void injected.set(kind, (injected.get(kind) ?? 0) + 1)
  const takeOf = (fits: (one: Waiting) => boolean, path: string): Waiting | undefined => {
    const at = now()
    waiting = waiting.filter(one => one.times > 0 && one.until > at)
    const fault = waiting.find(one => one.from <= at && fits(one) && meets(one, path))
    if (!fault) return undefined
    fault.times--
    note(fault.kind)
    waiting = waiting.filter(one => one.times > 0)
    return fault
  }
  const add = (fault: Fault): void => {
    if (fault.kind === 'key_rotation' && !fault.pem) throw new Error('key_rotation needs the new public key')
    const from = fault.at ?? now() + (fault.afterMs ?? 0)
    const times = fault.times ?? (fault.forMs === undefined ? 1 : Number.MAX_SAFE_INTEGER)
    const until = fault.forMs === undefined ? Number.MAX_SAFE_INTEGER : from + fault.forMs
    if (times > 0) waiting.push({ ...fault, endpoint: fault.endpoint ?? '*', times, from, until })
  }
  return {
    add,
    schedule: faults => faults.forEach(add),
    take: path => takeOf(one => !INSIDE.includes(one.kind), path),
    takeOf: (kinds, path = '') => takeOf(one => kinds.includes(one.kind), path),
    note,
    list: () => waiting.map(one => ({ ...one })),
    injected: () => Object.fromEntries([...injected].sort(([a], [b]) => a.localeCompare(b))),
    clear: () => {
      waiting = []
    },
  }
}

function meets(fault: Waiting, path: string): boolean {
  if (path === '') return true
  if (fault.endpoint !== '*') return path.endsWith(`/${fault.endpoint}`)
  const place = PLACES[fault.kind] ?? (/^100\d\d$/.test(fault.kind) ? LIBRARY : undefined)
  return place?.test(path) ?? true
}

export type SeedOptions = { kinds?: readonly FaultKind[]; timesEach?: number }
/** What `faultsFromSeed` draws from: everything but the keys, whose private half the caller must hold. */
const BY_SEED = FAULT_KINDS.filter(kind => kind !== 'key_rotation')

/** The same bad stretch of `durationMs` for the same seed: every kind, spread over it by chance. */
export function faultsFromSeed(
  seed: string | number,
  durationMs: number,
  options: SeedOptions = {},
): Fault[] {
  const rng = createRng(`faults/${seed}`)
  const each = options.timesEach ?? 3
  const drawn = (options.kinds ?? BY_SEED).flatMap(kind => {
    const own = rng.fork(kind)
    return Array.from({ length: each }, (): Fault => {
      const fault = { kind, afterMs: own.int(0, durationMs) }
      if (kind === 'slow' || kind === 'callback_slow') return { ...fault, delayMs: own.int(200, 3000) }
      if (kind === 'clock_skew')
        return { ...fault, skewMs: own.int(-240_000, 240_000), forMs: Math.ceil(durationMs / 20) }
      if (kind === 'down') return { ...fault, forMs: Math.ceil(durationMs / 50) }
      return fault
    })
  })
  return drawn.sort((a, b) => (a.afterMs ?? 0) - (b.afterMs ?? 0))
}
