import { addBusinessDays } from '../base/index.ts'
import type { Severity } from '../monitor/index.ts'

const HOUR = 3_600_000

/**
 * When the first decision is due (regulation.md §3.0, product default): P0 4 hours, P1 24 hours, P2 three business
 * days, P3 the weekly report.
 */
export function dueAt(severity: Severity, raisedAt: number, zone: string): number {
  if (severity === 'P0') return raisedAt + 4 * HOUR
  if (severity === 'P1') return raisedAt + 24 * HOUR
  return addBusinessDays(raisedAt, severity === 'P2' ? 3 : 5, zone)
}
