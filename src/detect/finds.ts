import type { Audience, Hit } from './contract.ts'
import type { Folded } from './fold/fold.ts'
import { ALNUM, INVISIBLE, KIND, LINE, PATHS, SEPARATOR, WIDTH } from './fold/fold-table.ts'
import type { Part } from './judge/parts.ts'
import { GUARDED } from './judge/stands.ts'
import type { Guard, RuleImage } from './match/image.ts'
import type { Spoken } from './views/emblems.ts'
import { HIDDEN, HOMOPHONE, INITIALS, NEAR, REVERSED } from './views/kinds.ts'
import { soundOf } from './views/spoken.ts'

/** `pattern` is -1 for a term. */
export type Raw = { rule: number; start: number; end: number; pattern: number; grounds?: readonly string[] }

/** A stretch of folded characters. */
type Stretch = { start: number; end: number }

/** What it takes to read the stretch; a separator before the first character lies outside it. */
function flagsOf(f: Folded, hit: Stretch): number {
  let flags = 0
  for (let i = hit.start; i < hit.end; i++)
    flags |= (f.flag[i] as number) & (i === hit.start ? ~(SEPARATOR | INVISIBLE) : -1)
  return flags
}

/** Is anything of the stretch written as no honest hand would? Wide letters and numbers are; wide commas are ordinary. */
export function hides(f: Folded, hit: Stretch): boolean {
  if (flagsOf(f, hit) & HIDDEN) return true
  for (let i = hit.start; i < hit.end; i++)
    if ((f.flag[i] as number) & WIDTH && KIND[f.chars[i] as number] === ALNUM) return true
  return false
}

/** Does the find hold one of the words in disguise? Always so when none is asked for. */
export function isMasked(f: Folded, hit: Stretch, words: readonly string[]): boolean {
  if (words.length === 0) return true
  for (let i = hit.start; i < hit.end; i++)
    for (const word of words)
      if (readsAs(f, i, hit.end, word) && isDisguise(f, { start: i, end: i + word.length })) return true
  return false
}

/** Two initials stand for anything, a serial number above all, and two characters that sound like a word are often another. */
function isDisguise(f: Folded, word: Stretch): boolean {
  if (!hides(f, word)) return false
  const flags = flagsOf(f, word) & HIDDEN
  if (flags !== 0 && word.end - word.start === 2 && (flags & ~(HOMOPHONE | NEAR)) === 0) return false
  const written = (f.end[word.end - 1] as number) - (f.start[word.start] as number)
  return (flags & INITIALS) === 0 || written > 2
}

function readsAs(f: Folded, at: number, end: number, word: string): boolean {
  if (at + word.length > end) return false
  for (let k = 0; k < word.length; k++) if (f.chars[at + k] !== word.charCodeAt(k)) return false
  return true
}

/** The transformations needed to see the stretch. */
function pathOf(f: Folded, hit: Stretch): string[] {
  const flags = flagsOf(f, hit)
  if (flags === 0) return []
  const path: string[] = PATHS.filter((_, bit) => flags & (1 << bit))
  return flags & REVERSED ? [...path, 'reversed'] : path
}

/** A clause turned round has its first character last. */
function spanOf(f: Folded, hit: Stretch): [number, number] {
  let start = f.start[hit.start] as number
  let end = f.end[hit.end - 1] as number
  for (let i = hit.start; i < hit.end; i++) {
    start = Math.min(start, f.start[i] as number)
    end = Math.max(end, f.end[i] as number)
  }
  return [start, end]
}

/** A word of two characters broken by a line end is two words, unless it is written downwards. */
export function torn(f: Folded, at: Uint8Array, start: number, end: number): boolean {
  if (end - start > 2) return false
  for (let i = start + 1; i < end; i++) if ((f.flag[i] as number) & LINE && at[i] === 2) return true
  return false
}

export function guarded(f: Folded, guard: Guard, start: number, end: number): boolean {
  const from = start - guard.before.length
  const to = end + guard.after.length
  if (from < 0 || to > f.n) return false
  for (let i = 0; i < guard.before.length; i++)
    if (f.chars[from + i] !== guard.before.charCodeAt(i)) return false
  for (let i = 0; i < guard.after.length; i++)
    if (f.chars[end + i] !== guard.after.charCodeAt(i)) return false
  return true
}

/** An argument for each character is too many for a long hit. */
function spelled(f: Folded, hit: Raw): string {
  let out = ''
  for (let i = hit.start; i < hit.end; i++) out += String.fromCharCode(f.chars[i] as number)
  return out
}

export function covers(f: Folded, hit: Raw, flags: number): boolean {
  for (let i = hit.start; i < hit.end; i++) if ((f.flag[i] as number) & flags) return true
  return false
}

/**
 * What stood there plainly goes before what was read into it, unless the reading says more (保息 in 保木保息) or the plain
 * words alone passed for harmless.
 */
export function joined(hits: Hit[], hit: Hit): Hit[] {
  const same = (known: Hit) => known.rule === hit.rule && known.start < hit.end && hit.start < known.end
  const more = (known: Hit) =>
    known.end - known.start < hit.end - hit.start ||
    (known.verdict === 'advisory' && hit.verdict !== 'advisory')
  if (hits.some(known => same(known) && !more(known))) return hits
  return [...hits.filter(known => !same(known)), hit]
}

export const inOrder = (hits: Hit[]): Hit[] =>
  hits.sort((a, b) => a.start - b.start || b.end - a.end || (a.rule < b.rule ? -1 : 1))

/** Of one rule's overlapping finds the longest stays. */
export function longest(raw: Raw[]): Raw[] {
  if (raw.length < 2) return raw
  raw.sort((a, b) => a.rule - b.rule || a.start - b.start || b.end - a.end)
  const out: Raw[] = []
  for (const hit of raw) {
    const last = out.at(-1)
    if (!last || last.rule !== hit.rule || hit.start >= last.end) out.push(hit)
    else if (hit.end - hit.start > last.end - last.start) out[out.length - 1] = hit
  }
  return out
}

/** A hit in the spoken text that needs one of its pictures, in the text as it was written. */
export function inPictures(hit: Hit, said: Spoken, text: string): Hit[] {
  if (!said.from.some((from, k) => from < hit.end && hit.start < (said.to[k] as number))) return []
  const start = said.start[hit.start] as number
  const end = said.end[hit.end - 1] as number
  return [{ ...hit, start, end, matched: text.slice(start, end), path: [...hit.path, 'substitute'] }]
}

/** Stands among the grounds of what the model weighed down. */
export const HARMLESS_GROUND = 'read-harmless'

/** A find that stands, as it is told. */
export function reported(
  rule: RuleImage,
  hit: Raw,
  f: Folded,
  text: string,
  from: Audience,
  { part }: Part,
): Hit {
  const [start, end] = spanOf(f, hit)
  const sound = soundOf(f, hit, text)
  const grounds = hit.grounds ?? GUARDED
  const advisory = part === 'quote' || rule.pending || grounds.includes(HARMLESS_GROUND)
  return {
    rule: rule.id,
    category: rule.category,
    verdict: from === 'customer' ? 'signal' : advisory ? 'advisory' : rule.verdict,
    audience: from,
    severity: rule.severity,
    start,
    end,
    matched: text.slice(start, end),
    path: pathOf(f, hit),
    reads: spelled(f, hit),
    ...(sound ? { sound } : {}),
    part,
    grounds: [...grounds],
  }
}

/** Does what is to be done at its first call only. */
export function once(act: () => void): () => void {
  let done = false
  return () => {
    if (!done) act()
    done = true
  }
}
