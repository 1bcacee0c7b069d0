import { useMutation } from '@tanstack/react-query'
import { Button, Checkbox, Input } from 'antd'
import { type ReactNode, useState } from 'react'
import type { SearchFields, SearchTotal } from '../../../src/archive/contract.ts'
import { post } from '../../api/client.ts'
import { keptQuery, queries } from '../../api/queries.ts'
import { figure, t } from '../../i18n/index.ts'
import { ErrorNote } from '../../ui/notes.tsx'
import { toast } from '../../ui/toast.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { ExportForm } from './search-export.tsx'

type Props = {
  fields: SearchFields
  total: SearchTotal | null
  shown: number
  more: boolean
  took: number
  /** The way to an evidence package of these conversations. */
  evidence: ReactNode
}

/** How many, how that is known, and what may be done with them. */
export function SearchHead({ fields, total, shown, more, took, evidence }: Props) {
  const me = useMe()
  const [open, setOpen] = useState<'save' | 'export' | null>(null)
  const toggle = (which: 'save' | 'export') => setOpen(open === which ? null : which)
  return (
    <div className="results-head">
      <div className="line small quiet">
        <span role="status" title={total ? t(`total.${total.how}`) : undefined}>
          {countWords(total, shown, more)}
          <span className="wide-only">
            {' '}
            · {t('search.took', { ms: took < 1 ? '1' : figure(Math.round(took)) })}
          </span>
        </span>
        <span className="grow" />
        {evidence}
        <button
          type="button"
          className="btn small"
          aria-expanded={open === 'save'}
          onClick={() => toggle('save')}
        >
          {t('search.save')}
        </button>
        {may(me, 'message.export') ? (
          <button
            type="button"
            className="btn small"
            aria-expanded={open === 'export'}
            onClick={() => toggle('export')}
          >
            {t('search.export')}
          </button>
        ) : null}
      </div>
      {open === 'save' ? <SaveForm fields={fields} done={() => setOpen(null)} /> : null}
      {open === 'export' ? (
        <ExportForm fields={fields} total={total} mayClear={may(me, 'contact.reveal')} />
      ) : null}
    </div>
  )
}

/** `共 31 条`, `约 12,000 条，已列出 60 条`: a guess never looks like a count. */
function countWords(total: SearchTotal | null, shown: number, more: boolean): string {
  if (!more) return t('search.countAll', { n: figure(shown) })
  if (total && total.how !== 'exact' && total.n > shown)
    return t('search.countAbout', { n: figure(total.n), shown: figure(shown) })
  return t('search.countMore', { shown: figure(shown) })
}

function SaveForm({ fields, done }: { fields: SearchFields; done: () => void }) {
  const [name, setName] = useState((fields.q ?? '').slice(0, 30))
  const [shared, setShared] = useState(false)
  const save = useMutation({
    mutationFn: () => post('/api/search/kept', { name: name.trim(), shared, fields }),
    onSuccess: () => {
      toast(t('search.savedDone', { name: name.trim() }))
      void queries.invalidateQueries({ queryKey: keptQuery.queryKey })
      done()
    },
  })
  return (
    <form
      className="head-form"
      onSubmit={event => {
        event.preventDefault()
        if (name.trim() !== '') save.mutate()
      }}
    >
      <Input
        autoFocus
        maxLength={60}
        value={name}
        onChange={event => setName(event.target.value)}
        placeholder={t('search.saveName')}
        aria-label={t('search.saveName')}
      />
      <Checkbox checked={shared} onChange={event => setShared(event.target.checked)}>
        {t('search.saveShared')}
      </Checkbox>
      <Button type="primary" htmlType="submit" loading={save.isPending} disabled={name.trim() === ''}>
        {t('search.saveDo')}
      </Button>
      {save.error ? <ErrorNote what={t('search.saveFailed')} error={save.error} /> : null}
    </form>
  )
}
