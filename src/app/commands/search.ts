import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { askExport, downloadExport, exportAsk, search, searchQuery } from '../../archive/index.ts'
import type { Config, Log } from '../../base/index.ts'
import { RULES_FOLDER, readRules } from '../../monitor/index.ts'
import { openPremises, type Premises } from '../house.ts'
import { sealNow } from '../services.ts'
import { type Io, shellUser } from './io.ts'

export type SearchOptions = {
  json: boolean
  fold: boolean
  staff?: string
  customer?: string
  limit?: number
  /** A file to write every match to; needs a reason. CSV unless its name ends in .jsonl. */
  export?: string
  reason?: string
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
    if (options.export !== undefined)
      return await exportTo(premises, io, query, { ...options, export: options.export })
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

/** The same export as on the screen, straight into a file. */
async function exportTo(
  premises: Premises,
  io: Io,
  query: string,
  options: SearchOptions & { export: string },
): Promise<number> {
  const { db, house, config } = premises
  const actor = shellUser(house)
  const rules = [...readRules(config.institution, RULES_FOLDER).rules.values()]
  const input = exportAsk.parse({
    query: {
      q: query,
      exact: options.fold ? 'false' : 'true',
      staff: options.staff,
      customer: options.customer,
    },
    format: options.export.endsWith('.jsonl') ? 'jsonl' : 'csv',
    reason: options.reason,
  })
  const { id } = await askExport(db, actor, input, () => rules)
  const { bytes } = await downloadExport(db, actor, id, () => rules)
  await pipeline(
    Readable.from(bytes, { objectMode: false }),
    createWriteStream(options.export, { mode: 0o600 }),
  )
  io.err(`已导出到 ${options.export}`)
  await sealNow(premises)
  return 0
}

const ENTRY = join(import.meta.dirname, '..', '..', '..', 'bin', 'tongjian.ts')
const LEAN = '--optimize-for-size'

/**
 * Rows come and go, and V8 lets 250 MB of what is done with lie before it sweeps (455 MB at its peak measured, 215 with
 * this flag, which only a new process takes). So an export from the shell runs in a process of its own.
 */
export function inLeanProcess(args: string[]): Promise<number> | null {
  if (process.execArgv.includes(LEAN)) return null
  const child = spawn(process.execPath, [LEAN, ENTRY, 'search', ...args], { stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => resolve(code ?? 1))
  })
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
