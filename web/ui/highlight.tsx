import { piecesOf, type Span } from './spans.ts'

type Props = {
  text: string
  spans: Span[]
  /** id of the hit the reader stands on */
  current?: string | null
  /** what a hit's tooltip says */
  reason?: (ids: string[]) => string
}

/** Text with marked stretches: hit ground, 2 px underline in the colour of the severity. */
export function Highlight({ text, spans, current, reason }: Props) {
  return (
    <>
      {piecesOf(text, spans).map(piece => {
        if (!piece.marked) return <span key={piece.start}>{piece.text}</span>
        const here = current !== null && current !== undefined && piece.ids.includes(current)
        return (
          <mark
            key={piece.start}
            className={`hit ${piece.severity ?? 'plain'}${here ? ' cur' : ''}`}
            data-hits={piece.ids.join(' ')}
            title={piece.ids.length > 0 ? reason?.(piece.ids) : undefined}
          >
            {piece.text}
          </mark>
        )
      })}
    </>
  )
}
