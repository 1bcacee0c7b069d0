import { SEVERITIES, type Severity } from '../../src/monitor/contract.ts'

/** A marked stretch of a text, in UTF-16 units. `id` names the hit it belongs to. */
export type Span = { start: number; end: number; severity?: Severity; id?: string }
export type Piece = { start: number; text: string; marked: boolean; severity: Severity | null; ids: string[] }

const rank = (severity: Severity | undefined): number =>
  severity === undefined ? SEVERITIES.length : SEVERITIES.indexOf(severity)

export function worst(severities: (Severity | undefined)[]): Severity | null {
  const sorted = severities.toSorted((a, b) => rank(a) - rank(b))
  return sorted[0] ?? null
}

/** Cut a text at every edge of its spans; overlapping spans share pieces, and the worst severity shows. */
export function piecesOf(text: string, spans: Span[]): Piece[] {
  const inside = spans
    .map(span => ({ ...span, start: Math.max(0, span.start), end: Math.min(text.length, span.end) }))
    .filter(span => span.start < span.end)
  const edges = [...new Set([0, text.length, ...inside.flatMap(span => [span.start, span.end])])].toSorted(
    (a, b) => a - b,
  )
  return edges.slice(0, -1).map((start, index) => {
    const end = edges[index + 1] ?? text.length
    const over = inside.filter(span => span.start <= start && span.end >= end)
    return {
      start,
      text: text.slice(start, end),
      marked: over.length > 0,
      severity: worst(over.map(span => span.severity)),
      ids: over.flatMap(span => (span.id === undefined ? [] : [span.id])),
    }
  })
}
