import type { MessageView } from '../../../src/archive/contract.ts'
import { t } from '../../i18n/index.ts'
import { Card } from './cards.tsx'
import { Derived, isRead } from './derived.tsx'
import { Marked, type Marks, Passages } from './marked.tsx'
import { FileCard, Picture, Video } from './media.tsx'
import { Quoted } from './quoted.tsx'
import { Entries, Record } from './record.tsx'
import { Voice } from './voice.tsx'
import './media.css'

type Props = Marks & { item: MessageView }

/** The inside of a bubble: the message by its kind, and under it what its pictures and files say. */
export function Content({ item, ...marks }: Props) {
  const own = { ...item, texts: item.texts.filter(text => !isRead(text)) }
  return (
    <>
      <Told item={item.kind === 'voice' ? item : own} {...marks} />
      <Derived
        item={item}
        hitParts={marks.hits.map(hit => hit.part)}
        marked={text => <Marked of={text} {...marks} />}
        passages={text => <Passages of={text} {...marks} />}
      />
    </>
  )
}

/** By kind. An unknown kind shows every text the message holds. */
function Told(props: Props) {
  const { item, ...marks } = props
  const { attachment } = item
  switch (item.kind) {
    case 'text':
    case 'markdown':
      return <Texts {...props} />
    case 'voice':
      return attachment ? (
        <Voice of={item.key} attachment={attachment} transcribed={item.texts.length > 0} />
      ) : (
        t('kind.voice')
      )
    case 'image':
    case 'emotion':
      return attachment ? (
        <Picture of={item.key} attachment={attachment}>
          {item.texts.length > 0 ? <Texts {...props} /> : null}
        </Picture>
      ) : (
        <Card {...props} />
      )
    case 'video':
      return attachment ? <Video of={item.key} attachment={attachment} /> : <Card {...props} />
    case 'file':
    case 'qydiskfile':
    case 'voip_doc_share':
      return <File {...props} />
    case 'mixed':
      return (
        <div className="mixed">
          <Entries items={item.inside} item={item} marks={marks} />
        </div>
      )
    case 'chatrecord':
      return <Record {...props} />
    default:
      return <Card {...props} />
  }
}

/** What is quoted stands apart, as it is judged apart; the message itself follows. */
function Texts({ item, ...marks }: Props) {
  return (
    <>
      {item.texts.map(text => {
        const from = text.part === 'body' ? (item.quote?.end ?? 0) : 0
        return (
          <div key={text.part}>
            {from > 0 ? <Quoted item={item} of={text} marks={marks} /> : null}
            <p>
              {text.label ? <span className="label">{text.label} </span> : null}
              <Marked of={text} {...marks} stretch={{ start: from, end: text.text.length }} />
            </p>
          </div>
        )
      })}
    </>
  )
}

function File({ item, ...marks }: Props) {
  const text = item.texts[0]
  const name = item.attachment?.name ?? text?.text ?? t('file.unnamed')
  return (
    <FileCard of={item.key} {...(item.attachment ? { attachment: item.attachment } : {})} name={name}>
      {text ? <Marked of={text} {...marks} /> : name}
    </FileCard>
  )
}
