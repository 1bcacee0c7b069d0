import { useMutation } from '@tanstack/react-query'
import { Button, Input, Segmented } from 'antd'
import { useRef, useState } from 'react'
import type { DraftView, RulebookView } from '../../../../src/monitor/rulebook/contract.ts'
import { post } from '../../../api/client.ts'
import { rulebookChanged } from '../../../api/rulebook.ts'
import { t } from '../../../i18n/index.ts'
import { ErrorNote } from '../../../ui/notes.tsx'
import { toast } from '../../../ui/toast.tsx'
import { useMe } from '../../app/me.ts'
import { may } from '../../app/places.ts'
import { isEditable } from './address.ts'
import { Field } from './field.tsx'
import { isFilled } from './form-state.ts'
import { RuleFormFields } from './rule-form.tsx'
import { TroubleNote } from './trouble.tsx'

type Props = { draft: DraftView; book: RulebookView }

/** The draft as its form or as its text. */
export function WritePane({ draft, book }: Props) {
  const [as, setAs] = useState<'form' | 'text'>(draft.form ? 'form' : 'text')
  const editable = may(useMe(), 'rule.draft') && isEditable(draft)
  return (
    <section className="sheet rb-form">
      {draft.form ? (
        <Segmented
          value={as}
          onChange={setAs}
          options={[
            { value: 'form', label: t('rulebook.asForm') },
            { value: 'text', label: t('rulebook.asText') },
          ]}
        />
      ) : null}
      {as === 'form' && draft.form && editable ? (
        <FormPart key={draft.changedAt} draft={draft} book={book} />
      ) : (
        <TextPart key={draft.changedAt} draft={draft} editable={editable} />
      )}
    </section>
  )
}

function useSaving(id: string) {
  return useMutation({
    mutationFn: (body: object) => post<void>(`/api/rulebook/drafts/${id}`, body),
    onSuccess: async () => {
      toast(t('rulebook.saved'))
      await rulebookChanged()
    },
  })
}

function FormPart({ draft, book }: Props) {
  const [rule, setRule] = useState(draft.form)
  const [why, setWhy] = useState(draft.why)
  const saving = useSaving(draft.id)
  if (!rule) return null
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        saving.mutate({ by: 'form', rule, why })
      }}
    >
      <RuleFormFields book={book} rule={rule} set={setRule} why={why} setWhy={setWhy} />
      <TroubleNote trouble={draft.trouble} />
      {saving.error ? <ErrorNote what={t('rulebook.unsent')} error={saving.error} /> : null}
      <div className="rb-foot">
        <Button
          type="primary"
          htmlType="submit"
          disabled={!isFilled(rule) || why.trim().length < 4}
          loading={saving.isPending}
        >
          {t('rulebook.save')}
        </Button>
      </div>
    </form>
  )
}

const LINE_HEIGHT = 18

function TextPart({ draft, editable }: { draft: DraftView; editable: boolean }) {
  const [text, setText] = useState(draft.text)
  const [why, setWhy] = useState(draft.why)
  const saving = useSaving(draft.id)
  const box = useRef<HTMLDivElement>(null)
  /** Puts the caret at the beginning of the line that is wrong. */
  const toLine = (line: number) => {
    const area = box.current?.querySelector('textarea')
    if (!area) return
    const at =
      text
        .split('\n')
        .slice(0, line - 1)
        .join('\n').length + (line > 1 ? 1 : 0)
    area.focus()
    area.setSelectionRange(at, at + (text.split('\n')[line - 1]?.length ?? 0))
    area.scrollTop = Math.max(0, (line - 4) * LINE_HEIGHT)
  }
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        saving.mutate({ by: 'text', text, why })
      }}
    >
      <TroubleNote trouble={draft.trouble} toLine={toLine} />
      {draft.trouble || !editable ? null : <p className="small rb-good">{t('rulebook.sound')}</p>}
      <div ref={box}>
        <Input.TextArea
          className="rb-code"
          value={text}
          rows={24}
          readOnly={!editable}
          spellCheck={false}
          aria-label={t('rulebook.text.label')}
          onChange={event => setText(event.target.value)}
        />
      </div>
      {editable ? (
        <>
          <Field label={t('rulebook.why')} hint={t('rulebook.whyHow')}>
            <Input.TextArea
              value={why}
              maxLength={1000}
              autoSize={{ minRows: 2, maxRows: 6 }}
              aria-label={t('rulebook.why')}
              onChange={event => setWhy(event.target.value)}
            />
          </Field>
          {saving.error ? <ErrorNote what={t('rulebook.unsent')} error={saving.error} /> : null}
          <div className="rb-foot">
            <Button
              type="primary"
              htmlType="submit"
              disabled={text === '' || why.trim().length < 4}
              loading={saving.isPending}
            >
              {t('rulebook.save')}
            </Button>
          </div>
        </>
      ) : null}
    </form>
  )
}
