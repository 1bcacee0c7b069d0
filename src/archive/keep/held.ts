import { type Db, type House, sql } from '../../base/index.ts'
import { foldText } from '../../detect/index.ts'
import type { MessageKey } from '../contract.ts'
import { identityOf } from '../derived.ts'
import { type Opened, readMessages } from '../read.ts'
import type { Cause } from './contract.ts'
import { openWords } from './sealed.ts'
import type { HoldRow } from './store.ts'

export type HeldBy = { id: string; cause: Cause; placedAt: number }

/**
 * Which open holds cover each message of a conversation. People and conversations are held whole: every word of a
 * conversation they take part in. A search is a standing question: its words are looked for in the opened messages at
 * each look, so what was said, read from a picture or imported after it was placed is caught as well.
 */
export async function holdsOver(
  db: Db,
  house: House,
  holds: readonly HoldRow[],
  convId: string,
  keys: MessageKey[],
): Promise<(key: MessageKey) => HeldBy[]> {
  if (holds.length === 0 || keys.length === 0) return () => []
  const present = await partiesPresent(db, house.corp, convId, idsOf(holds))
  const whole = holds.filter(
    ({ scope }) =>
      (scope.kind === 'conversation' && scope.id === convId) ||
      ((scope.kind === 'person' || scope.kind === 'customer') &&
        scope.id !== undefined &&
        present.has(scope.id)),
  )
  const searches = holds.filter(
    ({ scope }) =>
      scope.kind === 'search' &&
      (scope.staff === undefined || present.has(scope.staff)) &&
      (scope.customer === undefined || present.has(scope.customer)),
  )
  const caught =
    searches.length === 0 ? new Map<string, HoldRow[]>() : await matching(db, house, searches, keys)
  return key =>
    [...whole, ...(caught.get(identityOf(key)) ?? [])].map(({ id, cause, placedAt }) => ({
      id,
      cause,
      placedAt,
    }))
}

function idsOf(holds: readonly HoldRow[]): string[] {
  const ids = holds.flatMap(({ scope }) => [
    ...(scope.kind === 'person' || scope.kind === 'customer' ? [scope.id] : []),
    scope.staff,
    scope.customer,
  ])
  return [...new Set(ids.filter(id => id !== undefined))]
}

async function partiesPresent(db: Db, corp: number, convId: string, ids: string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const { rows } = await sql<{ id: string }>`
    SELECT w.id FROM unnest(${ids}::text[]) AS w (id) WHERE EXISTS (SELECT FROM message m WHERE m.corp_id = ${corp}
      AND m.conv_id = ${convId}::bigint AND (m.from_party = w.id OR m.meta -> 'to' ? w.id OR m.meta ->> 'room' = w.id))`.execute(
    db,
  )
  return new Set(rows.map(row => row.id))
}

async function matching(
  db: Db,
  house: House,
  searches: readonly HoldRow[],
  keys: MessageKey[],
): Promise<Map<string, HoldRow[]>> {
  const needles = await Promise.all(
    searches.map(async hold => ({
      hold,
      words: wordsOf((await openWords(db, house, 'hold', hold.id, hold.sealed)).q ?? ''),
    })),
  )
  const found = new Map<string, HoldRow[]>()
  for (let from = 0; from < keys.length; from += BATCH) {
    // Restricted messages are held like any other.
    const slice = keys.slice(from, from + BATCH)
    for (const message of await readMessages(db, house, slice, { restricted: true })) {
      const texts = message.texts.map(text => foldText(text.text))
      const by = needles.filter(
        ({ hold, words }) =>
          within(hold, message) && words.every(word => texts.some(text => text.includes(word))),
      )
      if (by.length > 0)
        found.set(
          identityOf(message.key),
          by.map(({ hold }) => hold),
        )
    }
  }
  return found
}
const BATCH = 500

const wordsOf = (q: string): string[] =>
  q
    .split(/\s+/u)
    .filter(word => word !== '')
    .map(foldText)

function within({ scope }: HoldRow, message: Opened): boolean {
  const at = message.key.sentAt
  return (scope.from === undefined || at >= scope.from) && (scope.to === undefined || at <= scope.to)
}
