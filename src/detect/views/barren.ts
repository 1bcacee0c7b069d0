/** So many triples are remembered; a newer one takes the place of an older. */
const ROOM = 1 << 14

/**
 * Triples of characters at which no watched word begins in disguise, whatever stands around them. Talk comes back to
 * the same ones, and a look here costs a twentieth of a walk.
 */
export class Barren {
  readonly cells = new Int32Array(2 * ROOM)

  has(a: number, b: number, c: number): boolean {
    const at = slot(a, b, c)
    return this.cells[at] === ((a << 16) | b) && this.cells[at + 1] === (c | 0x10000)
  }

  add(a: number, b: number, c: number): void {
    const at = slot(a, b, c)
    this.cells[at] = (a << 16) | b
    this.cells[at + 1] = c | 0x10000
  }
}

function slot(a: number, b: number, c: number): number {
  const h = Math.imul((a << 16) | b, -1640531535) + Math.imul(c, -2048144789)
  return 2 * ((h ^ (h >>> 15)) & (ROOM - 1))
}
