import { memo } from 'react'
import type { MessageView } from '../../../src/archive/contract.ts'
import { maybe, t } from '../../i18n/index.ts'
import { Bubble } from '../../ui/bubble.tsx'
import { exactTime, hourMinute } from '../../ui/time-words.ts'
import { Content } from './content.tsx'
import type { Hit } from './hits.ts'
import { Why } from './why.tsx'

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
  if (EVENTS.has(item.kind)) return <EventLine item={item} />
  return (
    <Bubble
      side={props.side}
      from={item.from}
      named={props.named}
      recalled={item.recalledAt !== null}
      sought={props.sought}
      card={item.kind !== 'text' && item.kind !== 'markdown'}
      head={item.recalledAt === null ? null : t('talk.recalled', { time: hourMinute(item.recalledAt) })}
      meta={<Meta item={item} />}
      below={hits.length > 0 ? <Why {...props} /> : null}
    >
      <Content item={item} hits={hits} current={current} />
    </Bubble>
  )
})

function Meta({ item }: { item: MessageView }) {
  const { ledgerIndex } = item
  return (
    <>
      <time dateTime={new Date(item.key.sentAt).toISOString()} title={exactTime(item.key.sentAt)}>
        {hourMinute(item.key.sentAt)}
      </time>
      <span title={t(ledgerIndex === null ? 'talk.unsealedWhy' : 'talk.sealedWhy')}>
        {ledgerIndex === null ? t('talk.unsealed') : t('talk.sealed', { n: ledgerIndex })}
      </span>
    </>
  )
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
