/** So many are remembered; a newer one takes the place of an older. */
const ROOM = 1 << 14

/**
 * Four characters in a row of which it is known that they come to nothing. Talk comes back to the same ones, and a
 * look here costs a twentieth of finding it out again.
 */
export class Barren {
  readonly cells = new Int32Array(2 * ROOM)

  /** `i` may lie before the text, and the four may reach behind it. */
  has(chars: Uint16Array, n: number, i: number): boolean {
    const ab = ((i < 0 ? 0 : (chars[i] as number)) << 16) | (chars[i + 1] as number)
    const cd = rest(chars, n, i)
    const at = slot(ab, cd)
    return this.cells[at] === ab && this.cells[at + 1] === cd
  }

  add(chars: Uint16Array, n: number, i: number): void {
    const ab = ((i < 0 ? 0 : (chars[i] as number)) << 16) | (chars[i + 1] as number)
    const cd = rest(chars, n, i)
    const at = slot(ab, cd)
    this.cells[at] = ab
    this.cells[at + 1] = cd
  }
}

function rest(chars: Uint16Array, n: number, i: number): number {
  const c = i + 2 < n ? (chars[i + 2] as number) : 0
  return (c << 16) | (i + 3 < n ? (chars[i + 3] as number) : 0)
}

function slot(ab: number, cd: number): number {
  const h = Math.imul(ab, -1640531535) + Math.imul(cd, -2048144789)
  return 2 * ((h ^ (h >>> 15)) & (ROOM - 1))
}
