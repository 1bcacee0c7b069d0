import type { SimEvent } from './events.ts'

/** What one entry of a list is called; `Item` elsewhere (wecom-api.md §2.3). */
const ENTRY: Record<string, string> = { SelectedItems: 'SelectedItem', OptionIds: 'OptionId' }

/** The decrypted body of a callback: text in CDATA, numbers bare, lists nested. */
export function eventXml(corpid: string, event: SimEvent): string {
  const [name = '', change] = event.type.split('.')
  const envelope: Record<string, unknown> = {
    ToUserName: corpid,
    FromUserName: event.from ?? 'sys',
    CreateTime: Math.floor(event.at / 1000),
    MsgType: 'event',
    AgentID: event.agentId,
    Event: name,
    ChangeType: change,
  }
  return element('xml', { ...envelope, ...event.fields })
}

/** What is posted: the receiver, the application where it is one's, and the sealed body. */
export function envelopeXml(corpid: string, encrypted: string, agentId?: number): string {
  return element('xml', {
    ToUserName: corpid,
    AgentID: agentId === undefined ? undefined : String(agentId),
    Encrypt: encrypted,
  })
}

function element(name: string, value: unknown): string {
  if (value === undefined || value === null) return ''
  return `<${name}>${content(name, value)}</${name}>`
}

function content(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map(one => element(ENTRY[name] ?? 'Item', one)).join('')
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([key, inner]) => element(key, inner))
      .join('')
  if (typeof value === 'number' || typeof value === 'boolean') return String(Number(value))
  // A CDATA section cannot hold its own end.
  return `<![CDATA[${String(value).replaceAll(']]>', ']]]]><![CDATA[>')}]]>`
}
