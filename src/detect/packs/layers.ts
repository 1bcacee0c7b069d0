import type { CategoryFile, LayerFile, Packs, Rule } from '../contract.ts'
import { checkCondition } from './checks.ts'
import { PackError } from './error.ts'

/** A file of rules whose places are known by line. */
export type Located = { name: string; lineOf(path: PropertyKey[]): number; value: unknown }

export const isLayer = (name: string): boolean => /(^|[\\/])layers[\\/][^\\/]+$/.test(name)

/** The base with a layer over it: rules regraded, switched off, added. Each change has a reason, shown with the rule. */
export function applyLayer(
  base: Packs,
  at: Located,
  file: LayerFile,
  take: (at: Located, file: CategoryFile) => Rule[],
): Packs {
  const rules = new Map(base.rules.map(rule => [rule.id, rule]))
  const off: NonNullable<Packs['layer']>['off'] = []
  file.changes.forEach((change, index) => {
    const place = { file: at.name, line: at.lineOf(['changes', index]) }
    const rule = rules.get(change.rule)
    if (!rule)
      throw new PackError(
        'pack.reference',
        place,
        `${change.rule} is not a rule of the base, or is switched off already`,
        'Name a rule that `rules list` shows, once',
      )
    if (change.off) {
      rules.delete(change.rule)
      off.push({ rule: rule.id, name: rule.name, reason: change.reason })
      return
    }
    if (change.when !== undefined) checkCondition(change.when, place, rule.id)
    rules.set(change.rule, {
      ...rule,
      severity: change.severity ?? rule.severity,
      verdict: change.verdict ?? rule.verdict,
      when: change.when ?? rule.when,
      layer: { institution: file.layer, change: 'regraded', reason: change.reason },
    })
  })
  const added = file.adds.flatMap((block, index) => {
    const inside: Located = { ...at, lineOf: path => at.lineOf(['adds', index, ...path]) }
    return take(inside, block).map(
      (rule): Rule => ({
        ...rule,
        layer: { institution: file.layer, change: 'added', reason: block.why },
      }),
    )
  })
  return {
    ...base,
    rules: [...rules.values(), ...added],
    layer: { institution: file.layer, name: file.name, why: file.why, off },
  }
}
