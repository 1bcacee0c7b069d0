import { useMutation } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { type ReactNode, useState } from 'react'
import { t } from '../i18n/index.ts'
import { ErrorNote } from './notes.tsx'
import { toast } from './toast.tsx'
import './deed.css'

const SHORTEST = 4

type Props = {
  label: string
  /** What it means, said before it is done. */
  sure: string
  done: string
  /** What the reason's field is called; without it no reason is asked for. */
  reason?: string
  primary?: boolean
  danger?: boolean
  disabled?: boolean
  /** More fields, above the reason. */
  children?: ReactNode
  act: (reason: string) => Promise<unknown>
  /** Read again what may have moved, also when a colleague was faster. */
  settled: () => Promise<unknown>
}

/** A deed that counts: the first click says what it means, the second does it. Nothing typed is lost when it fails. */
export function Deed(props: Props) {
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const doing = useMutation({
    mutationFn: () => props.act(reason.trim()),
    onSuccess: () => {
      setAsking(false)
      setReason('')
      toast(props.done)
    },
    onSettled: () => props.settled(),
  })
  const ready = props.reason === undefined || reason.trim().length >= SHORTEST
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
    <div
      className="deed-ask"
      role="alertdialog"
      aria-label={props.label}
      onKeyDown={event => {
        if (event.key === 'Escape') setAsking(false)
        if (event.key === 'Enter' && event.ctrlKey && ready && !doing.isPending) doing.mutate()
      }}
    >
      <p>{props.sure}</p>
      {props.children}
      {props.reason === undefined ? null : (
        <Input.TextArea
          autoFocus
          autoSize={{ minRows: 2, maxRows: 6 }}
          maxLength={2000}
          value={reason}
          placeholder={props.reason}
          aria-label={props.reason}
          onChange={event => setReason(event.target.value)}
        />
      )}
      <div className="line">
        <Button
          type="primary"
          danger={props.danger ?? false}
          autoFocus={props.reason === undefined}
          disabled={!ready}
          loading={doing.isPending}
          onClick={() => doing.mutate()}
        >
          {t('confirm.go', { what: props.label })}
        </Button>
        <Button onClick={() => setAsking(false)}>{t('confirm.back')}</Button>
      </div>
      {doing.error ? <ErrorNote what={props.label} error={doing.error} /> : null}
    </div>
  )
}
