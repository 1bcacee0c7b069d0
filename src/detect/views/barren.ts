/** So many are remembered; a newer one takes the place of an older. */
const ROOM = 1 << 14
/** In the place of a fourth character that was not looked at. */
const ANY = 0xffff

/**
 * Three or four characters at whose first no watched word begins in disguise, whatever stands around them. Talk comes
 * back to the same ones, and a look here costs a twentieth of a walk.
 */
export class Barren {
  readonly cells = new Int32Array(2 * ROOM)

  has(chars: Uint16Array, n: number, i: number): boolean {
    const ab = ((chars[i] as number) << 16) | (chars[i + 1] as number)
    const c = (i + 2 < n ? (chars[i + 2] as number) : 0) << 16
    const { cells } = this
    const three = slot(ab, c | ANY)
    if (cells[three] === ab && cells[three + 1] === (c | ANY)) return true
    const cd = c | (i + 3 < n ? (chars[i + 3] as number) : 0)
    const four = slot(ab, cd)
    return cells[four] === ab && cells[four + 1] === cd
  }

  add(chars: Uint16Array, n: number, i: number, four: boolean): void {
    const ab = ((chars[i] as number) << 16) | (chars[i + 1] as number)
    const c = (i + 2 < n ? (chars[i + 2] as number) : 0) << 16
    const cd = c | (four ? (i + 3 < n ? (chars[i + 3] as number) : 0) : ANY)
    const at = slot(ab, cd)
    this.cells[at] = ab
    this.cells[at + 1] = cd
  }
}

function slot(ab: number, cd: number): number {
  const h = Math.imul(ab, -1640531535) + Math.imul(cd, -2048144789)
  return 2 * ((h ^ (h >>> 15)) & (ROOM - 1))
}
