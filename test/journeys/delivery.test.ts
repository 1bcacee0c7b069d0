import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql } from '../../src/base/index.ts'
import { useBrowser } from '../support/browser.ts'
import { until } from '../support/simulated.ts'
import { openStage, type Stage, signIn } from '../support/stage.ts'
import { hookEar, mailbox, readLetter } from '../support/told.ts'

const CUSTOMER = 'wmErxtDgAA9AW32YyyuYRimKr7D1KWlw'

describe('a violation reaches the right people, and a press on the card takes it up', () => {
  const browser = useBrowser()
  let stage: Stage
  let box: Awaited<ReturnType<typeof mailbox>>
  let ear: Awaited<ReturnType<typeof hookEar>>
  beforeAll(async () => {
    box = await mailbox()
    ear = await hookEar()
    const env = {
      TONGJIAN_SMTP_URL: box.url,
      TONGJIAN_SMTP_FROM: '通鉴 <tongjian@bank.example>',
      TONGJIAN_WEBHOOK_HOSTS: ear.host,
    }
    stage = await openStage({ day: 0, env })
  })
  afterAll(async () => {
    await box.close()
    await ear.close()
  })

  test('the lead adds a webhook and an address, and sends himself a test', async () => {
    const page = await signIn(await browser.page(), stage, 'lead')
    await page.goto(`${stage.server.url}/delivery?tab=receivers`)
    await page.getByLabel('名称').fill('安全运营中心')
    await page.getByLabel('地址', { exact: true }).fill(ear.url)
    await page.getByRole('button', { name: '添加' }).click()
    const secret = await page.locator('.delivery-secret code').textContent()
    expect(secret).toMatch(/^whs_/)
    const mine = page.locator('tr').filter({ hasText: '周明远' })
    await mine.getByRole('button', { name: '登记' }).click()
    await mine.getByLabel('邮箱').fill('zhou@bank.example')
    await page.keyboard.press('Enter')
    await mine.getByText('z***@bank.example').waitFor()
    await page.goto(`${stage.server.url}/delivery`)
    const card = page.locator('.delivery-channel').filter({ hasText: '企业微信卡片' })
    await card.getByRole('button', { name: '发送测试' }).click()
    await page.getByText('测试已送达').first().waitFor()

    stage.sim.world.emit({
      from: 'linyue',
      tolist: [CUSTOMER],
      msgtype: 'text',
      text: { content: '您放一百个心，这款保本保息，亏了算我的' },
    })
    await until('the webhook is called', async () => ear.posts.length === 1)
    const [post] = ear.posts
    const stamp = post?.headers['x-tongjian-timestamp']
    const signed = createHmac('sha256', secret ?? '')
      .update(`${stamp}.${post?.body}`)
      .digest('hex')
    expect(post?.headers['x-tongjian-signature']).toBe(`v1=${signed}`)
    await until('the lead has a letter', async () =>
      box.letters.some(one => one.to.includes('zhou@bank.example')),
    )
  })

  test('the officer presses 受理 on the card in WeCom; it says who took it, and its link opens the alert', async () => {
    const phone = await browser.page({ width: 390, height: 844 })
    await phone.goto(`${stage.sim.url}/sim/cards?userid=linxiaowen`)
    const card = phone.locator('.card').filter({ hasText: '保本保收益用语' })
    await card.getByText('林**').waitFor()
    const link = await card.locator('a.in').getAttribute('href')
    await card.getByRole('button', { name: '受理' }).click()
    await card.getByText('已由 林晓雯 受理').waitFor({ timeout: 10_000 })
    expect(await card.getByRole('button').count()).toBe(0)
    const page = await signIn(await browser.page(), stage, 'officer')
    await page.goto(link ?? '')
    await page.getByText('亏了算我的').first().waitFor()
  })

  test("the lead's card says it too; a second press is not possible any more", async () => {
    const phone = await browser.page()
    await phone.goto(`${stage.sim.url}/sim/cards?userid=zhoumingyuan`)
    const card = phone.locator('.card').filter({ hasText: '保本保收益用语' })
    await card.getByText('已由 林晓雯 受理').waitFor({ timeout: 10_000 })
    expect(await card.getByRole('button').count()).toBe(0)
  })

  test('what was gathered comes as one letter', async () => {
    const { world } = stage.sim
    for (const text of ['加我个人微信聊，这里不方便说', '加个微信，私下聊收益'])
      world.emit({ from: 'linyue', tolist: [CUSTOMER], msgtype: 'text', text: { content: text } })
    const { db } = stage.premises
    await until('it waits for the digest', async () => {
      const { rows } = await sql`SELECT 1 FROM delivery WHERE channel = 'digest'`.execute(db)
      return rows.length > 0
    })
    await sql`UPDATE delivery SET due_at = now() WHERE channel = 'digest'`.execute(db)
    const digests = () => box.letters.map(readLetter).filter(one => one.subject.includes('待处理预警'))
    await until('the digest is there', async () => digests().length > 0)
    expect(digests()[0]?.text).not.toContain('个人微信')
  })

  test('the page says what became of each, and an adviser is not let in', async () => {
    const page = await signIn(await browser.page(), stage, 'lead')
    await page.goto(`${stage.server.url}/delivery`)
    await page
      .locator('.delivery-page tbody tr')
      .filter({ hasText: 'Webhook' })
      .getByText('已送达')
      .first()
      .waitFor()
    await page.getByRole('link', { name: '规则', exact: true }).last().click()
    await page.getByLabel('启用安静时段').uncheck()
    await page.getByRole('button', { name: '保存并生效' }).click()
    await page.getByText('由 lead 设置于').waitFor()
    const adviser = await signIn(await browser.page(), stage, 'adviser')
    await adviser.goto(`${stage.server.url}/delivery`)
    expect(await adviser.getByText('谁收到什么').count()).toBe(0)
  })
})
