import type { Fact, MessageView, TextPart } from '../../../src/archive/contract.ts'
import { t } from '../../i18n/index.ts'
import { Icon, type IconName } from '../../ui/icons.tsx'
import { useNow } from '../../ui/time.tsx'
import { fullTime } from '../../ui/time-words.ts'
import { kindWord } from './kinds.ts'
import { Marked, type Marks } from './marked.tsx'
import { FileCard } from './media.tsx'
import { Voice } from './voice.tsx'

type Props = Marks & { item: MessageView }

const ICONS: Record<string, IconName> = {
  link: 'link',
  news: 'link',
  weapp: 'app',
  sphfeed: 'video',
  docmsg: 'file',
  location: 'pin',
  card: 'person',
  redpacket: 'packet',
  external_redpacket: 'packet',
  meeting: 'calendar',
  calendar: 'calendar',
  voiptext: 'phone',
  meeting_voice_call: 'phone',
  todo: 'list',
  vote: 'list',
  collect: 'list',
}
/** Parts that are addresses: shown, never followed from here. */
const ADDRESS = /(^|\.)(link_url|url)$/

/** As WeCom shows them: title, what it says, facts, and the name of the kind at the foot. */
export function Card({ item, ...marks }: Props) {
  if (item.kind === 'redpacket' || item.kind === 'external_redpacket')
    return <Packet item={item} {...marks} />
  const options = item.texts.filter(text => text.part.startsWith('option.') || text.part.startsWith('ques.'))
  const words = item.texts.filter(text => !options.includes(text))
  return (
    <div className="content-card">
      <div className="content-top">
        <div className="content-words">
          {words.map((text, index) => (
            <Line key={text.part} text={text} lead={index === 0} marks={marks} />
          ))}
        </div>
        <span className="content-sign">
          <Icon name={ICONS[item.kind] ?? 'file'} size={20} />
        </span>
      </div>
      {options.length > 0 ? (
        <ol className="content-options">
          {options.map(text => (
            <li key={text.part}>
              <Marked of={text} {...marks} />
            </li>
          ))}
        </ol>
      ) : null}
      <Facts facts={item.facts} />
      {item.attachment && item.kind === 'meeting_voice_call' ? (
        <Voice of={item.key} attachment={item.attachment} transcribed={false} />
      ) : item.attachment ? (
        <FileCard of={item.key} attachment={item.attachment} name={item.attachment.name ?? ''}>
          {item.attachment.name ?? t('file.unnamed')}
        </FileCard>
      ) : null}
      <div className="content-kind">{kindWord(item.kind)}</div>
    </div>
  )
}

function Line({ text, lead, marks }: { text: TextPart; lead: boolean; marks: Marks }) {
  if (ADDRESS.test(text.part))
    return (
      <p className="mono quiet" title={t('card.openLink')}>
        <Marked of={text} {...marks} />
      </p>
    )
  return (
    <p className={lead ? 'lead' : 'quiet'}>
      <Marked of={text} {...marks} />
    </p>
  )
}

function Packet({ item, ...marks }: Props) {
  return (
    <div className="content-card is-packet">
      <div className="content-top">
        <span className="content-sign">
          <Icon name="packet" size={22} />
        </span>
        <div className="content-words">
          {item.texts.map(text => (
            <p key={text.part} className="lead">
              <Marked of={text} {...marks} />
            </p>
          ))}
        </div>
      </div>
      <Facts facts={item.facts} />
      <div className="content-kind">{kindWord(item.kind)}</div>
    </div>
  )
}

function Facts({ facts }: { facts: Fact[] }) {
  const now = useNow()
  if (facts.length === 0) return null
  return (
    <dl className="content-facts">
      {facts.map(fact => (
        <div key={fact.label}>
          <dt>{fact.label}</dt>
          <dd>{fact.at === undefined ? fact.value : fullTime(fact.at, now)}</dd>
        </div>
      ))}
    </dl>
  )
}
