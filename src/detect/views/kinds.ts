import { CONFUSABLE, INVISIBLE, REPETITION, SEPARATOR, VARIANT } from '../fold/fold-table.ts'

/** Bits of a folded character's flag that say how a rewritten character was read (names in fold-table PATHS). */
export const HOMOPHONE = 1 << 7
export const NEAR = 1 << 8
export const SHAPE = 1 << 9
export const SPLIT = 1 << 10
export const PINYIN = 1 << 11
export const INITIALS = 1 << 12
export const DIGITS = 1 << 13
export const SLANG = 1 << 14
/** Not shown: the character belongs to a rewritten word; to a clause turned round. */
export const WORD = 1 << 16
export const REVERSED = 1 << 17
export const REWRITTEN = HOMOPHONE | NEAR | SHAPE | SPLIT | PINYIN | INITIALS | DIGITS | SLANG | REVERSED
/** What an honest hand does not do to a word: everything but width and traditional forms. */
export const HIDDEN = REWRITTEN | SEPARATOR | INVISIBLE | REPETITION | VARIANT | CONFUSABLE
export const BY_SOUND = HOMOPHONE | NEAR | PINYIN | DIGITS

/** In nats: how much rarer honest text would have to be in its place. */
export function costOf(kind: number): number {
  if (kind === 0) return 0
  if (kind === HOMOPHONE) return 1.5
  if (kind === NEAR) return 3
  if (kind === SHAPE) return 2
  return kind === SPLIT ? 1 : 3
}
