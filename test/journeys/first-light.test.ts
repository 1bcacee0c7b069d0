import { beforeAll, describe, expect, test } from 'vitest'
import { useBrowser } from '../support/browser.ts'
import { until } from '../support/simulated.ts'
import { openStage, type Stage, signIn } from '../support/stage.ts'

const CUSTOMER = 'wmErxtDgAA9AW32YyyuYRimKr7D1KWlw'
const RISKY = '您放一百个心，这款保本保息，亏了算我的'

describe('one message all the way', () => {
  const browser = useBrowser()
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({ day: 400 })
  })

  async function signedIn(role: string, size?: { width: number; height: number }) {
    const page = await signIn(await browser.page(size), stage, role)
    return page
  }

  test('a wrong password is told in plain words and lets nobody in', async () => {
    const page = await browser.page()
    await page.goto(stage.server.url)
    await page.getByLabel('账号').fill('officer')
    await page.getByLabel('密码').fill('not-the-password')
    await page.getByRole('button', { name: '登录' }).click()
    await page.getByText(/账号或密码/).waitFor()
  })

  test('typed on the control page as an adviser, it is an alert on an open board without reloading', async () => {
    const board = await signedIn('officer')
    await board.getByText('待受理').first().waitFor()
    const control = await browser.page()
    await control.goto(`${stage.sim.url}/sim/`)
    await control.locator('#partner option').first().waitFor({ state: 'attached' })
    await control.locator('#text').fill(RISKY)
    await control.locator('#send').click()
    await board.getByText('亏了算我的').first().waitFor({ timeout: 10_000 })
    await board.getByText('保本保息').first().waitFor()
  })

  test('a disguised message says on its page what was read how and why it stands', async () => {
    const { world } = stage.sim
    world.emit({
      from: 'linyue',
      tolist: [CUSTOMER],
      msgtype: 'text',
      text: { content: '桂花开了，这款宝本，亏不了您的' },
    })
    const board = await signedIn('officer')
    const row = board.locator('.queue-item').filter({ hasText: '桂花开了' })
    await row.getByText('宝本 → bǎo běn → 保本，员工对客户，未被否定').waitFor({ timeout: 10_000 })
    await row.click()
    const reason = board.locator('.reason').filter({ hasText: 'bǎo běn' })
    await reason.getByText('宝本 → bǎo běn → 保本，员工对客户，未被否定').waitFor()
    await reason.getByText('同音字').waitFor()
    await reason.getByText('来源：文字').waitFor()
    const mark = board.locator('.bubble mark').filter({ hasText: /^宝本$/ })
    await mark.click()
    expect(await reason.getAttribute('aria-current')).toBe('true')
    await mark.and(board.locator('.cur')).waitFor()
  })

  test('the officer decides with a reason, and the trail knows', async () => {
    const board = await signedIn('officer')
    await board.getByText('亏了算我的').first().click()
    await board.getByText('为何命中').first().waitFor()
    await board.keyboard.press('c')
    await board.getByPlaceholder(/理由/).fill('明确承诺保本保息并承诺兜底')
    await board.keyboard.press('Control+Enter')
    await board
      .getByText(/已确认\s*1/)
      .first()
      .waitFor()
    const audit = await signedIn('auditor')
    await audit.goto(`${stage.server.url}/system?tab=trail`)
    await audit.getByText('操作轨迹').first().click()
    await audit
      .getByText(/作出结论|确认违规|研判/)
      .first()
      .waitFor()
  })

  test('search finds it, with the words marked, and opens the conversation', async () => {
    const page = await signedIn('officer')
    await page.getByText('待受理').first().waitFor()
    const typing = (): Promise<boolean> => page.evaluate("document.activeElement?.tagName === 'INPUT'")
    // The key is heard once the page has taken its keys; a person would press it again.
    await until('the search box has the focus', async () => {
      if (!(await typing())) await page.keyboard.press('/')
      return typing()
    })
    await page.keyboard.type('亏了算我的')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/search\?/)
    await page.getByText('这款').first().click()
    await page
      .getByText(/存证|待入链/)
      .first()
      .waitFor()
  })

  test('the system page says that capture runs; an adviser sees nothing of all this', async () => {
    const lead = await signedIn('lead')
    await lead.goto(`${stage.server.url}/system`)
    await lead.getByText('正在采集').waitFor()
    const adviser = await signedIn('adviser')
    expect(await adviser.getByText('待受理').count()).toBe(0)
  })

  test('on a phone the board is usable with a thumb', async () => {
    const page = await signedIn('officer', { width: 390, height: 844 })
    await page.getByText('待受理').first().waitFor()
    const overflow = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
    expect(overflow).toBeLessThanOrEqual(0)
  })
})
