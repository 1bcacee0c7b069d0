import { useMutation } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { type FormEvent, useState } from 'react'
import type { CaseDetail, CaseMove } from '../../../src/cases/contract.ts'
import { caseQuery, casesChanged } from '../../api/cases.ts'
import { post } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import { maybe, t } from '../../i18n/index.ts'
import { ErrorNote } from '../../ui/notes.tsx'
import { toast } from '../../ui/toast.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'

const SHORTEST = 2

/** 转入整改 · 结案 · 重新打开, each with its reason; what may not be done says why before it is tried. */
export function CaseMoves({ detail }: { detail: CaseDetail }) {
  const me = useMe()
  const { id, number } = detail.case
  const [note, setNote] = useState('')
  const sending = useMutation({
    mutationFn: (move: CaseMove) =>
      post<CaseDetail>(`/api/cases/${encodeURIComponent(id)}/move`, { move, note: note.trim() }),
    onSuccess: after => {
      setNote('')
      queries.setQueryData(caseQuery(id).queryKey, after)
      void casesChanged()
      toast(t('cases.moved', { number, state: t(`caseState.${after.case.state}`) }))
    },
    onError: () => void queries.invalidateQueries({ queryKey: caseQuery(id).queryKey }),
  })
  const moves = detail.can.filter(({ refused }) => refused !== 'auth.denied')
  if (!may(me, 'alert.decide') || moves.length === 0) return null
  const why = [...new Set(moves.flatMap(({ refused }) => (refused ? [refused] : [])))]
  return (
    <form className="sheet file-moves" onSubmit={(event: FormEvent) => event.preventDefault()}>
      <Input.TextArea
        value={note}
        rows={2}
        maxLength={2000}
        placeholder={t('cases.note')}
        aria-label={t('cases.note')}
        onChange={event => setNote(event.target.value)}
      />
      <div className="line">
        {moves.map(({ move, refused }) => (
          <Button
            key={move}
            type={move === 'close' ? 'primary' : 'default'}
            disabled={refused !== null || note.trim().length < SHORTEST}
            loading={sending.isPending}
            onClick={() => sending.mutate(move)}
          >
            {t(`caseMove.${move}`)}
          </Button>
        ))}
      </div>
      {why.map(code => (
        <p key={code} className="small quiet">
          {maybe(`error.${code}`) ?? code}
        </p>
      ))}
      {sending.error ? <ErrorNote what={t('cases.moveFailed')} error={sending.error} /> : null}
    </form>
  )
}
