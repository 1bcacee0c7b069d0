import type { Folded } from '../fold/fold.ts'
import { LINE, SEPARATOR } from '../fold/fold-table.ts'

/** What a character ends: 2 a sentence, 1 a clause. */
const ENDS = new Uint8Array(65536)
for (const c of ',:') ENDS[c.charCodeAt(0)] = 1
for (const c of '。!?;…\n') ENDS[c.charCodeAt(0)] = 2

/** Two characters or fewer on a line are a word written downwards, not a line. */
const SHORT_LINE = 2
/** A blank after three characters or more stands for a comma. */
const SHORT_RUN = 3

/** Writes where sentences and clauses begin: 2 a sentence, 1 a clause, 0 inside one. Index n is an end; `plain` texts hide no line end. */
export function boundaries(f: Folded, at: Uint8Array, plain = false): void {
  at.fill(0, 0, f.n)
  at[0] = 2
  at[f.n] = 2
  let line = 0
  let run = 0
  for (let i = 0; i < f.n; i++) {
    const char = f.chars[i] as number
    const ends = ENDS[char] as number
    if (ends !== 0 && ends > (at[i + 1] as number)) at[i + 1] = ends
    if (plain) continue
    const flag = f.flag[i] as number
    if (flag & LINE) {
      if (i - line > SHORT_LINE && lineLength(f, i) > SHORT_LINE) at[i] = 2
      line = i
      run = i
    } else if (flag & SEPARATOR) {
      if (i - run >= SHORT_RUN && (at[i] as number) < 1) at[i] = 1
      run = i
    } else if (at[i]) run = i
  }
}

function lineLength(f: Folded, from: number): number {
  let i = from + 1
  while (i < f.n && i - from <= SHORT_LINE && !((f.flag[i] as number) & LINE) && f.chars[i] !== 10) i++
  return i - from
}

/** Text without full stops is not one endless sentence: nobody reads further than this to take words back. */
const VIEW = 160

export function before(at: Uint8Array, level: number, from: number): number {
  const least = Math.max(0, from - VIEW)
  let i = from
  while (i > least && (at[i] as number) < level) i--
  return i
}

/** The end of the sentence or clause that holds the character before `from`. */
export function after(at: Uint8Array, n: number, level: number, from: number, view = VIEW): number {
  const most = Math.min(n, from + view)
  let i = from
  while (i < most && (at[i] as number) < level) i++
  return i
}
