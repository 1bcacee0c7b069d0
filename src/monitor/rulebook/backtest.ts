import { fixPopulation, type Population, spansOf } from '../../archive/index.ts'
import { type Actor, dayOf, fail, inTransaction, newId, now, systemActor } from '../../base/index.ts'
import { authorise, directoryOf } from '../../people/index.ts'
import { record } from '../../trail/index.ts'
import { writeJudged } from '../detect-batch.ts'
import type { RuleSet } from '../rules.ts'
import {
  addRaised,
  type BacktestRow,
  endApplication,
  insertApplication,
  insertBacktest,
  insertChunks,
  markApplied,
  moveBacktest,
  newestBacktest,
  selectApplication,
  selectBacktest,
  selectChunks,
  selectCounts,
  selectPredicted,
  settleChunk,
  spanOfBacktest,
  tallyOf,
} from './backtest-store.ts'
import type { BacktestSummary } from './contract.ts'
import { compileDraft, type RulebookDeps } from './deps.ts'
import { about, heldDraft, moved } from './drafts.ts'
import { APPLY, BACKTEST } from './jobs.ts'
import { judgeSpan } from './judge-span.ts'
import { probeOf } from './probe.ts'
import { standingOf } from './published.ts'
import { openText } from './sealed.ts'
import { selectActs, selectDraft, updateDraft } from './store.ts'
import { sweep } from './sweep.ts'
import type { Packed } from './sweep-worker.ts'

const DAY_MS = 86_400_000
/** Small enough that a crash loses a second of work and a thread holds little, large enough to read in one go. */
const CHUNK = 2000
/** What an alert costs where too few decisions tell: our own figure, shown as such. */
const DEFAULT_MINUTES = 6
const ENOUGH_DECISIONS = 20

/** Fix the population and begin; threads do the rest. One at a time for a draft. */
export async function askBacktest(
  deps: RulebookDeps,
  actor: Actor,
  draft: string,
  days: number | null,
): Promise<string> {
  authorise(actor, 'rule.draft')
  const { db, house, jobs, live } = deps
  const seen = await selectDraft(db, house.corp, draft)
  if (!seen) throw fail('thing.missing', { draft })
  moved(seen.state, 'backtest')
  const text = await openText(db, house, 'text', draft, seen.text)
  const compiled = await compileDraft(deps, { name: seen.file, text })
  if (!compiled.set)
    throw fail('rule.broken', { line: compiled.trouble.line ?? 0, code: compiled.trouble.code ?? '' })
  const after = compiled.set.version
  return inTransaction(db, async tx => {
    const row = await heldDraft(tx, actor, draft)
    moved(row.state, 'backtest')
    if (row.hash !== seen.hash || row.testHash !== row.hash) throw fail('rule.stale', { what: 'text' })
    const running = await newestBacktest(tx, house.corp, draft)
    if (running && (running.state === 'waiting' || running.state === 'running'))
      throw fail('rule.moved', { state: row.state, act: 'backtest' })
    const at = now()
    const population = await fixPopulation(tx, house, days === null ? null : at - days * DAY_MS)
    const id = newId()
    await insertBacktest(tx, house.corp, {
      id,
      draft,
      file: row.file,
      hash: row.hash,
      before: live.current().version,
      after,
      days,
      ...population,
      fixedAt: at,
      messages: 0,
      by: actor.name,
      state: 'waiting',
      startedAt: null,
      endedAt: null,
      problem: null,
      summary: null,
    })
    await jobs.enqueue(tx, BACKTEST, { corp: house.corp, id })
    await record(tx, actor, {
      verb: 'rule.backtest_asked',
      thing: about(row),
      detail: { file: row.file, days, size: population.size },
    })
    return id
  })
}

export async function cancelBacktest(deps: RulebookDeps, actor: Actor, id: string): Promise<void> {
  authorise(actor, 'rule.draft')
  await inTransaction(deps.db, async tx => {
    const row = await selectBacktest(tx, deps.house.corp, id)
    if (!row) throw fail('thing.missing', { backtest: id })
    if (!(await moveBacktest(tx, deps.house.corp, id, 'cancelled')))
      throw fail('rule.moved', { state: row.state, act: 'cancel' })
    await record(tx, actor, {
      verb: 'rule.backtest_cancelled',
      thing: { kind: 'rule_draft', id: row.draft },
      detail: { file: row.file },
    })
  })
}

const populationOf = (row: BacktestRow): Population => ({
  epoch: row.epoch,
  size: row.size,
  since: row.since,
})

/** Run a backtest, or what a crash left of it. Nothing is written for a chunk but all of it. */
export async function runBacktest(
  deps: RulebookDeps,
  id: string,
  stopping: () => boolean = () => false,
): Promise<void> {
  const { db, house } = deps
  const { corp } = house
  const row = await selectBacktest(db, corp, id)
  const draft = row && (await selectDraft(db, corp, row.draft))
  if (!row || !draft || !(await moveBacktest(db, corp, id, 'running'))) return
  // The rules in force have changed under it: what it compares with is no more.
  if (deps.live.current().version !== row.before || draft.hash !== row.hash) return stop(deps, id, 'stale')
  const chunks = await chunksOf(deps, row)
  const text = await openText(db, house, 'text', draft.id, draft.text)
  const compiled = await compileDraft(deps, { name: row.file, text })
  if (!compiled.set || compiled.set.version !== row.after) return stop(deps, id, 'stale')
  const { keys, log: _, ...plain } = house
  const task = {
    appUrl: deps.appUrl,
    role: deps.role,
    masterKey: deps.masterKey,
    suite: keys.suite,
    house: plain,
    before: packed(deps.live.current()),
    after: packed(compiled.set),
    changed: draft.changed,
    population: populationOf(row),
  }
  const cancelled = async (): Promise<boolean> =>
    stopping() || (await selectBacktest(db, corp, id))?.state !== 'running'
  try {
    await sweep(task, chunks, {
      settled: ({ n, counts, rows }) => inTransaction(db, tx => settleChunk(tx, corp, id, n, counts, rows)),
      stopped: cancelled,
    })
  } catch (error) {
    house.log.error(
      { backtest: id, error: error instanceof Error ? error.message : String(error) },
      'a backtest failed',
    )
    return stop(deps, id, 'thread')
  }
  // The process ends: the job is another's, or ours after the next start.
  if (stopping()) throw new Error('the process stops before its backtest has ended')
  if (await cancelled()) return
  await finish(deps, row)
}

const packed = ({ engine, behaviours: _, ...set }: RuleSet): Packed => ({ set, image: engine.image })

async function stop(deps: RulebookDeps, id: string, problem: string): Promise<void> {
  await moveBacktest(deps.db, deps.house.corp, id, 'failed', { problem })
}

async function chunksOf({ db, house }: RulebookDeps, row: BacktestRow) {
  const known = await selectChunks(db, house.corp, row.id, 'done_at')
  if (known.all > 0) return known.left
  const { messages, spans } = await spansOf(db, house, populationOf(row), CHUNK)
  await inTransaction(db, tx => insertChunks(tx, house.corp, row.id, spans, messages))
  return (await selectChunks(db, house.corp, row.id, 'done_at')).left
}

async function finish(deps: RulebookDeps, row: BacktestRow): Promise<void> {
  const { db, house } = deps
  const summary = await summaryOf(deps, row)
  await inTransaction(db, async tx => {
    const draft = await heldDraft(tx, systemActor(house, 'backtest'), row.draft)
    if (!(await moveBacktest(tx, house.corp, row.id, 'done', { summary }))) return
    // Edited in between, the draft is another text: the result stands, and counts for nothing.
    if (draft.hash !== row.hash || (draft.state !== 'tested' && draft.state !== 'backtested')) return
    await updateDraft(tx, house.corp, row.draft, { state: moved(draft.state, 'backtest'), backtest: row.id })
    await record(tx, systemActor(house, 'backtest'), {
      verb: 'rules.backtested',
      thing: about(draft),
      detail: { file: row.file, messages: summary.messages },
    })
  })
}

type Summed = BacktestSummary & { messages: number }

async function summaryOf(deps: RulebookDeps, row: BacktestRow): Promise<Summed> {
  const { db, house } = deps
  const counts = await selectCounts(db, house.corp, row.id)
  const sum = (of: (one: (typeof counts)[number]) => number): number =>
    counts.reduce((all, one) => all + of(one), 0)
  const { changes, staff, days } = await tallyOf(db, house.corp, row.id, house.zone)
  const { people, departments } = await directoryOf(db, house)
  const by = new Map<number, number>()
  for (const { staff: who, n } of staff)
    for (const id of people.get(who)?.departments ?? [0]) by.set(id, (by.get(id) ?? 0) + n)
  const predicted = (await selectPredicted(db, house.corp, row.id)).filter(one => one.change !== 'gone')
  const conclusions = await deps.reviewed.conclusions(
    db,
    house,
    predicted.map(one => one.key),
  )
  const handling = await deps.reviewed.handling(db, house)
  const known = handling.decisions >= ENOUGH_DECISIONS
  const minutes = known ? handling.minutes : DEFAULT_MINUTES
  const { first, last } = await spanOfBacktest(db, house.corp, row)
  const span = Math.max(
    1,
    Math.round((Date.parse(dayOf(last, house.zone)) - Date.parse(dayOf(first, house.zone))) / DAY_MS) + 1,
  )
  const [hitsBefore, hitsAfter] = [sum(one => one.hits[0]), sum(one => one.hits[1])]
  const after = sum(one => one.alerts[1])
  const rules = new Map<string, [number, number]>()
  for (const one of counts)
    for (const [rule, [was, is]] of Object.entries(one.byRule)) {
      const of = rules.get(rule) ?? [0, 0]
      rules.set(rule, [of[0] + was, of[1] + is])
    }
  return {
    messages: sum(one => one.messages),
    before: sum(one => one.alerts[0]),
    after,
    fresh: changes.find(one => one.change === 'new')?.n ?? 0,
    gone: changes.find(one => one.change === 'gone')?.n ?? 0,
    raised: changes.filter(one => one.change !== 'gone').reduce((all, one) => all + one.raised, 0),
    hitsBefore,
    hitsAfter,
    growth: hitsBefore === 0 ? null : (hitsAfter - hitsBefore) / hitsBefore,
    days: span,
    perDay: after / span,
    departments: [...by]
      .map(([id, n]) => ({ id, name: departments.get(id)?.name ?? '', n }))
      .sort((a, b) => b.n - a.n),
    byDay: days,
    confirmed: conclusions.filter(one => one === 'violation').length,
    refuted: conclusions.filter(one => one === 'false_positive').length,
    minutes,
    minutesFrom: known ? 'history' : 'default',
    hoursPerDay: (after / span) * (minutes / 60),
    byRule: [...rules].map(([rule, [was, is]]) => ({ rule, before: was, after: is })),
  }
}

/** Raise what the backtest predicted, now that the version is in force as it was tested. Asked twice it is done once. */
export async function askApply(deps: RulebookDeps, actor: Actor, draft: string): Promise<void> {
  authorise(actor, 'rule.publish')
  const { db, house, jobs } = deps
  await inTransaction(db, async tx => {
    const row = await heldDraft(tx, actor, draft)
    const backtest = row.backtest === null ? null : await selectBacktest(tx, house.corp, row.backtest)
    if (row.state !== 'in_force' || row.version === null || !backtest)
      throw fail('rule.moved', { state: row.state, act: 'apply' })
    // Another file was published since: the set would find other things than was predicted.
    if (deps.live.current().version !== backtest.after) throw fail('rule.stale', { what: 'rules' })
    const asked = {
      file: row.file,
      version: row.version,
      by: actor.name,
      at: now(),
      endedAt: null,
      raised: 0,
    }
    if (!(await insertApplication(tx, house.corp, backtest.id, asked)))
      throw fail('rule.moved', { state: row.state, act: 'apply' })
    await jobs.enqueue(tx, APPLY, { corp: house.corp, id: backtest.id })
    const { before: _, ...summary } = backtest.summary ?? { after: 0, before: 0 }
    await record(tx, actor, {
      verb: 'rule.applied',
      thing: about(row),
      detail: { file: row.file, version: row.version, predicted: summary.after },
    })
  })
}

/** Read the population again by the rules in force and raise what they find; a chunk and its alerts are one transaction. */
export async function runApply(
  deps: RulebookDeps,
  id: string,
  stopping: () => boolean = () => false,
): Promise<void> {
  const { db, house, jobs } = deps
  const row = await selectBacktest(db, house.corp, id)
  const asked = await selectApplication(db, house.corp, id)
  const draft = row && (await selectDraft(db, house.corp, row.draft))
  if (!row || !draft || !asked || asked.endedAt !== null) return
  const actor = systemActor(house, 'monitor')
  const changed = new Set(draft.changed)
  const began = deps.live.current()
  const probe = probeOf(began, began, changed)
  for (const chunk of (await selectChunks(db, house.corp, id, 'applied_at')).left) {
    if (stopping()) throw new Error('the process stops before the version is applied to history')
    const set = deps.live.current()
    const standing = standingOf(await selectActs(db, house.corp)).inForce.get(asked.file)
    // Rolled back, or another publication in between: what is left of the prediction is no more to be raised.
    if (set.version !== row.after || standing !== asked.version) break
    const found = await judgeSpan(db, house, { set, probe }, populationOf(row), chunk)
    const { alerts } = await writeJudged(db, actor, jobs, found, changed)
    await inTransaction(db, async tx => {
      await addRaised(tx, house.corp, id, alerts)
      await markApplied(tx, house.corp, id, chunk.n)
    })
  }
  await inTransaction(db, tx => endApplication(tx, house.corp, id))
}
