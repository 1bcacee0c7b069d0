import { beforeAll, describe, expect, test } from 'vitest'
import { useBrowser } from '../support/browser.ts'
import { openStage, type Stage, signIn } from '../support/stage.ts'

describe('the page of rules', () => {
  const browser = useBrowser()
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({ day: 20, seed: 'rules' })
  })

  async function rulesPage(search = '', size?: { width: number; height: number }) {
    const page = await signIn(await browser.page(size), stage, 'admin')
    await page.goto(`${stage.server.url}/rules${search}`)
    return page
  }

  test('shows what the layer adds, in words: nearness, examples with what is expected, version and owner', async () => {
    const page = await rulesPage('?layer=added')
    const rule = page.locator('article.rule').filter({ hasText: 'BANK-01' })
    await rule.waitFor()
    await page.getByText('机构附加层：商业银行').waitFor()
    await rule.getByText('相邻不超过 14 字').waitFor()
    await rule.getByText('第 1 版 · 合规部').waitFor()
    await rule.getByText('查看').click()
    await rule.getByText('应命中').first().waitFor()
    expect(await page.locator('article.rule').filter({ hasText: 'GUAR-01' }).count()).toBe(0)
  })

  test('finds by a term and by severity, and says when a law comes into force', async () => {
    const page = await rulesPage('?severity=P0')
    await page.locator('article.rule').filter({ hasText: 'GUAR-01' }).waitFor()
    expect(await page.locator('article.rule').filter({ hasText: 'SUPER-01' }).count()).toBe(0)
    await page.goto(`${stage.server.url}/rules?q=${encodeURIComponent('旱涝保收')}`)
    await page.locator('article.rule').filter({ hasText: 'GUAR-01' }).waitFor()
    expect(await page.locator('article.rule').count()).toBe(1)
    await page.goto(`${stage.server.url}/rules?category=INDUCE`)
    await page.getByText('2026-09-30 起施行').first().waitFor()
  })

  test('the model is one sheet that says what it is, with its categories inside', async () => {
    const page = await rulesPage()
    const sheet = page.locator('.model-rules')
    await sheet.getByText('级别最高到 P1').waitFor()
    expect(await page.locator('article.rule').filter({ hasText: '语义判读' }).count()).toBe(0)
    await sheet.getByText(/查看 \d+ 个类别与级别/).click()
    expect(await sheet.locator('li').count()).toBeGreaterThan(20)
    expect(await sheet.getByText('P0').count()).toBe(0)
  })

  test.each([1440, 390])('at %d wide nothing sticks out of the page', async width => {
    const page = await rulesPage('', { width, height: 900 })
    await page.locator('article.rule').first().waitFor()
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth')
    expect(wide).toBeLessThanOrEqual(width)
  })
})
