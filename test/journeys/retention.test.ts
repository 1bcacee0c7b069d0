import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { oldDays } from '../../sim/old-days.ts'
import { furnishRetention, verifyWhole } from '../../src/app/index.ts'
import { sql } from '../../src/base/index.ts'
import { useBrowser } from '../support/browser.ts'
import { until } from '../support/simulated.ts'
import { openStage, type Stage, signIn } from '../support/stage.ts'

const SHOTS = process.env.KEEP_SHOTS

describe('retention, hold and destruction', () => {
  const browser = useBrowser()
  let stage: Stage
  let conv = ''
  beforeAll(async () => {
    stage = await openStage({ day: 20, seed: 'retention' })
    const { premises, services } = stage
    const talks = oldDays()
    await furnishRetention(premises, services, talks)
    await until('the demo purge is carried out', async () => {
      const { rows } = await sql`SELECT 1 FROM destruction`.execute(premises.db)
      return rows.length === 1
    })
    const { rows } = await sql<{ conv: string }>`SELECT conv_id::text AS conv FROM message
      WHERE src_msgid = ${String(talks[1]?.messages[0]?.msgid)}`.execute(premises.db)
    conv = rows[0]?.conv ?? ''
  })

  async function as(role: string, address: string, size?: { width: number; height: number }): Promise<Page> {
    const page = await signIn(await browser.page(size), stage, role)
    await page.goto(`${stage.server.url}${address}`)
    return page
  }
  async function shot(page: Page, name: string): Promise<void> {
    if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png` })
  }

  test('a hold refuses a purge, a second person releases it, another approves, and the ledger verifies', {
    timeout: 180_000,
  }, async () => {
    const officer = await as('officer', `/retention?tab=holds&conv=${conv}`)
    await officer.getByLabel('案号或事项编号').fill('（2026）沪0115民初7号')
    await officer.getByLabel('理由（必填）').fill('客户就还款记录起诉')
    await shot(officer, 'holds-form')
    await officer.getByRole('button', { name: '设置保全' }).last().click()
    await officer.getByText('设置后须由另一人解除').waitFor()
    await officer.getByRole('button', { name: '确认设置保全' }).click()
    await officer.getByText('客户就还款记录起诉').waitFor()
    await shot(officer, 'holds')

    const lead = await as('lead', `/retention?tab=purges&conv=${conv}`)
    await lead.getByRole('button', { name: '试算' }).click()
    await lead.getByText('诉讼保全 4 条').waitFor()
    await lead.getByLabel('理由（必填）').fill('期限已满，申请销毁')
    await shot(lead, 'purge-form')
    await lead.getByRole('button', { name: '提交申请' }).click()
    await lead.getByRole('button', { name: '确认提交申请' }).click()
    const refused = lead.locator('.keep-item').filter({ hasText: '期限已满，申请销毁' })
    await refused.getByText('检查未通过').waitFor()
    await refused.getByText('诉讼保全 4 条').waitFor()

    const risk = await as('risk', '/retention?tab=holds')
    const held = risk.locator('.keep-item').filter({ hasText: '沪0115民初7号' })
    await held.getByRole('button', { name: '解除保全' }).click()
    await held.getByLabel('理由').fill('双方已和解并撤诉')
    await held.getByRole('button', { name: '确认解除保全' }).click()
    await risk.getByText('双方已和解并撤诉').waitFor()

    await lead.goto(`${stage.server.url}/retention?tab=purges&conv=${conv}`)
    await lead.getByRole('button', { name: '试算' }).click()
    await lead.getByText('可销毁 4 条消息').waitFor()
    await lead.getByLabel('理由（必填）').fill('案件已结，再次申请')
    await lead.getByRole('button', { name: '提交申请' }).click()
    await lead.getByRole('button', { name: '确认提交申请' }).click()
    await lead.getByText('由您申请，须由另一人批准').waitFor()

    await risk.goto(`${stage.server.url}/retention?tab=purges`)
    const asked = risk.locator('.keep-item').filter({ hasText: '案件已结，再次申请' })
    await asked.getByRole('button', { name: '批准销毁' }).click()
    await asked.getByLabel('理由').fill('已核对，同意')
    await shot(risk, 'purges')
    await asked.getByRole('button', { name: '确认批准销毁' }).click()
    await asked.getByText('查看销毁证书').click({ timeout: 20_000 })
    await risk.getByRole('heading', { name: '电子数据销毁证书' }).waitFor()
    await risk.getByText('4 条消息，共 4 项').waitFor()
    await shot(risk, 'certificate')
    const [download] = await Promise.all([
      risk.waitForEvent('download'),
      risk.getByRole('link', { name: '下载证书与清单' }).click(),
    ])
    expect(download.suggestedFilename()).toMatch(/^destruction-P-\d{4}-\d{4}\.json$/)
    await stage.services.sealer.flush()
    expect((await verifyWhole(stage.premises, { everyByte: true })).problems).toEqual([])

    await lead.goto(`${stage.server.url}/conversations/${conv}`)
    await lead.getByText('原文已按规定销毁').first().waitFor()
    await lead.getByRole('button', { name: '留存' }).first().click()
    await lead.getByText('已销毁，证书').waitFor()
    await shot(lead, 'conversation')
  })

  test('by keys from tab to tab; on a telephone nothing sticks out', async () => {
    const wide = await as('lead', '/retention')
    await wide.getByText('默认永久保存').first().waitFor()
    await shot(wide, 'schedule')
    await wide.keyboard.press('2')
    await wide.getByText('TS-2026-0117').waitFor()
    await wide.keyboard.press('n')
    await wide.getByLabel('案号或事项编号').waitFor()
    for (const tab of ['schedule', 'holds', 'purges']) {
      const page = await as('lead', `/retention?tab=${tab}`, { width: 390, height: 844 })
      await page.locator('.keep-item').first().waitFor()
      await shot(page, `phone-${tab}`)
      const over = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )
      expect(over, tab).toBeLessThanOrEqual(0)
    }
  })

  test('an administrator does not come in', async () => {
    const admin = await as('admin', '/retention')
    await admin.getByText('没有权限').waitFor()
  })
})
