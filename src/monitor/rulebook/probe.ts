import type { Spoken } from '../../archive/index.ts'
import { type ContextLine, compile, isModelRule, type Rule } from '../../detect/index.ts'
import { listener } from '../detect-batch.ts'
import type { RuleSet } from '../rules.ts'

/** May the changed rules, old or new, have anything to say of a message? `true` where that cannot be known cheaply. */
export type Probe = (message: Spoken, before: ContextLine[]) => boolean

/**
 * A backtest judges a message twice only where the changed rules find a word, an expression, or a disguise of either: an
 * engine of these rules alone asks for that at a tenth of the cost, before any sentence is judged. Where none is found the
 * two sets find the same. probe.test.ts holds it against the full scan.
 *
 * The archive's gram index cannot stand in for it: a homophone, a split character or a word broken over two messages
 * shares no gram with the term it stands for.
 */
export function probeOf(before: RuleSet, after: RuleSet, changed: ReadonlySet<string>): Probe {
  const of = (set: RuleSet): Rule[] => set.packs.rules.filter(rule => changed.has(rule.id))
  const rules = [...of(before), ...of(after)]
  const listed = [before, after].some(set =>
    Object.values(set.domains?.rules ?? {}).some(rule => changed.has(rule.id)),
  )
  // What the model or the list of domains says stands in no words: then every message is judged.
  if (listed || rules.some(isModelRule)) return () => true
  if (rules.length === 0) return () => false
  const { packs } = after
  const engine = compile({ policy: packs.policy, clauses: packs.clauses, layer: packs.layer, rules })
  return (message, context) => {
    const from = message.direction === 'customer' ? 'customer' : 'staff'
    const audience = listener(message)
    return message.texts.some(({ text }) => engine.finds({ text, from, context, audience }))
  }
}
