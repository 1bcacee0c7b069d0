import { BASE, expansion } from './fold-table.ts'

/**
 * Width, case, traditional → simplified, each code point on its own: no separator is taken out and no
 * neighbour matters, so a ⊂ b always gives foldText(a) ⊂ foldText(b). The search index relies on it.
 */
export function foldText(text: string): string {
  const n = text.length
  let i = 0
  while (i < n) {
    const unit = text.charCodeAt(i)
    if (BASE[unit] !== unit || (unit >= 0xd800 && unit < 0xdc00)) break
    i++
  }
  if (i === n) return text
  let out = text.slice(0, i)
  while (i < n) {
    const unit = text.charCodeAt(i)
    const to = BASE[unit] as number
    if (unit >= 0xd800 && unit < 0xdc00 && i + 1 < n) {
      const pair = text.slice(i, i + 2)
      out += expansion(pair) ?? pair
      i += 2
      continue
    }
    if (to !== 0) out += String.fromCharCode(to)
    else if (unit === 0) out += '\0'
    else out += expansion(text.charAt(i)) ?? ''
    i++
  }
  return out
}
