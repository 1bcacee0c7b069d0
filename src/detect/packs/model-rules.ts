import type { Audience, Rule, Severity } from '../contract.ts'
import { MODEL_VERSION } from '../model/model.ts'

/** The model is never the only reason for P0, and what it finds is worth an officer's look. */
const AT_MOST: Record<Severity, Severity> = { P0: 'P1', P1: 'P1', P2: 'P2', P3: 'P2' }

/** What the model finds is shown under a rule of its own: -99 for staff, -98 for what customers signal. */
export const modelRuleId = (category: string, from: Audience): string =>
  `${category}-${from === 'staff' ? 99 : 98}`

/** Is it such a rule, or a hit of one? */
export const isModelRule = (of: { id?: string; rule?: string; category: string }): boolean => {
  const id = of.id ?? of.rule
  return id === modelRuleId(of.category, 'staff') || id === modelRuleId(of.category, 'customer')
}

/** Of each category the first rule that `fits`: its clause and basis, no words of its own. */
function firstOf(rules: Rule[], from: Audience, fits: (rule: Rule) => boolean): Rule[] {
  const first = new Map<string, Rule>()
  for (const rule of rules) if (!first.has(rule.category) && fits(rule)) first.set(rule.category, rule)
  return [...first.values()].map(rule => ({
    ...rule,
    id: modelRuleId(rule.category, from),
    direction: from,
    name: '语义判读',
    severity: AT_MOST[rule.severity],
    version: MODEL_VERSION,
    reading: 'guarded' as const,
    terms: [],
    patterns: [],
    near: [],
    when: undefined,
    exceptions: [],
    fires: [],
    clean: [],
  }))
}

export const modelRules = (rules: Rule[]): Rule[] => [
  ...firstOf(rules, 'staff', rule => rule.direction !== 'customer' && rule.verdict !== 'signal'),
  ...firstOf(rules, 'customer', rule => rule.direction !== 'staff' && rule.verdict === 'signal'),
]
