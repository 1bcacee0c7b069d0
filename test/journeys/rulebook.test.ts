import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { append, prepare } from '../../src/archive/index.ts'
import { inTransaction, sql, systemActor } from '../../src/base/index.ts'
import { normalise } from '../../src/wecom/index.ts'
import { useBrowser } from '../support/browser.ts'
import { CUSTOMER, textMessage } from '../support/messages.ts'
import { openStage, type Stage, signIn } from '../support/stage.ts'

const LONG = 120_000

describe('a rule from the form to an alert and back', () => {
  const browser = useBrowser()
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({ day: 30, seed: 'rulebook' })
  })

  async function say(content: string, msgid: string): Promise<void> {
    const { db, house } = stage.premises
    const raw = Buffer.from(
      JSON.stringify(textMessage(content, { msgid, tolist: [CUSTOMER], msgtime: Date.now() })),
    )
    const normal = normalise(raw.toString('utf8'))
    if (typeof normal === 'string') throw new Error(normal)
    const prepared = await prepare(db, house, [{ raw, normal, seq: null, source: 'import' }])
    await inTransaction(db, tx => append(tx, systemActor(house, 'test'), stage.services.jobs, prepared))
  }

  async function alertOf(msgid: string): Promise<{ rules: string[]; version: string } | undefined> {
    const { rows } = await sql<{
      rules: string[]
      version: string
    }>`SELECT a.rules, max(h.rule_version) AS version FROM alert a
      JOIN hit h ON h.corp_id = a.corp_id AND h.src_msgid = a.src_msgid WHERE a.src_msgid = ${msgid} GROUP BY a.rules`.execute(
      stage.premises.db,
    )
    return rows[0]
  }

  async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
    const end = Date.now() + LONG
    for (;;) {
      const found = await look()
      if (found !== undefined) return found
      if (Date.now() > end) throw new Error('waited in vain')
      await new Promise(done => setTimeout(done, 100))
    }
  }

  const as = async (account: string, size?: { width: number; height: number }): Promise<Page> => {
    const page = await browser.page(size)
    page.setDefaultTimeout(LONG)
    return signIn(page, stage, account)
  }

  test('the officer drafts, tries, tests and backtests; the lead publishes; it alerts with its version; taken back it does not', async () => {
    await say('以前说过走青鸾通道', 'history1_external')
    await stage.services.sealer.flush()
    const officer = await as('officer')
    await officer.goto(`${stage.server.url}/rules/drafts?new=form`)
    await officer.getByLabel('规则名称').fill('以代号承诺收益')
    await officer.getByLabel('词条', { exact: true }).fill('青鸾通道')
    await officer.getByLabel('应命中的例句').fill('这款产品走青鸾通道')
    await officer.getByLabel('变更原因').fill('巡检发现以代号规避')
    await officer.getByRole('button', { name: '保存草稿' }).click()
    await officer.getByRole('link', { name: '试判' }).click()
    await officer.getByLabel('粘贴文字').fill('您走青鸾通道\n今天天气不错')
    await officer.getByRole('button', { name: '试判' }).click()
    await officer.locator('.rb-line').first().getByText('以代号承诺收益').waitFor({ timeout: LONG })
    expect(await officer.locator('.rb-line mark, .rb-line .hit').count()).toBeGreaterThan(0)

    await officer.getByRole('link', { name: '测试', exact: true }).click()
    await officer.getByRole('button', { name: '运行测试' }).click()
    await officer.getByText(/全部通过/).waitFor({ timeout: LONG })
    await officer.getByRole('link', { name: '回测', exact: true }).click()
    await officer.getByRole('button', { name: '开始回测' }).click()
    await officer.getByText(/会多出 1 条预警/).waitFor({ timeout: LONG })
    await officer.getByRole('button', { name: '看新增' }).click()
    await officer.getByText('以前说过走').waitFor({ timeout: LONG })
    await officer.getByRole('link', { name: '发布', exact: true }).click()
    await officer.getByRole('button', { name: '提交发布' }).click()
    await officer
      .getByText(/等待第二人发布/)
      .first()
      .waitFor()
    expect(await officer.getByRole('button', { name: '发布', exact: true }).count()).toBe(0)

    const lead = await as('lead')
    await lead.goto(`${stage.server.url}/rules/drafts`)
    await lead.getByRole('link', { name: /待发布/ }).click()
    await lead.getByLabel('发布意见').fill('已核对，同意')
    expect(await lead.getByRole('button', { name: '发布', exact: true }).isDisabled()).toBe(true)
    await lead.getByLabel('命中量变化超过 20% 的理由').fill('新增规则，原无命中')
    await lead.getByRole('button', { name: '发布', exact: true }).click()
    // The state, and not the choice of the form that bears the same words.
    await lead.locator('.rb-draft-head .rb-tag.in_force').waitFor({ timeout: LONG })

    await say('老客户还是走青鸾通道', 'after1_external')
    const alert = await until(() => alertOf('after1_external'))
    expect(alert.version).toMatch(/^1@/)
    expect(alert.rules[0]).toMatch(/^GUAR|^[A-Z_]+-\d+/)

    await lead.goto(`${stage.server.url}/rules/versions`)
    await lead.getByText('巡检发现以代号规避').waitFor()
    await lead.getByRole('button', { name: /回退到产品自带版本/ }).click()
    await lead.getByLabel('回退理由').fill('误报偏多，先退回')
    await lead.getByRole('button', { name: '回退到产品自带版本' }).click()
    await lead.getByText('已回退').first().waitFor({ timeout: LONG })
    await until(async () =>
      stage.services.rules.current().rules.has(alert.rules[0] ?? '') ? undefined : true,
    )
    await say('下次也走青鸾通道', 'after2_external')
    await until(async () =>
      (await stage.services.jobs.counts()).every(one => one.waiting + one.active === 0) ? true : undefined,
    )
    expect(await alertOf('after2_external')).toBeUndefined()
  }, 600_000)

  test('a text that is wrong says in which line and what to do; nothing sticks out at 390', async () => {
    const page = await as('officer', { width: 390, height: 844 })
    await page.goto(`${stage.server.url}/rules/drafts?new=text`)
    await page.getByLabel('文件', { exact: true }).fill('own-words.yaml')
    await page.getByLabel('规则文本（YAML）').fill('category: OWN\nname: 自有\nrules: [')
    await page.getByLabel('变更原因').fill('试一份写错的')
    await page.getByRole('button', { name: '保存草稿' }).click()
    await page.getByText(/第 \d+ 行有问题/).waitFor({ timeout: LONG })
    for (const path of ['/rules/drafts', '/rules/versions', '/rules']) {
      await page.goto(`${stage.server.url}${path}`)
      await page.locator('.rb-tabs').waitFor()
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
    }
  }, 400_000)
})
