import { unzipSync } from 'fflate'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { inTransaction, now, sql } from '../../src/base/index.ts'
import { listAlerts } from '../../src/cases/index.ts'
import { decide as decidePackage, issuedNumber, requestPackage } from '../../src/evidence/index.ts'
import { confirmViolation, courseOf } from '../../src/policies/index.ts'
import { useBrowser } from '../support/browser.ts'
import { until } from '../support/simulated.ts'
import { personAs } from '../support/staff.ts'
import { openStage, type Stage, signIn } from '../support/stage.ts'

const SHOTS = process.env.KEEP_SHOTS
const ADVISER = 'linyue'
const DAY = 86_400_000
const PHONE = { width: 390, height: 844 }

describe('what follows from a violation', () => {
  const browser = useBrowser()
  let stage: Stage
  let evidence = ''
  beforeAll(async () => {
    stage = await openStage({ day: 300, seed: 'consequences' })
    const { premises, services } = stage
    const [lead, officer] = [personAs(premises, 'lead'), personAs(premises, 'officer')]
    const violation = (id: string, severity: 'P0' | 'P1', rule: string, ago: number) =>
      inTransaction(premises.db, tx =>
        confirmViolation(tx, lead, {
          source: { kind: 'finding', id },
          ...{ staff: ADVISER, departments: [2], severity, rules: [rule], happenedAt: now() - ago * DAY },
        }),
      )
    await violation('JC-1', 'P1', 'EXAG-01', 100)
    await violation('JC-2', 'P0', 'GUAR-01', 3)
    const board = () => listAlerts(premises.db, officer, services.rules.current(), { state: 'all', limit: 1 })
    await until('an alert is there', async () => (await board()).items.length > 0)
    const [alert] = (await board()).items
    if (!alert) throw new Error('no alert')
    const { convId, sentAt } = alert.key
    const made = await requestPackage(premises.db, officer, {
      stretches: [{ convId, from: sentAt, to: sentAt }],
      ...{ caseNumber: 'CF', purpose: 'internal', reason: '处罚所附证据', names: 'masked', keepDays: 7 },
    })
    evidence = made.number
    await decidePackage(premises.db, lead, services.jobs, made.id, { verdict: 'approve', reason: '同意' })
    await until('the package is issued', () => issuedNumber(premises.db, premises.house.corp, evidence))
  })

  async function as(role: string, address: string, size?: { width: number; height: number }): Promise<Page> {
    const page = await signIn(await browser.page(size), stage, role)
    await page.goto(`${stage.server.url}${address}`)
    return page
  }
  async function shot(page: Page, name: string): Promise<void> {
    if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png` })
  }
  const fits = async (page: Page): Promise<void> => {
    const over = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
    expect(over).toBeLessThanOrEqual(0)
  }

  test('points show their arithmetic; the adviser learns and speaks on a phone; the lead proposes, risk signs; export', {
    timeout: 180_000,
  }, async () => {
    const lead = await as('lead', '/policies')
    await lead.locator('.points-who').first().click()
    await lead.getByText('3 分 × 50% = 1.5 分').waitFor()
    await lead.getByText('6 分 × 100% = 6 分').waitFor()
    await lead.getByText('7.5 分').first().waitFor()
    await shot(lead, 'points')

    const adviser = await as('adviser', '/mine', PHONE)
    await adviser.getByText('您有 2 门培训待完成').waitFor()
    await fits(adviser)
    await shot(adviser, 'mine')
    await adviser.getByRole('link', { name: '开始学习' }).first().click()
    await adviser.getByText('还有 4 题未答').waitFor()
    const title = (await adviser.locator('h1').textContent()) ?? ''
    const questions = courseOf(title)?.questions ?? []
    await answerAll(
      adviser,
      questions.map(() => 0),
    )
    await adviser.getByRole('button', { name: '提交答案' }).click()
    await adviser.getByText('未通过').waitFor()
    await shot(adviser, 'course-failed')
    await answerAll(
      adviser,
      questions.map(question => question.right),
    )
    await adviser.getByRole('button', { name: '提交答案' }).click()
    await adviser.getByText('已通过：').waitFor()
    await fits(adviser)
    await shot(adviser, 'course-passed')
    // Both violations led to the same course: done once, both tasks are done.
    await adviser.getByRole('link', { name: '返回' }).last().click()
    await adviser.getByText('没有待完成的培训').waitFor()

    await lead.getByRole('button', { name: '提出处罚' }).click()
    await lead.getByLabel('证据包编号').fill(evidence)
    await lead.getByLabel('事实、依据与理由').fill('就收益不确定的产品作确定性承诺')
    await shot(lead, 'propose')
    await lead.locator('form').getByRole('button', { name: '提出处罚' }).click()
    await lead.getByText('待申辩').first().waitFor()

    const risk = await as('risk', '/policies?tab=penalties')
    await risk.getByText('须先听取申辩').waitFor()
    expect(await risk.getByRole('button', { name: '签批生效' }).isDisabled()).toBe(true)

    await adviser.goto(`${stage.server.url}/mine`)
    await adviser.getByLabel('申辩意见').fill('已当场更正，请予考虑')
    await shot(adviser, 'statement')
    await adviser.getByRole('button', { name: '提交申辩' }).click()
    await adviser.getByText('本人提交').waitFor()
    await fits(adviser)

    await risk.reload()
    await risk.getByText('已当场更正，请予考虑').waitFor()
    await risk.getByRole('button', { name: '签批生效' }).click()
    await risk.getByLabel('理由（必填）').fill('事实清楚，程序完备')
    await shot(risk, 'sign')
    await risk.getByRole('button', { name: '确认签批生效' }).click()
    await risk.getByText('已生效').first().waitFor()
    await shot(risk, 'signed')

    await lead.goto(`${stage.server.url}/policies`)
    const [file] = await Promise.all([
      lead.waitForEvent('download'),
      lead.getByRole('link', { name: '下载 Excel' }).click(),
    ])
    expect(file.suggestedFilename()).toMatch(/^违规积分-.*\.xlsx$/)
    const chunks: Buffer[] = []
    for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer)
    const sheet = unzipSync(Buffer.concat(chunks))['xl/worksheets/sheet1.xml'] ?? []
    expect(Buffer.from(sheet).toString('utf8')).toContain(ADVISER)
    const { rows } = await sql<{ verb: string }>`
      SELECT DISTINCT verb FROM trail_entry WHERE verb ~ '^(points|penalty|training)\\.' ORDER BY verb`.execute(
      stage.premises.db,
    )
    expect(rows.map(row => row.verb)).toEqual([
      ...['penalty.decided', 'penalty.listed', 'penalty.proposed', 'penalty.stated'],
      ...['points.exported', 'points.read', 'training.answered'],
    ])
  })

  async function answerAll(page: Page, answers: number[]): Promise<void> {
    for (const [index, value] of answers.entries())
      await page.locator('fieldset').nth(index).locator('label').nth(value).click()
  }

  test('by keys from tab to tab; a lead assigns by hand; on a telephone nothing sticks out', async () => {
    const lead = await as('lead', '/policies')
    await lead.getByText('人满 6 分（约谈）').waitFor()
    await lead.keyboard.press('2')
    await lead.getByRole('button', { name: '指派培训' }).click()
    await lead.getByLabel('成员（姓名或编号）').fill(ADVISER)
    await lead.locator('.ant-select-item-option').first().click()
    await lead.getByLabel('理由（必填，成员可见）').fill('季度轮训')
    await lead.locator('form').getByRole('button', { name: '指派培训' }).click()
    await lead.getByText('季度轮训').waitFor()
    await shot(lead, 'training')
    for (const path of ['?tab=points', `?tab=points&staff=${ADVISER}`, '?tab=training', '?tab=penalties']) {
      const page = await as('lead', `/policies${path}`, PHONE)
      await page.locator('.sheet:visible').first().waitFor()
      await fits(page)
      await shot(page, `phone-${path.replace(/\W/g, '-')}`)
    }
  })

  test('an administrator does not come in, an adviser sees his own page only', async () => {
    const admin = await as('admin', '/policies')
    await admin.getByText('没有权限').waitFor()
    const adviser = await as('adviser', '/policies')
    await adviser.getByText('没有权限').waitFor()
  })
})
