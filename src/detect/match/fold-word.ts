import { Folder } from '../fold/fold.ts'

const folder = new Folder()

/** A word as matching sees it. */
export function foldWord(text: string): string {
  const f = folder.fold(text, 0, text.length)
  return String.fromCharCode(...f.chars.subarray(0, f.n))
}
