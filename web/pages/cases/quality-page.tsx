import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { LookRow } from '../../../src/cases/contract.ts'
import { looksQuery } from '../../api/quality.ts'
import { figure, t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { useKeyHelp, useKeys } from '../../ui/keys.tsx'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { exactTime } from '../../ui/time-words.ts'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { ConversationView } from '../archive/conversation-page.tsx'
import { neighbour } from '../archive/hits.ts'
import { LookPane } from './quality-look.tsx'
import { Reviewers } from './quality-reviewers.tsx'
import './sampling.css'
import './quality.css'

const route = getRouteApi('/shell/quality')

/** Second looks one by one; for the lead, how reviewers review. */
export function QualityPage() {
  const { look } = route.useSearch()
  const navigate = route.useNavigate()
  const leads = may(useMe(), 'case.lead')
  const query = useQuery(looksQuery)
  const items = query.data?.items ?? []
  const chosen = items.find(item => item.id === look)
  const go = (id: string | undefined) => void navigate({ search: { look: id } })
  const move = (by: 1 | -1) => {
    const next = neighbour(
      items,
      items.findIndex(item => item.id === look),
      by,
    )
    if (next) go(next.id)
  }
  useKeys({ j: () => move(1), k: () => move(-1) })
  const help = useKeyHelp([
    [['J', 'K'], t('keys.units')],
    [['C'], t('keys.clean')],
    [['F'], t('quality.violation')],
    [['Ctrl', '↵'], t('keys.submit')],
  ])
  if (query.isPending) return <Skeleton rows={8} />
  if (query.error)
    return (
      <div className="page">
        <ErrorNote what={t('quality.failed')} error={query.error} again={() => void query.refetch()} />
      </div>
    )
  return (
    <div className={`sampling-desk quality${chosen ? ' opened' : ''}`} data-step={chosen ? 'all' : 'list'}>
      <section className="sampling-queue" aria-label={t('quality.looks')}>
        <header className="sampling-head">
          {leads && chosen ? (
            <button type="button" className="link small" onClick={() => go(undefined)}>
              ← {t('nav.quality')}
            </button>
          ) : null}
          <div className="line">
            <h1>{t('quality.looks')}</h1>
            <span className="small quiet">{t('sampling.review.waiting', { n: figure(items.length) })}</span>
          </div>
          <p className="small quiet">{t('quality.looksWhy')}</p>
        </header>
        <div className="sampling-list">
          {items.map(item => (
            <Item key={item.id} item={item} on={item.id === look} choose={() => go(item.id)} />
          ))}
          {items.length === 0 ? <Empty title={t('quality.none')}>{t('quality.noneHow')}</Empty> : null}
        </div>
      </section>
      {chosen ? (
        <>
          <button type="button" className="btn small quality-back" onClick={() => go(undefined)}>
            <Icon name="back" size={14} />
            {t('quality.looks')}
          </button>
          <div className="sampling-talk" key={chosen.id}>
            <ConversationView convId={chosen.convId} around={chosen.at} />
          </div>
          <LookPane
            key={`pane ${chosen.id}`}
            look={chosen}
            done={() => go(items.find(item => item.id !== chosen.id)?.id)}
          />
        </>
      ) : leads ? (
        <Reviewers />
      ) : items.length > 0 ? (
        <Empty title={t('quality.choose')} />
      ) : null}
      {help.dialog}
    </div>
  )
}

function Item({ item, on, choose }: { item: LookRow; on: boolean; choose: () => void }) {
  return (
    <button type="button" className={`sampling-item${on ? ' on' : ''}`} aria-current={on} onClick={choose}>
      <b className="cut">{item.staffName}</b>
      <span className="small cut">{item.title}</span>
      <span className="small quiet">
        {item.department} · {exactTime(item.at).slice(0, 16)}
      </span>
    </button>
  )
}
