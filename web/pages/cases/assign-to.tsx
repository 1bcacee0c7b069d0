import { useQuery } from '@tanstack/react-query'
import type { RefObject } from 'react'
import { assigneesQuery } from '../../api/queries.ts'
import { maybe, t } from '../../i18n/index.ts'
import { ErrorNote } from '../../ui/notes.tsx'

type Props = {
  id: string
  to: string
  choose: (to: string) => void
  field: RefObject<HTMLSelectElement | null>
}

/** Whom it may be given to; who may not take it stands there with the reason. */
export function AssignTo({ id, to, choose, field }: Props) {
  const query = useQuery(assigneesQuery(id))
  if (query.error) return <ErrorNote what={t('assignees.failed')} error={query.error} />
  return (
    <label className="assign-to small">
      <span>{t('move.to')}</span>
      <select ref={field} value={to} onChange={event => choose(event.target.value)}>
        <option value="">{query.isPending ? t('loading') : t('move.pick')}</option>
        {(query.data?.items ?? []).map(person => (
          <option key={person.username} value={person.username} disabled={person.refused !== null}>
            {person.name} · {maybe(`role.${person.role}`) ?? person.role} ·{' '}
            {t('move.held', { n: person.held })}
            {person.refused === null ? '' : ` · ${t('desk.avoid')}`}
          </option>
        ))}
      </select>
    </label>
  )
}
