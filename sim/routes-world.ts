import { createPublicKey } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { read, refuse } from './control-input.ts'
import { FAULT_KINDS, type Fault, faultsFromSeed } from './faults.ts'
import type { World } from './world.ts'

const DAY_MS = 86_400_000
const newFault = z.object({
  endpoint: z.string().min(1).optional(),
  kind: z.enum(FAULT_KINDS),
  times: z.number().int().min(1).max(10_000).optional(),
  delayMs: z.number().int().min(0).max(120_000).optional(),
  at: z.number().int().min(0).optional(),
  afterMs: z.number().int().min(0).optional(),
  forMs: z.number().int().min(1).optional(),
  skewMs: z.number().int().optional(),
  pem: z.string().optional(),
})
const plan = z.union([
  z.object({ faults: z.array(newFault).min(1).max(1000) }),
  z.object({
    seed: z.union([z.string().min(1), z.number()]),
    durationMs: z
      .number()
      .int()
      .min(1000)
      .max(30 * DAY_MS),
    timesEach: z.number().int().min(1).max(100).optional(),
  }),
])
const newTime = z.object({
  set: z.number().int().positive().optional(),
  advanceMs: z
    .number()
    .int()
    .min(0)
    .max(400 * DAY_MS)
    .optional(),
  speed: z.number().min(0).max(100_000).optional(),
})
const newKey = z.object({ pem: z.string().min(1) })
const newTarget = z.object({
  url: z.url({ protocol: /^https?$/ }),
  token: z.string().regex(/^[A-Za-z0-9]{1,32}$/),
  aesKey: z.string().regex(/^[A-Za-z0-9]{43}$/),
  /** Save it although the platform does not answer: it may not be up yet. */
  unverified: z.boolean().optional(),
})
const newLimits = z.object({
  maxPageBytes: z.number().int().min(1).nullable().optional(),
  mediaDays: z.number().min(0).max(30).optional(),
})

/** What this world did and how it can be bent: the second page. No part of WeCom. */
export function worldRoutes(app: FastifyInstance, world: World): void {
  faultRoutes(app, world)
  callbackRoutes(app, world)
  app.get('/sim/journal', () => ({
    now: world.now(),
    speed: world.time.speed(),
    counts: world.journal.counts(),
    calls: world.journal.calls(60).reverse(),
    deliveries: world.journal.deliveries(60).reverse(),
    events: world.events.latest(60).reverse(),
    faults: world.faults.list(),
    injected: world.faults.injected(),
    keyVersion: world.archive.keyVersion(),
    maxPageBytes: Number.isFinite(world.limits.maxPageBytes) ? world.limits.maxPageBytes : null,
    mediaDays: world.limits.mediaMs / DAY_MS,
  }))
  app.get('/sim/time', () => clock(world))
  app.post('/sim/time', (request, reply) => {
    const input = read(newTime, request.body)
    if (!input) return refuse(reply, '时间或倍速不成立')
    if (input.set !== undefined && input.set < world.now()) return refuse(reply, '模拟时间不能倒退')
    if (input.set !== undefined) world.time.set(input.set)
    if (input.advanceMs !== undefined) world.time.advance(input.advanceMs)
    if (input.speed !== undefined) world.time.setSpeed(input.speed)
    return clock(world)
  })
  app.post('/sim/keys', (request, reply) => {
    const pem = read(newKey, request.body)?.pem ?? ''
    if (!isRsa2048(pem)) return refuse(reply, '应为 2048 位 RSA 公钥的 PEM')
    return { version: world.rotateKey(pem) }
  })
  app.post('/sim/limits', (request, reply) => {
    const input = read(newLimits, request.body)
    if (!input) return refuse(reply, '页大小或文件保存天数不成立')
    if (input.maxPageBytes !== undefined)
      world.limits.maxPageBytes = input.maxPageBytes ?? Number.POSITIVE_INFINITY
    if (input.mediaDays !== undefined) world.limits.mediaMs = input.mediaDays * DAY_MS
    return { ok: true }
  })
}

function faultRoutes(app: FastifyInstance, world: World): void {
  app.post('/sim/faults', (request, reply) => {
    const input = read(newFault, request.body)
    if (!input || !holds(input)) return refuse(reply, '故障的接口、种类或次数不成立')
    world.faults.add(input as Fault)
    return { faults: world.faults.list() }
  })
  app.post('/sim/faults/schedule', (request, reply) => {
    const input = read(plan, request.body)
    if (!input) return refuse(reply, '故障计划不成立')
    const faults =
      'faults' in input
        ? (input.faults as Fault[])
        : faultsFromSeed(input.seed, input.durationMs, { timesEach: input.timesEach ?? 3 })
    if (!faults.every(holds)) return refuse(reply, '换密钥须带上新的公钥')
    world.faults.schedule(faults)
    return { scheduled: faults.length, faults: world.faults.list() }
  })
  app.delete('/sim/faults', () => {
    world.faults.clear()
    return { faults: [] }
  })
}

function callbackRoutes(app: FastifyInstance, world: World): void {
  const { callbacks } = world
  app.get('/sim/callback', () => {
    const target = callbacks.target()
    return target ? { url: target.url, token: target.token } : {}
  })
  app.post('/sim/callback', async (request, reply) => {
    const input = read(newTarget, request.body)
    if (!input)
      return refuse(reply, '地址、Token（至多 32 位字母数字）或 EncodingAESKey（43 位字母数字）不成立')
    const { unverified, ...target } = input
    const verified = unverified ? { ok: true, why: '' } : await callbacks.verify(target)
    // WeCom saves an address only once it has answered.
    if (!verified.ok) return refuse(reply, `回调地址验证未通过：${verified.why}`)
    callbacks.configure(target)
    return { ok: true }
  })
  app.post('/sim/callback/verify', () => callbacks.verify())
  app.delete('/sim/callback', () => {
    callbacks.configure(undefined)
    return { ok: true }
  })
}

function holds(fault: { kind: string; pem?: string | undefined }): boolean {
  return fault.kind !== 'key_rotation' || isRsa2048(fault.pem ?? '')
}

/** createPublicKey also takes a private one; nobody should paste that here by mistake. */
function isRsa2048(pem: string): boolean {
  try {
    if (pem.includes('PRIVATE KEY')) return false
    const key = createPublicKey(pem)
    return key.asymmetricKeyType === 'rsa' && key.asymmetricKeyDetails?.modulusLength === 2048
  } catch {
    return false
  }
}

function clock(world: World): { now: number; speed: number } {
  return { now: world.now(), speed: world.time.speed() }
}
