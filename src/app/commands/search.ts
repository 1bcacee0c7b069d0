import { search, searchQuery } from '../../archive/index.ts'
import type { Config, Log } from '../../base/index.ts'
import { openPremises } from '../house.ts'
import { sealNow } from '../services.ts'
import { type Io, shellUser } from './io.ts'

export type SearchOptions = {
  json: boolean
  fold: boolean
  staff?: string
  customer?: string
  limit?: number
}
const PAGE = 200
const SHOWN = 50

/**
 * Search from the shell. The query is taken letter by letter unless `fold` is asked for. With `json` every match is
 * printed, one JSON a line, newest first; for people the first 50. The look is in the trail like any other.
 */
export async function searchCommand(
  config: Config,
  log: Log,
  io: Io,
  query: string,
  options: SearchOptions,
): Promise<number> {
  const premises = await openPremises(config, log, { mode: 'command' })
  try {
    const actor = shellUser(premises.house)
    const most = options.limit ?? (options.json ? Number.POSITIVE_INFINITY : SHOWN)
    let cursor: string | undefined
    let printed = 0
    do {
      const input = {
        q: query,
        exact: options.fold ? 'false' : 'true',
        staff: options.staff,
        customer: options.customer,
        cursor,
        limit: Math.min(PAGE, most - printed),
      }
      const page = await search(premises.db, actor, searchQuery.parse(input))
      for (const hit of page.items)
        io.out(options.json ? JSON.stringify(flat(hit)) : line(hit, premises.house.zone))
      printed += page.items.length
      cursor = page.next ?? undefined
    } while (cursor !== undefined && printed < most)
    if (!options.json)
      io.err(
        cursor === undefined ? `共 ${printed} 条` : `已显示 ${printed} 条，还有更多：加 --limit 或 --json`,
      )
    await sealNow(premises)
    return 0
  } finally {
    await premises.close()
  }
}

type Hit = Awaited<ReturnType<typeof search>>['items'][number]

function flat(hit: Hit): object {
  return {
    msgid: hit.key.msgid,
    sentAt: new Date(hit.key.sentAt).toISOString(),
    from: hit.from.id,
    kind: hit.kind,
    direction: hit.direction,
    conversation: hit.key.convId,
    recalled: hit.recalled,
    text: hit.excerpt.text,
    spans: hit.excerpt.spans,
  }
}

function line(hit: Hit, zone: string): string {
  const when = new Intl.DateTimeFormat('zh-CN', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'short',
  }).format(hit.key.sentAt)
  return `${when}  ${hit.from.name}  ${hit.excerpt.text.replaceAll('\n', ' ')}  [${hit.key.msgid}]`
}
