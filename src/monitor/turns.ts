import type { MessageKey, Spoken } from '../archive/index.ts'
import { type ContextLine, mayNeedContext } from '../detect/index.ts'

/** What a conversation's last turns are: six messages of the last ten minutes say what 「对的」 answers. */
export const REACH = { most: 6, within: 10 * 60_000 }

/** Conversations remembered at once while a whole archive passes by, oldest first. */
const MOST_CONVERSATIONS = 4096

const sideOf = (message: Spoken): 'customer' | 'staff' =>
  message.direction === 'customer' ? 'customer' : 'staff'

/** Only words that may be the rest of a phrase, or an answer, are judged with what came before. */
export function needsTurns(message: Spoken): boolean {
  return (
    message.direction !== 'system' &&
    message.key.sentAt > 0 &&
    message.texts.length === 1 &&
    mayNeedContext(message.texts[0]?.text ?? '')
  )
}

/** The last turns of conversations, fed in the order they were spoken. */
export class Turns {
  private readonly last = new Map<string, Spoken[]>()

  /** Puts messages in the order in which they were said; at the same millisecond the order given decides. */
  static order(earlier: Spoken[], batch: Spoken[], keys: MessageKey[]): Spoken[] {
    const place = new Map(keys.map((key, i) => [identity(key), i]))
    const rank = (message: Spoken): number => place.get(identity(message.key)) ?? -1
    return [...earlier, ...batch].sort((a, b) => a.key.sentAt - b.key.sentAt || rank(a) - rank(b))
  }

  remember(message: Spoken): void {
    if (message.direction === 'system' || message.key.sentAt <= 0) return
    const { convId } = message.key
    const lines = this.last.get(convId) ?? []
    lines.push(message)
    if (lines.length > REACH.most) lines.shift()
    this.last.delete(convId)
    this.last.set(convId, lines)
    const oldest = this.last.keys().next().value
    if (this.last.size > MOST_CONVERSATIONS && oldest !== undefined) this.last.delete(oldest)
  }

  /** What was said before this message, oldest first, for the engine. */
  before(message: Spoken): ContextLine[] {
    if (!needsTurns(message)) return []
    const since = message.key.sentAt - REACH.within
    const lines = this.last.get(message.key.convId) ?? []
    return lines
      .filter(line => line.key.sentAt >= since)
      .map(line => ({
        text: line.texts.length === 1 ? (line.texts[0]?.text ?? '') : '',
        from: sideOf(line),
        own: line.from === message.from,
      }))
  }
}

function identity(key: MessageKey): string {
  return `${key.convId}|${key.sentAt}|${key.msgid}`
}
