import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { useState } from 'react'
import type { UnlockView } from '../../../src/archive/contract.ts'
import { unlockedQuery, unlocksQuery } from '../../api/consent.ts'
import { t } from '../../i18n/index.ts'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Glyph } from '../../ui/severity.tsx'
import { Time } from '../../ui/time.tsx'
import { exactTime } from '../../ui/time-words.ts'
import { Awaited } from './awaited.tsx'
import { SecondPerson } from './second-person.tsx'
import { UnlockForm } from './unlock-form.tsx'

const TONE = { waiting: 'P2', open: 'P1', expired: 'off', rejected: 'off' } as const

/** Requests to read what customers restrict. `conv` and `at` come from the conversation where somebody asked. */
export function Unlocks(props: { conv: string | undefined; at: number | undefined; asked(): void }) {
  const { conv, at, asked } = props
  const query = useQuery(unlocksQuery)
  const items = query.data?.items ?? []
  return (
    <section className="sheet">
      <div className="sheet-head consent-head">
        <h2>{t('consent.tab.unlocks')}</h2>
        <span className="small quiet grow">{t('unlock.what')}</span>
      </div>
      <Awaited query={query} none={t('unlock.none')} why={t('unlock.noneWhy')} />
      <ul className="consent-unlocks">
        {items.map(item => (
          <Unlock key={item.id} item={item} />
        ))}
      </ul>
      {conv !== undefined ? <UnlockForm conv={conv} at={at} close={asked} /> : null}
    </section>
  )
}

function Unlock({ item }: { item: UnlockView }) {
  const [shown, show] = useState(false)
  return (
    <li>
      <div className="consent-unlock">
        <b>
          <Glyph of={TONE[item.state]} /> {t(`unlock.${item.state}`)}
        </b>
        <span>
          {t(`unlock.purpose.${item.purpose}`)} · {item.reference}
        </span>
        <Link to="/conversations/$convId" params={{ convId: item.convId }} search={{ around: item.from }}>
          {t('unlock.conversation')}
        </Link>
        <span className="grow" />
        {item.state === 'waiting' ? (
          <SecondPerson
            url={`/api/restricted/unlocks/${item.id}/decision`}
            verb="restricted.approve"
            by={item.requestedBy}
            yes="approved"
            act={t('unlock.approve')}
            sure={t('unlock.approveAsk')}
            done={verdict => t(`unlock.done.${verdict}`)}
          />
        ) : null}
        {item.state === 'open' && item.mine ? (
          <Button size="small" onClick={() => show(!shown)}>
            {t(shown ? 'unlock.hide' : 'unlock.read')}
          </Button>
        ) : null}
      </div>
      <p className="small">{item.reason}</p>
      <p className="small quiet">
        {exactTime(item.from)} — {exactTime(item.to)} · {item.requestedBy} <Time at={item.requestedAt} />
        {item.decidedBy ? ` · ${t('unlock.second')} ${item.decidedBy}` : null}
        {item.state === 'open' && item.expiresAt !== null
          ? ` · ${t('unlock.until', { time: exactTime(item.expiresAt) })}`
          : null}
      </p>
      {shown ? <Words id={item.id} /> : null}
    </li>
  )
}

function Words({ id }: { id: string }) {
  const query = useQuery(unlockedQuery(id))
  if (query.isPending) return <Skeleton rows={3} />
  if (query.error) return <ErrorNote what={t('consent.failed')} error={query.error} />
  if (query.data.items.length === 0) return <Empty title={t('unlock.nothing')} />
  return (
    <div className="consent-words">
      <p className="tiny quiet">{t('unlock.recorded')}</p>
      {query.data.items.map(item => (
        <p key={item.key.msgid}>
          <span className="quiet small">
            {exactTime(item.key.sentAt)} {item.from.name}
          </span>
          <br />
          {item.texts.map(text => text.text).join('\n') || t('unlock.noText')}
        </p>
      ))}
      {query.data.more ? <p className="small quiet">{t('unlock.more')}</p> : null}
    </div>
  )
}
