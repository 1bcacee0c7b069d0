import type { z } from 'zod'
import { type Actor, type Db, fail } from '../base/index.ts'
import type { trailPage, trailQuery } from './contract.ts'
import { openDetail } from './record.ts'
import { selectEntries } from './store.ts'

export type TrailPage = z.output<typeof trailPage>

/** One page of the trail, newest first, details opened. The caller records the look. */
export async function list(db: Db, actor: Actor, query: z.output<typeof trailQuery>): Promise<TrailPage> {
  const { house } = actor
  const own = await house.keys.own(db)
  const entries = await selectEntries(db, house.corp, {
    actor: query.actor ?? null,
    verb: query.verb ?? null,
    before: query.cursor === undefined ? null : readCursor(query.cursor),
    limit: query.limit + 1,
  })
  const page = entries.slice(0, query.limit)
  const last = page.at(-1)
  return {
    items: page.map(entry => {
      const { id, at, role, verb, thingKind, thingId } = entry
      const detail = JSON.parse(openDetail(house, entry, own.key).raw.toString()) as Record<string, unknown>
      return { id, at, actor: entry.actor, role, verb, thingKind, thingId, detail }
    }),
    next: entries.length > page.length && last ? `${last.at}_${last.id}` : null,
  }
}

function readCursor(cursor: string): { at: number; id: string } {
  const found = /^(\d{1,15})_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(cursor)
  if (!found?.[1] || !found[2]) throw fail('request.invalid', { hint: 'the cursor is not one of ours' })
  return { at: Number(found[1]), id: found[2] }
}
