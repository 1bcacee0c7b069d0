import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCommand } from '../../src/app/commands/index.ts'
import { sql } from '../../src/base/index.ts'
import { useBrowser } from '../support/browser.ts'
import { until } from '../support/simulated.ts'
import { openStage, type Stage, signIn } from '../support/stage.ts'

describe('a sample, from plan to report', () => {
  const browsing = useBrowser()
  const folder = mkdtempSync(join(tmpdir(), 'tongjian-sample-'))
  let stage: Stage

  beforeAll(async () => {
    stage = await openStage({ day: 160, seed: 'sampling' })
    const { db } = stage.premises
    await until('messages and staff are there', async () => {
      const { rows } = await sql<{ messages: number; staff: number }>`
        SELECT (SELECT count(*) FROM leaf WHERE kind = 'message') AS messages, (SELECT count(*) FROM employee) AS staff`.execute(
        db,
      )
      return (rows[0]?.messages ?? 0) > 100 && (rows[0]?.staff ?? 0) > 10
    })
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  async function redraw(file: string): Promise<{ code: number; said: string }> {
    const said: string[] = []
    const say = (line: string): void => void said.push(line)
    const outer = { demo: async () => 1, bench: async () => 1 }
    const code = await runCommand(['sample', 'redraw', file], outer, { out: say, err: say })
    return { code, said: said.join('\n') }
  }

  test('registered by the lead, drawn at the checkpoint, reviewed by keyboard, found, confirmed by another, put right, checked, reported; drawn again elsewhere', {
    timeout: 240_000,
  }, async () => {
    const lead = await signIn(await browsing.page(), stage, 'lead')
    await lead.goto(`${stage.server.url}/samples?new=1`)
    await lead.getByLabel('检查事项').fill('十一月专项检查')
    // What cannot be is said before it is sent.
    await lead.getByText(/个单元中抽 \d+ 个/).waitFor({ timeout: 30_000 })
    await lead.getByLabel('简单随机').check()
    await lead.getByLabel('抽取比例').fill('0')
    await lead.getByLabel('每层不少于').fill('2')
    await lead.getByLabel('每群每周不少于').fill('0')
    for (const severity of ['P0', 'P1', 'P2']) await lead.getByLabel(`有预警的 ${severity}`).fill('0')
    await lead.getByText(/个单元中抽 2 个/).waitFor()
    await lead.getByRole('button', { name: '登记计划' }).last().click()
    await lead.getByText('已复核 0 / 2').first().waitFor({ timeout: 30_000 })

    const officer = await signIn(await browsing.page(), stage, 'officer')
    await officer.goto(`${stage.server.url}/samples`)
    await officer.getByRole('link', { name: '开始复核' }).click()
    await officer.getByText('打开不等于复核').waitFor()
    await officer.keyboard.press('c')
    await officer.keyboard.press('Control+Enter')
    await officer.getByText('待复核 1').waitFor()
    await officer.getByText('打开不等于复核').waitFor()
    await officer.keyboard.press('f')
    await officer.getByLabel('违反的规则').fill('GUAR-01')
    await officer.locator('.ant-select-item-option', { hasText: 'GUAR-01' }).first().waitFor()
    await officer.keyboard.press('Enter')
    await officer.getByLabel('说明', { exact: true }).fill('对客表述确定性收益')
    await officer.keyboard.press('Control+Enter')
    await officer.getByText('全部样本已有结论').waitFor()

    await lead.reload()
    await lead.getByRole('tab', { name: '发现与整改 1' }).click()
    await lead.getByRole('button', { name: '结束检查' }).click()
    await lead.getByLabel('意见').fill('核对原文，属实')
    await lead.getByRole('button', { name: '确认违规并记分' }).click()
    await lead.getByRole('button', { name: '下达整改' }).click()
    await lead.getByText('整改中').first().waitFor()

    await officer.goto(`${stage.server.url}/samples?tab=inspection`)
    await officer.getByLabel('意见').fill('已约谈并更正')
    await officer.getByRole('button', { name: '提交整改' }).click()
    await officer.getByText('待复核').first().waitFor()

    await lead.reload()
    await lead.getByLabel('意见').fill('已看到更正，通过')
    await lead.getByRole('button', { name: '复核通过' }).click()
    await lead.getByText('· 检查已办结').waitFor()
    const { rows } = await sql<{
      points: number
      courses: number
    }>`SELECT v.points, (SELECT count(*) FROM training_task) AS courses
      FROM violation v WHERE source_kind = 'finding'`.execute(stage.premises.db)
    expect(rows).toEqual([{ points: 6, courses: 1 }])

    const save = async (press: () => Promise<void>): Promise<string> => {
      const [download] = await Promise.all([lead.waitForEvent('download'), press()])
      const file = join(folder, download.suggestedFilename())
      await download.saveAs(file)
      return file
    }
    const pdf = await save(() => lead.getByRole('link', { name: '报告 PDF' }).click())
    expect(readFileSync(pdf).subarray(0, 5).toString()).toBe('%PDF-')
    const book = await save(() => lead.getByRole('link', { name: '报告 Excel' }).click())
    expect(readFileSync(book).subarray(0, 2).toString()).toBe('PK')
    await lead.getByRole('tab', { name: '可重抽证明' }).click()
    const file = await save(() => lead.getByRole('link', { name: '下载抽样文件' }).click())
    expect(file).toMatch(/CJ-\d{4}-0001\.sample\.jsonl$/)
    const again = await redraw(file)
    expect(again).toMatchObject({ code: 0 })
    expect(again.said).toContain('样本 2 个')
    writeFileSync(file, readFileSync(file, 'utf8').replace('"minimum":2', '"minimum":1'))
    const changed = await redraw(file)
    expect(changed.code).toBe(1)
    expect(changed.said).toContain('计划在登记后被改动')
    const looks = await sql<{
      verb: string
    }>`SELECT DISTINCT verb FROM trail_entry WHERE verb LIKE 'sample.%' OR verb LIKE 'finding.%'`.execute(
      stage.premises.db,
    )
    expect(looks.rows.map(row => row.verb)).toEqual(
      expect.arrayContaining([
        ...['sample.planned', 'sample.drawn', 'sample.unit_opened', 'sample.unit_concluded'],
        ...['finding.reported', 'finding.decided', 'finding.rectified', 'finding.checked', 'sample.exported'],
      ]),
    )
  })

  test('on a phone the review is three steps, and nothing is wider than the screen', async () => {
    const officer = await signIn(await browsing.page({ width: 390, height: 844 }), stage, 'officer')
    for (const path of ['/samples', '/samples?tab=inspection', '/samples?tab=proof']) {
      await officer.goto(`${stage.server.url}${path}`)
      await officer.getByText('十一月专项检查').first().waitFor()
      expect(
        await officer.evaluate<number>('document.documentElement.scrollWidth'),
        path,
      ).toBeLessThanOrEqual(390)
    }
    await officer.goto(`${stage.server.url}/samples`)
    await officer.getByText('十一月专项检查').first().click()
    await officer.getByRole('link', { name: '查看样本' }).click()
    await officer.locator('.sampling-item').first().click()
    await officer.getByRole('button', { name: '结论' }).click()
    await officer.getByText(/officer 的结论/).waitFor()
    expect(await officer.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
  })
})
