import axe from 'axe-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { sql } from '../../src/base/index.ts'
import { openByHand } from '../../src/cases/files.ts'
import { useBrowser } from '../support/browser.ts'
import { until } from '../support/simulated.ts'
import { openStage, type Stage, signIn } from '../support/stage.ts'

/**
 * The pages, each with the account that works there and a text that says it is there. `:alert`, `:conv` and `:case` are
 * filled in. Add yours.
 */
const ROUTES: { path: string; as: string; shows: string | RegExp }[] = [
  { path: '/alerts?alert=:alert', as: 'officer', shows: '确认后' },
  { path: '/alerts?alert=:alert&step=talk', as: 'officer', shows: '为何命中' },
  { path: '/alerts?alert=:alert&step=act', as: 'lead', shows: '确认后' },
  { path: '/alerts?alert=:alert&step=talk&tab=hits', as: 'lead', shows: '为何命中' },
  { path: '/alerts?alert=:alert&step=talk&tab=record', as: 'officer', shows: '查看' },
  { path: '/alerts?alert=:alert&step=talk&tab=person', as: 'officer', shows: '三十日内按规则' },
  { path: '/alerts?alert=:alert&step=talk&tab=similar', as: 'officer', shows: '其他员工的同类预警' },
  { path: '/alerts?state=violation', as: 'officer', shows: '还没有确认的违规' },
  { path: '/cases', as: 'officer', shows: '调查中' },
  { path: '/cases?id=:case&looks=1', as: 'lead', shows: '时间线' },
  { path: '/conversations/:conv', as: 'officer', shows: /存证|待入链/ },
  { path: '/search', as: 'officer', shows: '检索' },
  { path: '/evidence', as: 'officer', shows: '证据' },
  { path: '/consent', as: 'officer', shows: /告知/ },
  { path: '/rules', as: 'officer', shows: /在用规则/ },
  { path: '/retention', as: 'lead', shows: /留存/ },
  { path: '/system', as: 'lead', shows: '正在采集' },
  { path: '/system?tab=trail', as: 'auditor', shows: '操作人' },
  { path: '/me', as: 'adviser', shows: /存档/ },
  { path: '/mine', as: 'adviser', shows: /培训|积分/ },
  { path: '/wall', as: 'officer', shows: /实时会话|高风险/ },
  { path: '/samples', as: 'lead', shows: /抽检|计划/ },
  { path: '/samples?new=1', as: 'lead', shows: '检查事项' },
  { path: '/quality', as: 'lead', shows: /复核/ },
  { path: '/rules/drafts', as: 'officer', shows: /草稿/ },
  { path: '/rules/drafts?new=form', as: 'officer', shows: /草稿|规则/ },
  { path: '/rules/versions', as: 'lead', shows: /版本/ },
  { path: '/policies', as: 'lead', shows: /积分/ },
  { path: '/policies?tab=training', as: 'lead', shows: /培训/ },
  { path: '/policies?tab=penalties', as: 'lead', shows: /处罚/ },
  { path: '/complaints', as: 'officer', shows: /投诉/ },
  { path: '/complaints?new=1', as: 'officer', shows: /投诉/ },
  { path: '/delivery', as: 'lead', shows: /通知|送达/ },
]
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
]

type Found = {
  id: string
  impact: string
  help: string
  nodes: { target: string[]; failureSummary?: string }[]
}

describe('every page can be used by eye, by ear and by keyboard', () => {
  const browsing = useBrowser()
  let stage: Stage
  const fill: Record<string, string> = {}

  beforeAll(async () => {
    stage = await openStage({ day: 300, seed: 'accessible' })
    await until('an alert is under review', async () => {
      const { rows } = await sql<{ alert: string; conv: string }>`
        SELECT alert_id::text AS alert, conv_id::text AS conv FROM review WHERE state = 'open' AND NOT concealed
        ORDER BY severity, sent_at LIMIT 1`.execute(stage.premises.db)
      Object.assign(fill, rows[0] ?? {})
      return rows.length > 0
    })
    const { db, house } = stage.premises
    const officer = { house, kind: 'person', name: 'officer', role: 'officer' } as const
    const by = { ...officer, accountId: null, userid: null, departments: [] }
    fill.case = (await openByHand(db, by, fill.alert ?? '')).id
  })

  for (const { width, height } of SIZES)
    test(`axe finds nothing serious at ${width} px`, async () => {
      const bad: string[] = []
      for (const [as, routes] of Map.groupBy(ROUTES, route => route.as)) {
        const page = await signIn(await browsing.page({ width, height }), stage, as)
        for (const { path, shows } of routes) {
          await page.goto(stage.server.url + path.replace(/:(\w+)/g, (_, name: string) => fill[name] ?? ''))
          // What stands in a folded part is not on this screen size; the page itself must be there.
          await page.locator('main').getByText(shows).first().waitFor({ state: 'attached', timeout: 20_000 })
          await page.evaluate(axe.source)
          const { violations } = await page.evaluate<{ violations: Found[] }>(
            `axe.run(document, { resultTypes: ['violations'], rules: { region: { enabled: false } } })`,
          )
          for (const { id, impact, nodes } of violations)
            if (impact === 'serious' || impact === 'critical')
              bad.push(`${width} ${path}: ${id} ${nodes.map(node => node.target.join(' ')).slice(0, 4)}`)
          const over = await page.evaluate<number>(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          )
          if (over > 0) bad.push(`${width} ${path}: ${over} px too wide`)
        }
        await page.close()
      }
      expect(bad).toEqual([])
    }, 300_000)
})
