import { type Actor, type Db, inTransaction, now, toXlsx } from '../base/index.ts'
import { readInspection, readPlan } from '../cases/index.ts'
import type { RuleSet } from '../monitor/index.ts'
import { record } from '../trail/index.ts'
import type { ReportFormat } from './contract.ts'
import { inspectionPdf } from './inspection-pdf.ts'
import { type InspectionFacts, inspectionTables } from './inspection-tables.ts'

/** 周期检查报告: of one inspection as it stands. The look at what is in it, and that it was taken, are in the trail. */
export async function inspectionReport(
  db: Db,
  actor: Actor,
  set: RuleSet,
  id: string,
  format: ReportFormat,
): Promise<{ number: string; bytes: AsyncIterable<Uint8Array> }> {
  const plan = await readPlan(db, actor, id)
  const inspection = await readInspection(db, actor, set, plan.id)
  const { house } = actor
  const facts: InspectionFacts = {
    ...{ plan, inspection, at: now(), by: actor.name },
    ...{ institution: house.name, zone: house.zone },
  }
  await inTransaction(db, tx =>
    record(tx, actor, {
      verb: 'sample.reported',
      thing: { kind: 'sample', id: plan.id },
      detail: { number: plan.number, format },
    }),
  )
  const bytes = format === 'pdf' ? inspectionPdf(facts) : one(toXlsx(inspectionTables(facts)))
  return { number: plan.number, bytes }
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
