/** Numbers and points of the SM2 curve y² = x³ − 3x + b (GB/T 32918.5-2017), for public values only: not in constant time. */
const hex = (text: string): bigint => BigInt(`0x${text}`)
const P = hex('fffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff')
const B = hex('28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93')
/** Order of the base point. */
export const SM2_ORDER = hex('fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123')

export type Point = { readonly x: bigint; readonly y: bigint }
/** Jacobian: x/z², y/z³; z = 0 is the point at infinity. Additions need no inversion. */
type Projective = { readonly x: bigint; readonly y: bigint; readonly z: bigint }

const INFINITY: Projective = { x: 1n, y: 1n, z: 0n }
const WINDOW_BITS = 4n
const WINDOW = 1 << Number(WINDOW_BITS)
const WINDOWS = 64

export function mod(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus
  return rest < 0n ? rest + modulus : rest
}

/** By Euclid; `value` is no multiple of the prime modulus. */
export function inverse(value: bigint, modulus: bigint): bigint {
  let [high, low] = [modulus, mod(value, modulus)]
  let [before, factor] = [0n, 1n]
  while (low > 1n) {
    const times = high / low
    ;[high, low] = [low, high - times * low]
    ;[before, factor] = [factor, before - times * factor]
  }
  return mod(factor, modulus)
}

export function isOnCurve({ x, y }: Point): boolean {
  return x < P && y < P && mod(y * y - (x * x * x - 3n * x + B), P) === 0n
}

/** Multiples of one point: for each four bits of a scalar, what they add. Made once for a key that signs all day. */
export type Multiples = readonly (readonly Projective[])[]

export function multiplesOf(point: Point): Multiples {
  let base: Projective = { ...point, z: 1n }
  return Array.from({ length: WINDOWS }, () => {
    const row: Projective[] = [INFINITY]
    for (let i = 1; i < WINDOW; i += 1) row.push(add(row[i - 1] ?? INFINITY, base))
    base = add(row[WINDOW - 1] ?? INFINITY, base)
    return row
  })
}

/** The x of t·(the point of `multiples`) + `other`; undefined for the point at infinity. */
export function sumX(multiples: Multiples, t: bigint, other: Point): bigint | undefined {
  let sum: Projective = { ...other, z: 1n }
  let rest = t
  for (const row of multiples) {
    sum = add(sum, row[Number(rest & BigInt(WINDOW - 1))] ?? INFINITY)
    rest >>= WINDOW_BITS
  }
  if (sum.z === 0n) return undefined
  const factor = inverse(sum.z, P)
  return mod(sum.x * factor * factor, P)
}

function add(a: Projective, b: Projective): Projective {
  if (a.z === 0n) return b
  if (b.z === 0n) return a
  const [aa, bb] = [(a.z * a.z) % P, (b.z * b.z) % P]
  const [u, s] = [(a.x * bb) % P, (a.y * bb * b.z) % P]
  const [h, r] = [mod(b.x * aa - u, P), mod(b.y * aa * a.z - s, P)]
  if (h === 0n) return r === 0n ? double(a) : INFINITY
  const hh = (h * h) % P
  const hhh = (hh * h) % P
  const v = (u * hh) % P
  const x = mod(r * r - hhh - 2n * v, P)
  return { x, y: mod(r * (v - x) - s * hhh, P), z: (a.z * b.z * h) % P }
}

function double({ x, y, z }: Projective): Projective {
  const zz = (z * z) % P
  const yy = (y * y) % P
  const four = (4n * x * yy) % P
  const slope = mod(3n * (x - zz) * (x + zz), P)
  const left = mod(slope * slope - 2n * four, P)
  return { x: left, y: mod(slope * (four - left) - 8n * yy * yy, P), z: (2n * y * z) % P }
}
