import { addBusinessHours } from '../../base/index.ts'

/** How long a window is; business hours pass only on business days between nine and six. */
export type Duration = { ms: number; business: number }

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `30m`, `2h`, `3d`, `2bh`; null when it is none. */
export function duration(text: string): Duration | null {
  const read = /^(\d{1,4})(m|h|d|bh)$/.exec(text)
  if (!read) return null
  const n = Number(read[1])
  if (read[2] === 'bh') return { ms: 0, business: n }
  return { ms: n * UNITS[read[2] as keyof typeof UNITS], business: 0 }
}

/** When a window that begins at `at` ends. */
export function endOf(within: Duration, at: number, zone: string): number {
  return within.business > 0 ? addBusinessHours(at, within.business, zone) : at + within.ms
}

/** In Chinese: 30 分钟, 2 个营业小时. */
export function durationWords({ ms, business }: Duration): string {
  if (business > 0) return `${business} 个营业小时`
  if (ms % UNITS.d === 0) return `${ms / UNITS.d} 天`
  if (ms % UNITS.h === 0) return `${ms / UNITS.h} 小时`
  return `${ms / UNITS.m} 分钟`
}
