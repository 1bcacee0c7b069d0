import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { RecentSearch, SavedSearch, SearchFields } from '../../../src/archive/contract.ts'
import { post, remove } from '../../api/client.ts'
import { keptQuery, queries } from '../../api/queries.ts'
import { t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { errorWords } from '../../ui/notes.tsx'
import { Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'
import { addressOf, NARROWING, type SearchAddress } from './address.ts'
import { chipWords } from './search-chips.tsx'
import { SyntaxHelp } from './search-help.tsx'

type Props = { change: (part: SearchAddress) => void }

/** Before anything was asked: what was kept, what was asked last, and how to ask. */
export function SearchStart({ change }: Props) {
  const kept = useQuery(keptQuery)
  const saved = kept.data?.saved ?? []
  const recent = kept.data?.recent ?? []
  return (
    <div className="search-start">
      <section className="sheet start-learn">
        <div className="sheet-head">
          <h2>{t('search.start')}</h2>
        </div>
        <p className="small quiet start-lead">{t('search.startLead')}</p>
        <SyntaxHelp pick={q => change({ q })} />
      </section>
      <div className="start-kept">
        <Saved saved={saved} change={change} />
        <Recent recent={recent} change={change} />
      </div>
    </div>
  )
}

const refresh = () => queries.invalidateQueries({ queryKey: keptQuery.queryKey })

function Saved({ saved, change }: Props & { saved: SavedSearch[] }) {
  const [gone, setGone] = useState<SavedSearch | null>(null)
  const drop = useMutation({
    mutationFn: (search: SavedSearch) => remove(`/api/search/kept/${search.id}`),
    onSuccess: (_, search) => {
      setGone(search)
      void refresh()
    },
    onError: error => toast(errorWords(error)),
  })
  const restore = useMutation({
    mutationFn: (search: SavedSearch) => post(`/api/search/kept/${search.id}/restore`, {}),
    onSuccess: () => {
      setGone(null)
      void refresh()
    },
    onError: error => toast(errorWords(error)),
  })
  const run = (search: SavedSearch) => {
    // Only the list's order depends on it: the search itself goes on whatever becomes of this.
    void post(`/api/search/kept/${search.id}/run`, {}).catch(() => undefined)
    change(addressOf(search.fields))
  }
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('search.saved')}</h2>
        <span className="grow" />
        {gone ? (
          <span className="small" role="status">
            {t('search.deleted', { name: gone.name })}{' '}
            <button type="button" className="link" onClick={() => restore.mutate(gone)}>
              {t('search.undo')}
            </button>
          </span>
        ) : null}
      </div>
      {saved.length === 0 ? <p className="start-none small quiet">{t('search.savedNone')}</p> : null}
      <ul className="kept-list">
        {saved.map(search => (
          <li key={search.id}>
            <button type="button" className="kept" onClick={() => run(search)}>
              <b className="cut">{search.name}</b>
              <span className="small quiet cut">{summary(search.fields)}</span>
            </button>
            {search.shared ? (
              <span className="tag">
                {search.mine ? t('search.shared') : t('search.sharedBy', { name: search.owner })}
              </span>
            ) : null}
            <span className="small quiet kept-when">
              {search.runAt ? <Time at={search.runAt} short /> : t('search.neverRun')}
            </span>
            {search.mine ? (
              <button
                type="button"
                className="btn small square-small"
                aria-label={t('search.delete', { name: search.name })}
                onClick={() => drop.mutate(search)}
              >
                <Icon name="close" size={14} />
              </button>
            ) : (
              <span className="square-small" />
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Recent({ recent, change }: Props & { recent: RecentSearch[] }) {
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('search.recent')}</h2>
      </div>
      {recent.length === 0 ? <p className="start-none small quiet">{t('search.recentNone')}</p> : null}
      <ul className="kept-list">
        {recent.map(one => (
          <li key={`${one.at} ${JSON.stringify(one.fields)}`}>
            <button type="button" className="kept" onClick={() => change(addressOf(one.fields))}>
              <span className="cut">{summary(one.fields)}</span>
            </button>
            <span className="small quiet kept-when">
              <Time at={one.at} short />
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Words and filters in one line. */
function summary(fields: SearchFields): string {
  const address = addressOf(fields)
  const narrowed = NARROWING.filter(name => address[name] !== undefined).map(name => chipWords(name, address))
  return [address.q, ...narrowed].filter(Boolean).join(' · ') || t('search.everything')
}
