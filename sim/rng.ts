/** A small seeded generator (sfc32), so that the same seed tells the same story. Not for secrets. */
export type Rng = {
  next(): number
  /** Whole number from min to max, both included. */
  int(min: number, max: number): number
  chance(probability: number): boolean
  pick<T>(list: readonly T[]): T
  weighted<T extends { weight?: number }>(list: readonly T[]): T
  bytes(count: number): Buffer
  /** Letters and digits as WeCom's ids have them. */
  id(length: number): string
  digits(length: number): string
  /** An independent stream: what one part draws does not shift what another gets. */
  fork(label: string): Rng
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-'

export function createRng(seed: string | number): Rng {
  const draw = sfc32(String(seed))
  const next = (): number => draw() / 0x1_0000_0000
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1))
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T
  const text = (length: number, size: number): string => {
    let out = ''
    for (let i = 0; i < length; i++) out += ALPHABET.charAt(draw() % size)
    return out
  }
  return {
    next,
    int,
    pick,
    chance: probability => next() < probability,
    weighted: list => {
      let left = next() * list.reduce((sum, item) => sum + (item.weight ?? 1), 0)
      for (const item of list) {
        left -= item.weight ?? 1
        if (left < 0) return item
      }
      return pick(list)
    },
    bytes: count => {
      const out = Buffer.allocUnsafe((count + 3) & ~3)
      for (let i = 0; i < count; i += 4) out.writeUInt32LE(draw(), i)
      return out.subarray(0, count)
    },
    id: length => text(length, 64),
    digits: length => {
      let out = String(1 + (draw() % 9))
      while (out.length < length) out += String(draw() % 10)
      return out
    },
    fork: label => createRng(`${seed}/${label}`),
  }
}

/** FNV-1a over the seed fills the four words; sfc32 passes PractRand, which is plenty for a story. */
function sfc32(seed: string): () => number {
  const words = [0, 1, 2].map(salt => {
    let hash = 0x811c9dc5 ^ salt
    for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193)
    return hash >>> 0
  })
  let [a, b, c] = words as [number, number, number]
  let counter = 1
  const draw = (): number => {
    const sum = (a + b + counter) >>> 0
    counter = (counter + 1) >>> 0
    a = (b ^ (b >>> 9)) >>> 0
    b = (c + (c << 3)) >>> 0
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0
    return sum
  }
  for (let i = 0; i < 12; i++) draw()
  return draw
}
