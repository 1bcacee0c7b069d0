import type { z } from 'zod'
import { type Actor, fail, inTransaction, now, type Tx } from '../../base/index.ts'
import { isModelRule } from '../../detect/index.ts'
import { authorise } from '../../people/index.ts'
import { record } from '../../trail/index.ts'
import { selectBacktest } from './backtest-store.ts'
import { type DraftAct, MOST_GROWTH, type publishAsk } from './contract.ts'
import { compileDraft, folderText, type RulebookDeps } from './deps.ts'
import { about, heldDraft, moved, troubleOf } from './drafts.ts'
import { openVersion, standingOf } from './published.ts'
import { openText, sealText } from './sealed.ts'
import {
  type ActRow,
  type DraftRow,
  draftOfVersion,
  insertAct,
  insertVersion,
  lockRulebook,
  newestAct,
  selectActs,
  selectDraft,
  selectVersions,
  updateDraft,
} from './store.ts'

const ACTS = { in_force: 'publish', staged: 'stage', shadow: 'shadow' } as const satisfies Record<
  string,
  DraftAct
>
type Publish = z.infer<typeof publishAsk>

/**
 * The second person puts a draft in force: for all, for some departments first, or in its shadow. The same verb takes a
 * staged version further. What was not tested and backtested as it stands, or does not compile, is refused.
 */
export async function publishDraft(
  deps: RulebookDeps,
  actor: Actor,
  id: string,
  input: Publish,
): Promise<number> {
  authorise(actor, 'rule.publish')
  const { db, house } = deps
  const seen = await selectDraft(db, house.corp, id)
  if (!seen) throw fail('thing.missing', { draft: id })
  if (seen.authors.includes(actor.name)) throw fail('approval.own', { draft: id })
  if (input.act === 'staged' && input.departments.length === 0)
    throw fail('request.invalid', { field: 'departments' })
  const version =
    seen.version === null
      ? await firstTime(deps, actor, seen, input)
      : await further(deps, actor, seen, input)
  await deps.live.poke()
  return version
}

async function firstTime(deps: RulebookDeps, actor: Actor, seen: DraftRow, input: Publish): Promise<number> {
  const { db, house } = deps
  const text = await openText(db, house, 'text', seen.id, seen.text)
  const { trouble } = await troubleOf(deps, { file: seen.file, text })
  if (trouble) throw fail('rule.broken', { line: trouble.line ?? 0, code: trouble.code ?? '' })
  const compiled = await compileDraft(deps, { name: seen.file, text })
  if (!compiled.set) throw fail('rule.broken', { line: 0, code: '' })
  const rules = Object.fromEntries(
    compiled.set.packs.rules
      .filter(rule => rule.file === seen.file && !isModelRule(rule))
      .map(rule => [rule.id, rule.version]),
  )
  return inTransaction(db, async tx => {
    const row = await heldDraft(tx, actor, seen.id)
    const state = moved(row.state, ACTS[input.act])
    if (row.hash !== seen.hash || row.testHash !== row.hash) throw fail('rule.stale', { what: 'text' })
    if (!row.test || row.test.failed > 0) throw fail('rule.untested', { failed: row.test?.failed ?? 0 })
    const growth = await grown(deps, tx, row, input)
    await oneAtATime(tx, actor, row.file, input)
    const versions = await selectVersions(tx, house.corp)
    const version = Math.max(0, ...versions.filter(one => one.file === row.file).map(one => one.version)) + 1
    const name = `${row.file}|${version}`
    const why = await openText(tx, house, 'why', row.id, row.why)
    await insertVersion(tx, house.corp, {
      file: row.file,
      version,
      draft: row.id,
      text: await sealText(tx, house, 'version', name, text),
      hash: row.hash,
      why: await sealText(tx, house, 'versionWhy', name, why),
      rules,
      changed: row.changed,
      authors: row.authors,
      backtest: row.backtest ?? '',
      growth,
      acknowledged:
        input.acknowledged === undefined
          ? null
          : await sealText(tx, house, 'acknowledged', name, input.acknowledged),
      publishedBy: actor.name,
      publishedAt: now(),
    })
    await updateDraft(tx, house.corp, row.id, { state, version, changedAt: now() })
    await enact(tx, actor, row, version, input, {
      ...(growth === null ? {} : { growth }),
      ...(input.acknowledged === undefined ? {} : { acknowledged: input.acknowledged }),
    })
    return version
  })
}

/** A staged version goes on: to other departments, or to all. */
async function further(deps: RulebookDeps, actor: Actor, seen: DraftRow, input: Publish): Promise<number> {
  const version = seen.version ?? 0
  await inTransaction(deps.db, async tx => {
    const row = await heldDraft(tx, actor, seen.id)
    if (row.state !== 'shadow' && row.state !== 'staged')
      throw fail('rule.moved', { state: row.state, act: ACTS[input.act] })
    const state = moved(row.state, ACTS[input.act])
    await updateDraft(tx, actor.house.corp, row.id, { state, changedAt: now() })
    await enact(tx, actor, row, version, input, {})
  })
  return version
}

/** A version is put where the act says: what it takes the place of goes, every process hears of it, the trail keeps it. */
async function enact(
  tx: Tx,
  actor: Actor,
  row: DraftRow,
  version: number,
  { act: what, departments, reason }: Publish,
  more: { growth?: number; acknowledged?: string },
): Promise<void> {
  if (what === 'in_force') await supersede(tx, actor, row.file, row.id)
  await act(tx, actor, { file: row.file, version, act: what, departments }, reason)
  await record(tx, actor, {
    verb: 'rule.published',
    thing: about(row),
    detail: { file: row.file, version, act: what, departments, reason, ...more },
  })
}

/** The backtest must be of this text and of the rules as they are now; a great change of hits is acknowledged by name. */
async function grown(deps: RulebookDeps, tx: Tx, row: DraftRow, input: Publish): Promise<number | null> {
  const backtest = row.backtest === null ? null : await selectBacktest(tx, deps.house.corp, row.backtest)
  if (backtest?.state !== 'done' || !backtest.summary || backtest.hash !== row.hash)
    throw fail('rule.stale', { what: 'backtest' })
  if (backtest.before !== deps.live.current().version) throw fail('rule.stale', { what: 'rules' })
  const { growth, hitsAfter } = backtest.summary
  const much = growth === null ? hitsAfter > 0 : Math.abs(growth) > MOST_GROWTH
  if (much && input.acknowledged === undefined) throw fail('rule.growth', { growth: growth ?? hitsAfter })
  return growth === null ? (hitsAfter > 0 ? Number.MAX_SAFE_INTEGER : 0) : Math.abs(growth)
}

/** With two versions on their way at once nobody could say which of them did what. */
async function oneAtATime(tx: Tx, actor: Actor, file: string, input: Publish): Promise<void> {
  const { staged } = standingOf(await selectActs(tx, actor.house.corp))
  if (staged && (input.act !== 'in_force' || staged.file === file))
    throw fail('rule.staged', { file: staged.file, version: staged.version })
}

async function act(
  tx: Tx,
  actor: Actor,
  what: Pick<ActRow, 'file' | 'version' | 'act' | 'departments'>,
  reason: string,
): Promise<void> {
  const { house } = actor
  const seq = (await newestAct(tx, house.corp)) + 1
  const departments = what.act === 'staged' ? what.departments : []
  await insertAct(tx, house.corp, {
    ...what,
    departments,
    seq,
    by: actor.name,
    at: now(),
    reason: await sealText(tx, house, 'act', String(seq), reason),
  })
}

/** What was in force for this file until now. */
async function supersede(
  tx: Tx,
  actor: Actor,
  file: string,
  by: string | null,
  away: 'supersede' | 'rollback' = 'supersede',
): Promise<void> {
  const version = standingOf(await selectActs(tx, actor.house.corp)).inForce.get(file) ?? 0
  const id = version === 0 ? null : await draftOfVersion(tx, actor.house.corp, file, version)
  if (id === null || id === by) return
  const row = await heldDraft(tx, actor, id)
  await updateDraft(tx, actor.house.corp, id, { state: moved(row.state, away), changedAt: now() })
}

/**
 * Back to an earlier version of a file, 0 being the folder's. One person may: it only takes back. A version on its way is
 * taken off it, when that is what stands newest.
 */
export async function rollBack(
  deps: RulebookDeps,
  actor: Actor,
  file: string,
  to: number,
  reason: string,
): Promise<void> {
  authorise(actor, 'rule.publish')
  const { db, house } = deps
  await compilesAgain(deps, file, to)
  await inTransaction(db, async tx => {
    await lockRulebook(tx, house.corp)
    const { inForce, staged } = standingOf(await selectActs(tx, house.corp))
    const current = inForce.get(file) ?? 0
    const off = staged?.file === file ? staged.version : null
    if (to === current && off === null) throw fail('rule.moved', { state: 'in_force', act: 'rollback' })
    if (off !== null) await move(tx, actor, file, off, 'rollback')
    if (to !== current) {
      await supersede(tx, actor, file, null, 'rollback')
      if (to > 0 && to !== off) await move(tx, actor, file, to, 'restore')
    }
    await act(tx, actor, { file, version: to, act: 'rolled_back', departments: [] }, reason)
    await record(tx, actor, {
      verb: 'rule.rolled_back',
      thing: { kind: 'rule_file', id: file },
      detail: { file, from: off ?? current, to, reason },
    })
  })
  await deps.live.poke()
}

async function move(tx: Tx, actor: Actor, file: string, version: number, by: DraftAct): Promise<void> {
  const id = await draftOfVersion(tx, actor.house.corp, file, version)
  if (id === null) throw fail('thing.missing', { file, version })
  const row = await heldDraft(tx, actor, id)
  await updateDraft(tx, actor.house.corp, id, { state: moved(row.state, by), changedAt: now() })
}

/** An old version must still fit the files around it: what does not compile never gets in force. */
async function compilesAgain(deps: RulebookDeps, file: string, to: number): Promise<void> {
  const row = (await selectVersions(deps.db, deps.house.corp)).find(
    one => one.file === file && one.version === to,
  )
  if (to > 0 && !row) throw fail('thing.missing', { file, version: to })
  const text = row ? await openVersion(deps.db, deps.house, row) : folderText(deps, file)
  // Without a file of the folder, going back means that the file is gone; the set without it is tried at the next look.
  if (text === '') return
  const { trouble } = await compileDraft(deps, { name: file, text })
  if (trouble) throw fail('rule.broken', { line: trouble.line ?? 0, code: trouble.code ?? '' })
}
