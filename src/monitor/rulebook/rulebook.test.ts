import { beforeAll, expect, test } from 'vitest'
import { archiveAll, textMessage } from '../../../test/support/messages.ts'
import { filePremises, type TestPremises } from '../../../test/support/premises.ts'
import { type Services, startServices } from '../../app/index.ts'
import { sql } from '../../base/index.ts'
import { changeDraft } from './drafts.ts'
import {
  askApply,
  askBacktest,
  makeDraft,
  publishDraft,
  readDraft,
  rollBack,
  submitDraft,
  testDraft,
} from './index.ts'
import { formWith, personOf } from './testing.ts'

const premises = filePremises()
let house: TestPremises
let services: Services
beforeAll(async () => {
  house = await premises
  services = await startServices(house, { capture: false })
  return () => services.stop()
})

const deps = () => services.rulebook
const officer = () => personOf(house.house, 'officer')
const lead = () => personOf(house.house, 'lead')

async function idle(): Promise<void> {
  const until = Date.now() + 30_000
  while ((await services.jobs.counts()).some(one => one.waiting + one.active > 0)) {
    if (Date.now() > until) throw new Error('jobs do not end')
    await new Promise(done => setTimeout(done, 50))
  }
}

const alertsOf = async () =>
  (
    await sql<{ msgid: string; rules: string[]; versions: string[] }>`
      SELECT a.src_msgid AS msgid, a.rules, array_agg(DISTINCT h.rule || ' ' || split_part(h.rule_version, '@', 1)) AS versions FROM alert a
      JOIN hit h ON h.corp_id = a.corp_id AND h.conv_id = a.conv_id AND h.sent_at = a.sent_at AND h.src_msgid = a.src_msgid GROUP BY 1, 2`.execute(
      house.db,
    )
  ).rows

async function ready(id: string): Promise<void> {
  const tested = await testDraft(deps(), officer(), id)
  expect(tested.failed).toBe(0)
  await askBacktest(deps(), officer(), id, null)
  await idle()
  await submitDraft(deps(), officer(), id)
}

test('a draft by the form goes all the way: test, backtest, second person, alert with its version, history, back', async () => {
  await archiveAll(house, services, [
    textMessage('下午三点来走青鸾通道', { msgid: 'old1_external' }),
    textMessage('今天天气不错', { msgid: 'old2_external' }),
  ])
  await idle()
  expect(await alertsOf()).toEqual([])
  const id = await makeDraft(deps(), officer(), {
    by: 'form',
    rule: formWith('青鸾通道'),
    why: '检查发现以代号承诺收益',
  })
  await ready(id)
  const view = await readDraft(deps(), lead(), id)
  expect(view.state).toBe('submitted')
  expect(view.backtest?.summary).toMatchObject({
    before: 0,
    after: 1,
    fresh: 1,
    gone: 0,
    growth: null,
    hitsAfter: 1,
  })
  const rule = view.focus ?? ''
  expect(view.diff?.rules.map(change => [change.rule, change.kind])).toEqual([[rule, 'added']])

  await expect(
    publishDraft(deps(), officer(), id, { act: 'in_force', departments: [], reason: '同意' }),
  ).rejects.toMatchObject({ code: 'auth.denied' })
  await expect(
    publishDraft(deps(), personOf(house.house, 'lead', 'officer'), id, {
      act: 'in_force',
      departments: [],
      reason: '同意发布',
    }),
  ).rejects.toMatchObject({ code: 'approval.own' })
  await expect(
    publishDraft(deps(), lead(), id, { act: 'in_force', departments: [], reason: '同意发布' }),
  ).rejects.toMatchObject({ code: 'rule.growth' })
  const version = await publishDraft(deps(), lead(), id, {
    act: 'in_force',
    departments: [],
    reason: '同意发布',
    acknowledged: '新规则，原无命中',
  })
  expect(version).toBe(1)
  expect(services.rules.current().rules.get(rule)?.version).toBe(1)

  await archiveAll(house, services, [textMessage('明天也走青鸾通道', { msgid: 'new1_external' })])
  await idle()
  expect(await alertsOf()).toEqual([{ msgid: 'new1_external', rules: [rule], versions: [`${rule} 1`] }])
  await askApply(deps(), lead(), id)
  await idle()
  expect((await alertsOf()).map(alert => alert.msgid).sort()).toEqual(['new1_external', 'old1_external'])

  await rollBack(deps(), lead(), view.file, 0, '命中过多，先退回')
  expect(services.rules.current().rules.has(rule)).toBe(false)
  await archiveAll(house, services, [textMessage('后天走青鸾通道', { msgid: 'new2_external' })])
  await idle()
  expect((await alertsOf()).map(alert => alert.msgid)).not.toContain('new2_external')
  await rollBack(deps(), lead(), view.file, 1, '复核后恢复')
  expect(services.rules.current().rules.has(rule)).toBe(true)
  expect((await readDraft(deps(), lead(), id)).state).toBe('in_force')
})

test('in its shadow a version counts and alerts nobody; staged it alerts for its departments alone', async () => {
  const id = await makeDraft(deps(), officer(), {
    by: 'form',
    rule: formWith('玄圃额度'),
    why: '检查发现新代号',
  })
  await ready(id)
  await publishDraft(deps(), lead(), id, { act: 'shadow', departments: [], reason: '先观察一周' })
  await archiveAll(house, services, [textMessage('给您留了玄圃额度', { msgid: 'shadow1_external' })])
  await idle()
  expect((await readDraft(deps(), lead(), id)).shadow).toEqual({ hits: 1, alerts: 1 })
  expect((await alertsOf()).map(alert => alert.msgid)).not.toContain('shadow1_external')
  await publishDraft(deps(), lead(), id, { act: 'staged', departments: [7], reason: '先在一个部门' })
  await archiveAll(house, services, [textMessage('还有玄圃额度', { msgid: 'staged1_external' })])
  await idle()
  expect((await alertsOf()).map(alert => alert.msgid)).not.toContain('staged1_external')
  await publishDraft(deps(), lead(), id, { act: 'in_force', departments: [], reason: '全面启用' })
  await archiveAll(house, services, [textMessage('最后的玄圃额度', { msgid: 'all1_external' })])
  await idle()
  expect((await alertsOf()).map(alert => alert.msgid)).toContain('all1_external')
})

test('what changed since its test, fails, or does not compile gets no further', async () => {
  const bad = await makeDraft(deps(), officer(), {
    by: 'text',
    file: 'own.yaml',
    text: 'category: [',
    why: '写错的文本',
  })
  await expect(testDraft(deps(), officer(), bad)).rejects.toMatchObject({ code: 'rule.broken' })
  expect((await readDraft(deps(), officer(), bad)).trouble).toMatchObject({ code: 'pack.yaml', line: 1 })
  const failing = await makeDraft(deps(), officer(), {
    by: 'form',
    rule: formWith('丹穴方案', { fires: ['这一句里没有那个词'] }),
    why: '例句与词不符',
  })
  expect((await testDraft(deps(), officer(), failing)).failed).toBe(1)
  await askBacktest(deps(), officer(), failing, 30)
  await idle()
  await expect(submitDraft(deps(), officer(), failing)).rejects.toMatchObject({ code: 'rule.untested' })
  await changeDraft(deps(), officer(), failing, { by: 'form', rule: formWith('丹穴方案'), why: '补正例句' })
  await expect(askBacktest(deps(), officer(), failing, 30)).rejects.toMatchObject({ code: 'rule.moved' })
  await expect(submitDraft(deps(), officer(), failing)).rejects.toMatchObject({ code: 'rule.moved' })
})
