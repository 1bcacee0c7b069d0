import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Button } from 'antd'
import type { DraftItem, RulebookView } from '../../../../src/monitor/rulebook/contract.ts'
import { draftQuery, rulebookQuery } from '../../../api/rulebook.ts'
import { t } from '../../../i18n/index.ts'
import { Icon } from '../../../ui/icons.tsx'
import { useKeyHelp, useKeys } from '../../../ui/keys.tsx'
import { Empty, ErrorNote, Skeleton } from '../../../ui/notes.tsx'
import { Time } from '../../../ui/time.tsx'
import { useMe } from '../../app/me.ts'
import { may } from '../../app/places.ts'
import { neighbour } from '../../archive/hits.ts'
import { type DraftsAddress, draftsAddress } from './address.ts'
import { DraftPane } from './draft-pane.tsx'
import { NewDraft } from './new-draft.tsx'
import { StateTag } from './state.tsx'
import { RulesTabs } from './tabs.tsx'
import './rulebook.css'

const route = getRouteApi('/shell/rules/drafts')

/** Drafts on the left; on the right one of them, or one in the making. */
export function DraftsPage() {
  const address = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(rulebookQuery)
  const go = (to: DraftsAddress) => void navigate({ search: draftsAddress(to) })
  const items = query.data?.drafts ?? []
  const chosen = address.new ? undefined : (address.id ?? items[0]?.id)
  const move = (by: 1 | -1) => {
    const next = neighbour(
      items,
      items.findIndex(item => item.id === chosen),
      by,
    )
    if (next) go({ id: next.id })
  }
  useKeys({ j: () => move(1), k: () => move(-1) })
  const help = useKeyHelp([[['J', 'K'], t('keys.results')]])
  if (query.isPending) return <Skeleton rows={8} />
  if (query.error && items.length === 0)
    return (
      <div className="page">
        <ErrorNote what={t('rulebook.failed')} error={query.error} again={() => void query.refetch()} />
      </div>
    )
  const opened = address.new !== undefined || address.id !== undefined
  return (
    <div className={`rb${opened ? ' opened' : ''}`}>
      <List items={items} chosen={chosen} go={go} />
      <div className="rb-right">
        {opened ? (
          <button type="button" className="btn small rb-back" onClick={() => go({})}>
            <Icon name="back" size={14} />
            {t('rulebook.back')}
          </button>
        ) : null}
        {address.new && query.data ? (
          <NewDraft key={`${address.new}${address.from ?? ''}`} book={query.data} address={address} go={go} />
        ) : chosen && query.data ? (
          <Chosen key={chosen} id={chosen} book={query.data} address={address} go={go} />
        ) : (
          <Empty title={t('rulebook.none')}>{t('rulebook.noneHow')}</Empty>
        )}
      </div>
      {help.dialog}
    </div>
  )
}

type ChosenProps = { id: string; book: RulebookView; address: DraftsAddress; go: (to: DraftsAddress) => void }

function Chosen({ id, book, address, go }: ChosenProps) {
  const query = useQuery(draftQuery(id))
  if (query.isPending) return <Skeleton rows={6} kind="card" />
  if (query.error || !query.data)
    return <ErrorNote what={t('rulebook.failed')} error={query.error} again={() => void query.refetch()} />
  return <DraftPane draft={query.data} book={book} view={address.view} go={go} />
}

function List({
  items,
  chosen,
  go,
}: {
  items: DraftItem[]
  chosen: string | undefined
  go: (to: DraftsAddress) => void
}) {
  const mayDraft = may(useMe(), 'rule.draft')
  return (
    <div className="rb-left">
      <header className="rb-head">
        <RulesTabs />
        <p className="small quiet">{t('rulebook.lead')}</p>
        {mayDraft ? (
          <div className="line">
            <Button type="primary" onClick={() => go({ new: 'form' })}>
              {t('rulebook.newForm')}
            </Button>
            <Button onClick={() => go({ new: 'text' })}>{t('rulebook.newText')}</Button>
          </div>
        ) : null}
      </header>
      <div className="rb-list">
        {items.map(item => (
          <Link
            key={item.id}
            to="/rules/drafts"
            search={{ id: item.id }}
            className={`rb-item${item.id === chosen ? ' on' : ''}`}
            aria-current={item.id === chosen}
          >
            <span className="line">
              <b>{item.focus ?? item.file}</b>
              {item.version === null ? null : (
                <span className="small quiet">{t('rulebook.version', { n: item.version })}</span>
              )}
              <span className="grow" />
              <StateTag state={item.state} />
            </span>
            <span className="rb-why">{item.why}</span>
            <span className="line small quiet">
              {t('rulebook.by', { who: item.authors.join('、') })}
              <span className="grow" />
              <Time at={item.changedAt} short />
            </span>
          </Link>
        ))}
        {items.length === 0 ? <Empty title={t('rulebook.none')}>{t('rulebook.noneHow')}</Empty> : null}
      </div>
    </div>
  )
}
