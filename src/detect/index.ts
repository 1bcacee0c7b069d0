import type { Packs } from './contract.ts'
import { type Engine, openEngine } from './engine.ts'
import { buildImage } from './match/image.ts'

export { isAlert } from './alert.ts'
export type {
  Audience,
  Channel,
  Clause,
  Hit,
  Institution,
  LegalBasis,
  Listener,
  Packs,
  Rule,
  Severity,
  Verdict,
} from './contract.ts'
export { institution } from './contract.ts'
export { type ContextLine, type Engine, openEngine, type Question } from './engine.ts'
export { explain, factsOf, readingOf, stepsOf } from './explain.ts'
export { type Folded, fold } from './fold/fold.ts'
export { foldText } from './fold/fold-text.ts'
export { ConditionError, conditionsOver } from './judge/condition.ts'
export { mayContinue as mayNeedContext } from './judge/context.ts'
export { buildImage, type Image } from './match/image.ts'
export { Pattern, units } from './match/pattern.ts'
export { checkPattern, dearPatterns } from './match/pattern-check.ts'
export { PackError } from './packs/error.ts'
export { type ExampleRow, runExamples } from './packs/examples.ts'
export { isModelRule } from './packs/model-rules.ts'
export {
  categoryNames,
  listRules,
  locate as locateYaml,
  parsePacks,
  read as readYaml,
} from './packs/packs.ts'
export { type ScanResult, scanLine } from './scan.ts'

/** Rules → engine. Immutable: to change the rules, compile again and put the new engine in its place. */
export const compile = (packs: Packs): Engine => openEngine(buildImage(packs))
