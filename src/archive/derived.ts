import { type Db, type House, keyMonth, open } from '../base/index.ts'
import type { Text } from '../wecom/index.ts'
import type { MessageKey } from './contract.ts'
import { splitBody } from './prepare.ts'
import { selectDerived } from './reading-store.ts'
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
    const { conv, sentAt, msgid, source, part, body } = row
    const { key } = house.keys.cached(conv, keyMonth(sentAt))
    const opened = open(key, body, derivedContext(house.corp, conv, sentAt, msgid, source, part))
    const text = {
      part: `${source}:${part}`,
      label: LABELS[source] ?? source,
      text: splitBody(opened).raw.toString('utf8'),
    }
    const name = identityOf({ convId: conv, sentAt, msgid })
    found.set(name, [...(found.get(name) ?? []), text])
  }
  return found
}

export function identityOf(key: MessageKey): string {
  return `${key.convId}|${key.sentAt}|${key.msgid}`
}

/** Opened messages with what their files say after their own words. */
export async function withDerived<T extends { key: MessageKey; texts: Text[] }>(
  db: Db,
  house: House,
  messages: T[],
): Promise<T[]> {
  const derived = await derivedTexts(
    db,
    house,
    messages.map(message => message.key),
  )
  if (derived.size === 0) return messages
  return messages.map(message => ({
    ...message,
    texts: [...message.texts, ...(derived.get(identityOf(message.key)) ?? [])],
  }))
}
