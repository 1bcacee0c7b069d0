import { useMutation, useQuery } from '@tanstack/react-query'
import { Button, Checkbox, Input, Radio } from 'antd'
import { useState } from 'react'
import type { SearchFields, SearchTotal } from '../../../src/archive/contract.ts'
import { post } from '../../api/client.ts'
import { exportQuery } from '../../api/queries.ts'
import { figure, t } from '../../i18n/index.ts'
import { ErrorNote } from '../../ui/notes.tsx'
import { exactTime } from '../../ui/time-words.ts'

type Props = { fields: SearchFields; total: SearchTotal | null; mayClear: boolean }
const LEAST_REASON = 4

/** Why, in which form; then the browser downloads what the server reads, and this says how far it has come. */
export function ExportForm({ fields, total, mayClear }: Props) {
  const [format, setFormat] = useState<'csv' | 'jsonl'>('csv')
  const [reason, setReason] = useState('')
  const [clearNames, setClearNames] = useState(false)
  const ask = useMutation({
    mutationFn: () =>
      post<{ id: string }>('/api/search/exports', {
        query: fields,
        format,
        reason: reason.trim(),
        clearNames,
      }),
    onSuccess: ({ id }) => download(`/api/search/exports/${id}/file`),
  })
  const short = reason.trim().length < LEAST_REASON
  return (
    <form
      className="head-form export-form"
      onSubmit={event => {
        event.preventDefault()
        if (!short) ask.mutate()
      }}
    >
      <Input
        autoFocus
        maxLength={500}
        value={reason}
        onChange={event => setReason(event.target.value)}
        placeholder={t('export.reason')}
        aria-label={t('export.reason')}
      />
      <Radio.Group
        value={format}
        onChange={event => setFormat(event.target.value as 'csv' | 'jsonl')}
        options={[
          { value: 'csv', label: t('export.csv') },
          { value: 'jsonl', label: t('export.jsonl') },
        ]}
      />
      {mayClear ? (
        <Checkbox checked={clearNames} onChange={event => setClearNames(event.target.checked)}>
          {t('export.clear')}
        </Checkbox>
      ) : null}
      <Button type="primary" htmlType="submit" loading={ask.isPending} disabled={short}>
        {t('export.go')}
      </Button>
      <p className="small quiet">{t('export.why')}</p>
      {ask.error ? <ErrorNote what={t('export.failed')} error={ask.error} /> : null}
      {ask.data ? <ExportProgress id={ask.data.id} total={total} /> : null}
    </form>
  )
}

/** A link of its own: the bytes go to the disk as they come and never stand in the page. */
function download(path: string): void {
  const link = document.createElement('a')
  link.href = path
  link.download = ''
  document.body.append(link)
  link.click()
  link.remove()
}

function ExportProgress({ id, total }: { id: string; total: SearchTotal | null }) {
  const { data } = useQuery(exportQuery(id))
  if (!data) return null
  const share = total && total.n > 0 ? Math.min(1, data.written / total.n) : 0
  const words = {
    asked: t('export.asked'),
    running: t('export.running', {
      n: figure(data.written),
      at: data.reachedAt === null ? '' : exactTime(data.reachedAt).slice(0, 10),
    }),
    done: t('export.done', { n: figure(data.written) }),
    broken: t('export.broken', { n: figure(data.written) }),
  }
  return (
    <div className="export-progress" role="status">
      <div className="bar">
        <i style={{ width: `${data.state === 'done' ? 100 : share * 100}%` }} />
      </div>
      <span className="small">{words[data.state]}</span>
    </div>
  )
}
