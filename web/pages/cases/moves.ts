import {
  type AlertDetail,
  type AlertRow,
  CONCLUSIONS,
  type Conclusion,
  REVIEW_MOVES,
  type ReviewMove,
  type ReviewState,
  TAGS,
} from '../../../src/cases/contract.ts'
import { t } from '../../i18n/index.ts'
import type { Draft } from './use-draft.ts'

/** The keys, as they stand on the buttons. */
export const KEY_OF: Record<ReviewMove, string> = {
  violation: 'C',
  false_positive: 'F',
  watch: 'W',
  claim: 'T',
  escalate: 'U',
  assign: 'A',
  return: 'R',
  reopen: 'O',
  release: 'Q',
}
const SHORTEST_NOTE = 2

export const isConclusion = (move: ReviewMove | null): move is Conclusion =>
  (CONCLUSIONS as readonly (string | null)[]).includes(move)

/** Made at once: it needs no words and is undone as easily. */
export const isAtOnce = (move: ReviewMove): boolean => move === 'claim' || move === 'release'

/** The deadline that runs now: accepted, first decided, concluded. Null once it is settled. */
export function runningDeadline(row: AlertRow): { at: number; word: 'accept' | 'first' | 'close' } | null {
  if (row.state === 'violation' || row.state === 'false_positive') return null
  if (row.state === 'watch' || row.state === 'escalated') return { at: row.closeDueAt, word: 'close' }
  if (row.acceptDueAt !== null && row.acceptedAt === null) return { at: row.acceptDueAt, word: 'accept' }
  return { at: row.dueAt, word: 'first' }
}

/** What still lacks before the draft may be sent, in words; null when nothing does. */
export function lacksOf(draft: Draft): string | null {
  const { move, note, tags, to } = draft
  if (move === null) return t('decision.noConclusion')
  if (move === 'assign' && to === '') return t('move.noTo')
  const length = note.trim().length
  if (REVIEW_MOVES[move].note && length < SHORTEST_NOTE) return t('decision.noNote')
  const need = isConclusion(move) ? Math.max(0, ...tags.map(tag => TAGS[tag])) : 0
  return length < need ? t('decision.noTagNote', { n: need }) : null
}

/** Of the near-duplicates those that the same conclusion may settle; the server decides again. */
export function settledTogether(
  near: AlertRow[],
  conclusion: Conclusion,
  me: { name: string; leads: boolean },
): AlertRow[] {
  const to: Partial<Record<ReviewState, ReviewState>> = REVIEW_MOVES[conclusion].to
  return near.filter(
    row =>
      to[row.state] !== undefined &&
      row.conflict === null &&
      !row.concealed &&
      (me.leads || (row.level === 1 && (row.assignee === null || row.assignee === me.name))),
  )
}

/** What this reader may do now, and why not the rest. */
export const canOf = (detail: AlertDetail): Map<ReviewMove, string | null> =>
  new Map(detail.can.map(({ move, refused }) => [move, refused]))
