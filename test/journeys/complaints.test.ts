import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { now, sql } from '../../src/base/index.ts'
import { listComplaintSignals, registerComplaint, registerInput } from '../../src/cases/index.ts'
import { readAccount } from '../../src/policies/index.ts'
import { useBrowser } from '../support/browser.ts'
import { archiveAll, textMessage } from '../support/messages.ts'
import { until } from '../support/simulated.ts'
import { personAs } from '../support/staff.ts'
import { openStage, type Stage, signIn } from '../support/stage.ts'

const SHOTS = process.env.KEEP_SHOTS
const STAFF = 'linyue'
const DAY = 86_400_000
const CUSTOMER = 'wmJ7ijBwAAcomplains000000000001'
const PHONE = { width: 390, height: 844 }

describe('complaints of customers', () => {
  const browser = useBrowser()
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({ day: 20, seed: 'complaints' })
    const { premises, services } = stage
    const at = now() - 2 * 3_600_000
    await archiveAll(premises as never, services, [
      textMessage('您放心，这款保本保息', { from: STAFF, tolist: [CUSTOMER], msgtime: at - DAY }),
      textMessage('你们没告诉我会亏，我要投诉你们', { from: CUSTOMER, tolist: [STAFF], msgtime: at }),
    ])
    const officer = personAs(premises, 'officer')
    await until('the signal is there', async () =>
      (await listComplaintSignals(premises.db, officer)).items.some(one => one.customer.id === CUSTOMER),
    )
    await registerComplaint(
      premises.db,
      officer,
      registerInput.parse({
        ...{ source: 'h12378', kind: 'fees', product: 'card', channel: 'phone', staff: STAFF },
        ...{ name: '刘敏', contact: '13500001111', text: '年费扣收前未收到提示' },
        receivedAt: now() - 15 * DAY,
      }),
    )
  })

  async function as(role: string, address: string, size?: { width: number; height: number }): Promise<Page> {
    const page = await signIn(await browser.page(size), stage, role)
    await page.goto(`${stage.server.url}${address}`)
    return page
  }
  async function shot(page: Page, name: string): Promise<void> {
    if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png` })
  }
  async function deed(page: Page, label: string, text: string): Promise<void> {
    await page.getByRole('button', { name: label, exact: true }).click()
    await page.getByRole('alertdialog', { name: label }).locator('textarea').fill(text)
    await page.getByRole('button', { name: `确认${label}`, exact: true }).click()
    await page.getByRole('alertdialog', { name: label }).waitFor({ state: 'detached' })
  }

  test('taken up from what the customer wrote, extended by a lead, answered as upheld: points follow, all in the trail', {
    timeout: 180_000,
  }, async () => {
    const officer = await as('officer', '/complaints?tab=signals')
    const said = officer.locator('.complaint-signal').filter({ hasText: '我要投诉你们' })
    await shot(officer, 'complaint-signals')
    await said.getByRole('link', { name: '登记为投诉' }).click()
    await officer.getByLabel('投诉内容').fill('客户称购买时被承诺保本，要求说明')
    await shot(officer, 'complaint-form')
    await officer.locator('form').getByRole('button', { name: '登记投诉' }).click()
    await officer.getByText('第 0 / 15 日').first().waitFor()
    await officer.locator('.complaint-talk').getByText('您放心，这款保本保息').waitFor()
    await deed(officer, '受理', '由我处理，先核会话')
    await deed(officer, '开始调查', '核对会话与签署材料')
    await deed(officer, '定为复杂', '涉及多次沟通')
    await deed(officer, '申请延期', '须调取柜面录音')
    await officer.getByText('您申请的，须由另一位负责人批准').waitFor()

    const lead = await as('lead', new URL(officer.url()).pathname + new URL(officer.url()).search)
    await deed(lead, '批准延期', '同意，并告知投诉人')
    await lead.getByText('第 0 / 60 日').first().waitFor()

    await officer.reload()
    await officer.getByRole('button', { name: '答复客户' }).click()
    await officer.getByRole('combobox', { name: '结论' }).click()
    await officer
      .locator('.ant-select-item-option')
      .filter({ hasText: /^属实$/ })
      .click()
    await officer.getByLabel('涉及规则').fill('GUAR-01')
    await officer.getByLabel('答复全文').fill('经查属实，已更正并致歉')
    await shot(officer, 'complaint-answer')
    await officer.getByRole('button', { name: '确认答复客户' }).click()
    await officer.getByText('经查属实，已更正并致歉').first().waitFor()
    await deed(officer, '办结', '客户书面认可')
    await shot(officer, 'complaint-closed')
    const account = await readAccount(stage.premises.db, personAs(stage.premises, 'lead'), STAFF)
    expect(account.entries.map(one => [one.source.kind, one.severity, one.rules])).toEqual([
      ['complaint', 'P1', ['GUAR-01']],
    ])
    const { rows } = await sql<{ verb: string }>`
      SELECT DISTINCT verb FROM trail_entry WHERE verb LIKE 'complaint.%' ORDER BY verb`.execute(
      stage.premises.db,
    )
    expect(rows.map(row => row.verb)).toEqual([
      ...['complaint.answered', 'complaint.extension_asked', 'complaint.extension_decided'],
      ...['complaint.graded', 'complaint.listed', 'complaint.moved', 'complaint.opened'],
      'complaint.registered',
    ])
  })

  test('masked until a reason is given; the months; on a telephone nothing sticks out', async () => {
    const officer = await as('officer', '/complaints')
    await officer.getByText('年费扣收前未收到提示').first().click()
    await officer.getByText('135****11').waitFor()
    await deed(officer, '查看姓名与电话', '电话回访客户')
    await officer.getByText('13500001111').waitFor()
    await shot(officer, 'complaint')
    for (const path of ['', '?tab=signals', '?tab=months', '?new=1']) {
      const page = await as('officer', `/complaints${path}`, PHONE)
      await page.locator('.sheet:visible').first().waitFor()
      const over = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )
      expect(over, path).toBeLessThanOrEqual(0)
      await shot(page, `complaints-phone-${path.replace(/\W/g, '')}`)
    }
    const adviser = await as('adviser', '/complaints')
    await adviser.getByText('没有权限').waitFor()
  })
})
