import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { countMedia } from '../../src/archive/index.ts'
import { dayOf, now, systemActor } from '../../src/base/index.ts'
import { captureState, certify, repull } from '../../src/capture/index.ts'
import { openArchiveSource } from '../../src/wecom/index.ts'
import { useBrowser } from '../support/browser.ts'
import { until } from '../support/simulated.ts'
import { openStage, type Stage, signIn } from '../support/stage.ts'

describe('completeness on the system page', () => {
  const browser = useBrowser()
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({ day: 80, seed: 'completeness' })
    const { premises, services, sim } = stage
    const { db, house, outside, config } = premises
    await until('every original is settled', async () => {
      const states = await countMedia(db, house.corp)
      return (states.waiting ?? 0) === 0 && (states.fetched ?? 0) > 0
    })
    await until('everything is archived', async () => {
      const [last] = sim.world.archive.latest(1)
      const actor = systemActor(house, 'test')
      return ((await captureState(db, actor, 'simulator'))?.seq ?? 0) >= (last?.seq ?? 0)
    })
    if (!config.wecom) throw new Error('no WeCom settings')
    const source = openArchiveSource(config.wecom)
    const actor = systemActor(house, 'test')
    await repull({ db, actor, jobs: services.jobs, source, pauseMs: 0 })
    await source.close()
    // The day that was talked on: shortly after midnight in China that is not today.
    const talkedAt = Number(sim.world.archive.latest(1)[0]?.message.msgtime ?? now())
    await certify({ db, actor, outside, source: 'simulator' }, dayOf(talkedAt, house.zone))
  })

  async function systemPage(size?: { width: number; height: number }) {
    const page = await signIn(await browser.page(size), stage, 'admin')
    await page.goto(`${stage.server.url}/system`)
    return page
  }

  test('the system page says how far behind, what became of the originals, that nothing is missing, and hands out the certificate', async () => {
    const page = await systemPage()
    await page.getByText('企业内部预警线').first().waitFor()
    await page.getByText('没有遗漏').waitFor()
    await page.getByText('已存，摘要相符').waitFor()
    await page.getByRole('button', { name: '查看' }).first().click()
    await page.getByRole('heading', { name: '第 1 版' }).waitFor()
    await page.getByText('平台不提供，本证明无从得知').waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: '下载' }).click(),
    ])
    const file = JSON.parse(readFileSync(await download.path(), 'utf8'))
    expect(file.certificate.messages.total).toBeGreaterThan(0)
    expect(file.note).toContain(file.sha256)
  })

  test('on a telephone nothing sticks out of the page', async () => {
    const page = await systemPage({ width: 390, height: 844 })
    await page.getByRole('button', { name: '查看' }).first().click()
    await page.getByRole('heading', { name: '第 1 版' }).waitFor()
    const width = await page.evaluate<number>('document.documentElement.scrollWidth')
    expect(width).toBeLessThanOrEqual(390)
  })
})
