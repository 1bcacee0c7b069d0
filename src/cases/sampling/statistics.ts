import type { EstimateView } from './contract.ts'
import type { Stratum } from './draw.ts'

/** 97.5 % point of the normal distribution. */
const Z = 1.959963984540054

/** Wilson's score interval, 95 %, for `hits` of `base` (E. B. Wilson 1927; Brown, Cai and DasGupta 2001). */
export function wilson(hits: number, base: number): EstimateView {
  if (base <= 0) return { hits: 0, base: 0, share: 0, low: 0, high: 1, weighted: false }
  const share = hits / base
  const z2 = Z * Z
  const centre = (share + z2 / (2 * base)) / (1 + z2 / base)
  const half = (Z / (1 + z2 / base)) * Math.sqrt((share * (1 - share)) / base + z2 / (4 * base * base))
  return {
    hits,
    base,
    share,
    low: hits === 0 ? 0 : Math.max(0, centre - half),
    high: hits === base ? 1 : Math.min(1, centre + half),
    weighted: false,
  }
}

/** Of one stratum: how large it is, how many of it were reviewed, how many of those hit. */
export type StratumCount = { population: number; base: number; hits: number }

/**
 * The rate of the whole from strata drawn at different shares: strata weighted by their size, variance by the stratified
 * formula with finite population correction (Cochran, Sampling Techniques, 3rd ed., §5.10), and Wilson's interval at the
 * size that a simple sample of the same variance would have, so that it never leaves 0 … 1.
 */
export function stratified(strata: readonly StratumCount[]): EstimateView {
  const seen = strata.filter(stratum => stratum.base > 0)
  const whole = seen.reduce((sum, stratum) => sum + stratum.population, 0)
  const base = seen.reduce((sum, stratum) => sum + stratum.base, 0)
  const hits = seen.reduce((sum, stratum) => sum + stratum.hits, 0)
  if (base === 0 || whole === 0) return { hits: 0, base: 0, share: 0, low: 0, high: 1, weighted: false }
  const share = seen.reduce((sum, s) => sum + (s.population / whole) * (s.hits / s.base), 0)
  const variance = seen.reduce((sum, s) => {
    const p = s.hits / s.base
    const correction = 1 - s.base / s.population
    return sum + (s.population / whole) ** 2 * correction * ((p * (1 - p)) / Math.max(1, s.base - 1))
  }, 0)
  // Without variance (nobody hit, or everybody) the plain base is all there is.
  const effective = variance > 0 ? Math.max(1, (share * (1 - share)) / variance) : base
  const { low, high } = wilson(share * effective, effective)
  return { hits, base, share, low: share === 0 ? 0 : low, high, weighted: false }
}

/** How many to draw for an interval of ± `margin` at 95 %, for the worst case of one half, of a finite population. */
export function sampleSize(population: number, margin: number): number {
  if (population <= 0) return 0
  const infinite = (Z * Z * 0.25) / (margin * margin)
  return Math.min(population, Math.ceil(infinite / (1 + (infinite - 1) / population)))
}

type Reviewed = { state: string; rules: readonly string[]; staff: string; department: number }

/**
 * Violation rate from the reviewed units of the main draw, or null before the first conclusion. What other rules added
 * (alerts, weeks of a group) is looked at but does not stand for the rest.
 */
export function violationRate(units: readonly Reviewed[], strata: readonly Stratum[]): EstimateView | null {
  const main = strata[0]?.rule
  if (main === undefined) return null
  const done = units.filter(unit => unit.rules.includes(main) && CONCLUDED.includes(unit.state))
  if (done.length === 0) return null
  const hits = (own: readonly Reviewed[]): number => own.filter(unit => unit.state === 'finding').length
  if (main === 'risk') return { ...wilson(hits(done), done.length), weighted: true }
  const keyOf = (unit: Reviewed): string =>
    main === 'person' ? unit.staff : main === 'department' ? String(unit.department) : ''
  const byKey = Map.groupBy(done, keyOf)
  const counts = strata
    .filter(stratum => stratum.rule === main)
    .map(({ key, population }) => {
      const own = byKey.get(key) ?? []
      return { population, base: own.length, hits: hits(own) }
    })
  return stratified(counts)
}
const CONCLUDED = ['clean', 'finding']
