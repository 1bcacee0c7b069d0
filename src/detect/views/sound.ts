import { SOUNDS } from './sound-data.generated.ts'

/** Sounds that people, or their input methods, take for one another: zh/z, ch/c, sh/s, n/l, f/h, -ng/-n. */
const merged = (syllable: string): string =>
  syllable
    .replace(/^([zcs])h/, '$1')
    .replace(/^n(?=.)/, 'l')
    .replace(/^f/, 'h')
    .replace(/ng$/, 'n')

/** A reading: the number of its syllable, times eight, plus the tone. */
export type Reading = number
export const syllables: string[] = []
/** Syllable → its number. */
export const syllableOf = new Map<string, number>()
/** No syllable has more letters: zhuang. */
export const LONGEST_SYLLABLE = 6
/** Number of a syllable → its key: the number of the sound it is taken for. Keys begin at 1. */
export const keyOf: number[] = []
const keys = new Map<string, number>()
const FIRST = 0x4e00
/** Of each character from FIRST on; an array, since every candidate asks it. */
const readings: (Reading[] | undefined)[] = new Array(0x9fa6 - FIRST).fill(undefined)
const read: number[] = []

function numberOf(syllable: string): number {
  const known = syllableOf.get(syllable)
  if (known !== undefined) return known
  const near = merged(syllable)
  const key = keys.get(near) ?? keys.size + 1
  keys.set(near, key)
  syllableOf.set(syllable, syllables.length)
  keyOf.push(key)
  return syllables.push(syllable) - 1
}

function learn(unit: number, reading: Reading, mostly: boolean): void {
  const known = readings[unit - FIRST]
  if (!known) {
    readings[unit - FIRST] = [reading]
    read.push(unit)
  } else if (mostly) known.unshift(reading)
  else known.push(reading)
}

for (const entry of SOUNDS.split(' ')) {
  const [, syllable, tone, first, other] = /^([a-z]+)(\d)([^|]*)\|?(.*)$/.exec(entry) as RegExpExecArray
  const reading = numberOf(syllable as string) * 8 + Number(tone)
  for (const char of first as string) learn(char.charCodeAt(0), reading, true)
  for (const char of other as string) learn(char.charCodeAt(0), reading, false)
}

const NONE: Reading[] = []
/** All readings of a character, the commonest first. */
export const readingsOf = (unit: number): Reading[] => readings[unit - FIRST] ?? NONE
export const everyRead = (): readonly number[] => read

/** How two characters sound to one another: 2 the same syllable in some reading, 1 nearly the same, 0 neither. */
export function alike(a: number, b: number): 0 | 1 | 2 {
  let best: 0 | 1 | 2 = 0
  for (const x of readingsOf(a)) {
    for (const y of readingsOf(b)) {
      if (x >> 3 === y >> 3) return 2
      if (keyOf[x >> 3] === keyOf[y >> 3]) best = 1
    }
  }
  return best
}

/** What the digits are read as, and what is heard in them: 5抵押 for 无抵押, 1定 for 一定. */
const SPOKEN = ['ling', 'yi yao', 'er', 'san', 'si shi', 'wu', 'liu', 'qi', 'ba fa', 'jiu']
const digits = SPOKEN.map(
  heard => new Set(heard.split(' ').map(syllable => syllableOf.get(syllable) as number)),
)
/** The syllables a digit (0–9) may stand for. */
export const heardIn = (digit: number): ReadonlySet<number> => digits[digit] ?? new Set()

const TONES: Record<string, string> = { a: 'āáǎà', e: 'ēéěè', i: 'īíǐì', o: 'ōóǒò', u: 'ūúǔù', v: 'ǖǘǚǜ' }

const spelt: (string | undefined)[] = []
/** bao3 → bǎo. */
export function toned(reading: Reading): string {
  spelt[reading] ??= spell(reading)
  return spelt[reading]
}

function spell(reading: Reading): string {
  const plain = syllables[reading >> 3] ?? ''
  const tone = reading & 7
  const at = /[ae]/.test(plain)
    ? plain.search(/[ae]/)
    : plain.includes('ou')
      ? plain.indexOf('o')
      : plain.search(/[iouv](?!.*[iouv])/)
  const marked = TONES[plain.charAt(at)]?.charAt(tone - 1)
  const out = tone > 0 && marked ? plain.slice(0, at) + marked + plain.slice(at + 1) : plain
  return out.replace('v', 'ü')
}

/** The reading of `meant` that `written` shares, or its commonest. */
export function sharedReading(meant: number, written: number): Reading | undefined {
  const own = readingsOf(meant)
  const other = readingsOf(written)
  return (
    own.find(x => other.some(y => x >> 3 === y >> 3)) ??
    own.find(x => other.some(y => keyOf[x >> 3] === keyOf[y >> 3])) ??
    own[0]
  )
}
