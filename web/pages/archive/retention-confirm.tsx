import { useMutation } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { type ReactNode, useState } from 'react'
import { ApiError } from '../../api/client.ts'
import { retentionChanged } from '../../api/retention.ts'
import { t } from '../../i18n/index.ts'
import { ErrorNote } from '../../ui/notes.tsx'
import { toast } from '../../ui/toast.tsx'

const SHORTEST = 4
export const saysWhy = (reason: string): boolean => reason.trim().length >= SHORTEST

type Props = {
  label: string
  /** What it means, said before it is done. */
  sure: string
  done: string
  danger?: boolean
  /** Ask for a reason in the same step. */
  withReason?: boolean
  disabled?: boolean
  primary?: boolean
  act: (reason: string) => Promise<unknown>
  after?: () => void
}

/** A deed that hurts: the first click says what it means, the second does it. Nothing typed is lost when it fails. */
export function Confirm(props: Props) {
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const doing = useMutation({
    mutationFn: () => props.act(reason.trim()),
    onSuccess: async () => {
      setAsking(false)
      setReason('')
      toast(props.done)
      await retentionChanged()
      props.after?.()
    },
    // A colleague was faster: show what is.
    onError: error => {
      if (error instanceof ApiError && error.code === 'retention.moved') void retentionChanged()
    },
  })
  const ready = !props.withReason || saysWhy(reason)
  const go = () => {
    if (ready && !doing.isPending) doing.mutate()
  }
  if (!asking)
    return (
      <Button
        danger={props.danger ?? false}
        type={props.primary ? 'primary' : 'default'}
        disabled={props.disabled ?? false}
        onClick={() => setAsking(true)}
      >
        {props.label}
      </Button>
    )
  return (
    <div className="confirm" role="alertdialog" aria-label={props.label}>
      <p>{props.sure}</p>
      {props.withReason ? (
        <Input
          autoFocus
          maxLength={1000}
          value={reason}
          placeholder={t('retention.reason')}
          aria-label={t('retention.reason')}
          onChange={event => setReason(event.target.value)}
          onPressEnter={go}
          onKeyDown={event => {
            if (event.key === 'Escape') setAsking(false)
          }}
        />
      ) : null}
      <div className="line">
        <Button
          type="primary"
          danger={props.danger ?? false}
          autoFocus={!props.withReason}
          disabled={!ready}
          loading={doing.isPending}
          onClick={go}
        >
          {`${t('retention.confirm')}${props.label}`}
        </Button>
        <Button onClick={() => setAsking(false)}>{t('retention.back')}</Button>
      </div>
      {doing.error ? <ErrorNote what={props.label} error={doing.error} /> : null}
    </div>
  )
}

/** A form that folds away below its head; N opens it. */
export function Fold(props: {
  title: string
  open: boolean
  toggle: () => void
  what?: string
  children: ReactNode
}) {
  if (!props.open)
    return (
      <div className="fold-shut">
        <Button type="primary" aria-expanded={false} onClick={props.toggle}>
          {props.title}
        </Button>
      </div>
    )
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{props.title}</h2>
        <span className="grow" />
        <Button aria-expanded={true} onClick={props.toggle}>
          {t('close')}
        </Button>
      </div>
      <div className="fold-body">
        {props.what ? <p className="small quiet">{props.what}</p> : null}
        {props.children}
      </div>
    </section>
  )
}
