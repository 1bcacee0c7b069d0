import { addBusinessDays } from '../base/index.ts'
import type { Severity } from '../monitor/index.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** `accept`: a person has taken it. `first`: 初判, anything but waiting. `close`: concluded for good. */
export type Deadlines = { accept: number | null; first: number; close: number }

/**
 * When what is due (regulation.md §3.0, product default, 企业内部预警线): P0 accepted in 15 minutes, first decided in 4
 * hours, concluded in 24; P1 in 24 hours; P2 in three business days; P3 for the weekly report.
 */
export function deadlines(severity: Severity, from: number, zone: string): Deadlines {
  if (severity === 'P0')
    return { accept: from + 15 * MINUTE, first: from + 4 * HOUR, close: from + 24 * HOUR }
  if (severity === 'P1') return { accept: null, first: from + 24 * HOUR, close: from + 24 * HOUR }
  const end = addBusinessDays(from, severity === 'P2' ? 3 : 5, zone)
  return { accept: null, first: end, close: end }
}
