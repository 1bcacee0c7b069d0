import { canonicalJson } from '../../ledger/index.ts'
import type { PlanDocument } from './contract.ts'

/** Two plans of one key would be drawn from the same: the second is a second throw of the dice. */
export function scopeKey(plan: PlanDocument): string {
  const { unit, from, to, departments, channels, directions, line } = plan
  return canonicalJson({ unit, from, to, departments, channels, directions, line })
}
