import { useMutation } from '@tanstack/react-query'
import { Button, Input, Radio } from 'antd'
import { useState } from 'react'
import type { DraftView, TryResult } from '../../../../src/monitor/rulebook/contract.ts'
import { post } from '../../../api/client.ts'
import { t } from '../../../i18n/index.ts'
import { Highlight } from '../../../ui/highlight.tsx'
import { ErrorNote } from '../../../ui/notes.tsx'
import { SeverityMark } from '../../../ui/severity.tsx'
import { Time } from '../../../ui/time.tsx'
import { Field } from './field.tsx'
import { TroubleNote } from './trouble.tsx'

/** What the draft makes of pasted lines or of a conversation, at once. */
export function TryPane({ draft }: { draft: DraftView }) {
  const [text, setText] = useState(draft.form?.fires.slice(0, 3).join('\n') ?? '')
  const [conv, setConv] = useState('')
  const [from, setFrom] = useState<'staff' | 'customer'>('staff')
  const trying = useMutation({
    mutationFn: () => {
      const convId = /\d{6,19}/.exec(conv)?.[0]
      return post<TryResult>(`/api/rulebook/drafts/${draft.id}/try`, convId ? { convId } : { text, from })
    },
  })
  return (
    <section className="sheet rb-form">
      <p className="small quiet">{t('rulebook.try.lead')}</p>
      <form
        onSubmit={event => {
          event.preventDefault()
          trying.mutate()
        }}
      >
        <Field label={t('rulebook.try.text')}>
          <Input.TextArea
            value={text}
            maxLength={2000}
            autoSize={{ minRows: 3, maxRows: 10 }}
            aria-label={t('rulebook.try.text')}
            onChange={event => setText(event.target.value)}
          />
        </Field>
        <Field label={t('rulebook.try.from')}>
          <Radio.Group
            value={from}
            onChange={event => setFrom(event.target.value)}
            options={(['staff', 'customer'] as const).map(value => ({
              value,
              label: t(`rulebook.try.from.${value}`),
            }))}
          />
        </Field>
        <Field label={t('rulebook.try.conv')} hint={t('rulebook.try.convHow')}>
          <Input
            value={conv}
            maxLength={200}
            aria-label={t('rulebook.try.conv')}
            onChange={event => setConv(event.target.value)}
          />
        </Field>
        <div className="rb-foot">
          <Button
            type="primary"
            htmlType="submit"
            disabled={text.trim() === '' && conv.trim() === ''}
            loading={trying.isPending}
          >
            {t('rulebook.try.go')}
          </Button>
        </div>
      </form>
      {trying.error ? <ErrorNote what={t('rulebook.try.failed')} error={trying.error} /> : null}
      {trying.data ? <Result result={trying.data} /> : null}
    </section>
  )
}

function Result({ result }: { result: TryResult }) {
  const hits = result.lines.reduce((sum, line) => sum + line.hits.length, 0)
  return (
    <div className="rb-tried">
      <TroubleNote trouble={result.trouble} />
      <p role="status">
        <b>{t('rulebook.try.took', { n: result.lines.length, hits, ms: result.ms })}</b>
      </p>
      <ul>
        {result.lines.map(line => (
          <li key={line.id} className={`rb-line ${line.from}`}>
            <span className="small quiet">
              {line.who || t(`rulebook.try.from.${line.from}`)} {line.at ? <Time at={line.at} /> : null}
              {line.alert ? <span className="rb-tag submitted">{t('rulebook.try.alert')}</span> : null}
            </span>
            <p>
              <Highlight text={line.text} spans={line.hits.map((hit, i) => ({ ...hit, id: String(i) }))} />
            </p>
            {line.hits.map(hit => (
              <span key={`${hit.rule} ${hit.start}`} className="small rb-hit">
                <SeverityMark of={hit.severity} /> {hit.name} <span className="quiet">{hit.rule}</span>
                {hit.changed ? <span className="tag">{t('rulebook.try.own')}</span> : null}
                <span className="quiet">{hit.why}</span>
              </span>
            ))}
          </li>
        ))}
      </ul>
      {hits === 0 && result.lines.length > 0 ? <p className="quiet">{t('rulebook.try.none')}</p> : null}
    </div>
  )
}
