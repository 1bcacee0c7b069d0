import type { Actor } from '../base/index.ts'
import {
  askBacktest,
  makeDraft,
  publishDraft,
  type RulebookDeps,
  readDraft,
  submitDraft,
  testDraft,
} from '../monitor/index.ts'
import { demoPerson, waitUntil } from './demo-people.ts'
import type { Premises } from './house.ts'
import type { Services } from './services.ts'

type NewRule = Extract<Parameters<typeof makeDraft>[2], { by: 'form' }>['rule']

const SHARED = {
  id: null,
  direction: 'staff',
  verdict: 'violation',
  severity: 'P2',
  near: [],
  exceptions: [],
} as const satisfies Partial<NewRule>

/** Published, with a version before it, so that there is something to go back to. */
const SCARCE: NewRule = {
  ...SHARED,
  category: 'PRESSURE',
  name: '额度紧张催促下单',
  clause: 'M-01',
  terms: ['额度秒光', '错过就没了'],
  near: [],
  exceptions: [],
  fires: ['这款额度秒光，您抓紧定', '今天不买，错过就没了'],
  clean: ['额度以系统显示为准，您可以慢慢考虑'],
}
/** Awaits the second person. */
const FEW_LEFT: NewRule = {
  ...SHARED,
  category: 'PRESSURE',
  name: '以名额额度催促',
  clause: 'M-01',
  terms: ['名额有限', '额度不多', '名额不多', '抢不到'],
  near: [
    {
      within: 6,
      groups: [
        ['额度', '名额', '份额'],
        ['来了', '不多', '紧张', '最后', '只剩'],
      ],
    },
  ],
  exceptions: ['不收费', '系统显示'],
  fires: ['这期名额有限，您定一下', '额度只剩一点，尽快'],
  clean: ['额度以系统显示为准，请您慢慢考虑'],
}

/**
 * Rules as an institution would have them after a while: a draft of the officer's in force in its second version, and
 * another with its backtest done that waits for the second person. Every step goes the way people go.
 */
export async function furnishRules(premises: Premises, { rulebook, rules }: Services): Promise<void> {
  const { house } = premises
  const [officer, lead] = [demoPerson(premises, 'officer'), demoPerson(premises, 'lead')]
  const clauseOf = (category: string): string =>
    rules.current().packs.rules.find(rule => rule.category === category)?.clause ?? 'M-01'
  const first = await proved(
    rulebook,
    officer,
    { ...SCARCE, clause: clauseOf('PRESSURE') },
    '巡检发现以“秒光”催促客户下单，现行规则未覆盖',
  )
  if (first === null) return
  await publishDraft(rulebook, lead, first, {
    act: 'in_force',
    departments: [],
    reason: '例句与回测均已核对，同意启用',
    acknowledged: '新增规则，原无命中，增量在可处置范围内',
  })
  const { focus } = await readDraft(rulebook, lead, first)
  const wider = {
    ...SCARCE,
    clause: clauseOf('PRESSURE'),
    id: focus,
    terms: [...SCARCE.terms, '手慢无'],
    fires: [...SCARCE.fires, '老客户专享，手慢无'],
  }
  const second = await proved(rulebook, officer, wider, '补充同类说法“手慢无”')
  if (second === null) return
  await publishDraft(rulebook, lead, second, {
    act: 'in_force',
    departments: [],
    reason: '补充词条，同意启用',
    acknowledged: '补充词条，命中略有变化',
  })
  await proved(
    rulebook,
    officer,
    { ...FEW_LEFT, clause: clauseOf('PRESSURE') },
    '投诉件中客户称被以名额、额度催促下单',
  )
  house.log.debug({}, 'rules of the demo are furnished')
}

const WAIT_MS = 120_000

/** Drafted, tested, backtested over the whole archive and handed over; null where the machine is too slow for that. */
async function proved(
  rulebook: RulebookDeps,
  officer: Actor,
  rule: NewRule,
  why: string,
): Promise<string | null> {
  const id = await makeDraft(rulebook, officer, { by: 'form', rule, why })
  await testDraft(rulebook, officer, id)
  await askBacktest(rulebook, officer, id, null)
  const done = async (): Promise<boolean> => (await readDraft(rulebook, officer, id)).state === 'backtested'
  if (!(await waitUntil(done, WAIT_MS))) return null
  await submitDraft(rulebook, officer, id)
  return id
}
