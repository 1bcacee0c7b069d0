import type { Pattern } from '../match/pattern.ts'

/** From the first folded character to the one after the last. */
export type Range = [number, number]

/** Does the pattern match between these? An empty stretch holds nothing. */
export const reads = (pattern: Pattern, chars: Uint16Array, from: number, to: number): boolean =>
  from < to && pattern.test(chars, from, to)
