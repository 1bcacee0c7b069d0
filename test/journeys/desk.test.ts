import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { sql } from '../../src/base/index.ts'
import { useBrowser } from '../support/browser.ts'
import { until } from '../support/simulated.ts'
import { openStage, type Stage, signIn } from '../support/stage.ts'

const CUSTOMER = 'wmErxtDgAA9AW32YyyuYRimKr7D1KWlw'
const RISKY = '您放一百个心，这款保本保息，亏了算我的'

describe('an alert on the desk', () => {
  const browsing = useBrowser()
  let stage: Stage
  let alert: { id: string; number: string; staff: string; msgid: string }
  let officer: Page
  let lead: Page

  beforeAll(async () => {
    stage = await openStage({ day: 400, seed: 'desk' })
    const { world } = stage.sim
    world.emit({ from: 'linyue', tolist: [CUSTOMER], msgtype: 'text', text: { content: RISKY } })
    await until('the alert is under review', async () => {
      const { rows } = await sql<typeof alert>`
        SELECT alert_id::text AS id, number, staff, src_msgid AS msgid FROM review WHERE staff = 'linyue' AND state = 'open'
          AND 'GUAR-01' = ANY(rules) ORDER BY sent_at DESC LIMIT 1`.execute(stage.premises.db)
      if (rows[0]) alert = rows[0]
      return rows.length > 0
    })
    officer = await signIn(await browsing.page(), stage, 'officer')
    lead = await signIn(await browsing.page(), stage, 'lead')
  })

  async function openAlert(page: Page): Promise<void> {
    // The address a card or a mail gives.
    await page.goto(`${stage.server.url}/alerts?alert=${alert.id}`)
    await page.locator('.decision').getByText(alert.number).waitFor()
  }

  const stateOf = async (): Promise<string> => {
    const { rows } = await sql<{
      state: string
    }>`SELECT state FROM review WHERE alert_id = ${alert.id}`.execute(stage.premises.db)
    return rows[0]?.state ?? ''
  }

  async function said(page: Page, note: string): Promise<void> {
    await page.keyboard.type(note)
    await page.keyboard.press('Control+Enter')
  }

  test('the officer presses 受理 on the card in WeCom, opens it there and escalates it with a reason, by keyboard', async () => {
    const phone = await browsing.page({ width: 390, height: 844 })
    await phone.goto(`${stage.sim.url}/sim/cards?userid=linxiaowen`)
    const card = phone.locator('.card').filter({ hasText: alert.number })
    const link = await card.locator('a.in').getAttribute('href')
    await card.getByRole('button', { name: '受理' }).click()
    await card.getByText('已由 林晓雯 受理').waitFor({ timeout: 10_000 })
    expect(await stateOf()).toBe('claimed')
    await officer.goto(link ?? '')
    await officer.locator('.decision').getByText(alert.number).waitFor()
    await officer.getByText('officer 处理').waitFor()
    await officer.keyboard.press('u')
    await said(officer, '已电话核实，客户拟转账五十万')
    await officer.getByText(`${alert.number} 已升级，等待负责人`).waitFor()
    expect(await stateOf()).toBe('escalated')
  })

  test('what is escalated is a lead’s: the officer reads why, and no key moves it', async () => {
    await openAlert(officer)
    await officer.getByText('已升级的预警由合规负责人处理。').waitFor()
    await officer.keyboard.press('c')
    expect(await officer.getByPlaceholder(/理由/).count()).toBe(0)
    expect(await stateOf()).toBe('escalated')
  })

  test('the lead sees what it leads to and confirms; points and training exist', async () => {
    await lead.goto(`${stage.server.url}/alerts?state=escalated&alert=${alert.id}`)
    const pane = lead.locator('.decision')
    await pane.getByText('记 6 分').waitFor()
    await pane.getByText('已电话核实，客户拟转账五十万').waitFor()
    await lead.keyboard.press('c')
    await lead.getByRole('button', { name: '客户可能受损' }).click()
    await lead.getByPlaceholder(/理由/).focus()
    await said(lead, '承诺保本')
    await lead.getByText('所选标签要求理由至少 10 个字').waitFor()
    await said(lead, '保息并承诺兜底，客户已转账，已要求更正')
    await lead.getByText(`${alert.number} 已记为「已确认」`).waitFor()
    const { rows } = await sql<{ points: number; tasks: number }>`
      SELECT v.points, (SELECT count(*) FROM training_task t WHERE t.violation_id = v.id AND t.state = 'assigned') AS tasks
      FROM violation v WHERE v.source_id = ${alert.id} AND v.reversed_at IS NULL`.execute(stage.premises.db)
    expect(rows).toHaveLength(1)
    expect(rows[0]?.points).toBe(6)
    expect(rows[0]?.tasks).toBeGreaterThan(0)
  })

  test('who concluded it does not reopen it', async () => {
    await openAlert(lead)
    await lead.getByText('原结论由您作出，须由另一人重新打开。').waitFor()
    await lead.keyboard.press('o')
    expect(await stateOf()).toBe('violation')
  })

  test('the evidence is asked for from the desk and approved by another', async () => {
    await openAlert(officer)
    await officer.getByRole('link', { name: '取证', exact: true }).click()
    await officer.getByText(/条消息，原件/).waitFor()
    await officer.getByLabel('案号').fill(alert.number)
    await officer.getByLabel('事由').fill('保本承诺，交监管接口人')
    await officer.getByRole('button', { name: '提交申请' }).click()
    await officer.getByRole('heading', { name: '等待另一位同事审批' }).waitFor()
    await lead.goto(`${stage.server.url}/evidence`)
    await lead.getByLabel('审批意见').fill('同意，仅限本案')
    await lead.getByRole('button', { name: '批准并制作' }).click()
    await officer.getByRole('heading', { name: '已制作完成，可下载' }).waitFor({ timeout: 60_000 })
  })

  test('its case holds the person, asks for evidence under its number, and closes by another hand', async () => {
    await openAlert(lead)
    const link = lead.locator('.decision').getByRole('link', { name: /^C-\d{4}-/ })
    const number = (await link.textContent()) ?? ''
    await link.click()
    await lead.getByRole('heading', { name: '时间线' }).waitFor()
    await lead.getByText('已电话核实，客户拟转账五十万').waitFor()
    await lead.locator('.time-line.points').waitFor()
    await lead.getByRole('button', { name: '设置保全' }).click()
    await lead.getByPlaceholder(/保全事由/).fill('承诺兜底，客户已转账')
    await lead.getByRole('button', { name: '确认保全' }).click()
    await lead.locator('.time-line.hold').waitFor()
    await officer.goto(lead.url())
    await officer.getByText('立案人不能结案，须由另一人结案。').waitFor()
    await officer.getByRole('link', { name: '申请证据包' }).click()
    await officer.getByText(/条消息，原件/).waitFor()
    expect(await officer.getByLabel('案号').inputValue()).toBe(number)
    await lead.getByPlaceholder('写明理由，必填').fill('已更正并回访，记分培训已下达')
    await lead.locator('.file-moves .ant-btn-primary').click()
    await lead.getByText(`${number} 现为「已结案」`).waitFor()
    const { rows } = await sql<{ state: string; by: string; holds: number }>`
      SELECT state, closed_by AS by, (SELECT count(*) FROM trail_entry WHERE verb = 'hold.placed') AS holds FROM case_file
      WHERE number = ${number}`.execute(stage.premises.db)
    expect(rows[0]).toEqual({ state: 'closed', by: 'lead', holds: 1 })
  })

  test('the trail shows each step and each look', async () => {
    const { rows } = await sql<{ verb: string; actor: string }>`
      SELECT verb, actor FROM trail_entry WHERE thing_id = ${alert.id} OR verb LIKE 'evidence.%' OR verb = 'violation.confirmed'
      ORDER BY at, id`.execute(stage.premises.db)
    const told = rows.map(({ verb, actor }) => `${actor} ${verb}`)
    const steps = [
      'officer alert.claimed',
      'officer alert.pressed',
      'officer alert.opened',
      'officer alert.escalated',
      'lead alert.opened',
      'lead alert.decided',
      'lead violation.confirmed',
      'officer evidence.requested',
      'lead evidence.decided',
    ]
    let at = -1
    for (const step of steps) {
      const next = told.indexOf(step, at + 1)
      expect(next, `${step} after ${steps[steps.indexOf(step) - 1] ?? 'the start'}`).toBeGreaterThan(at)
      at = next
    }
    await stage.services.sealer.flush()
    await openAlert(officer)
    await officer.keyboard.press('3')
    const record = officer.locator('.desk-sheet')
    for (const line of ['officer · 受理', 'officer · 升级', 'lead · 确认违规', 'lead · 合规负责人'])
      await record.getByText(line).first().waitFor()
    const auditor = await signIn(await browsing.page(), stage, 'auditor')
    const shown = [
      ['alert.escalated', '升级预警'],
      ['alert.claimed', '受理预警'],
      ['alert.decided', '作出结论'],
      ['alert.opened', '打开预警'],
    ]
    for (const [verb, words] of shown) {
      await auditor.goto(`${stage.server.url}/system?tab=trail&verb=${verb}`)
      await auditor
        .locator('td')
        .getByText(words ?? '', { exact: true })
        .first()
        .waitFor()
    }
  })

  test('near-duplicates are concluded in one act, each with its own entry', async () => {
    const { world } = stage.sim
    for (let n = 0; n < 3; n += 1)
      world.emit({
        from: 'linyue',
        tolist: [CUSTOMER],
        msgtype: 'text',
        text: { content: `这款年化能到 8%，闭眼买，第 ${n + 1} 位` },
      })
    let [first, group] = ['', '']
    await until('three alike wait', async () => {
      const { rows } = await sql<{ first: string; group: string }>`
        SELECT (array_agg(alert_id::text ORDER BY sent_at))[1] AS first, coalesce(lead_id, alert_id)::text AS "group" FROM review
        WHERE state = 'open' AND staff = 'linyue' AND NOT concealed GROUP BY 2 HAVING count(*) >= 3 LIMIT 1`.execute(
        stage.premises.db,
      )
      first = rows[0]?.first ?? ''
      group = rows[0]?.group ?? ''
      return rows.length > 0
    })
    await officer.goto(`${stage.server.url}/alerts?alert=${first}`)
    await officer.locator('.decision h2').waitFor()
    await officer.keyboard.press('f')
    await officer.keyboard.press('Escape')
    await officer.keyboard.press('b')
    await officer.getByPlaceholder(/理由/).focus()
    await said(officer, '同一话术，经核为内部测试')
    await officer.getByText(/件已一并记为「误报」/).waitFor()
    const { rows } = await sql<{ n: number; entries: number }>`
      SELECT count(*) AS n, sum((SELECT count(*) FROM trail_entry t WHERE t.verb = 'alert.decided' AND t.thing_id = r.alert_id::text)) AS entries
      FROM review r WHERE state = 'false_positive' AND (lead_id = ${group} OR alert_id = ${group})`.execute(
      stage.premises.db,
    )
    expect(rows[0]?.n).toBeGreaterThanOrEqual(2)
    expect(Number(rows[0]?.entries)).toBe(rows[0]?.n)
  })

  test('a move the server refuses says so and keeps the words', async () => {
    await officer.goto(`${stage.server.url}/alerts`)
    await officer.locator('.decision h2').waitFor()
    await officer.route('**/api/alerts/*/decision', route => route.abort())
    await officer.keyboard.press('w')
    await said(officer, '先观察一周再定')
    await officer.getByText('没有提交成功，已写的内容还在').waitFor()
    expect(await officer.getByPlaceholder(/理由/).inputValue()).toBe('先观察一周再定')
    await officer.unroute('**/api/alerts/*/decision')
    const answer = await officer.evaluate<number>(
      `fetch('/api/alerts/${alert.id}/move', { method: 'POST', headers: { 'content-type': 'application/json', 'x-tongjian': '1' }, body: '{"move":"vanish"}' }).then(a => a.status)`,
    )
    expect(answer).toBe(400)
  })
})
