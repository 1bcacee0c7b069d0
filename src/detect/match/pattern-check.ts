import { PackError } from '../packs/error.ts'
import { requiredLiterals } from './literals.ts'
import { Pattern, units } from './pattern.ts'
import { parsePattern } from './pattern-syntax.ts'

/** Refuses an expression outside the subset, one that matches nothing at all, or one nothing can gate. */
export function checkPattern(
  source: string,
  gated: boolean,
  at: { file: string; line: number },
  rule: string,
): void {
  const stop = (problem: string, remedy: string): never => {
    throw new PackError('pack.pattern', at, `${rule}: /${source}/ ${problem}`, remedy)
  }
  try {
    const pattern = new Pattern(source)
    if (pattern.test(units(''), 0, 0)) stop('matches the empty text', 'Make one part of it obligatory')
    if (gated && requiredLiterals(parsePattern(source)).length === 0) {
      stop('has no word that every match contains', 'Add one, so that ordinary text never wakes it')
    }
  } catch (error) {
    if (error instanceof PackError) throw error
    stop(
      `cannot be read: ${(error as Error).message}`,
      'Use characters, classes, groups, | and bounded repetition; say the rest with an exception',
    )
  }
}
