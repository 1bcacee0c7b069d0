/**
 * Something that happened in this world and that WeCom would call back about (wecom-api.md §2.3).
 * `type` is Event, with its ChangeType behind a dot where it has one: `change_external_contact.add_external_contact`,
 * `change_external_chat.update`, `msgaudit_notify`. `fields` holds every other element in the order WeCom writes it:
 * text, numbers, `MemChangeList: ['wm…']`, `SelectedItems: [{QuestionKey, OptionIds: ['a']}]`, `BatchJob: {JobId, …}`.
 */
export type SimEvent = {
  type: string
  fields: Record<string, unknown>
  /** Milliseconds of this world's clock; CreateTime is its second. */
  at: number
  /** FromUserName: `sys` unless a person clicked. */
  from?: string
  /** The application the callback belongs to; left out where WeCom leaves it out. */
  agentId?: number
}

export type EventHub = {
  /** Returns what stops the listening. */
  on(listener: (event: SimEvent) => void): () => void
  tell(event: SimEvent): void
  /** The newest last. */
  latest(count: number): SimEvent[]
  count(): number
}

/** Enough for the page; a live world must not grow by every event it has had. */
const KEPT = 500

export function createEvents(): EventHub {
  const listeners = new Set<(event: SimEvent) => void>()
  const kept: SimEvent[] = []
  let told = 0
  return {
    on: listener => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    tell: event => {
      told++
      kept.push(event)
      if (kept.length > KEPT) kept.shift()
      for (const listener of listeners) listener(event)
    },
    latest: count => kept.slice(-count),
    count: () => told,
  }
}
