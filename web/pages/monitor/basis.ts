import type { RuleView } from '../../../src/monitor/contract.ts'

export type Law = RuleView['basis'][number] & { articles: string[] }

/** Each law once with its articles; an article in doubt or not in force stands apart, so that its mark is exact. */
export function lawsOf(rules: RuleView[]): Law[] {
  const laws = new Map<string, Law>()
  for (const basis of rules.flatMap(rule => rule.basis)) {
    const key = [basis.name, basis.certain, basis.status, basis.effectiveFrom].join(' ')
    const law = laws.get(key) ?? { ...basis, articles: [] }
    if (basis.article !== null && !law.articles.includes(basis.article)) law.articles.push(basis.article)
    laws.set(key, law)
  }
  return [...laws.values()]
}
