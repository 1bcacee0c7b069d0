import { useState } from 'react'
import type { ReviewMove, Tag } from '../../../src/cases/contract.ts'

/** What is about to be done and not sent yet. */
export type Draft = { move: ReviewMove | null; note: string; tags: Tag[]; to: string; together: boolean }
const EMPTY: Draft = { move: null, note: '', tags: [], to: '', together: false }

/** Unsent words survive a look at another alert. They stay in this tab's memory only: notes are content. */
const drafts = new Map<string, Draft>()

export type DraftOf = { draft: Draft; change: (part: Partial<Draft>) => void; forget: () => void }

/** `begin`: the move to start with where nothing was begun. */
export function useDraft(id: string, begin: ReviewMove | null = null): DraftOf {
  const [draft, setDraft] = useState(drafts.get(id) ?? { ...EMPTY, move: begin })
  return {
    draft,
    change: part => {
      const next = { ...draft, ...part }
      drafts.set(id, next)
      setDraft(next)
    },
    forget: () => {
      drafts.delete(id)
      setDraft(EMPTY)
    },
  }
}
