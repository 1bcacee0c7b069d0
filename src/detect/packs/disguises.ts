import { ONE } from '../fold/fold-data.generated.ts'
import { HANZI, KIND } from '../fold/fold-table.ts'

export const DISGUISES = [
  'separator',
  'space',
  'invisible',
  'emoji',
  'newline',
  'traditional',
  'width',
  'repetition',
  'combining',
] as const
export type Disguise = (typeof DISGUISES)[number]

const SEPARATORS = [...'·.*-_|•~']
const INVISIBLES = ['\u200b', '\u200d', '\u2060', '\ufeff', '\u202e', '\u00ad']
const EMOJI = ['😀', '🔥', '💰', '❤️', '👍🏻', '✨']
const MARKS = ['\u0301', '\u0336', '\u20dd', '\u0308']

const isHan = (char: string): boolean => KIND[char.charCodeAt(0)] === HANZI

/** Traditional forms of a character, from the table that folds them away. */
const TRADITIONAL = new Map<string, string[]>()
const WIDE = new Map<string, string>()
for (let i = 0; i < ONE.length; i += 2) {
  const [from, to] = [ONE.charAt(i), ONE.charAt(i + 1)]
  const unit = from.charCodeAt(0)
  if (isHan(to) && unit >= 0x4e00 && unit <= 0x9fff)
    TRADITIONAL.set(to, [...(TRADITIONAL.get(to) ?? []), from])
  if (unit >= 0xff01 && unit <= 0xff5e) WIDE.set(to, from)
}

/** Numbers that look random and are the same each time (mulberry32). */
function dice(seed: number): (most: number) => number {
  let state = seed >>> 0
  return most => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % most
  }
}

export function seedOf(text: string): number {
  let hash = 2166136261
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619)
  return hash >>> 0
}

/**
 * The text with the words between `start` and `end` disguised, or undefined when the technique finds nothing there to
 * change. The same arguments give the same disguise.
 */
export function disguise(
  text: string,
  span: { start: number; end: number },
  technique: Disguise,
  seed: number,
): string | undefined {
  const roll = dice(seed)
  const words = [...text.slice(span.start, span.end)]
  const made = change(words, technique, roll)
  return made === words.join('') ? undefined : text.slice(0, span.start) + made + text.slice(span.end)
}

function change(words: string[], technique: Disguise, roll: (most: number) => number): string {
  const pick = (list: readonly string[]): string => list[roll(list.length)] ?? ''
  const join = (between: string): string =>
    words.map((char, i) => (isHan(char) && isHan(words[i + 1] ?? '') ? char + between : char)).join('')
  switch (technique) {
    case 'separator':
      return join(pick(SEPARATORS))
    case 'space':
      return join(pick([' ', '  ', '\u3000']))
    case 'invisible':
      return join(pick(INVISIBLES))
    case 'emoji':
      return join(pick(EMOJI))
    case 'newline':
      return join('\n')
    case 'combining':
      return words.map(char => (isHan(char) ? char + pick(MARKS) : char)).join('')
    case 'traditional':
      return words.map(char => pick(TRADITIONAL.get(char) ?? [char])).join('')
    case 'width':
      return words.map(char => WIDE.get(char) ?? char).join('')
    case 'repetition': {
      const places = words.flatMap((char, i) => (isHan(char) ? [i] : []))
      const at = places[roll(Math.max(1, places.length))] ?? -1
      return words.map((char, i) => (i === at ? char.repeat(3 + roll(3)) : char)).join('')
    }
  }
}
