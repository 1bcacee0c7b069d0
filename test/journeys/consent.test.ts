import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { after } from '../../src/base/clock.ts'
import { systemActor } from '../../src/base/index.ts'
import { captureState } from '../../src/capture/index.ts'
import { useBrowser } from '../support/browser.ts'
import { until } from '../support/simulated.ts'
import { openStage, type Stage, signIn } from '../support/stage.ts'

/** A customer who talks, refuses, and talks on. */
async function talkOf(stage: Stage): Promise<void> {
  const { world } = stage.sim
  const contact = world.people.contacts.findLast(one => one.follows[0]?.consent === 'Agree')
  const userid = contact?.follows[0]?.userid ?? ''
  const customer = contact?.id ?? ''
  const say = (from: string, to: string, content: string) =>
    void world.emit({ from, tolist: [to], roomid: '', msgtype: 'text', text: { content } })
  say(customer, userid, '我的存单下月到期')
  // A refusal holds from its own millisecond on.
  await after(5)
  world.disagree(userid, customer)
  await after(5)
  say(userid, customer, '好的，我们改用电话')
  say(customer, userid, '尾号 6630')
}

describe('consent as a gate, on screen', () => {
  const browser = useBrowser()
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({ day: 30, seed: 'consent' })
    await talkOf(stage)
    const { db, house } = stage.premises
    await until('everything is archived', async () => {
      const [last] = stage.sim.world.archive.latest(1)
      const state = await captureState(db, systemActor(house, 'test'), 'simulator')
      return (state?.seq ?? 0) >= (last?.seq ?? 0)
    })
  })

  async function consentPage(
    account: string,
    tab: string,
    size?: { width: number; height: number },
  ): Promise<Page> {
    const page = await signIn(await browser.page(size), stage, account)
    await page.goto(`${stage.server.url}/consent?tab=${tab}`)
    return page
  }

  test('a refusal is seen with what was not kept; the talk shows it; two people open what is restricted, and it is written down', async () => {
    const page = await consentPage('officer', 'refused')
    await page.getByText('客户不同意时仅留元数据').waitFor()
    const row = page.getByRole('row').filter({ hasText: '2 条仅留元数据' })
    await row.getByRole('button').click()
    await page.getByText('处理状态：正常 → 受限').waitFor()
    await page.getByRole('button', { name: /Close|关闭/ }).click()
    await row.getByRole('link').click()
    await page.getByText('客户未同意存档，仅留元数据').first().waitFor()
    expect(await page.getByText('尾号 6630').count()).toBe(0)
    expect(await page.getByText('我的存单下月到期').count()).toBe(0)

    await page.getByRole('link', { name: '申请解锁' }).first().click()
    await page.getByLabel('案号或监管函号').fill('（2026）沪仲字第 18 号')
    await page.getByRole('button', { name: '提交申请' }).click()
    await page.getByText('请写明理由，至少 10 个字。').waitFor()
    await page.getByLabel('理由（至少 10 个字）').fill('仲裁庭要求提交该时段的沟通记录')
    await page.getByRole('button', { name: '提交申请' }).click()
    await page.getByText('待批准').waitFor()
    expect(await page.getByRole('button', { name: '查看内容' }).count()).toBe(0)

    const lead = await consentPage('lead', 'unlocks')
    await lead
      .getByRole('button', { name: '批 准' })
      .or(lead.getByRole('button', { name: '批准' }))
      .first()
      .click()
    await lead
      .locator('.ant-popconfirm')
      .getByRole('button', { name: /批\s?准/ })
      .click()
    await lead.getByText('已批准，24 小时内有效').waitFor()

    await page.reload()
    await page.getByRole('button', { name: '查看内容' }).click()
    await page.getByText('我的存单下月到期').waitFor()
    await lead.goto(`${stage.server.url}/system?tab=trail`)
    await lead.getByRole('cell', { name: '查看受限内容' }).first().waitFor()
  })

  test('a refusal taken back on paper waits for a second person', async () => {
    const page = await consentPage('officer', 'refused')
    const row = page.getByRole('row').filter({ hasText: '2 条仅留元数据' })
    const shown = await row.getByRole('button').textContent()
    await row.getByRole('button').click()
    const id = (await page.locator('.consent-who .mono').textContent()) ?? ''
    await page.goto(`${stage.server.url}/consent?tab=papers`)
    await page.getByText('还没有线下登记').waitFor()
    await page.getByRole('button', { name: '登记选择' }).click()
    await page.getByRole('button', { name: /保\s?存/ }).click()
    await page.getByText('请选择客户。').waitFor()
    await page.getByRole('combobox', { name: '客户姓名或编号' }).fill(id)
    await page.locator('.ant-select-item-option').first().click()
    await page.getByLabel('凭证编号（表单、信函或录音编号）').fill('GT-2026-0117')
    await page.getByRole('button', { name: /保\s?存/ }).click()
    await page.getByText('待第二人确认').first().waitFor()

    const lead = await consentPage('lead', 'papers')
    await lead.getByRole('button', { name: '确认生效' }).click()
    await lead.locator('.ant-popconfirm').getByRole('button', { name: '确认生效' }).click()
    await lead.getByText('已生效').first().waitFor()
    await lead.goto(`${stage.server.url}/consent?tab=refused`)
    await lead
      .getByRole('row')
      .filter({ hasText: shown ?? '' })
      .getByText('正常')
      .waitFor()
  })

  test('on a telephone nothing sticks out of any tab', async () => {
    const page = await consentPage('lead', 'coverage', { width: 390, height: 844 })
    await page.getByText('按员工').waitFor()
    for (const tab of ['coverage', 'refused', 'papers', 'optouts', 'unlocks']) {
      await page.goto(`${stage.server.url}/consent?tab=${tab}`)
      await page.locator('.sheet').first().waitFor()
      const width = await page.evaluate<number>('document.documentElement.scrollWidth')
      expect(width, tab).toBeLessThanOrEqual(390)
    }
  })
})
