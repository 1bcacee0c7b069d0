import { type Actor, type Db, fail, inTransaction, type Tx } from '../../base/index.ts'
import type { RuleSet } from '../../monitor/index.ts'
import { authorise, directoryOf } from '../../people/index.ts'
import { record } from '../../trail/index.ts'
import { openWords } from '../sampling/sealed.ts'
import { selectPlan, selectUnits } from '../sampling/store.ts'
import type { FindingView, InspectionView } from './contract.ts'
import { type FindingStored, selectFindings, selectInspection } from './store.ts'

/** One inspection with its findings. The look is in the trail. */
export async function readInspection(
  db: Db,
  actor: Actor,
  set: RuleSet,
  plan: string,
): Promise<InspectionView> {
  authorise(actor, 'sample.read')
  return inTransaction(db, async tx => {
    const { corp } = actor.house
    const stored = await selectPlan(tx, corp, plan)
    const inspection = stored && (await selectInspection(tx, corp, stored.id))
    if (!stored || !inspection) throw fail('thing.missing', { plan })
    const findings = await selectFindings(tx, corp, stored.id)
    const units = await selectUnits(tx, corp, stored.id)
    await record(tx, actor, {
      verb: 'inspection.opened',
      thing: { kind: 'sample', id: stored.id },
      detail: { number: stored.number, shown: findings.length },
    })
    return {
      ...inspection,
      waiting: units.filter(unit => unit.state === 'waiting' || unit.state === 'opened').length,
      findings: await findingViews(tx, actor, set, findings, stored.number),
      rules: [...set.rules.values()]
        .filter(rule => rule.direction !== 'customer')
        .map(({ id, name, severity }) => ({ id, name, severity })),
    }
  })
}

async function findingViews(
  tx: Tx,
  actor: Actor,
  set: RuleSet,
  findings: FindingStored[],
  planNumber: string,
): Promise<FindingView[]> {
  const { house } = actor
  const { people, departments } = await directoryOf(tx, house)
  const words = (finding: FindingStored, part: string, sealed: Buffer | null) =>
    openWords(tx, house, `finding|${finding.id}|${part}`, sealed)
  return Promise.all(
    findings.map(async finding => {
      const {
        noteSealed,
        decisionSealed,
        rectifiedSealed,
        checkedSealed,
        departments: own,
        ...rest
      } = finding
      return {
        ...{ ...rest, planNumber, staffName: people.get(finding.staff)?.name ?? finding.staff },
        department: departments.get(own[0] ?? -1)?.name ?? '',
        ruleName: set.rules.get(finding.rule)?.name ?? finding.rule,
        note: await words(finding, 'note', noteSealed),
        decision: await words(finding, 'decision', decisionSealed),
        rectified: await words(finding, 'rectified', rectifiedSealed),
        checked: await words(finding, 'checked', checkedSealed),
      }
    }),
  )
}

/** Ids of an inspection's findings, in the order they were reported. */
export async function findingIds(db: Db, actor: Actor, plan: string): Promise<string[]> {
  authorise(actor, 'sample.read')
  return (await selectFindings(db, actor.house.corp, plan)).map(finding => finding.id)
}
