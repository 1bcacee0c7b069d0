import type { TextPart } from '../../../src/archive/contract.ts'
import { Highlight } from '../../ui/highlight.tsx'
import { passagesOf, type Span } from '../../ui/spans.ts'
import type { Hit } from './hits.ts'
import { reasonWords } from './reason.tsx'

export type Marks = { hits: Hit[]; current: string | null; choose: (id: string) => void }
type Stretch = { start: number; end: number }

function reasonOf(hits: Hit[]) {
  return (ids: string[]) =>
    hits
      .filter(hit => ids.includes(hit.id))
      .map(hit => `${hit.severity} ${hit.ruleName}（${hit.rule}）\n${reasonWords(hit)}`)
      .join('\n')
}

function spansOf(part: string, hits: Hit[]): Span[] {
  // Quoted words are marked faintly: they explain, and never alert.
  return hits
    .filter(hit => hit.part === part)
    .map(hit => (hit.quoted ? { ...hit, severity: 'P3' as const } : hit))
}

/** The text, or a stretch of it, with its hits. */
export function Marked({ of, hits, current, choose, stretch }: Marks & { of: TextPart; stretch?: Stretch }) {
  const { start, end } = stretch ?? { start: 0, end: of.text.length }
  return (
    <Highlight
      text={of.text.slice(start, end)}
      spans={spansOf(of.part, hits).map(span => ({
        ...span,
        start: span.start - start,
        end: span.end - start,
      }))}
      current={current}
      reason={reasonOf(hits)}
      choose={choose}
    />
  )
}

/** How much of a long text is shown around a hit. */
const REACH = 40

export function Passages({ of, ...marks }: Marks & { of: TextPart }) {
  return passagesOf(of.text, spansOf(of.part, marks.hits), REACH).map(stretch => (
    <span key={stretch.start} className="passage">
      {stretch.start > 0 ? '…' : ''}
      <Marked of={of} {...marks} stretch={stretch} />
      {stretch.end < of.text.length ? '…' : ''}
    </span>
  ))
}
