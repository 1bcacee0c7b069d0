import type { WecomEvent } from './event.ts'
import { readXml, type XmlNode } from './xml.ts'

/** Text, or the JSON of a list or a group of fields. */
type Value = string | Value[] | { [name: string]: Value }

/** Names that stand in a list even when there is one of them (path/92130, 90240, 90970). */
const ITEMS = new Set(['Item', 'SelectedItem', 'OptionId'])
/** These are the event's own, all others are its fields. */
const OWN = new Set(['ToUserName', 'FromUserName', 'CreateTime', 'MsgType', 'Event', 'ChangeType'])
/** Names of events are letters, digits and underscores; they are shown, counted and stored in clear. */
const TYPE = /^\w{1,64}$/
const LONGEST_FROM = 200

/** The `Encrypt` of a callback's body, or null when the body is not WeCom's envelope. */
export function readEnvelope(body: Uint8Array): string | null {
  const root = readXml(Buffer.from(body).toString('utf8'))
  return root && leaf(root, 'Encrypt')
}

/**
 * A decrypted event (wecom-api.md §2.3), or null when it is none. Events nobody described are read all the same; a
 * message that a person wrote to the application becomes `message.<MsgType>`.
 */
export function readEvent(xml: string): WecomEvent | null {
  const root = readXml(xml)
  if (!root) return null
  const type = typeOf(root)
  const from = leaf(root, 'FromUserName') ?? ''
  const seconds = leaf(root, 'CreateTime')?.trim() ?? ''
  if (type === null || from === '' || from.length > LONGEST_FROM || !/^\d{1,11}$/.test(seconds)) return null
  return { type, from, at: Number(seconds) * 1000, fields: fieldsOf(root) }
}

function typeOf(root: XmlNode): string | null {
  const kind = leaf(root, 'MsgType') ?? ''
  const event = kind === 'event' ? (leaf(root, 'Event') ?? '') : 'message'
  const change = kind === 'event' ? optional(root, 'ChangeType') : kind
  if (change === null || !TYPE.test(event)) return null
  if (change === '') return kind === 'event' ? event : null
  return TYPE.test(change) ? `${event}.${change}` : null
}

/** The text of the one element of this name; null when there is none, or two that might disagree. */
function leaf(root: XmlNode, name: string): string | null {
  const found = root.children.filter(child => child.name === name)
  return found.length === 1 && found[0]?.children.length === 0 ? found[0].text : null
}

function optional(root: XmlNode, name: string): string | null {
  return root.children.some(child => child.name === name) ? leaf(root, name) : ''
}

function fieldsOf(root: XmlNode): Record<string, string> {
  const rest = root.children.filter(child => !OWN.has(child.name))
  return Object.fromEntries(
    Object.entries(grouped(rest)).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  )
}

/** fromEntries defines the names as own properties: one called `__proto__` is a field like any other. */
function grouped(nodes: XmlNode[]): { [name: string]: Value } {
  return Object.fromEntries(
    [...Map.groupBy(nodes, node => node.name)].map(([name, same]) => [
      name,
      same.length === 1 && same[0] ? content(same[0]) : same.map(content),
    ]),
  )
}

function content(node: XmlNode): Value {
  const [first] = node.children
  if (!first) return node.text
  const list = ITEMS.has(first.name) && node.children.every(child => child.name === first.name)
  return list ? node.children.map(content) : grouped(node.children)
}
