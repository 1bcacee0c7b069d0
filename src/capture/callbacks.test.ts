import * as official from '@wecom/crypto'
import { expect, onTestFinished, test } from 'vitest'
import { EVENTS } from '../../bench/fuzz-corpus.ts'
import { type TestPremises, testPremises } from '../../test/support/premises.ts'
import { startServer, startServices } from '../app/index.ts'
import { after, monotonic, now, setClock } from '../base/clock.ts'
import { createLog, inTransaction, loadConfig, newId, openJobs, sql } from '../base/index.ts'
import type { WecomEvent } from '../wecom/index.ts'
import { callbackState, openStored } from './callbacks.ts'
import { type EventHandlers, processEvent } from './events.ts'
import { EVENT } from './jobs.ts'
import { openWake } from './wake.ts'

const CORPID = 'wx5823bf96d3bd56c7'
const TOKEN = 'QDG6eK'
const AES_KEY = 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C'
const SETTINGS = {
  WECOM_CORPID: CORPID,
  WECOM_ARCHIVE_SECRET: 'a',
  WECOM_CONTACT_SECRET: 'b',
  WECOM_ARCHIVE_SOURCE: 'simulator',
  WECOM_CALLBACK_TOKEN: TOKEN,
  WECOM_CALLBACK_AES_KEY: AES_KEY,
}

async function entrance(settings: Record<string, string> = SETTINGS) {
  const premises = await testPremises(settings)
  const services = await startServices(premises, { capture: false })
  const server = await startServer(premises, services)
  onTestFinished(async () => {
    await server.close()
    await services.stop()
  })
  return { premises, services, url: `${server.url}/wecom/callback` }
}

type Twist = { at?: number; nonce?: string; token?: string; key?: string; receiver?: string }

/** The address WeCom would call with these words inside, and the body it would send. */
function call(words: string, twist: Twist = {}) {
  const encrypt = official.encrypt(twist.key ?? AES_KEY, words, twist.receiver ?? CORPID)
  const timestamp = String(Math.floor((twist.at ?? now()) / 1000))
  const nonce = twist.nonce ?? newId()
  const signature = official.getSignature(twist.token ?? TOKEN, timestamp, nonce, encrypt)
  const query = new URLSearchParams({ msg_signature: signature, timestamp, nonce })
  const body = `<xml><ToUserName><![CDATA[${CORPID}]]></ToUserName><Encrypt><![CDATA[${encrypt}]]></Encrypt></xml>`
  return { query, encrypt, body }
}

async function push(url: string, words: string, twist?: Twist): Promise<Response> {
  const { query, body } = call(words, twist)
  return fetch(`${url}?${query}`, { method: 'POST', body, headers: { 'content-type': 'text/xml' } })
}

async function events(premises: TestPremises) {
  const { rows } = await sql<{
    id: string
    type: string
    state: string
    reason: string | null
    attempts: number
  }>`
    SELECT id::text, type, state, reason, attempts FROM callback_event ORDER BY received_at, id`.execute(
    premises.db,
  )
  return rows
}
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = monotonic() + 30_000
  while (!(await holds())) {
    if (monotonic() > deadline) throw new Error(`it did not come to pass: ${what}`)
    await after(20)
  }
}
const outcomes = async (premises: TestPremises) =>
  Object.fromEntries((await callbackState(premises.db, premises.house)).outcomes.map(o => [o.outcome, o.n]))
const sample = (type: string): string => EVENTS.find(([name]) => name === type)?.[1] ?? ''

test('the address is proved by the plain words, without quotes or a line end', async () => {
  const { url, premises } = await entrance()
  const { query, encrypt } = call('1616140317555161061')
  query.set('echostr', encrypt)
  const answer = await fetch(`${url}?${query}`)
  expect([answer.status, await answer.text()]).toEqual([200, '1616140317555161061'])
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
  await until('it is counted', async () => (await outcomes(premises)).verified === 1)
})

test('every event is stored sealed before the answer, acted on once, and the answer is empty and quick', async () => {
  const { url, premises } = await entrance()
  for (const [, xml] of EVENTS) {
    const from = monotonic()
    const answer = await push(url, xml)
    expect([answer.status, await answer.text()]).toEqual([200, ''])
    expect(monotonic() - from).toBeLessThan(1000)
  }
  expect((await events(premises)).map(event => event.type)).toEqual(EVENTS.map(([type]) => type))
  await until('all are settled', async () => (await callbackState(premises.db, premises.house)).waiting === 0)
  const settled = await events(premises)
  // Customers, groups and employees are acted on; the archive's notice is done when it has rung; others are noted.
  const acted = /^(msgaudit_notify$|change_(external_(contact|chat|tag)|contact)\b)/
  expect(settled.map(e => [e.type, e.state])).toEqual(
    settled.map(e => [e.type, acted.test(e.type) ? 'done' : 'noted']),
  )
  const { rows } = await sql<{ sealed: Buffer }>`SELECT sealed FROM callback_event`.execute(premises.db)
  expect(rows.some(row => row.sealed.includes('wmAJ2GCAAAXtWyujaWJHDDGi0mAAAA'))).toBe(false)
  const { db, house } = premises
  const first = settled[0]
  const stored = await openStored(db, house, first?.id ?? '', rows[0]?.sealed ?? Buffer.alloc(0))
  expect(stored.fields.WelcomeCode).toBe('WELCOMECODE')
})

test('a delivery that is repeated, or retried with new random bytes, is one event', async () => {
  const { url, premises } = await entrance()
  const { query, body } = call(sample('change_external_contact.del_follow_user'))
  const again = () => fetch(`${url}?${query}`, { method: 'POST', body })
  const all = await Promise.all([again(), again(), again()])
  all.push(await push(url, sample('change_external_contact.del_follow_user')))
  expect(all.map(answer => answer.status)).toEqual([200, 200, 200, 200])
  expect(await events(premises)).toHaveLength(1)
  const other = sample('change_external_contact.del_follow_user').replace('zhangsan', 'lisi')
  await push(url, other)
  expect(await events(premises)).toHaveLength(2)
  await until('all are counted', async () => (await outcomes(premises)).repeated === 3)
})

test('what does not prove itself is refused without a word why, counted, and not stored', async () => {
  const { url, premises } = await entrance()
  const xml = sample('change_external_contact.del_follow_user')
  const answers = [
    await push(url, xml, { token: 'other' }),
    await push(url, xml, { at: now() - 301_000 }),
    await push(url, xml, { at: now() + 301_000 }),
    await push(url, xml, { key: 'B'.repeat(43) }),
    await push(url, xml, { receiver: 'wwother' }),
    await push(url, '<xml>'),
    await fetch(url, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }),
    await fetch(url, { method: 'POST' }),
    await fetch(`${url}?echostr=x`),
  ]
  for (const answer of answers) {
    const { error } = (await answer.json()) as { error: { code: string; message: string; details: object } }
    expect([answer.status, error.code, error.message, error.details]).toEqual([
      403,
      'callback.refused',
      'callback.refused',
      {},
    ])
  }
  expect(await events(premises)).toEqual([])
  const expected = { bad_signature: 2, stale: 2, bad_padding: 1, wrong_receiver: 1, bad_xml: 3 }
  await until('all are counted', async () => Object.keys(await outcomes(premises)).length === 5)
  await until('all are counted', async () => (await outcomes(premises)).bad_xml === 3)
  expect(await outcomes(premises)).toEqual(expected)
  expect((await callbackState(premises.db, premises.house)).lastAt).toBeNull()
  const large = await fetch(url, { method: 'POST', body: 'x'.repeat(600_000) })
  expect(large.status).toBe(413)
})

test('without keys nothing is taken, and the answer says what to set', async () => {
  const { WECOM_CALLBACK_TOKEN, WECOM_CALLBACK_AES_KEY, ...rest } = SETTINGS
  const { url } = await entrance(rest)
  expect([WECOM_CALLBACK_TOKEN, WECOM_CALLBACK_AES_KEY]).toEqual([TOKEN, AES_KEY])
  for (const method of ['GET', 'POST']) {
    const answer = await fetch(url, { method })
    expect([answer.status, (await answer.json()) as object]).toMatchObject([
      404,
      { error: { code: 'callback.off' } },
    ])
  }
})

/** An event in the table and nobody at work on it. */
async function waiting(type: string, handlers: EventHandlers) {
  const premises = await testPremises(SETTINGS)
  const jobs = await openJobs(premises.database.ownerUrl, [EVENT] as never[], {
    worker: false,
    log: createLog('silent'),
  })
  onTestFinished(() => jobs.stop())
  const { receiveCallback, openCallbackCounts } = await import('./callbacks.ts')
  const { db, house } = premises
  const { query, body } = call(sample(type))
  const counts = openCallbackCounts(db, house)
  const asked = {
    signature: query.get('msg_signature') ?? '',
    timestamp: query.get('timestamp') ?? '',
    nonce: query.get('nonce') ?? '',
  }
  const keys = { token: TOKEN, aesKey: AES_KEY, receiver: CORPID }
  await receiveCallback({ db, house, jobs, keys, counts }, asked, Buffer.from(body))
  await counts.settled()
  const id = (await events(premises))[0]?.id ?? ''
  return {
    premises,
    id,
    act: () => processEvent(db, house, id, handlers),
    event: async () => (await events(premises))[0],
  }
}

test('the handler and the state stand in one transaction, and a second run does nothing', async () => {
  const met: WecomEvent[] = []
  const { act, event } = await waiting('change_external_contact.msg_audit_approved', {
    contact: async (_tx, given) => void met.push(given),
  })
  expect(await event()).toMatchObject({ state: 'received', attempts: 0 })
  await Promise.all([act(), act()])
  await act()
  expect(met.map(given => given.type)).toEqual(['change_external_contact.msg_audit_approved'])
  expect(await event()).toMatchObject({ state: 'done', attempts: 1, reason: null })
})

test('what the handler did is undone when it fails; the reason is kept without words, and it is tried again', async () => {
  let broken = true
  const { premises, act, event } = await waiting('change_contact.create_user', {
    contact: async tx => {
      await sql`INSERT INTO callback_count (corp_id, outcome, n, last_at) VALUES (1, 'handled', 1, now())`.execute(
        tx,
      )
      if (broken) throw new TypeError('张三的电话')
    },
  })
  await expect(act()).rejects.toThrow()
  expect(await event()).toMatchObject({ state: 'failed', attempts: 1, reason: 'TypeError' })
  expect(await outcomes(premises)).not.toHaveProperty('handled')
  expect((await callbackState(premises.db, premises.house)).failed).toBe(1)
  broken = false
  await act()
  expect(await event()).toMatchObject({ state: 'done', attempts: 2, reason: null })
  expect(await outcomes(premises)).toHaveProperty('handled', 1)
})

test('an event that always fails is given up in the end and stays on record', async () => {
  const { act, event } = await waiting('change_external_tag.create', {
    contact: () => Promise.reject(new Error('x')),
  })
  let tries = 0
  await until('it is given up', async () => {
    tries += 1
    return act().then(
      () => true,
      () => false,
    )
  })
  expect(tries).toBe(12)
  expect(await event()).toMatchObject({ state: 'failed', attempts: 12, reason: 'Error' })
})

test("WeCom's notice ends the pause between two polls, in whichever process", async () => {
  const { url, premises } = await entrance()
  const wake = await openWake(premises.database.appUrl, premises.house)
  onTestFinished(() => wake.stop())
  const forever = new AbortController().signal
  const asleep = wake.sleep(600_000, forever)
  await push(url, sample('msgaudit_notify'))
  await asleep
  // A retry of the same notice is no second one: nothing rings, and the pause is a pause.
  const restore = setClock(now() + 1000)
  onTestFinished(restore)
  await push(url, sample('msgaudit_notify'))
  let woken = false
  const abort = new AbortController()
  const next = wake.sleep(600_000, abort.signal).then(() => {
    woken = true
  })
  await inTransaction(premises.db, tx => sql`SELECT pg_notify('capture_wake', '2')`.execute(tx))
  await until('the retry is counted', async () => (await outcomes(premises)).repeated === 1)
  expect(woken).toBe(false)
  abort.abort()
  await next
  // What rings while nobody sleeps ends the next pause at once.
  await inTransaction(premises.db, tx => sql`SELECT pg_notify('capture_wake', '1')`.execute(tx))
  await inTransaction(premises.db, tx => sql`SELECT 1`.execute(tx))
  await wake.sleep(600_000, forever)
})

test('the settings of the event server go together', () => {
  expect(() => loadConfig({ ...SETTINGS, WECOM_CALLBACK_TOKEN: undefined })).toThrow(/go together/)
})
