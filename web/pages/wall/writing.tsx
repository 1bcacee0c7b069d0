import { useMutation } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import type { TextAreaRef } from 'antd/es/input/TextArea'
import { useEffect, useRef, useState } from 'react'
import type { WallConversation } from '../../../src/cases/contract.ts'
import { post } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import { t } from '../../i18n/index.ts'
import { Kbd } from '../../ui/keys.tsx'
import { ErrorNote } from '../../ui/notes.tsx'
import { toast } from '../../ui/toast.tsx'

export type WritingKind = 'note' | 'stepin'
type Place = { convId: string; sentAt: number; msgid: string; alert: string | null }
type Props = { kind: WritingKind; place: Place; done: () => void; leave: () => void }

const SHORTEST = 2

function useSending(kind: WritingKind, { convId, sentAt, msgid, alert }: Place, done: () => void) {
  return useMutation({
    mutationFn: (words: string) =>
      kind === 'note'
        ? post<WallConversation>(`/api/wall/${convId}/notes`, { note: words, sentAt, msgid })
        : post<WallConversation>(`/api/wall/${convId}/stepin`, { reason: words, sentAt, msgid, alert }),
    onSuccess: after => {
      queries.setQueryData(['watched', convId], after)
      toast(t(kind === 'note' ? 'wall.note.saved' : 'wall.stepin.sent'))
      done()
    },
  })
}

/** A note, or what the supervisor is asked to do. */
export function Writing({ kind, place, done, leave }: Props) {
  const [words, setWords] = useState('')
  const [asked, setAsked] = useState(false)
  const field = useRef<TextAreaRef>(null)
  const sending = useSending(kind, place, done)
  useEffect(() => field.current?.focus(), [])
  const short = words.trim().length < SHORTEST
  const submit = () => {
    setAsked(true)
    if (!short && !sending.isPending) sending.mutate(words.trim())
    else field.current?.focus()
  }
  return (
    <form
      className="wall-writing"
      onSubmit={event => {
        event.preventDefault()
        submit()
      }}
    >
      <b>{t(kind === 'note' ? 'wall.note' : 'wall.stepin')}</b>
      <Input.TextArea
        ref={field}
        rows={2}
        value={words}
        maxLength={1000}
        placeholder={t(kind === 'note' ? 'wall.note.hint' : 'wall.stepin.hint')}
        aria-label={t(kind === 'note' ? 'wall.note' : 'wall.stepin')}
        onChange={event => setWords(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Escape') leave()
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit()
        }}
      />
      {sending.error ? (
        <ErrorNote
          what={t(kind === 'note' ? 'wall.note.failed' : 'wall.stepin.failed')}
          error={sending.error}
        />
      ) : null}
      <div className="line">
        <span className="small quiet" role="status">
          {asked && short ? t('wall.short') : ''}
        </span>
        <span className="grow" />
        <Button size="small" onClick={leave}>
          {t('close')}
        </Button>
        <Button size="small" type="primary" loading={sending.isPending} onClick={submit}>
          {t(kind === 'note' ? 'wall.note.save' : 'wall.stepin.send')} <Kbd>Ctrl ↵</Kbd>
        </Button>
      </div>
    </form>
  )
}
