import type { Db, House } from '../base/index.ts'
import {
  type ConsentRow,
  choiceAt,
  consentsById,
  inKnownState,
  isRefusal,
  recordedOf,
} from '../contacts/index.ts'
import { isExternal } from '../wecom/index.ts'
import { passingOf } from './passing.ts'

/** Two processes that write at once learn of each other's choice within this time. */
const SLACK_MS = 60_000

export type RefusedRow = {
  idx: number
  from: string
  kind: string
  meta: object
  consentEvent: string | null
  sentMs: number
  /** Microseconds, as text. */
  capturedAt: string
  body: Buffer | null
}

/** The gate's word stands in the leaf with the other columns: nobody adds it afterwards to explain a missing body. */
export function isRefused(row: Pick<RefusedRow, 'meta'>): boolean {
  return (row.meta as { consent?: unknown }).consent === 'refused'
}

/**
 * A body that was never kept is no tampering if, and only if, the choice it names stands in the ledger as a refusal of
 * somebody who took part, was in force when the message was said, and no later agreement was known when it was captured.
 * Returns what is wrong, by index.
 */
export async function refusedFaults(
  db: Db,
  house: House,
  rows: readonly RefusedRow[],
): Promise<Map<number, string>> {
  const refused = rows.filter(isRefused)
  const faults = new Map<number, string>()
  if (refused.length === 0) return faults
  const ids = refused.flatMap(row => (row.consentEvent === null ? [] : [row.consentEvent]))
  // A state nobody knows was altered: it is told with the leaf of the choice, and stands for no refusal here.
  const events = (await consentsById(db, house.corp, ids)).filter(inKnownState)
  const named = new Map(events.map(event => [event.id, event]))
  const customers = [...new Set([...named.values()].map(event => event.externalUserid))]
  const recorded = (await recordedOf(db, house.corp, customers)).filter(inKnownState)
  const choices = Map.groupBy(recorded, event => event.externalUserid)
  for (const row of refused) {
    const event = named.get(row.consentEvent ?? '')
    const what = event ? faultOf(row, event, choices.get(event.externalUserid) ?? []) : 'missing'
    if (what !== null) faults.set(row.idx, `refused: metadata only, but its consent event is ${what}`)
  }
  return faults
}

function faultOf(row: RefusedRow, event: ConsentRow, choices: ConsentRow[]): string | null {
  const capturedAt = Math.round(Number(row.capturedAt) / 1000)
  const { from, kind, meta, sentMs: sentAt } = row
  const said = passingOf({ from, kind, meta, sentAt, capturedAt })
  const owners = (said.room === null ? [from, ...said.to] : [from]).filter(isExternal)
  if (!isRefusal(event.state)) return 'no refusal'
  if (!owners.includes(event.externalUserid)) return "another's"
  const staff = [from, ...said.to].find(party => !isExternal(party)) ?? null
  const context = said.room === null ? { userid: staff, chatId: null } : { userid: null, chatId: said.room }
  if (choiceAt([event], context, said.at)?.id !== event.id) return 'not of this conversation and time'
  const known = choiceAt([...choices, event], context, said.at, capturedAt - SLACK_MS)
  const overruled = known !== null && !isRefusal(known.state) && known.effectiveAt > event.effectiveAt
  return overruled ? 'overruled by a later agreement' : null
}
