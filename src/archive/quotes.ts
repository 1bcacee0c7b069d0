import { type Db, type House, sql } from '../base/index.ts'
import { quoteIn } from '../wecom/index.ts'
import { inSight, type Sight } from './pages.ts'
import { MESSAGE_COLUMNS, type MessageRow, type Opened, openRows } from './read.ts'

/** People reply to what is near: so many messages and so long before the first reply of a page are looked through. */
const MOST = 300
const WITHIN_MS = 30 * 24 * 3_600_000

/** Messages among which those quoted by these are looked for, the page itself included. Nothing is opened where nobody quotes. */
export async function quotedBefore(
  db: Db,
  house: House,
  sight: Sight,
  page: Opened[],
): Promise<Pick<Opened, 'key' | 'texts'>[]> {
  const quoting = page.filter(message =>
    message.texts.some(text => text.part === 'body' && quoteIn(text.text) !== null),
  )
  const first = page[0]
  if (quoting.length === 0 || !first) return []
  const from = new Date(first.key.sentAt)
  const { rows } = await sql<MessageRow>`
    SELECT ${MESSAGE_COLUMNS} FROM message m WHERE ${inSight(sight)} AND m.kind = 'text'
      AND m.sent_at <= ${from} AND m.sent_at > ${new Date(first.key.sentAt - WITHIN_MS)}
    ORDER BY m.sent_at DESC LIMIT ${MOST}`.execute(db)
  return [...(await openRows(db, house, rows)), ...page]
}
