import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { WallCard } from '../../../src/cases/contract.ts'
import { figure, t } from '../../i18n/index.ts'
import { useKeyHelp, useKeys } from '../../ui/keys.tsx'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { neighbour } from '../archive/hits.ts'
import type { WallAddress } from './address.ts'
import { Card } from './card.tsx'
import { useChanges, wallQuery } from './queries.ts'
import { StepIns } from './step-ins.tsx'
import { Watch } from './watch.tsx'
import './wall.css'

const route = getRouteApi('/shell/wall')

/** Officers watch the wall; supervisors see what they were asked. */
export function WallPage() {
  return may(useMe(), 'wall.watch') ? <Wall /> : <StepIns />
}

function Wall() {
  const address = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(wallQuery)
  const live = useChanges('/api/wall/stream', () => void query.refetch())
  const go = (change: WallAddress, replace = true) =>
    void navigate({ search: before => ({ ...before, ...change }), replace })
  const items = query.data?.items ?? []
  const shown = address.all
    ? items
    : items.filter(card => card.sampled !== null || card.convId === address.conv)
  const chosen = shown.find(card => card.convId === address.conv)
  const help = useWallKeys(shown, address, go)
  return (
    <div className={`wall${address.open && address.conv ? ' opened' : ''}`}>
      <section className="wall-cards" aria-label={t('wall.title')}>
        <header className="wall-head">
          <h1>{t('wall.title')}</h1>
          <span className={`wall-live small${live ? '' : ' down'}`} role="status">
            {t(live ? 'wall.live' : 'wall.broken')}
          </span>
          <span className="grow" />
          <Choice items={items} address={address} go={go} />
        </header>
        <p className="small quiet wall-what">{t('wall.what', { hours: query.data?.hours ?? 4 })}</p>
        {query.isPending ? <Skeleton rows={6} kind="card" /> : null}
        {query.error ? (
          <ErrorNote what={t('wall.failed')} error={query.error} again={() => void query.refetch()} />
        ) : null}
        {query.data && shown.length === 0 ? (
          <Empty title={t(items.length > 0 ? 'wall.noneSampled' : 'wall.none', { hours: query.data.hours })}>
            {t('wall.noneWhy')}
          </Empty>
        ) : null}
        <ol className="wall-grid">
          {shown.map(card => (
            <li key={card.convId}>
              <Card
                card={card}
                chosen={card.convId === address.conv}
                open={() => go({ conv: card.convId, open: 'true' }, address.open === 'true')}
              />
            </li>
          ))}
        </ol>
      </section>
      {address.conv && address.open && query.data ? (
        <Watch
          key={address.conv}
          convId={address.conv}
          card={chosen}
          close={() => go({ open: undefined })}
          changed={() => void query.refetch()}
        />
      ) : (
        <aside className="wall-watch wall-nothing">
          <Empty title={t('wall.choose')}>{t('wall.chooseHow')}</Empty>
        </aside>
      )}
      {help.dialog}
    </div>
  )
}

type ChoiceProps = { items: WallCard[]; address: WallAddress; go: (change: WallAddress) => void }

function Choice({ items, address, go }: ChoiceProps) {
  const sampled = items.filter(card => card.sampled !== null).length
  return (
    <div className="chips">
      <button
        type="button"
        className={`chip${address.all ? '' : ' on'}`}
        aria-pressed={!address.all}
        onClick={() => go({ all: undefined })}
      >
        {t('wall.sampled', { n: figure(sampled) })}
      </button>
      <button
        type="button"
        className={`chip${address.all ? ' on' : ''}`}
        aria-pressed={address.all === 'true'}
        onClick={() => go({ all: 'true' })}
      >
        {t('wall.all', { n: figure(items.length) })}
      </button>
    </div>
  )
}

function useWallKeys(shown: WallCard[], address: WallAddress, go: (change: WallAddress) => void) {
  const move = (by: 1 | -1) => {
    const to = neighbour(
      shown,
      shown.findIndex(card => card.convId === address.conv),
      by,
    )
    if (to) go({ conv: to.convId })
  }
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ...(address.conv && !address.open ? { enter: () => go({ open: 'true' }) } : {}),
    escape: () => go({ open: undefined }),
  })
  return useKeyHelp([
    [['J', 'K'], t('keys.wall')],
    [['Enter'], t('keys.wall.open')],
    [['N'], t('wall.note')],
    [['S'], t('wall.stepin')],
    [['Ctrl', '↵'], t('keys.submit')],
  ])
}
