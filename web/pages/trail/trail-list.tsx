import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Input, Select } from 'antd'
import { TRAIL_VERBS } from '../../../src/trail/contract.ts'
import { trailQuery } from '../../api/queries.ts'
import type { TrailRow } from '../../api/types.ts'
import { maybe, t } from '../../i18n/index.ts'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { exactTime } from '../../ui/time-words.ts'
import { detailWords, thingWords } from './trail-words.ts'

type Props = { actor: string | undefined; verb: string | undefined }

const verbWords = (verb: string): string => maybe(`trail.${verb}`) ?? verb
const roleWords = (role: string): string => maybe(`role.${role}`) ?? role

/** Who did what. Nothing here can be changed, and looking at it leaves a line too. */
export function TrailList({ actor, verb }: Props) {
  const known = TRAIL_VERBS.find(found => found === verb)
  const query = useInfiniteQuery(
    trailQuery({ ...(actor ? { actor } : {}), ...(known ? { verb: known } : {}) }),
  )
  const rows = query.data?.pages.flatMap(page => page.items) ?? []
  return (
    <section className="sheet scroll-x">
      <TrailFilters actor={actor} verb={known} />
      {query.isPending ? <Skeleton rows={8} /> : null}
      {query.error ? (
        <ErrorNote what={t('trail.failed')} error={query.error} again={() => void query.refetch()} />
      ) : null}
      {query.isSuccess && rows.length === 0 ? <Empty title={t('trail.none')} /> : null}
      {rows.length > 0 ? <Rows rows={rows} /> : null}
      {query.hasNextPage ? (
        <button type="button" className="more" onClick={() => void query.fetchNextPage()}>
          {t(query.isFetchingNextPage ? 'loading' : 'more')}
        </button>
      ) : null}
    </section>
  )
}

function TrailFilters({ actor, verb }: Props) {
  const navigate = useNavigate()
  const change = (part: Partial<Props>) =>
    void navigate({ to: '/system', search: { tab: 'trail', actor, verb, ...part } })
  return (
    <div className="sheet-head">
      <Select
        className="trail-verb"
        allowClear
        value={verb}
        placeholder={t('trail.anyVerb')}
        aria-label={t('trail.anyVerb')}
        onChange={found => change({ verb: found })}
        options={TRAIL_VERBS.map(found => ({ value: found as string, label: verbWords(found) }))}
      />
      <Input.Search
        className="trail-actor"
        allowClear
        defaultValue={actor}
        placeholder={t('trail.actor')}
        aria-label={t('trail.actor')}
        onSearch={found => change({ actor: found.trim() || undefined })}
      />
    </div>
  )
}

function Rows({ rows }: { rows: TrailRow[] }) {
  return (
    <table className="table trail">
      <thead>
        <tr>
          <th>{t('trail.at')}</th>
          <th>{t('trail.who')}</th>
          <th>{t('trail.did')}</th>
          <th>{t('trail.thing')}</th>
          <th>{t('trail.detail')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <Row key={row.id} row={row} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ row }: { row: TrailRow }) {
  const thing = thingWords(row)
  const detail = detailWords(row)
  return (
    <tr>
      <td>{exactTime(row.at)}</td>
      <td>
        {row.actor} <span className="small quiet">{roleWords(row.role)}</span>
      </td>
      <td>{verbWords(row.verb)}</td>
      <td title={row.thingId}>
        {thing.kind} {thing.id ? <span className="mono quiet">{thing.id}</span> : null}
      </td>
      <td className="detail" title={detail}>
        {detail}
      </td>
    </tr>
  )
}
