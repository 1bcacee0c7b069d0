export type Part = { part: 'new' | 'quote'; start: number; end: number }

const REPLY = '这是一条引用/回复消息'
const REPLY_BREAK = /"\s*\r?\n-{4,}\r?\n/
const WECHAT_BREAK = /」\s*\r?\n(?:- ?){4,}\r?\n/

/** A reply carries what it replies to as inline text, in two forms (wecom-api.md §3.5). */
export function splitParts(text: string): Part[] | undefined {
  const head = text.charCodeAt(0)
  let found: RegExpExecArray | null = null
  if (head === 0x8fd9 && text.startsWith(REPLY)) found = REPLY_BREAK.exec(text)
  else if (head === 0x300c) found = WECHAT_BREAK.exec(text)
  if (!found) return undefined
  const cut = found.index + found[0].length
  return [
    { part: 'quote', start: 0, end: found.index + 1 },
    { part: 'new', start: cut, end: text.length },
  ]
}
