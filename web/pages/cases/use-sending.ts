import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { AlertDetail, ReviewMove } from '../../../src/cases/contract.ts'
import { ApiError, post } from '../../api/client.ts'
import { alertMoved } from '../../api/live.ts'
import { queries, similarQuery } from '../../api/queries.ts'
import { t } from '../../i18n/index.ts'
import { toast } from '../../ui/toast.tsx'
import { isAtOnce, isConclusion } from './moves.ts'
import type { Draft, DraftOf } from './use-draft.ts'

type Sent = { move: ReviewMove; draft: Draft; ids: string[] }

async function send(detail: AlertDetail, { move, draft, ids }: Sent): Promise<AlertDetail | null> {
  const { id, moves } = detail.alert
  const note = draft.note.trim()
  const url = `/api/alerts/${encodeURIComponent(id)}`
  if (isConclusion(move) && ids.length > 0) {
    await post('/api/alerts/decisions', { ids: [id, ...ids], conclusion: move, note, tags: draft.tags })
    return null
  }
  if (isConclusion(move))
    return post<AlertDetail>(`${url}/decision`, { conclusion: move, note, tags: draft.tags, seen: moves })
  const words = isAtOnce(move) || note === '' ? {} : { note }
  return post<AlertDetail>(`${url}/move`, {
    move,
    ...words,
    ...(move === 'assign' ? { to: draft.to } : {}),
    seen: moves,
  })
}

function tell(move: ReviewMove, number: string, alike: number): void {
  if (!isConclusion(move)) {
    toast(t(`move.done.${move}`, { number }))
    return
  }
  const state = t(`state.${move}`)
  toast(
    alike > 0 ? t('decision.togetherDone', { n: alike + 1, state }) : t('decision.done', { state, number }),
  )
}

/** Sends a move; what it left behind is shown at once, and where it ends the work the next alert opens. */
export function useSending(detail: AlertDetail, own: DraftOf, done: () => void) {
  const { id, number } = detail.alert
  const [alike, setAlike] = useState(0)
  const sending = useMutation({
    mutationFn: (sent: Sent) => send(detail, sent),
    onMutate: ({ ids }) => setAlike(ids.length),
    onSuccess: (after, { move, ids }) => {
      if (!isAtOnce(move)) own.forget()
      if (after) {
        queries.setQueryData(['alert', id], after)
        const { state, assignee, moves } = after.alert
        alertMoved({ id, state, assignee, moves })
      } else {
        void queries.invalidateQueries({ queryKey: ['alerts'] })
        void queries.invalidateQueries({ queryKey: ['alert-counts'] })
        for (const one of [id, ...ids]) queries.removeQueries({ queryKey: ['alert', one] })
      }
      tell(move, number, ids.length)
      if (!isAtOnce(move)) done()
    },
    onError: error => {
      // A colleague was faster: show how it stands now.
      if (error instanceof ApiError && error.code.startsWith('alert.')) {
        void queries.invalidateQueries({ queryKey: ['alert', id] })
        void queries.invalidateQueries({ queryKey: similarQuery(id).queryKey })
      }
    },
  })
  return { sending, alike }
}
