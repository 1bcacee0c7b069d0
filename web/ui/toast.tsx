import { useSyncExternalStore } from 'react'

const SHOWN_FOR = 4_000
let words: string | null = null
let timer: ReturnType<typeof setTimeout> | undefined
const listeners = new Set<() => void>()

function set(next: string | null): void {
  words = next
  for (const listener of listeners) listener()
}

/** Say briefly that something was done. Never for errors: those stay until read. */
export function toast(text: string): void {
  set(text)
  clearTimeout(timer)
  timer = setTimeout(() => set(null), SHOWN_FOR)
}

export function Toasts() {
  const text = useSyncExternalStore(
    changed => {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
    () => words,
  )
  return (
    <div className="toasts" role="status" aria-live="polite">
      {text === null ? null : <div className="toast">{text}</div>}
    </div>
  )
}
