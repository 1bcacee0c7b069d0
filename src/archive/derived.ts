import { type Db, type House, keyMonth, open } from '../base/index.ts'
import type { Text } from '../wecom/index.ts'
import type { Absence, MessageKey } from './contract.ts'
import { splitBody } from './prepare.ts'
import { type DerivedRow, selectDerived } from './reading-store.ts'
import { derivedContext } from './record.ts'

const LABELS: Record<string, string> = {
  ocr: '图片文字识别',
  qr: '二维码',
  document: '文件正文',
  asr: '语音转写',
}

/** Texts read from the files of these messages, by message. Their parts say the source: `ocr:body`, `document:body#2`. */
export async function derivedTexts(db: Db, house: House, keys: MessageKey[]): Promise<Map<string, Text[]>> {
  const rows = keys.length === 0 ? [] : await selectDerived(db, house.corp, keys)
  await house.keys.load(
    db,
    rows.map(row => ({ conv: row.conv, month: keyMonth(row.sentAt) })),
  )
  const found = new Map<string, Text[]>()
  for (const row of rows) {
    const { conv, sentAt, msgid } = row
    const text = openDerived(house, row)
    const name = identityOf({ convId: conv, sentAt, msgid })
    found.set(name, [...(found.get(name) ?? []), text])
  }
  return found
}

/** One text read from a file, its key being loaded. */
export function openDerived(house: House, row: DerivedRow): Text {
  const { conv, sentAt, msgid, source, part, body } = row
  const { key } = house.keys.cached(conv, keyMonth(sentAt))
  const opened = open(key, body, derivedContext(house.corp, conv, sentAt, msgid, source, part))
  return {
    part: `${source}:${part}`,
    label: LABELS[source] ?? source,
    text: splitBody(opened).raw.toString('utf8'),
  }
}

export function identityOf(key: MessageKey): string {
  return `${key.convId}|${key.sentAt}|${key.msgid}`
}

/** What a picture says is as absent as the words of its message. */
export function readable(messages: readonly { key: MessageKey; absent: Absence | null }[]): MessageKey[] {
  return messages.filter(message => message.absent === null).map(message => message.key)
}

/** Opened messages with what their files say after their own words. */
export async function withDerived<T extends { key: MessageKey; texts: Text[]; absent: Absence | null }>(
  db: Db,
  house: House,
  messages: T[],
): Promise<T[]> {
  const derived = await derivedTexts(db, house, readable(messages))
  if (derived.size === 0) return messages
  return messages.map(message => ({
    ...message,
    texts: [...message.texts, ...(derived.get(identityOf(message.key)) ?? [])],
  }))
}
