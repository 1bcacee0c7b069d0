import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import type { WallCard } from '../../../src/cases/contract.ts'
import { t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { Kbd, useKeys } from '../../ui/keys.tsx'
import { ErrorNote } from '../../ui/notes.tsx'
import { Time } from '../../ui/time.tsx'
import { Watermark } from '../../ui/watermark.tsx'
import { useMe } from '../app/me.ts'
import { ConversationHead } from '../archive/conversation-head.tsx'
import { Transcript } from '../archive/transcript.tsx'
import { useHitSteps } from '../archive/use-hit-steps.ts'
import { type Anchor, useTranscript } from '../archive/use-transcript.ts'
import { useChanges, watchedQuery } from './queries.ts'
import { Writing, type WritingKind } from './writing.tsx'

type Props = { convId: string; card: WallCard | undefined; close: () => void; changed: () => void }

/** A conversation as it goes on, with what may be done about it. */
export function Watch({ convId, card, close, changed }: Props) {
  const me = useMe()
  const [anchor] = useState<Anchor>({ convId, around: card?.key.sentAt, msgid: card?.key.msgid })
  const conversation = useTranscript(anchor)
  const steps = useHitSteps(conversation.hits, anchor.msgid)
  useChanges(`/api/wall/${convId}/stream`, conversation.newer)
  const own = useRef<HTMLElement>(null)
  useFollow(own, conversation.items.length)
  const [writing, setWriting] = useState<WritingKind | null>(null)
  const watched = useQuery(watchedQuery(convId))
  const waiting = watched.data?.stepIns.find(one => one.answeredAt === null)
  const mayAsk = watched.data !== undefined && !watched.data.concealed && waiting === undefined
  useKeys({
    n: () => setWriting('note'),
    ...(mayAsk ? { s: () => setWriting('stepin') } : {}),
  })
  const last = conversation.items.at(-1)?.key ?? card?.key
  return (
    <aside className="wall-watch" aria-label={t('wall.open')} ref={own}>
      <div className="wall-bar">
        <button type="button" className="btn wall-back" onClick={close}>
          <Icon name="back" /> {t('wall.close')}
        </button>
        {card?.alerts.map(alert => (
          <Link key={alert.id} className="small" to="/alerts" search={{ id: alert.id }} title={alert.title}>
            {t('wall.toAlert', { number: alert.number })}
          </Link>
        ))}
        <span className="grow" />
        <button type="button" className="btn" disabled={!last} onClick={() => setWriting('note')}>
          {t('wall.note')} <Kbd>N</Kbd>
        </button>
        <button
          type="button"
          className="btn"
          disabled={!last || !mayAsk}
          title={watched.data?.concealed ? t('wall.stepin.concealed') : undefined}
          onClick={() => setWriting('stepin')}
        >
          {t('wall.stepin')} <Kbd>S</Kbd>
        </button>
      </div>
      {conversation.head ? <ConversationHead head={conversation.head} steps={steps} keys={null} /> : null}
      <Transcript conversation={conversation} steps={steps} msgid={anchor.msgid} />
      {watched.error ? <ErrorNote what={t('wall.look.failed')} error={watched.error} /> : null}
      {writing && last ? (
        <Writing
          kind={writing}
          place={{ convId, sentAt: last.sentAt, msgid: last.msgid, alert: card?.alerts[0]?.id ?? null }}
          done={() => {
            setWriting(null)
            changed()
          }}
          leave={() => setWriting(null)}
        />
      ) : (
        <Kept convId={convId} concealed={watched.data?.concealed ?? false} />
      )}
      <Watermark name={me.name} />
    </aside>
  )
}

/** What was said last stays in sight while it goes on, unless the reader has gone back to older words. */
function useFollow(own: { current: HTMLElement | null }, count: number) {
  const before = useRef(0)
  useEffect(() => {
    const talk = own.current?.querySelector('.talk')
    if (!talk || count === 0) return
    const grown = before.current > 0 && count > before.current
    before.current = count
    const near = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 400
    if (grown && near) talk.scrollTop = talk.scrollHeight
  }, [own, count])
}

function Kept({ convId, concealed }: { convId: string; concealed: boolean }) {
  const data = useQuery(watchedQuery(convId)).data
  if (!data || (data.notes.length === 0 && data.stepIns.length === 0 && !concealed))
    return <div className="wall-kept tiny quiet">{t('wall.following')}</div>
  return (
    <div className="wall-kept small">
      {concealed ? <p className="quiet">{t('wall.stepin.concealed')}</p> : null}
      {data.stepIns.map(one => (
        <p key={one.id}>
          <b>
            {one.done === null
              ? t('wall.stepin.waiting', { by: one.askedBy })
              : t('wall.stepin.done', { by: one.answeredBy ?? '', done: one.done })}
          </b>{' '}
          <span className="quiet">
            {one.reason} · <Time at={one.answeredAt ?? one.askedAt} />
          </span>
        </p>
      ))}
      {data.notes.map(note => (
        <p key={note.id}>
          {note.note}{' '}
          <span className="quiet">
            {note.by} · <Time at={note.at} />
          </span>
        </p>
      ))}
    </div>
  )
}
