import { useMutation } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { post } from '../../../api/client.ts'
import { rulebookChanged } from '../../../api/rulebook.ts'
import { t } from '../../../i18n/index.ts'
import { ErrorNote } from '../../../ui/notes.tsx'
import { toast } from '../../../ui/toast.tsx'

/** Back to an earlier version of a file, with a reason, in one line. */
export function RollbackForm({ file, to, words }: { file: string; to: number; words?: string | undefined }) {
  const [reason, setReason] = useState('')
  const sending = useMutation({
    mutationFn: () =>
      post<void>(`/api/rulebook/files/rollback?file=${encodeURIComponent(file)}`, { version: to, reason }),
    onSuccess: async () => {
      toast(t('rulebook.pub.rolledBack'))
      setReason('')
      await rulebookChanged()
    },
  })
  const word = words ?? (to === 0 ? t('rulebook.pub.rollback0') : t('rulebook.pub.rollback', { n: to }))
  return (
    <form
      className="rb-aside"
      onSubmit={event => {
        event.preventDefault()
        sending.mutate()
      }}
    >
      <Input
        value={reason}
        maxLength={1000}
        placeholder={t('rulebook.pub.rollbackReason')}
        aria-label={t('rulebook.pub.rollbackReason')}
        onChange={event => setReason(event.target.value)}
      />
      <Button danger htmlType="submit" disabled={reason.trim().length < 4} loading={sending.isPending}>
        {word}
      </Button>
      {sending.error ? <ErrorNote what={t('rulebook.pub.rollbackFailed')} error={sending.error} /> : null}
    </form>
  )
}
