import { type RuleDetail, SEVERITIES, type Severity } from '../../../src/monitor/contract.ts'

/** The base, or what the layer of this type of institution added, regraded or switched off. */
export const LAYERS = ['base', 'added', 'regraded', 'off'] as const
export type RulesAddress = {
  q?: string
  category?: string
  severity?: Severity
  layer?: (typeof LAYERS)[number]
}

export function rulesAddress(raw: Record<string, unknown>): RulesAddress {
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)
  const found = {
    q: text(raw.q),
    category: text(raw.category),
    severity: SEVERITIES.find(one => one === raw.severity),
    layer: LAYERS.find(one => one === raw.layer),
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
}

/** Does the rule belong to what was asked for? */
export function answers(rule: RuleDetail, { q, category, severity, layer }: RulesAddress): boolean {
  if (category && rule.category !== category) return false
  if (severity && rule.severity !== severity) return false
  if (layer && (rule.layer?.change ?? 'base') !== layer) return false
  const clause = rule.clause ? `${rule.clause.ref}${rule.clause.title}${rule.clause.text}` : ''
  const words = `${rule.id} ${rule.name} ${rule.categoryName} ${rule.why} ${clause} ${rule.terms.join(' ')}`
  return words.toLowerCase().includes((q ?? '').trim().toLowerCase())
}
