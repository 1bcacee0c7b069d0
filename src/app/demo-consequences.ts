import { search, searchQuery } from '../archive/index.ts'
import { type Actor, inTransaction, now } from '../base/index.ts'
import { decide as decidePackage, issuedNumber, requestPackage } from '../evidence/index.ts'
import { directoryOf } from '../people/index.ts'
import {
  answerCourse,
  assignByHand,
  type Confirmed,
  confirmViolation,
  courseOf,
  proposePenalty,
  readAccount,
  readMyRecord,
  reverseViolation,
  stateOwn,
} from '../policies/index.ts'
import { DEMO_ADVISER } from './demo.ts'
import { demoPerson, waitUntil } from './demo-people.ts'
import type { Premises } from './house.ts'
import type { Services } from './services.ts'

const DAY = 86_400_000
/** Findings of the past year, as an earlier system knew them: who (by place in the directory), how bad, how long ago. */
const PAST: [who: number, severity: Confirmed['severity'], rule: string, daysAgo: number][] = [
  [0, 'P0', 'GUAR-01', 12],
  [0, 'P1', 'EXAG-01', 120],
  [1, 'P0', 'PRIV_TRANSFER-01', 20],
  [1, 'P0', 'REBATE-01', 45],
  [1, 'P2', 'SUPER-01', 70],
  [2, 'P1', 'OFFPLATFORM-01', 33],
  [2, 'P1', 'EXAG-02', 150],
  [3, 'P2', 'PRESSURE-01', 64],
  [4, 'P1', 'LEAK-01', 210],
  [5, 'P2', 'SUPER-01', 300],
  [6, 'P0', 'PROXY-01', 260],
  [7, 'P2', 'INDUCE-01', 8],
]

/** What violations lead to, as after some months of use. Every step goes the way people go, under the demo's accounts. */
export async function furnishConsequences(premises: Premises, services: Services): Promise<void> {
  const { db, house } = premises
  const [lead, officer] = [demoPerson(premises, 'lead'), demoPerson(premises, 'officer')]
  const adviser = { ...demoPerson(premises, 'adviser'), userid: DEMO_ADVISER }
  const { people } = await directoryOf(db, house)
  const others = [...people.values()].filter(one => one.status === 1 && one.userid !== DEMO_ADVISER)
  const staff = [DEMO_ADVISER, ...others.map(one => one.userid).sort()]
  const confirm = (one: Confirmed) => inTransaction(db, tx => confirmViolation(tx, lead, one))
  for (const [index, [who, severity, rule, daysAgo]] of PAST.entries()) {
    const userid = staff[who * 3] ?? DEMO_ADVISER
    await confirm({
      source: { kind: 'finding', id: `JC-2026-${String(index + 1).padStart(3, '0')}` },
      ...{ staff: userid, departments: people.get(userid)?.departments ?? [], severity, rules: [rule] },
      happenedAt: now() - daysAgo * DAY,
      confirmedAt: now() - Math.max(0, daysAgo - 2) * DAY,
    })
  }
  await inTransaction(db, tx =>
    reverseViolation(
      tx,
      lead,
      { kind: 'finding', id: 'JC-2026-008' },
      '复核：引用的是监管宣传原文，不构成违规',
    ),
  )
  await learn(premises, adviser, [...new Set(PAST.map(([who]) => staff[who * 3] ?? DEMO_ADVISER))])
  await assignByHand(db, lead, {
    ...{ staff: DEMO_ADVISER, course: '《客户信息保护》专项课', days: 5 },
    reason: '季度轮训：客户信息保护',
  })
  await penalise(premises, services, { lead, officer, adviser })
}

/** The adviser fails his first course once, then passes it; the others have done all but what is recent. */
async function learn({ db, house }: Premises, adviser: Actor, staff: string[]): Promise<void> {
  for (const userid of staff) {
    const who = userid === DEMO_ADVISER ? adviser : { ...adviser, name: userid, userid }
    const { points } = await readMyRecord(db, who)
    const tasks = points.tasks.filter(
      one => one.state === 'assigned' && (one.dueAt < now() - LEFT_OPEN || userid === DEMO_ADVISER),
    )
    for (const course of new Set(tasks.map(one => one.course))) {
      const right = courseOf(course)?.questions.map(question => question.right) ?? []
      const task = tasks.find(one => one.course === course)
      if (!task) continue
      if (userid === DEMO_ADVISER)
        await answerCourse(
          db,
          who,
          task.id,
          right.map(() => 0),
        )
      await answerCourse(db, who, task.id, right)
    }
  }
  house.log.debug({ staff: staff.length }, 'training of the demo is done')
}
const LEFT_OPEN = 35 * DAY

/** Evidence is sealed of a talk of the adviser's, a penalty proposed, and spoken to. */
async function penalise(
  { db, house }: Premises,
  services: Services,
  { lead, officer, adviser }: { lead: Actor; officer: Actor; adviser: Actor },
): Promise<void> {
  const [talk] = (await search(db, officer, searchQuery.parse({ staff: DEMO_ADVISER, limit: 1 }))).items
  if (!talk) return
  const { convId, sentAt } = talk.key
  const { id, number } = await requestPackage(db, officer, {
    stretches: [{ convId, from: sentAt - DAY, to: sentAt + DAY }],
    ...{ caseNumber: 'JC-2026-001', purpose: 'internal', names: 'masked', keepDays: 30 },
    reason: '处罚决定所附证据',
  })
  await decidePackage(db, lead, services.jobs, id, { verdict: 'approve', reason: '同意出包' })
  const issued = async (): Promise<boolean> => Boolean(await issuedNumber(db, house.corp, number))
  if (!(await waitUntil(issued, WAIT_MS))) return
  const account = await readAccount(db, lead, DEMO_ADVISER)
  const grave = account.entries.filter(one => one.counts > 0 && one.severity === 'P0').map(one => one.id)
  if (grave.length === 0) return
  const penalty = await proposePenalty(db, lead, (tx, asked) => issuedNumber(tx, house.corp, asked), {
    ...{ staff: DEMO_ADVISER, kind: 'suspension', violations: grave, evidence: number },
    grounds: '就收益不确定的产品作确定性承诺，情节严重，拟暂停外发资格一个月，期满复训合格后恢复。',
  })
  await stateOwn(
    db,
    adviser,
    penalty,
    '承认表述不当。第二次发出后我已在同一会话更正，并请客户重新阅读风险揭示书，请予考虑。',
  )
}
const WAIT_MS = 30_000
