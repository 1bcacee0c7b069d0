import type { LookVerdict } from './contract.ts'

export type Pair = { first: LookVerdict; second: LookVerdict }

/**
 * Cohen's kappa (1960): agreement beyond what the two would reach by chance. Null without pairs, and where both always
 * said the same one thing: then chance explains all of it.
 */
export function kappa(pairs: readonly Pair[]): number | null {
  const n = pairs.length
  if (n === 0) return null
  const share = (of: (pair: Pair) => boolean): number => pairs.filter(of).length / n
  const observed = share(pair => pair.first === pair.second)
  const first = share(pair => pair.first === 'violation')
  const second = share(pair => pair.second === 'violation')
  const chance = first * second + (1 - first) * (1 - second)
  return chance === 1 ? null : (observed - chance) / (1 - chance)
}
