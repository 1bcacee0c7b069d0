import { beforeAll, describe, expect, test } from 'vitest'
import { useBrowser } from '../support/browser.ts'
import { openStage, type Stage, signIn } from '../support/stage.ts'

const SAID = '澄稳系列明天上午九点开始认购，需要的客户请跟我登记一下'

describe('behaviour rules', () => {
  const browser = useBrowser()
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({ day: 30, seed: 'behaviour' })
  })

  /** Through the simulator's own page, as a visitor of the demo says something. */
  async function say(from: string, to: string): Promise<void> {
    const answer = await fetch(`${stage.sim.url}/sim/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ from, to, text: SAID }),
    })
    expect(answer.status).toBe(200)
  }

  test('the same text from three people becomes an alert that shows its grounds and leads to each message', async () => {
    const pairs = new Map<string, string>()
    for (const contact of stage.sim.world.people.contacts) {
      const follow = contact.follows.find(one => one.consent === 'Agree')
      if (follow && !pairs.has(follow.userid)) pairs.set(follow.userid, contact.id)
    }
    const three = [...pairs].slice(0, 3)
    const page = await signIn(await browser.page(), stage, 'officer')
    for (const [from, to] of three.slice(0, 2)) await say(from, to)
    await page.goto(`${stage.server.url}/alerts?rule=BURST-01`)
    await page.getByText('只看规则 BURST-01').waitFor()
    expect(await page.locator('.queue-item').count()).toBe(0)

    for (const [from, to] of three.slice(2)) await say(from, to)
    const item = page.locator('.queue-item').filter({ hasText: '多名员工短时间内发送相同营销话术' })
    await item.waitFor()
    await item.click()
    const grounds = page.locator('.behaviour-grounds')
    await grounds.getByText('3 条、3 名员工、3 位客户').waitFor()
    await grounds.getByText('3 名及以上员工在 30 分钟内').waitFor()
    await grounds.getByText('企业内部预警线').waitFor()
    expect(await grounds.locator('li').count()).toBe(3)
    await grounds.getByRole('link', { name: '在会话中查看' }).first().click()
    await page.waitForURL(/\/conversations\//)
    await page.locator('.talk-row').filter({ hasText: SAID }).first().waitFor()
  })

  test('the page of rules tells each in words, with its parameters, examples and findings', async () => {
    const page = await signIn(await browser.page(), stage, 'officer')
    await page.goto(`${stage.server.url}/rules`)
    const rule = page.locator('.behaviour-rule').filter({ hasText: 'BURST-01' })
    await rule.getByText('近 30 天 1 次').waitFor()
    await rule.getByText('≥ 3 名员工').waitFor()
    await rule.getByText(/用例（\d+）/).click()
    await rule.getByText('三人半小时内发同一段话').waitFor()
  })

  test('on a telephone the page of rules holds', async () => {
    const page = await signIn(await browser.page({ width: 390, height: 844 }), stage, 'officer')
    await page.goto(`${stage.server.url}/rules`)
    await page.locator('.behaviour-rule').first().waitFor()
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
  })
})
