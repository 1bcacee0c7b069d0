import { createHash, generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { decryptForTest } from './crypto.ts'
import { createWorld, type World, type WorldOptions } from './world.ts'

const pair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
const DAY = 86_400_000
const START = Date.UTC(2026, 10, 23, 7)
const worldOf = (options: Partial<WorldOptions> = {}): World =>
  createWorld({ seed: 'archive', publicKeys: [], start: START, speed: 0, ...options })
const say = (world: World, content = '早'): unknown =>
  world.emit({ from: 'linyue', tolist: ['shenjianing'], msgtype: 'text', text: { content } })

test('a file can be fetched for three days and a message for five', () => {
  const { publicKey } = pair()
  const world = worldOf({ publicKeys: [{ version: 1, pem: publicKey }] })
  const { sdkfileid } = world.media.add(Buffer.from('file'))
  say(world)
  world.time.advance(3 * DAY - 1)
  expect(world.media.slice(sdkfileid, '')?.finished).toBe(true)
  world.time.advance(1)
  expect(world.media.slice(sdkfileid, '')).toBeUndefined()
  expect(world.media.bytes(sdkfileid)?.toString()).toBe('file')
  expect(world.archive.records(0, 10, world.now())).toHaveLength(1)
  world.time.advance(2 * DAY)
  expect(world.archive.records(0, 10, world.now())).toHaveLength(0)
  world.limits.mediaMs = 30 * DAY
  expect(world.media.slice(sdkfileid, '')).toBeDefined()
})

test('the keys change by hand and by schedule, and each message opens with the key of its time', () => {
  const keys = [pair(), pair(), pair()]
  const [first, second, third] = keys
  const world = worldOf({ publicKeys: [{ version: 1, pem: first?.publicKey ?? '' }] })
  say(world, '一')
  expect(world.rotateKey(second?.publicKey ?? '')).toBe(2)
  say(world, '二')
  world.faults.schedule([{ kind: 'key_rotation', afterMs: 1000, pem: third?.publicKey ?? '' }])
  say(world, '二又')
  world.time.advance(1000)
  say(world, '三')
  const records = world.archive.records(0, 10, world.now())
  expect(records.map(one => one.publickey_ver)).toEqual([1, 2, 2, 3])
  const words = records.map(one => decryptForTest(one, keys[one.publickey_ver - 1]?.privateKey ?? ''))
  expect(words.map(one => JSON.parse(one).text.content)).toEqual(['一', '二', '二又', '三'])
  expect(world.faults.injected()).toEqual({ key_rotation: 2 })
})

test('some sums are left out and some are wrong, the same ones for the same seed', () => {
  const told = (): string[] => {
    const world = worldOf({ md5: { empty: 0.2, wrong: 0.2 } })
    return Array.from({ length: 200 }, (_, i) => world.media.add(Buffer.from(`${i}`)).md5sum)
  }
  const sums = told()
  expect(told()).toEqual(sums)
  const right = sums.filter((sum, i) => sum === createHash('md5').update(`${i}`).digest('hex'))
  const empty = sums.filter(sum => sum === '')
  expect(empty.length).toBeGreaterThan(15)
  expect(sums.length - right.length - empty.length).toBeGreaterThan(15)
  for (const sum of sums) expect(sum).toMatch(/^([0-9a-f]{32})?$/)
})

test('a wrong sum can be asked for, and what was asked for is counted', () => {
  const world = worldOf()
  world.faults.schedule([{ kind: 'md5_empty' }, { kind: 'md5_wrong' }])
  const right = createHash('md5').update('x').digest('hex')
  const [empty, wrong, third] = [1, 2, 3].map(() => world.media.add(Buffer.from('x')).md5sum)
  expect(empty).toBe('')
  expect(wrong).not.toBe(right)
  expect(third).toBe(right)
  expect(world.faults.injected()).toEqual({ md5_empty: 1, md5_wrong: 1 })
})

test('a clock that is off shows in msgtime, not in when the archive forgets', () => {
  const world = worldOf()
  world.faults.add({ kind: 'clock_skew', skewMs: -7200_000, times: 1 })
  say(world)
  say(world)
  const [first, second] = world.archive.all()
  expect(first?.message.msgtime).toBe(START - 7200_000)
  expect(first?.at).toBe(START)
  expect(second?.message.msgtime).toBe(START)
})
