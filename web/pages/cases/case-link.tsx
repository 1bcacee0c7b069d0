import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { AlertDetail } from '../../../src/cases/contract.ts'
import { casesChanged } from '../../api/cases.ts'
import { post } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import { t } from '../../i18n/index.ts'
import { errorWords } from '../../ui/notes.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'

/** The case this alert stands in, or the way to open one. */
export function CaseLink({ detail }: { detail: AlertDetail }) {
  const me = useMe()
  const { id, case: file, conflict } = detail.alert
  const opening = useMutation({
    mutationFn: () => post<{ id: string }>('/api/cases', { alert: id }),
    onSuccess: () => {
      void casesChanged()
      void queries.invalidateQueries({ queryKey: ['alert', id], exact: true })
    },
  })
  if (file)
    return (
      <Link to="/cases" search={{ id: file.id }}>
        {file.number}
      </Link>
    )
  if (!may(me, 'alert.decide') || conflict) return <span className="quiet">—</span>
  return (
    <>
      <button
        type="button"
        className="link"
        title={t('cases.openWhy')}
        disabled={opening.isPending}
        onClick={() => opening.mutate()}
      >
        {t('cases.openFrom')}
      </button>
      {opening.error ? <span className="small"> {errorWords(opening.error)}</span> : null}
    </>
  )
}
