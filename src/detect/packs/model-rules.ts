import type { Rule, Severity } from '../contract.ts'
import { MODEL_VERSION } from '../model/model.ts'

/** The model is never the only reason for P0, and what it finds is worth an officer's look. */
const AT_MOST: Record<Severity, Severity> = { P0: 'P1', P1: 'P1', P2: 'P2', P3: 'P2' }

export const modelRuleId = (category: string): string => `${category}-99`

/** One rule a category under which what the model finds is shown: the category's clause and basis, no words of its own. */
export function modelRules(rules: Rule[]): Rule[] {
  const first = new Map<string, Rule>()
  for (const rule of rules)
    if (!first.has(rule.category) && rule.direction !== 'customer' && rule.verdict !== 'signal')
      first.set(rule.category, rule)
  return [...first.values()].map(rule => ({
    ...rule,
    id: modelRuleId(rule.category),
    name: '语义判读',
    severity: AT_MOST[rule.severity],
    version: MODEL_VERSION,
    reading: 'guarded' as const,
    status: 'active' as const,
    effectiveFrom: undefined,
    effectiveTo: undefined,
    terms: [],
    patterns: [],
    near: [],
    when: undefined,
    exceptions: [],
    fires: [],
    clean: [],
  }))
}
