import { useQuery } from '@tanstack/react-query'
import { memo, useState } from 'react'
import type { MessageView } from '../../../src/archive/contract.ts'
import { originalMessage } from '../../api/queries.ts'
import { maybe, t } from '../../i18n/index.ts'
import { Bubble } from '../../ui/bubble.tsx'
import { errorWords } from '../../ui/notes.tsx'
import { exactTime, hourMinute } from '../../ui/time-words.ts'
import { Content } from './content.tsx'
import type { Hit } from './hits.ts'
import { MessageRetention } from './message-retention.tsx'
import { Why } from './why.tsx'
import { Withheld } from './withheld.tsx'

type Props = {
  item: MessageView
  hits: Hit[]
  current: string | null
  sought: boolean
  side: 'me' | 'them'
  named: boolean
  choose: (id: string) => void
}

/** Things that happened to a conversation rather than were said in it. */
const EVENTS = new Set(['revoke', 'agree', 'disagree', 'switch'])

/** Long conversations re-render on every step; a message changes only with its own hits. */
export const Message = memo(function Message(props: Props) {
  const { item, hits, current } = props
  const [asked, setAsked] = useState(false)
  if (EVENTS.has(item.kind)) return <EventLine item={item} />
  return (
    <Bubble
      side={props.side}
      from={item.from}
      named={props.named}
      recalled={item.recalledAt !== null}
      sought={props.sought}
      card={item.absent === null && item.kind !== 'text' && item.kind !== 'markdown'}
      head={recalledWords(item)}
      meta={<Meta item={item} asked={asked} ask={() => setAsked(!asked)} />}
      below={
        <>
          {hits.length > 0 ? <Why {...props} /> : null}
          {asked ? <MessageRetention msgid={item.key.msgid} /> : null}
        </>
      }
    >
      {item.absent === null ? (
        <Content item={item} hits={hits} current={current} choose={props.choose} />
      ) : (
        <Absent {...props} />
      )}
    </Bubble>
  )
})

function recalledWords({ recalledAt, absent }: MessageView): string | null {
  if (recalledAt === null) return null
  return t(absent === 'recalled' ? 'absent.recalled' : 'talk.recalled', { time: hourMinute(recalledAt) })
}

/** Words that are not here, and why. A recalled message opens on request: that look is in the trail. */
function Absent(props: Props) {
  const { item } = props
  const [asked, ask] = useState(props.sought && item.absent === 'recalled')
  const query = useQuery({ ...originalMessage(item.key), enabled: asked })
  if (item.absent === 'refused')
    return (
      <p className="absent" title={t('absent.refusedWhy')}>
        {t('absent.refused')} <span className="small quiet">{t('absent.undetected')}</span>
      </p>
    )
  if (item.absent === 'restricted') return <Withheld item={item} />
  if (item.absent === 'purged') return <p className="absent">{t('absent.purged')}</p>
  if (query.data)
    return (
      <>
        <Content item={query.data} hits={props.hits} current={props.current} choose={props.choose} />
        <p className="tiny quiet">{t('original.recorded')}</p>
      </>
    )
  return (
    <p className="absent">
      <button type="button" className="link" disabled={query.isFetching} onClick={() => ask(true)}>
        {t('original.show')}
      </button>
      {query.error ? <span className="small">{errorWords(query.error)}</span> : null}
    </p>
  )
}

function Meta({ item, asked, ask }: { item: MessageView; asked: boolean; ask: () => void }) {
  const { ledgerIndex } = item
  return (
    <>
      <time dateTime={new Date(item.key.sentAt).toISOString()} title={exactTime(item.key.sentAt)}>
        {hourMinute(item.key.sentAt)}
      </time>
      {ledgerIndex === null ? (
        <span title={t('talk.unsealedWhy')}>{t('talk.unsealed')}</span>
      ) : (
        <a href={proofOf(item)} download={`proof-${ledgerIndex}.json`} title={t('proof.download')}>
          {t('talk.sealed', { n: ledgerIndex })}
        </a>
      )}
      <button type="button" className="link" aria-expanded={asked} onClick={ask}>
        {t('explain.open')}
      </button>
    </>
  )
}

function proofOf(item: MessageView): string {
  const { convId, sentAt, msgid } = item.key
  return `/api/conversations/${convId}/proof?${new URLSearchParams({ sentAt: String(sentAt), msgid })}`
}

function EventLine({ item }: { item: MessageView }) {
  const said = maybe(`event.${item.kind}`) ?? item.kind
  return (
    <div className="talk-line">
      <time dateTime={new Date(item.key.sentAt).toISOString()} title={exactTime(item.key.sentAt)}>
        {hourMinute(item.key.sentAt)}
      </time>{' '}
      {said.replace('{who}', item.from.name)}
    </div>
  )
}
