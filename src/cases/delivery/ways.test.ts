import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../../test/support/simulated.ts'
import { openStage, type Stage } from '../../../test/support/stage.ts'
import { hookEar, mailbox, readLetter } from '../../../test/support/told.ts'
import { type Actor, now, sql } from '../../base/index.ts'
import { reachable } from '../../people/index.ts'
import { DEFAULT_SETTINGS } from './contract.ts'
import { openHooks } from './hooks.ts'
import {
  addHook,
  deliveryOverview,
  putAddress,
  redeliver,
  saveDeliverySettings,
  testChannel,
} from './manage.ts'

const CUSTOMER = 'wmErxtDgAA9AW32YyyuYRimKr7D1KWlw'
type Mailbox = Awaited<ReturnType<typeof mailbox>>
type Ear = Awaited<ReturnType<typeof hookEar>>

describe('e-mail, webhook and digest', () => {
  let stage: Stage
  let box: Mailbox
  let ear: Ear
  let lead: Actor
  let officer: Actor
  beforeAll(async () => {
    box = await mailbox()
    ear = await hookEar()
    stage = await openStage({
      day: 0,
      env: {
        TONGJIAN_SMTP_URL: box.url,
        TONGJIAN_SMTP_FROM: '通鉴 <tongjian@bank.example>',
        TONGJIAN_WEBHOOK_HOSTS: ear.host,
      },
    })
    const people = await reachable(stage.premises.db, stage.premises.house)
    lead = people.find(one => one.name === 'lead') as Actor
    officer = people.find(one => one.name === 'officer') as Actor
  })
  afterAll(async () => {
    await box.close()
    await ear.close()
  })
  const deps = () => stage.services.delivery
  const say = (content: string) =>
    stage.sim.world.emit({ from: 'linyue', tolist: [CUSTOMER], msgtype: 'text', text: { content } })
  const rows = async (channel: string) =>
    (
      await sql<{ id: string; state: string; attempts: number; reason: string | null }>`
        SELECT id::text, state, attempts, reason FROM delivery WHERE channel = ${channel} ORDER BY created_at`.execute(
        stage.premises.db,
      )
    ).rows

  test('an address is sealed, an e-mail holds no words of the conversation, and names the alert', async () => {
    await putAddress(deps(), officer, officer.accountId ?? '', { email: 'lin@bank.example' })
    const { rows: kept } = await sql<{ sealed: Buffer }>`SELECT sealed FROM delivery_address`.execute(
      stage.premises.db,
    )
    expect(kept[0]?.sealed.includes('lin@bank')).toBe(false)
    say('您放一百个心，这款保本保息，亏了算我的')
    await until('the letter is there', async () => box.letters.length === 1)
    const letter = readLetter(box.letters[0] as (typeof box.letters)[0])
    expect(box.letters[0]).toMatchObject({ from: 'tongjian@bank.example', to: ['lin@bank.example'] })
    expect(letter.subject).toMatch(/P0.*A-\d{4}-0001/)
    expect(letter.text).toMatch(/林\*\*/)
    expect(letter.text).not.toMatch(/一百个心|亏了算我的|林悦/)
    expect(letter.id).toContain((await rows('mail'))[0]?.id ?? 'none')
    const view = await deliveryOverview(deps(), lead)
    expect(view.receivers.find(one => one.username === 'officer')?.mail).toBe('l***@bank.example')
  })

  test('a server that refuses is tried again, given up in the end, and asked once more by a person', async () => {
    box.refuse(true)
    say('这款产品保证收益，稳赚不赔')
    await until('it is retried', async () => (await rows('mail'))[1]?.state === 'retry')
    await sql`UPDATE delivery SET attempts = 5, due_at = now() WHERE channel = 'mail' AND state = 'retry'`.execute(
      stage.premises.db,
    )
    await until('it is given up', async () => (await rows('mail'))[1]?.state === 'dead')
    box.refuse(false)
    await redeliver(deps(), lead, (await rows('mail'))[1]?.id ?? '')
    await until('it arrived', async () => box.letters.length === 2)
    await expect(redeliver(deps(), lead, (await rows('mail'))[1]?.id ?? '')).rejects.toMatchObject({
      code: 'delivery.moved',
    })
  })

  test('a webhook is signed over time and body, holds no names, and is tried again when it is refused', async () => {
    const made = await addHook(deps(), lead, { name: '安全运营', url: ear.url, severities: ['P0'] })
    ear.answer(500)
    say('这款理财刚性兑付，零风险')
    await until('it was refused', async () => (await rows('hook'))[0]?.state === 'retry')
    expect((await rows('hook'))[0]?.reason).toBe('http 500')
    ear.answer(204)
    await sql`UPDATE delivery SET due_at = now() WHERE channel = 'hook'`.execute(stage.premises.db)
    await until('it was taken', async () => (await rows('hook'))[0]?.state === 'sent')
    const [first, again] = ear.posts
    const stamp = again?.headers['x-tongjian-timestamp'] ?? ''
    const signed = createHmac('sha256', made.secret).update(`${stamp}.${again?.body}`).digest('hex')
    expect(again?.headers['x-tongjian-signature']).toBe(`v1=${signed}`)
    expect(again?.headers['x-tongjian-delivery']).toBe(first?.headers['x-tongjian-delivery'])
    expect(JSON.parse(again?.body ?? '{}')).toMatchObject({
      event: 'alert.raised',
      alert: { severity: 'P0', state: 'open' },
    })
    expect(again?.body).not.toMatch(/刚性兑付|林悦|linyue/)
  })

  test('insider dealing and laundering go to no webhook', async () => {
    const before = ear.posts.length
    say('內幕消息，还没公告，赶紧建仓')
    await until('it is on the board', async () => {
      const { rows: found } =
        await sql`SELECT 1 FROM delivery d JOIN review r USING (corp_id, alert_id) WHERE r.rules::text LIKE '%INSIDER%'`.execute(
          stage.premises.db,
        )
      return found.length > 0
    })
    expect(ear.posts).toHaveLength(before)
  })

  test('an address outside what the operator allows is refused, and so is one with a password or without TLS', async () => {
    const elsewhere = [
      'http://169.254.169.254/latest',
      'https://evil.example/x',
      `http://user:pw@${ear.host}/`,
      'ftp://x/',
    ]
    for (const url of elsewhere)
      await expect(addHook(deps(), lead, { name: 'x', url, severities: ['P0'] })).rejects.toMatchObject({
        code: 'hook.refused',
      })
    const hooks = openHooks(['soc.example'])
    expect(hooks.allows('https://soc.example/a')).toBe(true)
    expect(hooks.allows('http://soc.example/a')).toBe(false)
    await hooks.close()
  })

  test('a redirect is not followed', async () => {
    ear.answer(302)
    const view = await deliveryOverview(deps(), lead)
    const came = await testChannel(deps(), lead, { channel: 'hook', hook: view.hooks[0]?.id ?? '' })
    expect(came).toEqual({ state: 'retry', reason: 'http 302' })
    ear.answer(204)
  })

  test('what is gathered goes out as one mail, sharpest first', async () => {
    const before = box.letters.length
    say('加我个人微信聊，这里不方便说')
    await until('it is on its way', async () => {
      const { rows: found } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM review`.execute(
        stage.premises.db,
      )
      return (found[0]?.n ?? 0) === 5
    })
    // As if all of it had come in quiet hours that have just ended.
    await sql`INSERT INTO delivery (corp_id, id, alert_id, receiver, channel, step, severity, due_at, created_at)
      SELECT corp_id, gen_random_uuid(), alert_id, ${officer.accountId}::uuid, 'digest', 5, severity, now(), now() FROM review`.execute(
      stage.premises.db,
    )
    await until('the digest is there', async () =>
      box.letters.slice(before).some(one => readLetter(one).subject.includes('待处理预警 5 条')),
    )
    const digest = box.letters.map(readLetter).find(one => one.subject.includes('待处理预警 5 条'))
    expect(digest?.text).toMatch(/A-\d{4}-\d{4} {2}P0[\s\S]*A-\d{4}-\d{4} {2}P[12]/)
    expect(digest?.text).not.toMatch(/个人微信聊/)
  })

  test('settings are versions: one that is old is refused, and silence for P0 is refused', async () => {
    const view = await deliveryOverview(deps(), lead)
    const quieter = {
      ...DEFAULT_SETTINGS,
      routes: DEFAULT_SETTINGS.routes.filter(route => !route.severities.includes('P0')),
    }
    const save = (version: number, settings = DEFAULT_SETTINGS) =>
      saveDeliverySettings(deps(), lead, { version, settings })
    await expect(save(view.version, quieter)).rejects.toMatchObject({ code: 'delivery.silent' })
    const next = await save(view.version, { ...DEFAULT_SETTINGS, quote: 'masked' })
    expect(next).toMatchObject({ version: 1, setBy: 'lead', settings: { quote: 'masked' } })
    await expect(save(view.version)).rejects.toMatchObject({ code: 'delivery.moved' })
    await expect(deliveryOverview(deps(), officer)).rejects.toMatchObject({ code: 'auth.denied' })
    const before = box.letters.length
    say('闭眼买，这款没有风险，保本')
    await until('a mail with a masked excerpt', async () => box.letters.length > before)
    const masked = readLetter(box.letters.at(-1) as (typeof box.letters)[0])
    expect(masked.text).toMatch(/片段：＊*.＊+/)
    expect(masked.text).not.toMatch(/没有风险/)
  })

  test('a process that died after sending sends the same mail once more under the same id, and the card not at all', async () => {
    const settled = () =>
      until('nothing is on its way', async () => {
        const { rows: open } =
          await sql`SELECT 1 FROM delivery WHERE state IN ('waiting', 'retry') AND due_at <= now() AND channel IN ('card', 'mail')`.execute(
            stage.premises.db,
          )
        return open.length === 0
      })
    // The mail of the alert before came; its card may still be on its way.
    await settled()
    const cards = stage.sim.world.office.appMessages.all().length
    const letters = box.letters.length
    await sql`UPDATE delivery SET state = 'waiting', settled_at = NULL, claimed_until = ${new Date(now() - 1)} WHERE step = 0
      AND channel IN ('card', 'mail') AND alert_id = (SELECT alert_id FROM review ORDER BY number LIMIT 1)`.execute(
      stage.premises.db,
    )
    await settled()
    expect(stage.sim.world.office.appMessages.all()).toHaveLength(cards)
    expect(box.letters).toHaveLength(letters + 1)
    expect(readLetter(box.letters.at(-1) as (typeof box.letters)[0]).id).toBe(
      readLetter(box.letters[0] as (typeof box.letters)[0]).id,
    )
  })
})
