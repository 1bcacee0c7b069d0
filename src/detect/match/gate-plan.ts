import { oftenUnit } from './frequency.ts'
import { cost, cross, exact, groups, pick, rarest } from './literals.ts'
import { longest, type Node, parsePattern, shortest } from './pattern-syntax.ts'

/** One of `units` must stand between `from` and `to`, counted from the end of the watched word or from its start. */
type Check = { side: 'before' | 'after'; from: number; to: number; units: string }

/** A pattern can match only around one of `words`, not further than `left` and `right`, when all checks hold. */
export type Plan = { words: string[]; left: number; right: number; checks: Check[] }

/** A stretch of a pattern: `known` when its strings are all known, and groups of words one of which it holds. */
type Stretch = { known: boolean; groups: string[][]; min: number; max: number }

/** Each alternative of a pattern has a plan of its own. */
export function plansOf(source: string): Plan[] {
  const tree = parsePattern(source)
  const whole = exact(tree)
  if (tree.type !== 'alt' || (whole && !whole.includes(''))) return [planOf(tree)]
  return tree.items.map(planOf)
}

function planOf(node: Node): Plan {
  const stretches = stretchesOf(node)
  let best: { at: number; group: string[] } | undefined
  stretches.forEach(({ groups }, at) => {
    for (const group of groups) if (!best || cost(group) < cost(best.group)) best = { at, group }
  })
  if (!best) return { words: [], left: 0, right: 0, checks: [] }
  const { at, group } = best
  const own = stretches[at] as Stretch
  // A word inside a stretch that holds more may stand anywhere in it.
  const slack = own.known ? 0 : own.max - Math.min(...group.map(word => word.length))
  const sum = (list: Stretch[], of: 'min' | 'max') => list.reduce((total, stretch) => total + stretch[of], 0)
  const checks = stretches.flatMap((stretch, k): Check[] => {
    if (k === at) return []
    const [side, between] =
      k < at
        ? (['before', stretches.slice(k + 1, at)] as const)
        : (['after', stretches.slice(at + 1, k)] as const)
    const near = sum(between, 'min')
    const far = slack + sum(between, 'max') + stretch.max
    const [from, to] = side === 'after' ? [near, far] : [-far, -near]
    return stretch.groups.map(words => ({ side, from, to, units: [...new Set(words.map(rarest))].join('') }))
  })
  return {
    words: group,
    left: slack + sum(stretches.slice(0, at), 'max'),
    right: slack + sum(stretches.slice(at + 1), 'max'),
    checks: checks.filter(check => passes(check) < 0.9).sort((a, b) => passes(a) - passes(b)),
  }
}

/** How likely ordinary talk passes a check. */
function passes({ from, to, units }: Check): number {
  const often = [...units].reduce((sum, unit) => sum + oftenUnit(unit), 0)
  return 1 - Math.exp((-often * (to - from)) / 1000)
}

const flat = (node: Node): Node[] => (node.type === 'cat' ? node.items.flatMap(flat) : [node])

/** Neighbours whose strings are known are one stretch: (收益|利息)(保证) is 收益保证, 利息保证. */
function stretchesOf(node: Node): Stretch[] {
  const out: Stretch[] = []
  let run: string[] = ['']
  const close = () => {
    if (!run.includes('')) {
      const lengths = run.map(word => word.length)
      out.push({ known: true, groups: [run], min: Math.min(...lengths), max: Math.max(...lengths) })
    }
    run = ['']
  }
  for (const item of flat(node)) {
    const own = exact(item)
    if (own && !own.includes('')) {
      const longer = cross(run, own)
      if (!longer) close()
      run = longer ?? own
      continue
    }
    close()
    out.push({ known: false, groups: pick(groups(item)), min: shortest(item), max: longest(item) })
  }
  close()
  return out
}
