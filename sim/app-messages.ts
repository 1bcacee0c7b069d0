import { CARD, type Card, isInteractive, keysOf } from './cards.ts'
import { type Ground, HOUR, seconds } from './ground.ts'

/** What the application sent to employees; none of it enters the archive. Times in milliseconds. */
type AppMessage = {
  msgid: string
  msgtype: string
  content: Record<string, unknown>
  at: number
  /** Who got it: the excess over 30 a minute is silently dropped (wecom-api.md §1.4). */
  to: string[]
  dropped: string[]
  recalled: boolean
  card?: Card
  /** What a member's copy of the card shows instead, once replaced. */
  shown: Map<string, Card | string>
}
type Sending = {
  msgtype: string
  content: Record<string, unknown>
  to: string[]
  card?: Card
  duplicateMs: number
}

export type AppMessages = {
  /** The message and, for a card that asks, its response_code; or the errcode. */
  send(one: Sending): { message: AppMessage; responseCode: string } | number
  recall(msgid: string): number | undefined
  /** Uses the code up and changes the members' copies; returns the userids that had none. */
  update(code: string, userids: string[] | 'all', to: Card | string): string[] | number
  /** A member taps a button or submits; false when their copy has no such key any more. */
  click(tap: Tap): boolean
  all(): readonly AppMessage[]
}
type Tap = {
  userid: string
  taskId: string
  key: string
  selected?: Record<string, string[]>
  menu?: boolean
}

const A_MINUTE = 30
const MINUTE = 60_000
const CODE_LIFE = 72 * HOUR
const RECALL = 24 * HOUR

export function createAppMessages(ground: Ground, agentid: number): AppMessages {
  const all: AppMessage[] = []
  const codes = new Map<string, { message: AppMessage; at: number; used: boolean }>()
  const newCode = (message: AppMessage): string => {
    const code = ground.rng.id(64)
    codes.set(code, { message, at: ground.now(), used: false })
    return code
  }
  const crowded = (userid: string): boolean =>
    all.filter(one => one.at > ground.now() - MINUTE && one.to.includes(userid)).length >= A_MINUTE
  return {
    all: () => all,
    send: ({ msgtype, content, to, card, duplicateMs }) => {
      const at = ground.now()
      const taken = card?.task_id && all.some(one => one.card?.task_id === card.task_id)
      if (taken) return CARD.taskTwice
      const text = JSON.stringify(content)
      const again = all.findLast(one => one.at > at - duplicateMs && JSON.stringify(one.content) === text)
      const told = new Set(duplicateMs > 0 ? again?.to : [])
      const dropped = to.filter(userid => told.has(userid) || crowded(userid))
      const msgid = ground.rng.id(43)
      const reached = to.filter(userid => !dropped.includes(userid))
      const message = {
        msgid,
        msgtype,
        content,
        at,
        to: reached,
        dropped,
        recalled: false,
        card,
        shown: new Map(),
      }
      all.push(message)
      return { message, responseCode: card && isInteractive(card) ? newCode(message) : '' }
    },
    recall: msgid => {
      const found = all.find(one => one.msgid === msgid)
      if (!found || ground.now() - found.at > RECALL) return 40058
      found.recalled = true
      return undefined
    },
    update: (code, userids, to) => {
      const found = codes.get(code)
      if (!found) return CARD.codeUnknown
      if (ground.now() - found.at >= CODE_LIFE) return CARD.codeExpired
      if (found.used) return CARD.codeUsed
      const { message } = found
      const asked = userids === 'all' ? message.to : userids
      const reached = asked.filter(id => message.to.includes(id))
      if (reached.length === 0) return 81013
      found.used = true
      for (const userid of reached) message.shown.set(userid, to)
      return asked.filter(id => !reached.includes(id))
    },
    click: tap => {
      const message = all.find(one => one.card?.task_id === tap.taskId && one.to.includes(tap.userid))
      const card = message && (message.shown.get(tap.userid) ?? message.card)
      if (!message || !card || typeof card === 'string' || message.recalled) return false
      const keys = tap.menu ? (card.action_menu?.action_list ?? []).map(one => one.key) : keysOf(card)
      if (!keys.includes(tap.key)) return false
      ground.tell(clickEvent(ground, { tap, card, agentid, code: newCode(message) }))
      return true
    },
  }
}

type Clicked = { tap: Tap; card: Card; agentid: number; code: string }
function clickEvent(ground: Ground, { tap, card, agentid, code }: Clicked): Parameters<Ground['tell']>[0] {
  const selected = Object.entries(tap.selected ?? {})
  const items = selected.map(([QuestionKey, OptionIds]) => ({ QuestionKey, OptionIds }))
  return {
    type: tap.menu ? 'template_card_menu_event' : 'template_card_event',
    fields: {
      EventKey: tap.key,
      TaskId: tap.taskId,
      CardType: card.card_type,
      ResponseCode: code,
      AgentID: agentid,
      ...(items.length > 0 ? { SelectedItems: items } : {}),
    },
    at: seconds(ground.now()) * 1000,
    from: tap.userid,
    agentId: agentid,
  }
}
