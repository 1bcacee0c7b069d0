import { SEVERITIES, type Severity } from '../../src/monitor/contract.ts'

/** A marked stretch of a text, in UTF-16 units. `id` names the hit it belongs to. */
export type Span = { start: number; end: number; severity?: Severity; id?: string }
export type Piece = {
  start: number
  text: string
  marked: boolean
  /** goes on from the piece before it in the same hit: no edge between them */
  joined: boolean
  severity: Severity | null
  ids: string[]
}

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
      joined: over.some(span => span.start < start),
      severity: worst(over.map(span => span.severity)),
      ids: over.flatMap(span => (span.id === undefined ? [] : [span.id])),
    }
  })
}

/** Of a long text the stretches around its marks, in order; those that meet are one. */
export function passagesOf(
  text: string,
  spans: { start: number; end: number }[],
  reach: number,
): { start: number; end: number }[] {
  const out: { start: number; end: number }[] = []
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const start = Math.max(0, span.start - reach)
    const end = Math.min(text.length, span.end + reach)
    const last = out.at(-1)
    if (last && start <= last.end) last.end = Math.max(last.end, end)
    else out.push({ start, end })
  }
  return out
}
