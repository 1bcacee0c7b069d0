/** Slots of the baked word table, less one: half of them are taken. */
export const MASK = (1 << 18) - 1
/** Steps of the logarithm of a frequency. */
export const FREQUENCY_STEPS = 16

export const HASH_START = 0x811c9dc5 | 0
export const hashOn = (h: number, unit: number): number => {
  const x = Math.imul(h ^ unit, 0x01000193)
  return x ^ (x >>> 15)
}
export const printOf = (h: number): number => Math.imul(h, 0x9e3779b1) >>> 16

export function hashOf(word: string): number {
  let h = HASH_START
  for (let i = 0; i < word.length; i++) h = hashOn(h, word.charCodeAt(i))
  return h
}
