import { useMutation } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import type { TextAreaRef } from 'antd/es/input/TextArea'
import { useRef, useState } from 'react'
import type { AlertDetail, Conclusion } from '../../../src/cases/contract.ts'
import { ApiError, post } from '../../api/client.ts'
import { alertDecided } from '../../api/live.ts'
import { queries } from '../../api/queries.ts'
import type { Decide } from '../../api/types.ts'
import { t } from '../../i18n/index.ts'
import { Kbd, useKeys } from '../../ui/keys.tsx'
import { ErrorNote } from '../../ui/notes.tsx'
import { toast } from '../../ui/toast.tsx'
import { Grounds } from './grounds.tsx'
import type { DraftOf } from './use-draft.ts'

const KEYS = { violation: 'C', false_positive: 'F', watch: 'W' } as const
const SHORTEST_NOTE = 2

type Props = { detail: AlertDetail; moves: readonly Conclusion[]; own: DraftOf; decided: () => void }

function useDecision(id: string, forget: () => void, decided: () => void) {
  return useMutation({
    mutationFn: (body: Decide) => post<AlertDetail>(`/api/alerts/${encodeURIComponent(id)}/decision`, body),
    onSuccess: after => {
      forget()
      queries.setQueryData(['alert', id], after)
      alertDecided({ id, state: after.alert.state })
      toast(t('decision.done', { state: t(`state.${after.alert.state}`), number: after.alert.number }))
      decided()
    },
    onError: error => {
      // A colleague was faster: show what they decided.
      if (error instanceof ApiError && error.code === 'alert.decided')
        void queries.invalidateQueries({ queryKey: ['alert', id] })
    },
  })
}

export function ConcludeForm({ detail, moves, own, decided }: Props) {
  const { id } = detail.alert
  const note = useRef<TextAreaRef>(null)
  const { draft, change } = own
  const [asked, setAsked] = useState(false)
  const sending = useDecision(id, own.forget, decided)
  const choose = (conclusion: Conclusion) => {
    if (!moves.includes(conclusion)) return
    change({ conclusion })
    note.current?.focus()
  }
  const lacks =
    draft.conclusion === null
      ? t('decision.noConclusion')
      : draft.note.trim().length < SHORTEST_NOTE
        ? t('decision.noNote')
        : null
  const submit = () => {
    setAsked(true)
    if (lacks === null && draft.conclusion !== null && !sending.isPending)
      sending.mutate({ conclusion: draft.conclusion, note: draft.note.trim() })
    else if (draft.conclusion !== null) note.current?.focus()
  }
  useKeys({
    c: () => choose('violation'),
    f: () => choose('false_positive'),
    w: () => choose('watch'),
    'ctrl+enter': submit,
  })
  return (
    <>
      <div className="decision-scroll">
        <Grounds detail={detail} />
        <div className="conclude">
          <b>{t('decision.conclusion')}</b>
          <Choices moves={moves} chosen={draft.conclusion} choose={choose} />
          <Input.TextArea
            ref={note}
            value={draft.note}
            rows={3}
            maxLength={2000}
            placeholder={t('decision.note')}
            aria-label={t('decision.note')}
            onChange={event => change({ note: event.target.value })}
            onKeyDown={event => {
              if (event.key === 'Escape') event.currentTarget.blur()
            }}
          />
          {sending.error ? <ErrorNote what={t('decision.failed')} error={sending.error} /> : null}
        </div>
      </div>
      <div className="decision-foot">
        <span className="small quiet" role="status">
          {asked && lacks ? lacks : t('decision.recorded')}
        </span>
        <Button type="primary" loading={sending.isPending} onClick={submit} aria-disabled={lacks !== null}>
          {t(draft.conclusion ? `decision.submit.${draft.conclusion}` : 'decision.submit')}
          <Kbd>Ctrl ↵</Kbd>
        </Button>
      </div>
    </>
  )
}

type ChoicesProps = {
  moves: readonly Conclusion[]
  chosen: Conclusion | null
  choose: (conclusion: Conclusion) => void
}

function Choices({ moves, chosen, choose }: ChoicesProps) {
  return (
    <div className="choices">
      {moves.map(move => (
        <button
          key={move}
          type="button"
          aria-pressed={chosen === move}
          className={`choice${chosen === move ? ' on' : ''}`}
          onClick={() => choose(move)}
        >
          {t(`conclude.${move}`)} <Kbd>{KEYS[move]}</Kbd>
        </button>
      ))}
    </div>
  )
}
