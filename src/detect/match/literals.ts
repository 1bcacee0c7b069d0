import { oftenUnit, oftenWord } from './frequency.ts'
import type { Node, Ranges } from './pattern-syntax.ts'

const MOST_LITERALS = 48
const MOST_LENGTH = 6
const MOST_UNITS = 12
/** Groups of strings: each group holds one string that every match contains. Empty when there is none. */
export function requiredLiterals(node: Node): string[][] {
  return pick(groups(node))
}

function members(ranges: Ranges): string[] | undefined {
  const out: string[] = []
  for (let i = 0; i < ranges.length; i += 2) {
    const [from, to] = [ranges[i] as number, ranges[i + 1] as number]
    if (out.length + to - from >= MOST_UNITS) return undefined
    for (let unit = from; unit <= to; unit++) out.push(String.fromCharCode(unit))
  }
  return out
}

/** Every string the node can read, when they are few and short. */
export function exact(node: Node): string[] | undefined {
  if (node.type === 'set') return members(node.ranges)
  if (node.type === 'cat')
    return node.items.reduce<string[] | undefined>((all, item) => cross(all, exact(item)), [''])
  if (node.type === 'alt') {
    const parts = node.items.map(exact)
    if (parts.some(part => !part)) return undefined
    const all = [...new Set(parts.flatMap(part => part ?? []))]
    return all.length <= MOST_LITERALS ? all : undefined
  }
  if (node.max > 3) return undefined
  const one = exact(node.item)
  if (!one) return undefined
  let power: string[] | undefined = ['']
  let all: string[] = node.min === 0 ? [''] : []
  for (let i = 1; i <= node.max; i++) {
    power = cross(power, one)
    if (!power) return undefined
    if (i >= node.min) all = all.concat(power)
  }
  return all.length <= MOST_LITERALS ? [...new Set(all)] : undefined
}

export function cross(a: string[] | undefined, b: string[] | undefined): string[] | undefined {
  if (!a || !b || a.length * b.length > MOST_LITERALS) return undefined
  const out = a.flatMap(x => b.map(y => x + y))
  return out.some(s => s.length > MOST_LENGTH) ? undefined : [...new Set(out)]
}

export function groups(node: Node): string[][] {
  const whole = exact(node)
  if (whole && !whole.includes('')) return [whole]
  if (node.type === 'set') return []
  if (node.type === 'repeat') return node.min > 0 ? groups(node.item) : []
  if (node.type === 'alt') {
    const best = node.items.map(item => pick(groups(item))[0])
    return best.every(group => group) ? [[...new Set(best.flatMap(group => group ?? []))]] : []
  }
  return sequence(node.items)
}

/** Neighbours whose strings are known are read together: (收益|利息)(保证) gives 收益保证, 利息保证. */
function sequence(items: Node[]): string[][] {
  const found: string[][] = []
  let run: string[] = ['']
  const close = () => {
    if (!run.includes('')) found.push(run)
    run = ['']
  }
  for (const item of items) {
    const own = exact(item)
    if (own && !own.includes('')) {
      const longer = cross(run, own)
      if (longer) {
        run = longer
        continue
      }
      close()
      run = own.length <= MOST_LITERALS ? own : ['']
      continue
    }
    close()
    found.push(...groups(item))
  }
  close()
  return found
}

/** The character of a word that ordinary lines hold least. */
export function rarest(literal: string): string {
  let best = literal.charAt(0)
  for (let i = 1; i < literal.length; i++)
    if (oftenUnit(literal.charAt(i)) < oftenUnit(best)) best = literal.charAt(i)
  return best
}

/** How often ordinary talk wakes a group of words. */
export const cost = (group: string[]): number => group.reduce((sum, literal) => sum + oftenWord(literal), 0)

/** Best first: the automaton watches for that one, the others are looked for when it was seen. */
export function pick(found: string[][]): string[][] {
  const unique = new Map(
    found.filter(group => group.length > 0).map(group => [group.toSorted().join(), group]),
  )
  return [...unique.values()].sort((a, b) => cost(a) - cost(b))
}
