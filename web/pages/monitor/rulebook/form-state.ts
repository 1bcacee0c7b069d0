import type { RuleDetail } from '../../../../src/monitor/contract.ts'
import type { RulebookView, RuleForm } from '../../../../src/monitor/rulebook/contract.ts'

/** A blank form in the first category, with what its rules share. */
export function blankForm(book: RulebookView): RuleForm {
  const [first] = book.categories
  return {
    category: first?.id ?? '',
    id: null,
    name: '',
    severity: first?.severity ?? 'P1',
    direction: first?.direction ?? 'staff',
    verdict: first?.verdict ?? 'violation',
    clause: first?.clause ?? '',
    terms: [],
    near: [],
    exceptions: [],
    fires: [],
    clean: [],
  }
}

/** A rule in force as the form holds it. Its own exceptions are not known here: the server keeps them where they are. */
export function formFrom(rule: RuleDetail): RuleForm {
  return {
    category: rule.category,
    id: null,
    name: `${rule.name}（改）`,
    severity: rule.severity,
    direction: rule.direction,
    verdict: rule.verdict,
    clause: rule.clause?.ref ?? '',
    terms: rule.terms,
    near: rule.near.map(({ within, groups }) => ({ within, groups })),
    exceptions: [],
    fires: rule.examples.filter(one => one.fires).map(one => one.text),
    clean: rule.examples.filter(one => !one.fires).map(one => one.text),
  }
}

export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')

export const wordsOf = (text: string): string[] =>
  text
    .split(/[、,，\s]+/)
    .map(word => word.trim())
    .filter(word => word !== '')

/** Enough to be saved; whether it is right, the test tells. */
export function isFilled(rule: RuleForm): boolean {
  const speaks =
    rule.terms.length > 0 || rule.near.some(near => near.groups.filter(group => group.length > 0).length > 1)
  return rule.name.trim().length >= 2 && rule.category !== '' && rule.fires.length > 0 && speaks
}
