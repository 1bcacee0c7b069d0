import { useState } from 'react'
import type { Conclusion } from '../../../src/cases/contract.ts'

type Draft = { conclusion: Conclusion | null; note: string }
const EMPTY: Draft = { conclusion: null, note: '' }

/** Unsent words survive a look at another alert. They stay in this tab's memory only: notes are content. */
const drafts = new Map<string, Draft>()

export type DraftOf = { draft: Draft; change: (part: Partial<Draft>) => void; forget: () => void }

export function useDraft(id: string): DraftOf {
  const [draft, setDraft] = useState(drafts.get(id) ?? EMPTY)
  return {
    draft,
    change: part => {
      const next = { ...draft, ...part }
      drafts.set(id, next)
      setDraft(next)
    },
    forget: () => drafts.delete(id),
  }
}
