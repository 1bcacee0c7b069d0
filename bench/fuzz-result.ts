import type { Profiler } from 'node:inspector'

type FuzzCrash = { item: string; target: string; error: string; where: string }
export type FuzzResult = {
  items: number
  before: number
  endings: Record<string, Record<string, number>>
  inside: Record<string, number>
  crashes: FuzzCrash[]
  crashed: number
  unaccounted: number
  slowestMs: number
  slowest: string
  coverage: Profiler.ScriptCoverage[]
}

export function nothing(): FuzzResult {
  return {
    items: 0,
    before: 0,
    endings: {},
    inside: {},
    crashes: [],
    crashed: 0,
    unaccounted: 0,
    slowestMs: 0,
    slowest: '',
    coverage: [],
  }
}

/** What several threads found, as one. */
export function together(results: FuzzResult[]): FuzzResult {
  const sum = nothing()
  for (const one of results) {
    for (const key of ['items', 'before', 'crashed', 'unaccounted'] as const) sum[key] += one[key]
    for (const [target, endings] of Object.entries(one.endings))
      sum.endings[target] = added(sum.endings[target] ?? {}, endings)
    sum.inside = added(sum.inside, one.inside)
    sum.crashes.push(...one.crashes)
    if (one.slowestMs >= sum.slowestMs) Object.assign(sum, { slowestMs: one.slowestMs, slowest: one.slowest })
  }
  return sum
}

function added(one: Record<string, number>, other: Record<string, number>): Record<string, number> {
  const sum = { ...one }
  for (const [key, n] of Object.entries(other)) sum[key] = (sum[key] ?? 0) + n
  return sum
}
