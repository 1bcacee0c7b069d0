import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from 'react'
import type { MessageView } from '../../../src/archive/contract.ts'
import { t } from '../../i18n/index.ts'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { useNow } from '../../ui/time.tsx'
import { dayOf, daySeparator } from '../../ui/time-words.ts'
import { EventLine } from './event-line.tsx'
import type { Hit } from './hits.ts'
import { Message } from './message.tsx'
import { type Entry, timelineOf } from './timeline.ts'
import type { HitSteps } from './use-hit-steps.ts'
import type { Conversation } from './use-transcript.ts'
import './transcript.css'

type Props = {
  conversation: Conversation
  steps: HitSteps
  /** the message the reader came for */
  msgid?: string | undefined
  /** to a message that may not be loaded */
  go?: (msgid: string, at: number) => void
}

const NONE: Hit[] = []

export function Transcript({ conversation, steps, msgid, go }: Props) {
  const { items, events, hits } = conversation
  const entries = useMemo(() => timelineOf(items, events), [items, events])
  const box = useKeptScroll(items, hits, msgid, steps.current)
  const byMessage = useMemo(() => Map.groupBy(hits, hit => hit.msgid), [hits])
  const sideOf = sides(conversation, msgid)
  const named = conversation.head?.kind === 'group'
  if (conversation.loading) return <Skeleton rows={7} kind="bubble" />
  if (conversation.error && items.length === 0)
    return <ErrorNote what={t('talk.failed')} error={conversation.error} again={conversation.again} />
  return (
    <section className="talk" ref={box} aria-label={t('talk.label')}>
      {items.length === 0 && !conversation.older ? null : <Older conversation={conversation} box={box} />}
      {entries.map(entry => {
        if (entry.kind !== 'message') return <Between key={entry.key} entry={entry} go={go ?? scrollTo} />
        const { item } = entry
        const own = byMessage.get(item.key.msgid) ?? NONE
        const current = own.some(hit => hit.id === steps.current) ? steps.current : null
        return (
          <div key={entry.key} data-msgid={item.key.msgid} className="talk-row">
            <Message
              item={item}
              hits={own}
              current={current}
              sought={item.key.msgid === msgid}
              side={sideOf(item)}
              named={named}
              choose={steps.choose}
            />
          </div>
        )
      })}
      {items.length === 0 ? (
        <Empty title={t(conversation.head?.moment ? 'moment.before' : 'talk.none')}>
          {t('talk.noneHow')}
        </Empty>
      ) : null}
      <Newer conversation={conversation} box={box} />
    </section>
  )
}

type BetweenProps = { entry: Entry; go: (msgid: string, at: number) => void }

/** What stands between messages: a new day, a happening, or a run of them that opens. */
function Between({ entry, go }: BetweenProps) {
  const now = useNow()
  if (entry.kind === 'day')
    return (
      <div className="talk-line day" data-day={dayOf(entry.at)}>
        <span>{daySeparator(entry.at, now)}</span>
      </div>
    )
  if (entry.kind === 'event') return <EventLine event={entry.event} go={go} />
  if (entry.kind === 'message') return null
  return (
    <details className="talk-fold">
      <summary className="folds">{t('happen.fold', { n: entry.events })} </summary>
      {entry.entries.map(one => (
        <Between key={one.key} entry={one} go={go} />
      ))}
    </details>
  )
}

function scrollTo(msgid: string): void {
  document.querySelector(`.talk-row[data-msgid="${CSS.escape(msgid)}"]`)?.scrollIntoView({ block: 'center' })
}

/** Staff stand on the right, as in WeCom. Among staff alone, the one the reader came for stands there. */
function sides({ head, items }: Conversation, msgid: string | undefined) {
  const outside = head?.parties.some(party => party.kind !== 'staff') ?? true
  const first = items.find(item => item.key.msgid === msgid) ?? items[0]
  return (item: MessageView): 'me' | 'them' => {
    const mine = outside ? item.from.kind === 'staff' : item.from.id === first?.from.id
    return mine ? 'me' : 'them'
  }
}

type Box = { current: HTMLElement | null }

/**
 * Opens on the sought message, keeps what is being read in place when older messages or explanations come in
 * above it, and moves to the chosen hit.
 */
function useKeptScroll(items: MessageView[], hits: Hit[], msgid: string | undefined, current: string | null) {
  const box = useRef<HTMLElement>(null)
  const kept = useRef<{ row: HTMLElement; above: number } | null>(null)
  const opened = useRef(false)

  const remember = useCallback(() => {
    const element = box.current
    const rows = element?.querySelectorAll<HTMLElement>('.talk-row') ?? []
    if (!element) return
    const seen = [...rows].filter(
      found =>
        found.offsetTop + found.offsetHeight > element.scrollTop &&
        found.offsetTop < element.scrollTop + element.clientHeight,
    )
    // What the reader came for stays where it is; otherwise the first line in sight does.
    const row = seen.find(found => found.dataset.msgid === msgid) ?? seen[0]
    kept.current = row ? { row, above: row.offsetTop - element.scrollTop } : null
  }, [msgid])

  // biome-ignore lint/correctness/useExhaustiveDependencies: both change the heights above the reader
  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const at = kept.current
    if (opened.current && at?.row.isConnected) element.scrollTop = at.row.offsetTop - at.above
    if (!opened.current && items.length > 0) {
      opened.current = true
      rowOf(element, msgid)?.scrollIntoView({ block: 'center' })
    }
    remember()
    element.addEventListener('scroll', remember, { passive: true })
    return () => element.removeEventListener('scroll', remember)
  }, [items, hits, msgid, remember])

  useEffect(() => {
    if (!current) return
    const mark = box.current?.querySelector(`mark[data-hits~="${current}"]`)
    mark?.scrollIntoView({ block: 'center', behavior: 'instant' })
  }, [current])

  return box
}

function rowOf(box: HTMLElement, msgid: string | undefined): HTMLElement | undefined {
  const rows = [...box.querySelectorAll<HTMLElement>('.talk-row')]
  return rows.find(row => row.dataset.msgid === msgid) ?? rows.at(-1)
}

/** Calls `reached` whenever the end of the list comes within a screen of the view. */
function useReached(box: Box, reached: (() => void) | null) {
  const end = useRef<HTMLDivElement>(null)
  const act = useRef(reached)
  act.current = reached
  const ready = reached !== null
  useEffect(() => {
    if (!end.current || !ready) return
    const watch = new IntersectionObserver(
      entries => {
        if (entries.some(entry => entry.isIntersecting)) act.current?.()
      },
      { root: box.current, rootMargin: '200px 0px' },
    )
    watch.observe(end.current)
    return () => watch.disconnect()
  }, [box, ready])
  return end
}

function Older({ conversation, box }: { conversation: Conversation; box: Box }) {
  const end = useReached(box, conversation.loadingOlder ? null : conversation.older)
  return (
    <div className="talk-line" ref={end}>
      {t(conversation.older ? (conversation.loadingOlder ? 'loading' : 'talk.older') : 'talk.beginning')}
    </div>
  )
}

function Newer({ conversation, box }: { conversation: Conversation; box: Box }) {
  const auto = conversation.hasNewer && !conversation.loadingNewer
  const end = useReached(box, auto ? conversation.newer : null)
  return (
    <div className="talk-line" ref={end}>
      {conversation.loadingNewer ? (
        t('loading')
      ) : conversation.hasNewer || conversation.head?.moment ? null : (
        <button type="button" className="link" onClick={conversation.newer}>
          {t('talk.end')}
        </button>
      )}
    </div>
  )
}
