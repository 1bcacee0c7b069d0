import type { InfiniteData } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import type { AlertDetail, AlertRow } from '../../src/cases/contract.ts'
import { type AlertFilter, insertAlert, isMine, moveCount, moveMine, patchAlert } from './alert-cache.ts'
import { COUNTS_KEY, meQuery, queries } from './queries.ts'
import type { AlertCounts, AlertPage, DecisionEvent } from './types.ts'

export type Live = { state: 'connecting' | 'live' | 'down'; asOf: number | null }

const FIRST_WAIT = 1_000
const LONGEST_WAIT = 30_000
/** A new row is tinted for two seconds; its mark may go a little later. */
const FRESH_FOR = 3_000

let live: Live = { state: 'connecting', asOf: null }
const listeners = new Set<() => void>()
const fresh = new Set<string>()

function become(next: Live): void {
  live = next
  for (const listener of listeners) listener()
}

export function useLive(): Live {
  return useSyncExternalStore(
    changed => {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
    () => live,
  )
}

export const isFresh = (id: string): boolean => fresh.has(id)

type Cached = InfiniteData<AlertPage, string>
const lists = () => queries.getQueriesData<Cached>({ queryKey: ['alerts'] })

function knownRow(id: string): AlertRow | null {
  for (const [, data] of lists())
    for (const page of data?.pages ?? []) for (const row of page.items) if (row.id === id) return row
  return null
}

function everyList(change: (pages: AlertPage[], filter: AlertFilter) => AlertPage[]): void {
  for (const [key, data] of lists()) {
    if (!data) continue
    const pages = change(data.pages, key[1] as AlertFilter)
    if (pages !== data.pages) queries.setQueryData<Cached>(key, { ...data, pages })
  }
}

const myself = (): string | undefined => queries.getQueryData(meQuery.queryKey)?.username

function countMove(row: AlertRow, before: AlertRow | null): void {
  queries.setQueryData<AlertCounts>(
    COUNTS_KEY,
    counts => counts && moveMine(moveCount(counts, row, before?.state ?? null), before, row, myself()),
  )
}

const counted = new Set<string>()

function alertArrived(row: AlertRow): void {
  const before = knownRow(row.id)
  if (before === null && !counted.has(row.id)) {
    counted.add(row.id)
    fresh.add(row.id)
    setTimeout(() => fresh.delete(row.id), FRESH_FOR)
    countMove(row, null)
  } else if (before) countMove(row, before)
  everyList((pages, filter) => insertAlert(pages, row, filter, myself()))
  become({ state: 'live', asOf: Date.now() })
}

/** A move, of ours or of a colleague: rows change in place, the lists it now belongs to are read again. */
export function alertMoved({ id, state, assignee, moves }: DecisionEvent): void {
  const before = knownRow(id)
  if (before && before.moves >= moves) return
  if (before) countMove({ ...before, state, assignee }, before)
  else queries.invalidateQueries({ queryKey: COUNTS_KEY })
  everyList(pages => patchAlert(pages, id, row => ({ ...row, state, assignee, moves })))
  const mine = isMine({ state, assignee }, myself())
  queries.invalidateQueries({
    predicate: ({ queryKey: [kind, filter] }) => {
      const of = (filter as AlertFilter | undefined)?.state
      return kind === 'alerts' && before?.state !== state && (of === state || (of === 'mine' && mine))
    },
  })
  const known = queries.getQueryData<AlertDetail>(['alert', id])
  if (known && known.alert.moves < moves) queries.invalidateQueries({ queryKey: ['alert', id], exact: true })
}

function refetchAll(): void {
  counted.clear()
  queries.invalidateQueries({ queryKey: ['alerts'] })
  queries.invalidateQueries({ queryKey: COUNTS_KEY })
}

const jitter = (ms: number): number => ms * (0.75 + Math.random() / 2)

/** Listen until the returned function is called. After a break the lists are read again: events may be lost. */
export function listen(): () => void {
  let source: EventSource | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let wait = FIRST_WAIT
  let broken = false

  const open = () => {
    source = new EventSource('/api/alerts/stream')
    source.addEventListener('open', () => {
      wait = FIRST_WAIT
      if (broken) refetchAll()
      broken = false
      become({ state: 'live', asOf: Date.now() })
    })
    source.addEventListener('alert', event => alertArrived(JSON.parse(event.data) as AlertRow))
    source.addEventListener('decision', event => alertMoved(JSON.parse(event.data) as DecisionEvent))
    source.addEventListener('error', () => {
      source?.close()
      if (!broken) become({ state: 'down', asOf: Date.now() })
      broken = true
      // The line may be refused because the session ended: asking who we are tells, and leads to the sign-in page.
      queries.invalidateQueries({ queryKey: ['me'] })
      timer = setTimeout(open, jitter(wait))
      wait = Math.min(wait * 2, LONGEST_WAIT)
    })
  }
  const hurry = () => {
    if (!broken) return
    clearTimeout(timer)
    wait = FIRST_WAIT
    open()
  }
  open()
  addEventListener('online', hurry)
  return () => {
    removeEventListener('online', hurry)
    clearTimeout(timer)
    source?.close()
    become({ state: 'connecting', asOf: null })
  }
}
