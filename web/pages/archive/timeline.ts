import type { MessageView } from '../../../src/archive/contract.ts'
import type { TalkEvent } from '../../../src/contacts/contract.ts'
import { dayOf } from '../../ui/time-words.ts'

export type Entry =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'event'; key: string; event: TalkEvent }
  | { kind: 'message'; key: string; item: MessageView }
  /** many happenings with nothing said between them */
  | { kind: 'fold'; key: string; events: number; entries: Entry[] }

/**
 * Messages and what happened between them, in one order, a line before each new day. What happened in the same instant as
 * a message stands before it. Both lists come in order; an event that two answers brought is there once.
 */
export function timelineOf(items: readonly MessageView[], events: readonly TalkEvent[]): Entry[] {
  const once = [...new Map(events.map(event => [event.id, event])).values()].toSorted((a, b) => a.at - b.at)
  const entries: Entry[] = []
  let day = ''
  const push = (at: number, entry: Entry) => {
    const here = dayOf(at)
    if (here !== day) entries.push({ kind: 'day', key: `day ${here} ${entry.key}`, at })
    day = here
    entries.push(entry)
  }
  let next = 0
  const eventsUntil = (at: number) => {
    for (let event = once[next]; event && event.at <= at; event = once[next]) {
      push(event.at, { kind: 'event', key: `event ${event.id}`, event })
      next += 1
    }
  }
  for (const item of items) {
    eventsUntil(item.key.sentAt)
    push(item.key.sentAt, { kind: 'message', key: item.key.msgid, item })
  }
  eventsUntil(Number.POSITIVE_INFINITY)
  return foldRuns(entries)
}

/** So many happenings in a row are folded up to the last few: a group's history must not hide its talk. */
const LONG_RUN = 8
const LEFT_OPEN = 3

function foldRuns(entries: Entry[]): Entry[] {
  const out: Entry[] = []
  let run: Entry[] = []
  const close = () => {
    const events = run.flatMap((entry, index) => (entry.kind === 'event' ? [index] : []))
    const first = events.at(-LEFT_OPEN) ?? 0
    // The day line of what stays open stays with it.
    const cut = run[first - 1]?.kind === 'day' ? first - 1 : first
    const hidden = events.length - LEFT_OPEN
    if (events.length > LONG_RUN)
      out.push(
        { kind: 'fold', key: `fold ${run[0]?.key}`, events: hidden, entries: run.slice(0, cut) },
        ...run.slice(cut),
      )
    else out.push(...run)
    run = []
  }
  for (const entry of entries) {
    if (entry.kind === 'message') {
      // A day line right before a message belongs to the message.
      const day = run.at(-1)?.kind === 'day' ? run.splice(-1) : []
      close()
      out.push(...day, entry)
    } else run.push(entry)
  }
  close()
  return out
}
