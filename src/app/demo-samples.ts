import { type Actor, dayOf, now } from '../base/index.ts'
import {
  assignSecondLooks,
  checkRectification,
  concludeClean,
  concludeLook,
  decideFinding,
  drawPlan,
  endChecking,
  findingIds,
  listLooks,
  openLook,
  openUnit,
  orderRectification,
  planInput,
  readPlan,
  registerPlan,
  reportFinding,
  submitRectification,
} from '../cases/index.ts'
import { demoPerson } from './demo-people.ts'
import type { Premises } from './house.ts'
import type { Services } from './services.ts'

const DAY_MS = 86_400_000

/**
 * Inspections as an institution would have them: one closed with a finding put right, one under way. Every step goes the
 * way people go, under the demo's own accounts.
 */
export async function furnishInspections(premises: Premises, services: Services): Promise<void> {
  const people = { lead: demoPerson(premises, 'lead'), officer: demoPerson(premises, 'officer') }
  const days = {
    from: dayOf(now() - DAY_MS, premises.house.zone),
    to: dayOf(now(), premises.house.zone),
  }
  const sizes = {
    share: 50,
    newShare: 200,
    watchedShare: 500,
    groupWeekly: 1,
    p0: 1000,
    p1: 1000,
    p2: 300,
    p3: 0,
  }
  const done = await registered(premises, services, people.lead, {
    ...{ title: '群聊专项检查', ...days, channels: ['group'], method: 'department' },
    sizes: { ...sizes, minimum: 1, p1: 0, p2: 0 },
  })
  await checked(premises, people.officer, done, Number.POSITIVE_INFINITY)
  await closed(premises, people, done)
  const going = await registered(premises, services, people.lead, {
    ...{ title: '十一月周期检查', ...days, method: 'person' },
    sizes: { ...sizes, minimum: 1, p2: 100 },
  })
  await checked(premises, people.officer, going, UNDER_WAY)
  await lookedAtAgain(premises, people, [done, going])
}

const UNDER_WAY = 9
/** The lead looks again at a share of what the officer concluded, and agrees with most of it. */
async function lookedAtAgain({ db }: Premises, { lead }: People, plans: string[]): Promise<void> {
  const found = new Set<string>()
  for (const plan of plans)
    for (const unit of (await readPlan(db, lead, plan)).units)
      if (unit.state === 'finding') found.add(unit.convId)
  await assignSecondLooks(db, lead, { share: 400, known: 1 })
  for (const [i, { id, convId }] of (await listLooks(db, lead)).items.entries()) {
    if (i % LEFT_WAITING === 0) continue
    await openLook(db, lead, id)
    const verdict = found.has(convId) ? 'violation' : 'clean'
    const note = found.has(convId) ? '表述确定性收益，应认定违规' : '已通读前后文，未见问题'
    await concludeLook(db, lead, id, { verdict, note })
  }
}
const LEFT_WAITING = 3

type People = { lead: Actor; officer: Actor }

async function registered(
  { db, house }: Premises,
  { jobs, sealer }: Services,
  lead: Actor,
  plan: object,
): Promise<string> {
  const { id } = await registerPlan(db, lead, jobs, planInput.parse(plan))
  await sealer.flush()
  await drawPlan(db, house, id)
  await sealer.flush()
  return id
}

/** Units are read and concluded in order; what raised a severe alert is a finding. */
async function checked({ db }: Premises, officer: Actor, plan: string, most: number): Promise<void> {
  const { units } = await readPlan(db, officer, plan)
  let findings = 0
  for (const [i, unit] of units.slice(0, most).entries()) {
    const at = { plan, unit: unit.unit }
    await openUnit(db, officer, at)
    const grave = unit.severity === 'P0' || unit.severity === 'P1'
    // A desk with one thing to put right is easier to follow than one with twenty.
    if ((grave && findings < MOST_FINDINGS) || (findings === 0 && i === LAST_CHANCE)) {
      findings += 1
      await reportFinding(db, officer, plan, {
        ...{
          unit: unit.unit,
          severity: unit.severity ?? 'P2',
          rule: unit.severity === 'P0' ? 'GUAR-01' : 'EXAG-01',
        },
        note: '对客表述确定性收益，未提示风险，客户随后追问本金是否安全',
      })
    } else await concludeClean(db, officer, at, i % 4 === 0 ? '已通读，表述规范' : '')
  }
}
const MOST_FINDINGS = 2
const LAST_CHANCE = 2

async function closed({ db }: Premises, { lead, officer }: People, plan: string): Promise<void> {
  await endChecking(db, lead, plan)
  const findings = await findingIds(db, officer, plan)
  for (const id of findings)
    await decideFinding(db, lead, id, { verdict: 'confirmed', note: '核对原文，情况属实' })
  await orderRectification(db, lead, plan, null)
  for (const id of findings)
    await submitRectification(db, officer, id, '已约谈员工并向客户更正说明，补发风险揭示')
  for (const id of findings)
    await checkRectification(db, lead, id, { verdict: 'closed', note: '已看到更正消息与风险揭示，通过' })
}
