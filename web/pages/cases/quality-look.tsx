import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import type { TextAreaRef } from 'antd/es/input/TextArea'
import { useEffect, useRef, useState } from 'react'
import type { LookRow, LookVerdict } from '../../../src/cases/contract.ts'
import { post } from '../../api/client.ts'
import { QUALITY_KEY } from '../../api/quality.ts'
import { t } from '../../i18n/index.ts'
import { Kbd, useKeys } from '../../ui/keys.tsx'
import { ErrorNote } from '../../ui/notes.tsx'
import { toast } from '../../ui/toast.tsx'

const SHORTEST = 2
const KEYS = { clean: 'C', violation: 'F' } as const

/** The second conclusion. Nothing of the first one is known here. */
export function LookPane({ look, done }: { look: LookRow; done: () => void }) {
  const path = `/api/quality/looks/${encodeURIComponent(look.id)}`
  const note = useRef<TextAreaRef>(null)
  const [verdict, setVerdict] = useState<LookVerdict | null>(null)
  const [words, setWords] = useState('')
  const client = useQueryClient()
  const { mutate: open, error: notOpened } = useMutation({ mutationFn: () => post(`${path}/opened`, {}) })
  const told = useRef(false)
  useEffect(() => {
    if (told.current) return
    told.current = true
    open()
  }, [open])
  const sending = useMutation({
    mutationFn: () => post(`${path}/verdict`, { verdict, note: words.trim() }),
    onSuccess: async () => {
      toast(t('quality.done'))
      await client.invalidateQueries({ queryKey: QUALITY_KEY })
      done()
    },
  })
  const ready = verdict !== null && words.trim().length >= SHORTEST
  const choose = (next: LookVerdict) => {
    setVerdict(next)
    note.current?.focus()
  }
  const submit = () => {
    if (ready && !sending.isPending) sending.mutate()
  }
  useKeys({ c: () => choose('clean'), f: () => choose('violation'), 'ctrl+enter': submit })
  const error = notOpened ?? sending.error
  return (
    <aside className="sampling-pane" aria-label={t('sampling.review.decide')}>
      <header className="sampling-pane-head">
        <h2>{look.staffName}</h2>
        <p className="small quiet">
          {look.department} · {look.title}
        </p>
      </header>
      <div className="sampling-conclude">
        <p className="small quiet">{t('quality.blind')}</p>
        <div className="sampling-choices">
          {(['clean', 'violation'] as const).map(one => (
            <button
              key={one}
              type="button"
              aria-pressed={verdict === one}
              className={`sampling-choice${verdict === one ? ' on' : ''}`}
              onClick={() => choose(one)}
            >
              {t(`quality.${one}`)} <Kbd>{KEYS[one]}</Kbd>
            </button>
          ))}
        </div>
        <Input.TextArea
          ref={note}
          value={words}
          rows={3}
          maxLength={2000}
          placeholder={t('quality.note')}
          aria-label={t('quality.note')}
          onChange={event => setWords(event.target.value)}
          onKeyDown={event => {
            if (event.key === 'Escape') event.currentTarget.blur()
          }}
        />
        {error ? <ErrorNote what={t('sampling.review.notSent')} error={error} /> : null}
      </div>
      <div className="sampling-pane-foot">
        <Button type="primary" block loading={sending.isPending} disabled={!ready} onClick={submit}>
          {t('sampling.review.submit')}
          <Kbd>Ctrl ↵</Kbd>
        </Button>
      </div>
    </aside>
  )
}
