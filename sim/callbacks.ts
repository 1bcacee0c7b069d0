import { setTimeout as delay } from 'node:timers/promises'
import { encryptCallback, signCallback } from './callback-crypto.ts'
import { envelopeXml, eventXml } from './callback-xml.ts'
import type { SimEvent } from './events.ts'
import { CALLBACK_FAULTS, type Faults, type Waiting } from './faults.ts'
import type { Delivery, Journal } from './journal.ts'
import type { Rng } from './rng.ts'

/** Where events go, as the operator types it into WeCom (wecom-api.md §2.1). */
export type CallbackTarget = {
  url: string
  token: string
  /** EncodingAESKey, 43 characters. */
  aesKey: string
  /** A receiver may have this long before the line is dropped; WeCom's 5 s by default. */
  timeoutMs?: number | undefined
  /** Between two attempts, in ms of the machine's clock; 1 s by default. */
  retryMs?: number | undefined
}
type Verified = { ok: boolean; why: string }

export type Callbacks = {
  target(): CallbackTarget | undefined
  configure(target: CallbackTarget | undefined): void
  /** The GET with `echostr` that WeCom sends when the operator saves the address. */
  verify(target?: CallbackTarget): Promise<Verified>
  /** When nothing is under way; what is held back by `callback_out_of_order` is let go first. */
  idle(): Promise<void>
  close(): void
}

type Setting = {
  corpid: string
  now: () => number
  rng: Rng
  faults: Faults
  journal: Journal
  target: CallbackTarget | undefined
}
type Sealed = { url: string; body: string }
type Job = { event: SimEvent; delivery: Delivery; fault: Waiting | undefined }

const TIMEOUT_MS = 5000
const VERIFY_MS = 1000
const RETRY_MS = 1000
/** In all, the first included. */
const ATTEMPTS = 3
const SLOW_MS = 3000

/** Posts what happens in this world to the operator's address, and fails the ways WeCom and networks do. */
export function createCallbacks(
  setting: Setting,
  listen: (tell: (event: SimEvent) => void) => void,
): Callbacks {
  const { now, faults, journal } = setting
  let target = setting.target
  // First attempts go out one after the other, so that only a fault changes the order; retries go beside them.
  let line: Promise<void> = Promise.resolve()
  let held: Job[] = []
  const under = new Set<Promise<void>>()
  const stopped = new AbortController()
  const background = (work: Promise<void>): void => {
    const tracked = work.finally(() => under.delete(tracked))
    under.add(tracked)
  }
  const send = (job: Job): void => {
    const to = target
    if (!to) return
    line = line.then(() => first(setting, to, job, stopped.signal, background))
  }
  const release = (): void => {
    const jobs = held
    held = []
    for (const job of jobs) send(job)
  }
  listen(event => {
    if (!target) return
    const fault = faults.takeOf(CALLBACK_FAULTS)
    const skewed = faults.takeOf(['clock_skew'])
    const seen = skewed ? { ...event, at: event.at + (skewed.skewMs ?? 0) } : event
    const delivery = journal.delivery({ at: now(), type: event.type, attempts: [], outcome: 'waiting' })
    if (fault) delivery.fault = fault.kind
    const job: Job = { event: seen, delivery, fault }
    if (fault?.kind === 'callback_lost') {
      delivery.outcome = 'lost'
      return
    }
    if (fault?.kind === 'callback_out_of_order') {
      held.push(job)
      return
    }
    send(job)
    release()
  })
  return {
    target: () => target,
    configure: next => {
      target = next
    },
    verify: (to = target) => (to ? verify(setting, to) : Promise.resolve({ ok: false, why: '没有回调地址' })),
    idle: async () => {
      release()
      await line
      while (under.size > 0) await Promise.all(under)
    },
    close: () => stopped.abort(),
  }
}

async function first(
  setting: Setting,
  to: CallbackTarget,
  job: Job,
  signal: AbortSignal,
  background: (work: Promise<void>) => void,
): Promise<void> {
  if (signal.aborted) return
  const { delivery, fault, event } = job
  const sealed = seal(setting, to, event, fault)
  if (fault?.kind === 'callback_slow') {
    background(
      pause(fault.delayMs ?? SLOW_MS, signal).then(() => attempts(to, delivery, sealed, sealed, signal)),
    )
    return
  }
  const broken = fault?.kind === 'callback_truncated' ? truncated(sealed) : sealed
  await attempt(to, delivery, broken, signal)
  if (delivery.outcome === 'waiting')
    background(
      pause(to.retryMs ?? RETRY_MS, signal).then(() => attempts(to, delivery, sealed, sealed, signal)),
    )
  if (fault?.kind !== 'callback_duplicate') return
  // Sealed afresh: a receiver that only compares signatures takes it for a new one.
  const again = setting.journal.delivery({
    at: setting.now(),
    type: event.type,
    attempts: [],
    outcome: 'waiting',
  })
  again.fault = fault.kind
  const second = seal(setting, to, event, undefined)
  await attempts(to, again, second, second, signal)
}

/** What is left of the three, the same bytes each time. */
async function attempts(
  to: CallbackTarget,
  delivery: Delivery,
  sealed: Sealed,
  then: Sealed,
  signal: AbortSignal,
): Promise<void> {
  for (let next = sealed; delivery.outcome === 'waiting' && !signal.aborted; next = then) {
    await attempt(to, delivery, next, signal)
    if (delivery.outcome === 'waiting') await pause(to.retryMs ?? RETRY_MS, signal)
  }
}

async function attempt(
  to: CallbackTarget,
  delivery: Delivery,
  sealed: Sealed,
  signal: AbortSignal,
): Promise<void> {
  const started = performance.now()
  const tried = (status: number, error?: string): void => {
    const ms = Math.round(performance.now() - started)
    delivery.attempts.push(error === undefined ? { status, ms } : { status, error, ms })
    if (status === 200) delivery.outcome = 'received'
    else if (delivery.attempts.length >= ATTEMPTS) delivery.outcome = 'failed'
  }
  try {
    const timeout = AbortSignal.timeout(to.timeoutMs ?? TIMEOUT_MS)
    const response = await fetch(sealed.url, {
      method: 'POST',
      headers: { 'content-type': 'text/xml; charset=utf-8' },
      body: sealed.body,
      signal: AbortSignal.any([timeout, signal]),
    })
    await response.arrayBuffer()
    tried(response.status)
  } catch (error) {
    const timedOut = error instanceof Error && error.name === 'TimeoutError'
    tried(0, timedOut ? 'timeout' : String((error as { cause?: unknown }).cause ?? error))
  }
}

function seal(setting: Setting, to: CallbackTarget, event: SimEvent, fault: Waiting | undefined): Sealed {
  const encrypted = encryptCallback(
    to.aesKey,
    eventXml(setting.corpid, event),
    setting.corpid,
    setting.rng.bytes(16),
  )
  const token = fault?.kind === 'callback_forged' ? `not-${to.token}` : to.token
  return {
    url: addressed(setting, to, token, event.at, encrypted).href,
    body: envelopeXml(setting.corpid, encrypted, event.agentId),
  }
}

function addressed(setting: Setting, to: CallbackTarget, token: string, at: number, encrypted: string): URL {
  const timestamp = String(Math.floor(at / 1000))
  const nonce = setting.rng.digits(10)
  const url = new URL(to.url)
  url.searchParams.set('msg_signature', signCallback(token, timestamp, nonce, encrypted))
  url.searchParams.set('timestamp', timestamp)
  url.searchParams.set('nonce', nonce)
  return url
}

function truncated(sealed: Sealed): Sealed {
  return { ...sealed, body: sealed.body.slice(0, sealed.body.length >> 1) }
}

async function verify(setting: Setting, to: CallbackTarget): Promise<Verified> {
  const echo = setting.rng.digits(19)
  try {
    const echostr = encryptCallback(to.aesKey, echo, setting.corpid, setting.rng.bytes(16))
    const url = addressed(setting, to, to.token, setting.now(), echostr)
    url.searchParams.set('echostr', echostr)
    const response = await fetch(url, { signal: AbortSignal.timeout(to.timeoutMs ?? VERIFY_MS) })
    const answer = await response.text()
    if (answer === echo) return { ok: true, why: '' }
    return { ok: false, why: `回应不是解密后的 echostr（HTTP ${response.status}）` }
  } catch (error) {
    const timedOut = error instanceof Error && error.name === 'TimeoutError'
    return { ok: false, why: timedOut ? '一秒内没有回应' : '地址无法访问，或 EncodingAESKey 不是 43 位' }
  }
}

/** Cut short when the world ends. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false }).catch(() => undefined)
}
