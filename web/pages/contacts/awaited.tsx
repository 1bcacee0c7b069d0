import type { UseQueryResult } from '@tanstack/react-query'
import { t } from '../../i18n/index.ts'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'

/** What stands where a list of this page is on its way, has failed or is empty; nothing where it is there. */
export function Awaited(props: { query: UseQueryResult<{ items: unknown[] }>; none: string; why: string }) {
  const { query, none, why } = props
  if (query.isPending) return <Skeleton rows={4} />
  return (
    <>
      {query.error ? (
        <ErrorNote what={t('consent.failed')} error={query.error} again={() => void query.refetch()} />
      ) : null}
      {query.data?.items.length === 0 ? (
        <Empty title={none}>
          <p>{why}</p>
        </Empty>
      ) : null}
    </>
  )
}
