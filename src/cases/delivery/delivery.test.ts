import { setTimeout as wait } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../../test/support/simulated.ts'
import { openStage, type Stage } from '../../../test/support/stage.ts'
import { type Actor, now, sql, systemActor } from '../../base/index.ts'
import { reachable } from '../../people/index.ts'
import { list } from '../../trail/index.ts'
import { makeMove } from '../move.ts'
import { CARDS_A_MINUTE } from './send.ts'

const CUSTOMER = 'wmErxtDgAA9AW32YyyuYRimKr7D1KWlw'

describe('an alert is told by card, and taken by a press', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({ day: 0 })
  })
  const say = (content: string, from = 'linyue') =>
    stage.sim.world.emit({ from, tolist: [CUSTOMER], msgtype: 'text', text: { content } })
  const cards = () => stage.sim.world.office.appMessages.all().filter(one => one.msgtype === 'template_card')
  const cardsFor = (userid: string) => cards().filter(one => one.to.includes(userid))
  const shown = (userid: string, at = -1) => cardsFor(userid).at(at)?.shown.get(userid)
  const rows = async (of: string) =>
    (
      await sql<{
        state: string
        n: number
      }>`SELECT state, count(*)::int AS n FROM delivery WHERE channel = ${of} GROUP BY state`.execute(
        stage.premises.db,
      )
    ).rows

  test('P0 reaches officer and lead within a second or so, with no text of the conversation and masked names', async () => {
    const started = performance.now()
    say('您放一百个心，这款保本保息，亏了算我的')
    await until(
      'both cards',
      async () => cardsFor('linxiaowen').length === 1 && cardsFor('zhoumingyuan').length === 1,
    )
    expect(performance.now() - started).toBeLessThan(10_000)
    const card = JSON.stringify(cardsFor('linxiaowen')[0]?.content)
    expect(card).toContain('P0')
    expect(card).toContain('林**')
    expect(card).not.toContain('林悦')
    expect(card).not.toMatch(/一百个心|保息，亏/)
    expect(card).toMatch(/\/alerts\?alert=[0-9a-f-]{36}/)
    expect(cardsFor('guhuaijin')).toEqual([])
  })

  test('a press takes it up as the person; both cards say by whom; the trail knows', async () => {
    const { world } = stage.sim
    const task = cardsFor('linxiaowen')[0]?.card?.task_id ?? ''
    expect(world.clickCard({ userid: 'linxiaowen', taskId: task, key: 'take' })).toBe(true)
    await until('the card changed', async () => shown('linxiaowen') !== undefined)
    expect(JSON.stringify(shown('linxiaowen'))).toContain('已由 林晓雯 受理')
    await until("the lead's card changed", async () => shown('zhoumingyuan') !== undefined)
    expect(JSON.stringify(shown('zhoumingyuan'))).toContain('已由 林晓雯 受理')
    const { items } = await list(stage.premises.db, systemActor(stage.premises.house, 'test'), {
      verb: 'alert.pressed',
      limit: 10,
    })
    expect(items).toMatchObject([{ actor: 'officer', detail: { key: 'take', outcome: 'taken' } }])
    const waiting = await sql<{ state: string }>`SELECT state FROM delivery_escalation`.execute(
      stage.premises.db,
    )
    expect(waiting.rows.every(row => row.state === 'void')).toBe(true)
  })

  test('a late press changes nothing and says so', async () => {
    const { world } = stage.sim
    say('这款理财保证收益，稳赚不赔')
    await until(
      'two more cards',
      async () => cardsFor('linxiaowen').length === 2 && cardsFor('zhoumingyuan').length === 2,
    )
    const task = (userid: string) => cardsFor(userid)[1]?.card?.task_id ?? ''
    // At the same moment: one of them is first, the other is told by whom.
    world.clickCard({ userid: 'zhoumingyuan', taskId: task('zhoumingyuan'), key: 'false_positive' })
    world.clickCard({ userid: 'linxiaowen', taskId: task('linxiaowen'), key: 'take' })
    await until('both pressed', async () => {
      const { rows } = await sql`SELECT 1 FROM delivery_press WHERE outcome IS NOT NULL`.execute(
        stage.premises.db,
      )
      return rows.length === 3 && shown('linxiaowen') !== undefined && shown('zhoumingyuan') !== undefined
    })
    const outcomes = await sql<{
      outcome: string
    }>`SELECT outcome FROM delivery_press ORDER BY settled_at`.execute(stage.premises.db)
    expect(outcomes.rows.map(row => row.outcome)).toEqual(['taken', 'taken', 'held'])
    expect(JSON.stringify(shown('linxiaowen'))).toContain('已由 周明远 受理')
    expect(JSON.stringify(shown('zhoumingyuan'))).toMatch(/已由 周明远 受理.*写明理由|已由 周明远 受理/)
  })

  test('insider dealing and laundering are told to nobody in the chain, and to nobody about himself', async () => {
    const before = cardsFor('chenliqun').length
    say('內幕消息，还没公告，赶紧建仓')
    await until('the officer has it', async () => cardsFor('linxiaowen').length === 3)
    await wait(500)
    expect(cardsFor('chenliqun')).toHaveLength(before)
  })

  test('what nobody takes is told to the next, by the stored time; never twice', async () => {
    await sql`UPDATE delivery_escalation SET due_at = ${new Date(now() - 1000)} WHERE state = 'waiting' AND step = 1`.execute(
      stage.premises.db,
    )
    await until('the lead hears again', async () => cardsFor('zhoumingyuan').length === 4)
    expect(JSON.stringify(cardsFor('zhoumingyuan')[3]?.content)).toContain('无人受理')
    await wait(1500)
    expect(cardsFor('zhoumingyuan')).toHaveLength(4)
  })

  test('who it is handed up or given to hears so, with the reason on the card', async () => {
    const { db, house } = stage.premises
    const deps = { db, jobs: stage.services.jobs }
    const people = await reachable(db, house)
    const as = (userid: string) => people.find(one => one.userid === userid) as Actor
    const claimed = await sql<{
      id: string
    }>`SELECT alert_id::text AS id FROM review WHERE state = 'claimed' AND assignee = ${as('linxiaowen').name} LIMIT 1`.execute(
      db,
    )
    const id = claimed.rows[0]?.id ?? ''
    await makeMove(deps, as('linxiaowen'), id, { move: 'escalate', note: '涉及大额，请负责人定夺' })
    const told = (userid: string, word: string) =>
      cardsFor(userid).some(one => JSON.stringify(one.content).includes(word))
    await until('the lead is told', async () => told('zhoumingyuan', '已上报给您'))
    await makeMove(deps, as('zhoumingyuan'), id, { move: 'return', note: '请先核实客户是否已转账' })
    await makeMove(deps, as('linxiaowen'), id, { move: 'release' }).catch(() => undefined)
    await makeMove(deps, as('zhoumingyuan'), id, {
      move: 'assign',
      to: as('linxiaowen').name,
      note: '仍由您跟进',
    })
    await until('the officer is told', async () => told('linxiaowen', '已分派给您'))
    expect(cardsFor('linxiaowen').some(one => JSON.stringify(one.content).includes('已上报给您'))).toBe(false)
  })

  test('a flood becomes one digest a minute instead of being dropped by WeCom', async () => {
    for (let n = 0; n < 40; n++) say(`加我个人微信聊，第${n}位客户，这里不方便说`)
    await until('all is told or gathered', async () => {
      const waiting = (await rows('card')).filter(row => row.state === 'waiting' || row.state === 'retry')
      const { rows: told } = await sql<{
        n: number
      }>`SELECT count(DISTINCT alert_id)::int AS n FROM delivery`.execute(stage.premises.db)
      return waiting.length === 0 && (told[0]?.n ?? 0) === 43
    })
    expect(cardsFor('linxiaowen').length).toBeLessThanOrEqual(CARDS_A_MINUTE + 4)
    expect(cardsFor('linxiaowen').every(one => one.dropped.length === 0)).toBe(true)
    const gathered = await rows('digest')
    expect(gathered.reduce((sum, row) => sum + row.n, 0)).toBeGreaterThan(10)
  })
})
