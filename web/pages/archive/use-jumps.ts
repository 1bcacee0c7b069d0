import { get } from '../../api/client.ts'
import type { Place } from '../../api/types.ts'
import { t } from '../../i18n/index.ts'
import { dayOf, endOfDay, startOfDay } from '../../ui/time-words.ts'
import { toast } from '../../ui/toast.tsx'
import type { HitSteps } from './use-hit-steps.ts'
import type { Conversation } from './use-transcript.ts'

type Ask = { to: 'next-hit' | 'previous-hit' | 'next' | 'previous'; from: number; msgid?: string }
type Props = {
  convId: string
  at: number | undefined
  conversation: Conversation
  steps: HitSteps
  go: (msgid: string, at: number) => void
}

/** Later than any msgid: with `previous`, whatever was sent at that very instant counts too. */
const LAST = '\uFFFF'

/** Steps that may leave what is loaded: the server is asked where the next hit or the next day is. */
export function useJumps({ convId, at, conversation, steps, go }: Props) {
  const ask = async (question: Ask, none: string) => {
    const { key } = await get<Place>(`/api/conversations/${convId}/place`, { ...question, at })
    if (key) go(key.msgid, key.sentAt)
    else toast(none)
  }
  const edge = (to: 'next-hit' | 'previous-hit') => {
    const item = conversation.items.at(to === 'next-hit' ? -1 : 0)
    if (item) void ask({ to, from: item.key.sentAt, msgid: item.key.msgid }, t('go.noHit'))
  }
  const day = async (by: 1 | -1) => {
    const here = dayInSight() ?? dayOf(conversation.items[0]?.key.sentAt ?? 0)
    if (by === 1) return ask({ to: 'next', from: endOfDay(here), msgid: LAST }, t('go.noDay'))
    const before = await get<Place>(`/api/conversations/${convId}/place`, {
      to: 'previous',
      from: startOfDay(here),
      at,
    })
    if (!before.key) return toast(t('go.noDay'))
    // To the first message of that day, as going onward does.
    return ask({ to: 'next', from: startOfDay(dayOf(before.key.sentAt)) - 1, msgid: LAST }, t('go.noDay'))
  }
  return {
    nextHit: () => (steps.at < steps.of ? steps.next() : edge('next-hit')),
    previousHit: () => (steps.at > 1 ? steps.previous() : edge('previous-hit')),
    day,
    toDay: (wanted: string) => ask({ to: 'next', from: startOfDay(wanted) - 1, msgid: LAST }, t('go.noDay')),
  }
}

/** The day of the line at the top of the view. */
function dayInSight(): string | null {
  const box = document.querySelector<HTMLElement>('.talk')
  if (!box) return null
  const sought = box.querySelector<HTMLElement>('.bubble.sought')
  const top = (sought ?? box).getBoundingClientRect().top + 1
  const lines = [...box.querySelectorAll<HTMLElement>('[data-day]')]
  return (
    lines.findLast(line => line.getBoundingClientRect().top <= top)?.dataset.day ??
    lines[0]?.dataset.day ??
    null
  )
}
