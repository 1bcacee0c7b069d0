import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { decryptForTest } from './crypto.ts'
import { isOutside } from './message.ts'
import { createWorld, type World } from './world.ts'

const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
/** 15:00 on a Monday in Shanghai. */
const NOW = Date.UTC(2026, 10, 23, 7)

function worldOf(seed: string): World {
  return createWorld({ seed, publicKeys: [{ version: 1, pem: keys.publicKey }], now: () => NOW })
}

function dayOf(seed: string): World {
  const world = worldOf(seed)
  world.simulateDay({ messages: 2500 })
  return world
}

test('the same seed tells the same story and another seed another one', () => {
  const told = (seed: string): string[] =>
    dayOf(seed)
      .archive.all()
      .map(one => `${one.seq} ${one.json}`)
  const first = told('a')
  expect(told('a')).toEqual(first)
  expect(told('b')).not.toEqual(first)
})

test('a day lies in the 24 hours before its end, in order, with gaps in seq', () => {
  const all = dayOf('a').archive.all()
  expect(all.length).toBeGreaterThanOrEqual(2500)
  expect(all.length).toBeLessThan(2540)
  for (const [i, one] of all.entries()) {
    const before = all[i - 1]
    expect(one.at).toBeLessThanOrEqual(NOW)
    expect(one.at).toBeGreaterThan(NOW - 26 * 3_600_000)
    if (before) {
      expect(one.at).toBeGreaterThanOrEqual(before.at)
      expect(one.seq).toBeGreaterThan(before.seq)
    }
  }
  expect((all.at(-1)?.seq ?? 0) - (all[0]?.seq ?? 0)).toBeGreaterThan(all.length)
})

test('msgids are unique and end in _external exactly when an outside party takes part', () => {
  const all = dayOf('c').archive.all()
  expect(new Set(all.map(one => one.msgid)).size).toBe(all.length)
  for (const { message, msgid } of all) {
    const outside = [message.from ?? '', ...(message.tolist ?? [])].some(isOutside)
    expect(msgid.endsWith('_external')).toBe(outside)
  }
})

test('nobody who refused the archive is heard, and everybody named exists', () => {
  const world = worldOf('d')
  const refused = new Set(
    world.people.contacts.filter(one => one.follows.every(f => f.consent === 'Disagree')).map(one => one.id),
  )
  world.simulateDay({ messages: 1500 })
  for (const { message } of world.archive.all()) {
    if (message.action === 'switch' || message.msgtype === 'agree' || message.msgtype === 'disagree') continue
    expect(refused.has(message.from ?? '')).toBe(false)
    expect(
      world.people.employee.has(message.from ?? '') || world.people.contact.has(message.from ?? ''),
    ).toBe(true)
  }
})

test('violations are rare, always by staff, and stand where the truth says', () => {
  const world = dayOf('e')
  const staff = world.archive.all().filter(one => world.people.employee.has(one.message.from ?? ''))
  const alerts = world.truth.filter(line => line.alert)
  expect(alerts.length / staff.length).toBeGreaterThan(0.008)
  expect(alerts.length / staff.length).toBeLessThan(0.035)
  for (const line of world.truth) {
    const stored = world.archive.find(line.msgid)
    expect(stored).toBeDefined()
    for (const sibling of line.siblings ?? []) expect(world.archive.find(sibling)).toBeDefined()
    if (line.alert) expect(world.people.employee.has(stored?.message.from ?? '')).toBe(true)
  }
})

test('over some days every type of message turns up', () => {
  const kinds = new Set<string>()
  for (const seed of ['k1', 'k2', 'k3', 'k4', 'k5', 'k6']) {
    const world = dayOf(seed)
    for (const { message } of world.archive.all()) kinds.add(message.msgtype ?? message.action ?? '')
  }
  const wanted =
    'text image voice video file link weapp card location redpacket external_redpacket emotion chatrecord mixed todo vote collect meeting calendar markdown docmsg news sphfeed meeting_voice_call voiptext revoke agree disagree switch solitaire'
  expect([...kinds].sort()).toEqual(wanted.split(' ').sort())
})

test('a recall names the message it takes back', () => {
  const world = worldOf('f')
  const text = { content: '这款保本' }
  const sent = world.emit({ from: 'linyue', tolist: ['shenjianing'], roomid: '', msgtype: 'text', text })
  const recalled = world.recall(sent.msgid)
  expect(JSON.parse(recalled?.json ?? '')).toMatchObject({
    action: 'recall',
    revoke: { pre_msgid: sent.msgid },
  })
  expect(world.recall('unknown')).toBeUndefined()
})

test('raw text goes into the archive as it is, broken or not', () => {
  const world = worldOf('g')
  world.emitRaw('{"msgid":')
  world.emitRaw('{"action":"send"}', 'envelope-says-this')
  const records = world.archive.records(0, 10, NOW)
  expect(records.map(one => decryptForTest(one, keys.privateKey))).toEqual(['{"msgid":', '{"action":"send"}'])
  expect(records[1]?.msgid).toBe('envelope-says-this')
})

test('after five days a record is no longer handed out', () => {
  const world = worldOf('h')
  world.emit({ from: 'linyue', tolist: ['shenjianing'], msgtype: 'text', text: { content: '早' } })
  expect(world.archive.records(0, 10, NOW + 5 * 86_400_000 - 1)).toHaveLength(1)
  expect(world.archive.records(0, 10, NOW + 5 * 86_400_000)).toHaveLength(0)
})

test('a new key version seals what comes after it and leaves what came before', () => {
  const world = worldOf('i')
  const say = (): unknown =>
    world.emit({ from: 'linyue', tolist: ['shenjianing'], msgtype: 'text', text: { content: '早' } })
  say()
  world.archive.addKey({ version: 2, pem: keys.publicKey })
  say()
  expect(world.archive.records(0, 10, NOW).map(one => one.publickey_ver)).toEqual([1, 2])
})

test('an agreement in the archive is the consent the API tells', () => {
  const world = worldOf('j')
  const contact = world.people.contacts[0]
  const userid = contact?.follows[0]?.userid ?? ''
  const disagree = { userid: contact?.id, disagree_time: NOW }
  world.emit({ from: contact?.id, tolist: [userid], msgtype: 'disagree', disagree })
  expect(contact?.follows[0]?.consent).toBe('Disagree')
})

test('live talk takes one step at a time', () => {
  const world = worldOf('l')
  for (let i = 0; i < 200; i++) expect(world.step()).toBeDefined()
  expect(world.archive.all()).toHaveLength(200)
})
