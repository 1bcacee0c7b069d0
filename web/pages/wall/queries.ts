import { queryOptions } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useState } from 'react'
import type { StepInView, WallConversation, WallPage } from '../../../src/cases/contract.ts'
import { get } from '../../api/client.ts'

export const wallQuery = queryOptions({
  queryKey: ['wall'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: ({ signal }) => get<WallPage>('/api/wall', {}, signal),
})

export const watchedQuery = (convId: string) =>
  queryOptions({
    queryKey: ['watched', convId] as const,
    queryFn: ({ signal }) => get<WallConversation>(`/api/wall/${convId}`, {}, signal),
  })

export const stepInsQuery = queryOptions({
  queryKey: ['stepins'],
  refetchInterval: 15_000,
  queryFn: ({ signal }) => get<{ items: StepInView[] }>('/api/stepins', {}, signal),
})

const AGAIN_MS = 3000
/** Happenings of one moment are one change. */
const GATHER_MS = 400

/** Listens while the page is open, and asks again after each break. False while the line is down. */
export function useChanges(url: string, changed: () => void): boolean {
  const [live, setLive] = useState(true)
  const tell = useEffectEvent(changed)
  useEffect(() => {
    let source: EventSource | undefined
    let again: ReturnType<typeof setTimeout> | undefined
    let gathered: ReturnType<typeof setTimeout> | undefined
    const soon = () => {
      gathered ??= setTimeout(() => {
        gathered = undefined
        tell()
      }, GATHER_MS)
    }
    const open = () => {
      source = new EventSource(url)
      source.addEventListener('open', () => {
        setLive(true)
        soon()
      })
      source.addEventListener('changed', soon)
      source.addEventListener('error', () => {
        source?.close()
        setLive(false)
        again = setTimeout(open, AGAIN_MS)
      })
    }
    open()
    return () => {
      source?.close()
      clearTimeout(again)
      clearTimeout(gathered)
    }
  }, [url])
  return live
}
