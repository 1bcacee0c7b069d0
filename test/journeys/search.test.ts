import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { useBrowser } from '../support/browser.ts'
import { openStage, type Stage, signIn } from '../support/stage.ts'

const CUSTOMER = 'wmErxtDgAA9AW32YyyuYRimKr7D1KWlw'

describe('search, by an officer and a lead', () => {
  const browser = useBrowser()
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({ day: 300, seed: 'search' })
    const say = (content: string) =>
      stage.sim.world.emit({ from: 'linyue', tolist: [CUSTOMER], msgtype: 'text', text: { content } })
    for (let n = 0; n < 3; n += 1) say(`琥珀计划第 ${n} 期，季度报告在附件`)
    say('琥珀计划草稿，请勿外传')
  })

  test('the empty page teaches; words, exclusion, keys, context, saving and undo', async () => {
    const page = await signIn(await browser.page(), stage, 'officer')
    await page.goto(`${stage.server.url}/search`)
    await page.getByRole('button', { name: '返点 或 返佣' }).waitFor()
    await page.keyboard.press('Escape')
    const box = page.getByLabel('消息里的词')
    await box.fill('琥珀计划 -草稿 员工:linyue')
    await box.press('Enter')
    await page.locator('.result').nth(2).waitFor({ timeout: 15_000 })
    expect(await page.locator('.result').count()).toBe(3)
    await page.getByText('共 3 条').waitFor()
    expect(await page.locator('.result mark').first().textContent()).toBe('琥珀计划')
    // An officer looks; taking it out is for the lead and the auditor.
    expect(await page.getByRole('button', { name: '导出' }).count()).toBe(0)
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.locator('.result[aria-current=true]').waitFor()
    expect(await page.locator('.search-talk').count()).toBe(0)
    await page.keyboard.press('Enter')
    await page.locator('.search-talk .bubble').filter({ hasText: '琥珀计划第 1 期' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: '保存', exact: true }).click()
    await page.getByPlaceholder('名称').fill('琥珀计划')
    await page.getByLabel('与团队共享').check()
    await page.locator('.head-form button[type=submit]').click()
    await page.getByText('已保存「琥珀计划」').waitFor()
    await page.goto(`${stage.server.url}/search`)
    await page.getByRole('button', { name: '删除 琥珀计划' }).click()
    await page.getByRole('button', { name: '撤销' }).click()
    await page.locator('.kept').filter({ hasText: '琥珀计划 -草稿' }).first().click()
    await page.locator('.result').nth(2).waitFor()
  })

  test('a mistake is shown at its place, and what was typed stays', async () => {
    const page = await signIn(await browser.page({ width: 390, height: 844 }), stage, 'officer')
    await page.goto(`${stage.server.url}/search?q=${encodeURIComponent('季度 "报告')}`)
    await page.getByText('引号没有配对').waitFor()
    expect(await page.locator('.misread mark').textContent()).toBe('"报告')
    expect(await page.getByLabel('消息里的词').inputValue()).toBe('季度 "报告')
    for (const search of [page.url(), `${stage.server.url}/search`]) {
      await page.goto(search)
      await page.locator('.misread, .syntax').first().waitFor()
      const wide =
        'Math.max(...[...document.querySelectorAll("main *")].map(e => e.getBoundingClientRect().right))'
      expect(await page.evaluate<number>(wide), search).toBeLessThanOrEqual(390)
    }
  })

  test('the lead takes the results out, with a reason', async () => {
    const page = await signIn(await browser.page(), stage, 'lead')
    await page.goto(`${stage.server.url}/search?q=${encodeURIComponent('琥珀计划')}`)
    await page.getByRole('button', { name: '导出' }).click()
    await page.getByPlaceholder(/导出理由/).fill('配合内部审计抽样')
    const downloading = page.waitForEvent('download')
    await page.locator('.export-form button[type=submit]').click()
    const file = readFileSync(await (await downloading).path(), 'utf8')
    expect(file).toMatch(/导出人 lead .*理由：配合内部审计抽样/)
    expect(file).toMatch(/共 4 条，文件完整\r\n$/)
    await page.getByText('已导出 4 条，文件完整').waitFor()
  })
})
