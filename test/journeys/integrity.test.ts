import { beforeAll, describe, expect, test } from 'vitest'
import { startPatrol } from '../../src/app/integrity/patrol.ts'
import { integrityOf } from '../../src/app/integrity/view.ts'
import { openDb, sql } from '../../src/base/index.ts'
import { useBrowser } from '../support/browser.ts'
import { until } from '../support/simulated.ts'
import { openStage, type Stage, signIn } from '../support/stage.ts'

describe('the integrity of the archive on screen', () => {
  const browser = useBrowser()
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
    for (const table of ['message', 'review'])
      await until(`there is a ${table}`, async () => {
        const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM ${sql.table(table)}`.execute(
          stage.premises.db,
        )
        return (rows[0]?.n ?? 0) > 0
      })
  })

  /** As another process would, which has not just rested: whole rounds, until one sees what we wait for. */
  async function patrolUntil(what: string, seen: (total: number, checked: number) => boolean): Promise<void> {
    const { premises } = stage
    await until(what, async () => {
      const patrol = startPatrol(premises)
      await patrol.turn(60_000)
      await patrol.stop()
      const { findings, logs } = await integrityOf(premises)
      return seen(findings.total, logs[0]?.last?.leaves ?? 0)
    })
  }

  test('the patrol is seen at work; one altered record raises a banner, its place, and a red line over its conversation', {
    timeout: 120_000,
  }, async () => {
    await patrolUntil('a round', (_, checked) => checked > 0)
    const page = await signIn(await browser.page(), stage, 'lead')
    await page.goto(`${stage.server.url}/system`)
    await page.getByRole('heading', { name: '完整性巡检' }).waitFor()
    await page.getByRole('heading', { name: '运行预警' }).waitFor()
    expect(await page.locator('.integrity-banner').count()).toBe(0)
    await page.goto(`${stage.server.url}/alerts`)
    await page
      .locator('.seal-line')
      .getByText(/已核验|等待巡检|尚未封存/)
      .waitFor()

    const owner = openDb(stage.premises.config.databaseOwnerUrl ?? '', { max: 1 })
    await sql`UPDATE message m SET retention_class = 'short' FROM review r WHERE r.src_msgid = m.src_msgid`.execute(
      owner.db,
    )
    await owner.close()
    await patrolUntil('the finding', total => total > 0)
    await page.goto(`${stage.server.url}/alerts`)
    await page
      .locator('.integrity-banner')
      .getByText(/存证校验发现/)
      .waitFor()
    await page.locator('.seal-line.bad').waitFor()
    await page.goto(`${stage.server.url}/system`)
    await page.getByRole('cell', { name: '消息或其引用关系的某一列与存证不符' }).first().waitFor()
  })
})
