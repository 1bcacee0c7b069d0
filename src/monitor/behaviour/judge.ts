import { linkHits } from '../domains.ts'
import type { RuleSet } from '../rules.ts'
import { type BehaviourRow, type Judge, runExamplesWith } from './examples.ts'

/** What the text rules in force find in a text, for histories that are made up. */
function judgeWith(set: RuleSet): Judge {
  return (text, from) => [
    ...set.engine.detect({ text, from }),
    ...linkHits(set.domains, { text, part: 'body' }, from),
  ]
}

/** Every behaviour rule in force against its own histories. */
export const runBehaviourExamples = (set: RuleSet): BehaviourRow[] =>
  runExamplesWith(set.behaviours, judgeWith(set))
