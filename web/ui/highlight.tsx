import type { KeyboardEvent } from 'react'
import { type Piece, piecesOf, type Span } from './spans.ts'

type Props = {
  text: string
  spans: Span[]
  /** id of the hit the reader stands on */
  current?: string | null
  /** what a hit's tooltip says */
  reason?: (ids: string[]) => string
  /** marks become something to stand on */
  choose?: (id: string) => void
}

/** Text with marked stretches: hit ground, 2 px underline in the colour of the severity, two where hits overlap. */
export function Highlight({ text, spans, current, reason, choose }: Props) {
  return (
    <>
      {piecesOf(text, spans).map(piece => {
        if (!piece.marked) return <span key={piece.start}>{piece.text}</span>
        return (
          <mark
            key={piece.start}
            className={classOf(piece, current)}
            data-hits={piece.ids.join(' ')}
            title={piece.ids.length > 0 ? reason?.(piece.ids) : undefined}
            {...(choose && piece.ids.length > 0 ? chosen(piece.ids, current, choose) : {})}
          >
            {piece.text}
          </mark>
        )
      })}
    </>
  )
}

function classOf(piece: Piece, current: string | null | undefined): string {
  const here = current !== null && current !== undefined && piece.ids.includes(current)
  return [
    'hit',
    piece.severity ?? 'plain',
    piece.ids.length > 1 ? 'many' : '',
    piece.joined ? 'joined' : '',
    here ? 'cur' : '',
  ]
    .filter(name => name !== '')
    .join(' ')
}

/** Chosen by hand or by key; where hits overlap, the next of them each time. */
function chosen(ids: string[], current: string | null | undefined, choose: (id: string) => void) {
  const go = () => {
    const at = ids.indexOf(current ?? '')
    choose(ids[(at + 1) % ids.length] ?? '')
  }
  return {
    role: 'button',
    tabIndex: 0,
    onClick: go,
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === 'Enter') go()
    },
  }
}
