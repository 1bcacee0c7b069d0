import type { Attachment, InsideView, MessageView, TextPart } from '../../../src/archive/contract.ts'
import { t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { exactTime } from '../../ui/time-words.ts'
import { kindWord } from './kinds.ts'
import { Marked, type Marks } from './marked.tsx'
import { FileCard, Picture, Video } from './media.tsx'
import { Voice } from './voice.tsx'

type Props = Marks & { item: MessageView }

/** A merged forward that opens in place, records within records too; open at once when something in it was hit. */
export function Record({ item, ...marks }: Props) {
  const title = item.texts.find(text => text.part === 'title')
  return (
    <details className="record" open={marks.hits.some(hit => hit.part !== 'title')}>
      <summary className="folds">
        <Icon name="chats" />
        <b>{title ? <Marked of={title} {...marks} /> : t('kind.chatrecord')}</b>
        <span className="quiet">{t('record.entries', { n: item.inside.length })}</span>
      </summary>
      {item.inside.length === 0 ? <p className="quiet small">{t('record.empty')}</p> : null}
      <Entries items={item.inside} item={item} marks={marks} />
    </details>
  )
}

export function Entries({ items, item, marks }: { items: InsideView[]; item: MessageView; marks: Marks }) {
  return items.map(entry => (
    <div key={entry.part} className="record-said">
      {entry.at === null ? null : (
        <time className="tiny quiet" dateTime={new Date(entry.at).toISOString()}>
          {exactTime(entry.at)}
        </time>
      )}
      <Entry entry={entry} item={item} marks={marks} />
    </div>
  ))
}

function Entry({ entry, item, marks }: { entry: InsideView; item: MessageView; marks: Marks }) {
  if (entry.items.length > 0) return <Nested entry={entry} item={item} marks={marks} />
  const texts = textsOf(entry, item)
  const attachment = item.attachments.find(one => one.part === entry.part)
  return (
    <>
      {attachment ? <EntryMedia entry={entry} item={item} attachment={attachment} /> : null}
      {attachment && entry.kind === 'file'
        ? null
        : texts.map((text, index) => (
            <p key={text.part} className={index > 0 ? 'quiet' : undefined}>
              <Marked of={text} {...marks} />
            </p>
          ))}
      {!attachment && texts.length === 0 ? <p className="quiet">［{kindWord(entry.kind)}］</p> : null}
      {entry.facts.map(fact => (
        <p key={fact.label} className="quiet small">
          {fact.label} {fact.value}
        </p>
      ))}
    </>
  )
}

function Nested({ entry, item, marks }: { entry: InsideView; item: MessageView; marks: Marks }) {
  const hit = marks.hits.some(one => one.part.startsWith(`${entry.part}.`))
  return (
    <details className="record nested" open={hit}>
      <summary className="folds">
        <Icon name="chats" />
        <b>{entry.title ?? t('record.nested')}</b>
        <span className="quiet">{t('record.entries', { n: entry.items.length })}</span>
      </summary>
      <Entries items={entry.items} item={item} marks={marks} />
    </details>
  )
}

function EntryMedia({
  entry,
  item,
  attachment,
}: {
  entry: InsideView
  item: MessageView
  attachment: Attachment
}) {
  const of = item.key
  switch (entry.kind) {
    case 'image':
    case 'emotion':
      return <Picture of={of} attachment={attachment} />
    case 'video':
      return <Video of={of} attachment={attachment} />
    case 'voice':
      return <Voice of={of} attachment={attachment} transcribed={false} />
    default: {
      const name = attachment.name ?? t('file.unnamed')
      return (
        <FileCard of={of} attachment={attachment} name={name}>
          {name}
        </FileCard>
      )
    }
  }
}

/** Texts of this entry, and of none within it. */
function textsOf(entry: InsideView, item: MessageView): TextPart[] {
  return item.texts.filter(
    text =>
      text.part === entry.part ||
      (text.part.startsWith(`${entry.part}.`) && !/^\d/.test(text.part.slice(entry.part.length + 1))),
  )
}
