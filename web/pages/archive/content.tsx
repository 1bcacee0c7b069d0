import type { MessageView, TextPart } from '../../../src/archive/contract.ts'
import { t } from '../../i18n/index.ts'
import { Highlight } from '../../ui/highlight.tsx'
import { Icon, type IconName } from '../../ui/icons.tsx'
import type { Span } from '../../ui/spans.ts'
import { AttachmentLine, FileCard, Picture, Voice } from './attachments.tsx'
import { Derived, isRead } from './derived.tsx'
import type { Hit } from './hits.ts'
import { kindWord } from './kinds.ts'

type Props = { item: MessageView; hits: Hit[]; current: string | null }

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

/** The inside of a bubble: the message by its kind, and under it what its pictures and files say. */
export function Content({ item, hits, current }: Props) {
  const own = { ...item, texts: item.texts.filter(text => !isRead(text)) }
  return (
    <>
      <Told item={item.kind === 'voice' ? item : own} hits={hits} current={current} />
      <Derived
        item={item}
        hitParts={hits.map(hit => hit.part)}
        marked={text => <Marked of={text} hits={hits} current={current} />}
      />
    </>
  )
}

/** By kind. An unknown kind shows every text the message holds. */
function Told(props: Props) {
  const { item } = props
  switch (item.kind) {
    case 'text':
    case 'markdown':
      return <Texts {...props} />
    case 'voice':
      return <Voice item={item} />
    case 'image':
    case 'emotion':
    case 'video':
      return <Picture item={item}>{item.texts.length > 0 ? <Texts {...props} /> : null}</Picture>
    case 'file':
    case 'qydiskfile':
    case 'voip_doc_share':
      return <FileCard item={item}>{nameOf(props)}</FileCard>
    case 'mixed':
      return <Mixed {...props} />
    case 'chatrecord':
      return <Record {...props} />
    default:
      return <Card {...props} />
  }
}

function reasonOf(hits: Hit[]) {
  return (ids: string[]) =>
    hits
      .filter(hit => ids.includes(hit.id))
      .map(hit => `${hit.severity} ${hit.ruleName}（${hit.rule}）`)
      .join('\n')
}

function spansOf(part: string, hits: Hit[]): Span[] {
  // Quoted words are marked faintly: they explain, and never alert.
  return hits
    .filter(hit => hit.part === part)
    .map(hit => (hit.quoted ? { ...hit, severity: 'P3' as const } : hit))
}

function Marked({ of, hits, current }: { of: TextPart; hits: Hit[]; current: string | null }) {
  return <Highlight text={of.text} spans={spansOf(of.part, hits)} current={current} reason={reasonOf(hits)} />
}

/** The message itself first; a quoted message stands apart, as it is judged apart. */
function Texts({ item, hits, current }: Props) {
  return (
    <>
      {item.texts.map(text => (
        <p key={text.part} className={text.part.startsWith('quote') ? 'quoted' : undefined}>
          {text.label && !text.part.startsWith('quote') ? <span className="label">{text.label} </span> : null}
          <Marked of={text} hits={hits} current={current} />
        </p>
      ))}
    </>
  )
}

function nameOf({ item, hits, current }: Props) {
  const name = item.texts[0]
  return name ? (
    <Marked of={name} hits={hits} current={current} />
  ) : (
    (item.attachment?.name ?? t('file.unnamed'))
  )
}

function Mixed({ item, hits, current }: Props) {
  return (
    <div className="mixed">
      {item.texts.map(text => (
        <p key={text.part}>
          <Marked of={text} hits={hits} current={current} />
        </p>
      ))}
      {item.attachment ? <AttachmentLine item={item} icon="image" /> : null}
    </div>
  )
}

/** A merged forward that opens in place; open at once when something in it was hit. */
function Record({ item, hits, current }: Props) {
  const title = item.texts.find(text => text.part === 'title')
  const lines = item.texts.filter(text => text !== title)
  return (
    <details className="record" open={hits.some(hit => hit.part !== 'title')}>
      <summary className="folds">
        <Icon name="chats" />
        <b>{title ? <Marked of={title} hits={hits} current={current} /> : t('kind.chatrecord')}</b>
        <span className="quiet">{t('talk.forwarded', { n: lines.length })}</span>
      </summary>
      {lines.map(line => (
        <p key={line.part} className="record-said">
          <Marked of={line} hits={hits} current={current} />
        </p>
      ))}
    </details>
  )
}

/** Titles, descriptions and facts under an icon and the name of the kind. */
function Card({ item, hits, current }: Props) {
  return (
    <div className="content-card">
      <div className="content-kind">
        <Icon name={ICONS[item.kind] ?? 'file'} />
        {kindWord(item.kind)}
      </div>
      {item.texts.map((text, index) => (
        <p key={text.part} className={index === 0 ? 'lead' : 'quiet'}>
          <Marked of={text} hits={hits} current={current} />
        </p>
      ))}
      {item.facts.length > 0 ? (
        <dl className="content-facts">
          {item.facts.map(fact => (
            <div key={fact.label}>
              <dt>{fact.label}</dt>
              <dd>{fact.value}</dd>
            </div>
          ))}
        </dl>
      ) : null}
      {item.attachment ? <AttachmentLine item={item} icon="file" /> : null}
    </div>
  )
}
