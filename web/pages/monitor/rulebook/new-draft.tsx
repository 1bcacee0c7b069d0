import { useMutation, useQuery } from '@tanstack/react-query'
import { AutoComplete, Button, Input, Select } from 'antd'
import { useState } from 'react'
import type { RulebookView, RuleForm } from '../../../../src/monitor/rulebook/contract.ts'
import { post } from '../../../api/client.ts'
import { rulesQuery } from '../../../api/queries.ts'
import { packTextQuery, rulebookChanged } from '../../../api/rulebook.ts'
import { t } from '../../../i18n/index.ts'
import { ErrorNote, Skeleton } from '../../../ui/notes.tsx'
import { toast } from '../../../ui/toast.tsx'
import type { DraftsAddress } from './address.ts'
import { Field } from './field.tsx'
import { blankForm, formFrom, isFilled } from './form-state.ts'
import { RuleFormFields } from './rule-form.tsx'

type Props = { book: RulebookView; address: DraftsAddress; go: (to: DraftsAddress) => void }

/** A draft in the making. */
export function NewDraft({ book, address, go }: Props) {
  return address.new === 'text' ? (
    <ByText book={book} address={address} go={go} />
  ) : (
    <ByForm book={book} address={address} go={go} />
  )
}

function useMaking(go: Props['go']) {
  return useMutation({
    mutationFn: (body: object) => post<{ id: string }>('/api/rulebook/drafts', body),
    onSuccess: async made => {
      toast(t('rulebook.made'))
      await rulebookChanged()
      go({ id: made.id, view: 'test' })
    },
  })
}

function ByForm({ book, address, go }: Props) {
  const rules = useQuery(rulesQuery)
  const items = (rules.data?.items ?? []).filter(rule => !rule.model)
  const start = items.find(rule => rule.id === address.from)
  if (rules.isPending) return <Skeleton rows={6} />
  return (
    <>
      <section className="sheet rb-form">
        <Field label={t('rulebook.f.startFrom')}>
          <Select
            className="rb-wide"
            showSearch={{ optionFilterProp: 'label' }}
            value={start?.id ?? ''}
            aria-label={t('rulebook.f.startFrom')}
            onChange={from => go({ new: 'form', ...(from === '' ? {} : { from }) })}
            options={[
              { value: '', label: t('rulebook.f.blank') },
              ...items.map(rule => ({ value: rule.id, label: `${rule.id} ${rule.name}` })),
            ]}
          />
        </Field>
      </section>
      <FormOf key={start?.id ?? ''} book={book} first={start ? formFrom(start) : blankForm(book)} go={go} />
    </>
  )
}

function FormOf({ book, first, go }: { book: RulebookView; first: RuleForm; go: Props['go'] }) {
  const [rule, setRule] = useState(first)
  const [why, setWhy] = useState('')
  const making = useMaking(go)
  return (
    <form
      className="sheet rb-form"
      onSubmit={event => {
        event.preventDefault()
        making.mutate({ by: 'form', rule, why })
      }}
    >
      <RuleFormFields book={book} rule={rule} set={setRule} why={why} setWhy={setWhy} />
      {making.error ? <ErrorNote what={t('rulebook.unsent')} error={making.error} /> : null}
      <div className="rb-foot">
        <Button onClick={() => go({})}>{t('rulebook.cancel')}</Button>
        <Button
          type="primary"
          htmlType="submit"
          disabled={!isFilled(rule) || why.trim().length < 4}
          loading={making.isPending}
        >
          {t('rulebook.save')}
        </Button>
      </div>
    </form>
  )
}

function ByText({ book, address, go }: Props) {
  const [file, setFile] = useState(address.from ?? '')
  const known = book.files.some(one => one.file === file)
  const text = useQuery({ ...packTextQuery(file), enabled: known })
  const [written, setWritten] = useState<string>()
  const [why, setWhy] = useState('')
  const making = useMaking(go)
  const value = written ?? text.data?.text ?? ''
  return (
    <form
      className="sheet rb-form"
      onSubmit={event => {
        event.preventDefault()
        making.mutate({ by: 'text', file, text: value, why })
      }}
    >
      <Field label={t('rulebook.text.file')} hint={t('rulebook.text.fileHow')}>
        <AutoComplete
          className="rb-wide"
          value={file}
          aria-label={t('rulebook.text.file')}
          showSearch={{ filterOption: (typed, option) => String(option?.label).includes(typed) }}
          onChange={name => {
            setFile(name)
            setWritten(undefined)
          }}
          options={book.files.map(one => ({ value: one.file, label: `${one.file} ${one.name}` }))}
        />
      </Field>
      <Field label={t('rulebook.text.label')}>
        <Input.TextArea
          className="rb-code"
          value={value}
          rows={22}
          spellCheck={false}
          aria-label={t('rulebook.text.label')}
          onChange={event => setWritten(event.target.value)}
        />
      </Field>
      <Field label={t('rulebook.why')} hint={t('rulebook.whyHow')}>
        <Input.TextArea
          value={why}
          maxLength={1000}
          autoSize={{ minRows: 2, maxRows: 6 }}
          aria-label={t('rulebook.why')}
          onChange={event => setWhy(event.target.value)}
        />
      </Field>
      {making.error ? <ErrorNote what={t('rulebook.unsent')} error={making.error} /> : null}
      <div className="rb-foot">
        <Button onClick={() => go({})}>{t('rulebook.cancel')}</Button>
        <Button
          type="primary"
          htmlType="submit"
          disabled={file === '' || value === '' || why.trim().length < 4}
          loading={making.isPending}
        >
          {t('rulebook.save')}
        </Button>
      </div>
    </form>
  )
}
