import { useMutation } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { type FormEvent, useState } from 'react'
import type { CaseRow } from '../../../src/cases/contract.ts'
import { post } from '../../api/client.ts'
import { retentionChanged } from '../../api/retention.ts'
import { t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { ErrorNote } from '../../ui/notes.tsx'
import { toast } from '../../ui/toast.tsx'

const SHORTEST = 4

/** A hold on all of this person's messages, under the number of the case. Another releases it. */
export function CaseHold({ file }: { file: CaseRow }) {
  const [open, setOpen] = useState(false)
  const [reason, setReason] = useState('')
  const placing = useMutation({
    mutationFn: () =>
      post('/api/holds', {
        scope: { kind: 'person', id: file.staff.id },
        cause: 'investigation',
        caseNo: file.number,
        reason: reason.trim(),
      }),
    onSuccess: () => {
      setOpen(false)
      setReason('')
      toast(t('cases.holdDone'))
      void retentionChanged()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (reason.trim().length >= SHORTEST) placing.mutate()
  }
  return (
    <>
      <button type="button" className="btn small" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="archive" size={14} /> {t('cases.hold')}
      </button>
      {open ? (
        <form className="file-hold" onSubmit={submit}>
          <Input
            size="small"
            autoFocus
            value={reason}
            maxLength={500}
            placeholder={t('cases.holdReason')}
            aria-label={t('cases.holdReason')}
            onChange={event => setReason(event.target.value)}
          />
          <Button
            size="small"
            type="primary"
            htmlType="submit"
            disabled={reason.trim().length < SHORTEST}
            loading={placing.isPending}
          >
            {t('cases.holdGo')}
          </Button>
          {placing.error ? <ErrorNote what={t('cases.holdFailed')} error={placing.error} /> : null}
        </form>
      ) : null}
    </>
  )
}
