import type { z } from 'zod'
import {
  type Actor,
  type Db,
  dayOf,
  fail,
  type House,
  inTransaction,
  type JobQueue,
  newId,
  now,
} from '../../base/index.ts'
import { authorise } from '../../people/index.ts'
import { record } from '../../trail/index.ts'
import type {
  becauseOf,
  DryRun,
  decidePurge,
  Institution,
  PurgeScope,
  PurgeState,
  PurgeView,
  requestPurge as requestInput,
} from './contract.ts'
import { PURGE } from './jobs.ts'
import { addRefusals, type Facts, factsNow, judge, type Part, type PurgeGuard, partsOf } from './judge.ts'
import { namesOf } from './names.ts'
import {
  type Basis,
  insertDecision,
  insertRequest,
  nextNumber,
  type RequestRow,
  scanParts,
  selectRequests,
} from './purge-store.ts'
import { scheduleOf } from './schedule.ts'
import { openWords, sealWords } from './sealed.ts'
import { keepLock } from './store.ts'

export type KeepDeps = {
  db: Db
  jobs: JobQueue
  institution: Institution
  guards: readonly PurgeGuard[]
  /** A connection of the role that may destroy is set up. */
  purgeReady: boolean
}

/** What one request takes at most: its hash list is read by people and held in memory. The rest waits for the next. */
const MOST_MESSAGES = 20_000
const MOST_PARTS = 2_000
const SCAN = 200

type Plan = { counts: DryRun; parts: Part[]; basis: Basis }

/** What a purge of this scope would destroy and what would stay, and why. Nothing is changed. */
export async function previewPurge(deps: KeepDeps, actor: Actor, scope: PurgeScope): Promise<DryRun> {
  authorise(actor, 'retention.read')
  return (await plan(deps, actor.house, scope)).counts
}

async function plan(
  deps: Pick<KeepDeps, 'db' | 'institution' | 'guards'>,
  house: House,
  scope: PurgeScope,
): Promise<Plan> {
  const { db, institution, guards } = deps
  const facts = await factsNow(db, house, institution, guards)
  const found: Plan = {
    counts: { messages: 0, conversations: 0, months: 0, refused: {}, more: false },
    parts: [],
    basis: basisOf(facts),
  }
  const convs = new Set<string>()
  for await (const part of partsToLookAt(db, house, facts, scope)) {
    if (found.parts.length >= MOST_PARTS || found.counts.messages >= MOST_MESSAGES) {
      found.counts.more = true
      break
    }
    const { eligible, refused } = await judge(db, house, facts, part, scope)
    found.counts.refused = addRefusals(found.counts.refused, refused)
    if (eligible.length === 0) continue
    found.parts.push(part)
    convs.add(part.convId)
    found.counts.messages += eligible.length
  }
  found.counts.conversations = convs.size
  found.counts.months = found.parts.length
  return found
}

/** Which classes and lines a destruction rests on, as they stand today; the certificate repeats it. */
function basisOf({ classes, institution }: Facts): Basis {
  const rules = scheduleOf(institution)
  return classes.map(({ material, years }) => ({
    material,
    years,
    rules: rules
      .filter(rule => rule.materials.includes(material))
      .map(rule => `${rule.basis}〔${rule.source}〕`),
  }))
}

async function* partsToLookAt(db: Db, house: House, facts: Facts, scope: PurgeScope): AsyncGenerator<Part> {
  if (scope.kind !== 'due') return yield* await partsOf(db, house.corp, scope)
  const until = horizon(house, facts)
  if (until === null) return
  let after: Part = { convId: '-1', month: '0001-01-01' }
  for (;;) {
    const parts = await scanParts(db, house.corp, after, until, SCAN)
    yield* parts
    const last = parts.at(-1)
    if (!last || parts.length < SCAN) return
    after = last
  }
}

/** No month after these can hold anything over: a message is at least as old as the shortest period in force. */
function horizon(
  house: House,
  { classes, institution }: Facts,
): { record: string | null; anchored: string } | null {
  const rules = scheduleOf(institution).filter(rule =>
    classes.some(open => rule.materials.includes(open.material)),
  )
  if (rules.length === 0) return null
  const today = dayOf(now(), house.zone)
  const back = (some: typeof rules): string | null =>
    some.length === 0
      ? null
      : `${Number(today.slice(0, 4)) - Math.min(...some.map(rule => rule.years))}${today.slice(4, 8)}01`
  return { record: back(rules.filter(rule => rule.start === 'record')), anchored: back(rules) ?? today }
}

/**
 * Ask for a destruction. The checks run at once; when nothing in the scope may go, the request stands as `refused` with its
 * reasons, for the record. Otherwise a second person decides. The consent gate's "erased" state asks in the same way,
 * with the scope of a customer: what the law still keeps stays, and is counted.
 */
export async function requestPurge(
  deps: KeepDeps,
  actor: Actor,
  input: z.infer<typeof requestInput>,
): Promise<string> {
  authorise(actor, 'retention.propose')
  const { house } = actor
  const planned = await plan(deps, house, input.scope)
  return inTransaction(deps.db, async tx => {
    await keepLock(tx, house.corp)
    const id = newId()
    const at = now()
    const number = await nextNumber(tx, house.corp, dayOf(at, house.zone).slice(0, 4))
    const refused = planned.counts.messages === 0
    const sealed = await sealWords(tx, house, 'purge', id, { reason: input.reason })
    const { counts, basis } = planned
    const row = {
      id,
      number,
      scope: input.scope,
      basis,
      counts,
      refused,
      sealed,
      requestedBy: actor.name,
      requestedAt: at,
    }
    await insertRequest(tx, house.corp, row, planned.parts)
    await record(tx, actor, {
      verb: 'purge.requested',
      thing: { kind: 'purge', id },
      detail: {
        number,
        scope: input.scope.kind,
        ...(input.scope.kind === 'due' ? {} : { target: input.scope.id }),
        messages: counts.messages,
        refused: Object.values(counts.refused).reduce((sum, n) => sum + n, 0),
        reason: input.reason,
      },
    })
    return id
  })
}

/** Destroy what is held of a customer as far as the law lets go of it: for the consent gate's "erased" state. */
export function purgeByCustomer(
  deps: KeepDeps,
  actor: Actor,
  customer: string,
  reason: string,
): Promise<string> {
  return requestPurge(deps, actor, { scope: { kind: 'customer', id: customer }, reason })
}

/** The second person's word. A yes enqueues the work in the same transaction; nobody decides on his own request. */
export async function decidePurgeRequest(
  deps: KeepDeps,
  actor: Actor,
  id: string,
  input: z.infer<typeof decidePurge>,
): Promise<void> {
  authorise(actor, 'retention.approve')
  const { house } = actor
  if (input.verdict === 'approved' && !deps.purgeReady) throw fail('purge.unavailable')
  await inTransaction(deps.db, async tx => {
    await keepLock(tx, house.corp)
    const row = await needRequested(tx, house.corp, id)
    if (row.requestedBy === actor.name) throw fail('approval.own')
    await settle(tx, actor, row, input.verdict, input.reason)
    if (input.verdict === 'approved') await deps.jobs.enqueue(tx, PURGE, { corp: house.corp, request: id })
  })
}

/** Whoever asked may take it back until it is decided. */
export async function withdrawPurge(
  deps: KeepDeps,
  actor: Actor,
  id: string,
  input: z.infer<typeof becauseOf>,
): Promise<void> {
  authorise(actor, 'retention.propose')
  await inTransaction(deps.db, async tx => {
    await keepLock(tx, actor.house.corp)
    const row = await needRequested(tx, actor.house.corp, id)
    if (row.requestedBy !== actor.name) throw fail('auth.denied', { verb: 'retention.propose' })
    await settle(tx, actor, row, 'withdrawn', input.reason)
  })
}

async function settle(
  tx: Parameters<typeof insertDecision>[0],
  actor: Actor,
  row: RequestRow,
  verdict: 'approved' | 'rejected' | 'withdrawn',
  reason: string,
): Promise<void> {
  const { house } = actor
  const sealed = await sealWords(tx, house, 'purgeDecision', row.id, { reason })
  await insertDecision(tx, house.corp, {
    id: row.id,
    verdict,
    requestedBy: row.requestedBy,
    by: actor.name,
    at: now(),
    sealed,
  })
  await record(tx, actor, {
    verb: 'purge.decided',
    thing: { kind: 'purge', id: row.id },
    detail: { number: row.number, to: verdict, reason },
  })
}

async function needRequested(db: Db, corp: number, id: string): Promise<RequestRow> {
  const [row] = await selectRequests(db, corp, id)
  if (!row) throw fail('thing.missing', { purge: id })
  const state = stateOf(row)
  if (state !== 'requested') throw fail('retention.moved', { state })
  return row
}

function stateOf(
  row: Pick<RequestRow, 'refused' | 'verdict' | 'parts' | 'done' | 'messages' | 'certificate'>,
): PurgeState {
  if (row.refused) return 'refused'
  if (row.verdict === null) return 'requested'
  if (row.verdict !== 'approved') return row.verdict
  const over = row.done === row.parts && (row.certificate || row.messages === 0)
  return over ? 'done' : 'running'
}

/** Requests with their words, newest first; the look is in the trail. */
export async function listPurges(db: Db, actor: Actor): Promise<{ items: PurgeView[] }> {
  authorise(actor, 'retention.read')
  const { house } = actor
  return inTransaction(db, async tx => {
    const rows = await selectRequests(tx, house.corp, null)
    const of = (kind: 'customer' | 'conversation'): string[] =>
      rows.flatMap(({ scope }) => (scope.kind === kind ? [scope.id] : []))
    const names = await namesOf(tx, house, { people: of('customer'), convs: of('conversation') })
    const items: PurgeView[] = []
    for (const row of rows) {
      const reason = (await openWords(tx, house, 'purge', row.id, row.sealed)).reason
      const decided =
        row.decidedSealed && (await openWords(tx, house, 'purgeDecision', row.id, row.decidedSealed))
      const { id, number, scope, requestedBy, requestedAt, counts, decidedBy, decidedAt, certificate } = row
      const name = scope.kind === 'due' ? '' : (names.get(scope.id) ?? scope.id)
      const progress = {
        done: row.done,
        of: row.parts,
        messages: row.messages,
        refused: row.stayed.reduce(addRefusals, {}),
      }
      items.push({
        ...{ id, number, scope, name, state: stateOf(row), reason, requestedBy, requestedAt, counts },
        ...{ decidedBy, decidedAt, decidedReason: decided ? decided.reason : null, progress, certificate },
      })
    }
    return { items }
  })
}
