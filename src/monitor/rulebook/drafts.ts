import type { z } from 'zod'
import { type Actor, fail, inTransaction, newId, now, type Tx } from '../../base/index.ts'
import { isModelRule, type Rule } from '../../detect/index.ts'
import { authorise } from '../../people/index.ts'
import { record, type TrailEntry } from '../../trail/index.ts'
import { RULES_FOLDER } from '../rules.ts'
import { examplesApart } from '../rules-apart.ts'
import {
  DRAFT_MOVES,
  type DraftAct,
  type DraftState,
  type editDraft as editInput,
  type newDraft as newInput,
  type PackTrouble,
  type RuleForm,
  type TestResult,
} from './contract.ts'
import { compileDraft, hashOf, overlayWith, type RulebookDeps, textInForce } from './deps.ts'
import { rulesDiffer, speakOtherwise } from './difference.ts'
import { textWith } from './form.ts'
import { openText, sealText } from './sealed.ts'
import {
  type DraftRow,
  insertDraft,
  lockRulebook,
  selectDraft,
  selectDrafts,
  selectVersions,
  updateDraft,
} from './store.ts'

/** The state an act leads to, or `rule.moved`: somebody was faster, or the order is wrong. */
export function moved(from: DraftState, act: DraftAct): DraftState {
  const to = (DRAFT_MOVES[from] as Partial<Record<DraftAct, DraftState>>)[act]
  if (!to) throw fail('rule.moved', { state: from, act })
  return to
}

/** The draft, held until the transaction ends. */
export async function heldDraft(tx: Tx, actor: Actor, id: string): Promise<DraftRow> {
  await lockRulebook(tx, actor.house.corp)
  const row = await selectDraft(tx, actor.house.corp, id, { lock: true })
  if (!row) throw fail('thing.missing', { draft: id })
  return row
}

export const about = (draft: { id: string }): TrailEntry['thing'] => ({ kind: 'rule_draft', id: draft.id })

/** More drafts than anybody works on at once. */
const MOST_DRAFTS = 500

type Written = { file: string; text: string; focus: string | null }

/** What an officer fills in becomes the text of the file its category stands in. */
async function written(
  deps: RulebookDeps,
  form: RuleForm,
  at?: { file: string; text: string },
): Promise<Written> {
  const { rules } = deps.live.current().packs
  const sample = rules.find(rule => rule.category === form.category && !isModelRule(rule))
  const file = at?.file ?? sample?.file
  if (!file) throw fail('thing.missing', { category: form.category })
  const text = at?.text ?? (await textInForce(deps, file))
  const used = await numbersUsed(deps)
  // Two drafts at once must not give two rules one number.
  const drafted = (await selectDrafts(deps.db, deps.house.corp, MOST_DRAFTS)).flatMap(row => row.focus ?? [])
  const id =
    form.id ??
    nextId(form.category, [...used.keys(), ...drafted, ...rules.map(rule => rule.id), ...idsIn(text)])
  const before = rules.find(rule => rule.id === id)?.version ?? 0
  const version = Math.max(before, used.get(id) ?? 0) + 1
  return { file, text: textWith(text, form, id, version), focus: id }
}

const idsIn = (text: string): string[] =>
  [...text.matchAll(/\bid: ([A-Z_]+-\d{2,3})\b/g)].map(found => found[1] ?? '')

/** …-98 and …-99 are what the model finds (packs/model-rules.ts). */
const MODEL_FROM = 98

function nextId(category: string, taken: string[]): string {
  const numbers = taken.flatMap(id =>
    id.startsWith(`${category}-`) ? [Number(id.slice(category.length + 1))] : [],
  )
  const next = Math.max(0, ...numbers.filter(n => n < MODEL_FROM || n > MODEL_FROM + 1)) + 1
  return `${category}-${String(next === MODEL_FROM ? MODEL_FROM + 2 : next).padStart(2, '0')}`
}

/** The highest version each rule ever had in a publication. */
async function numbersUsed(deps: RulebookDeps): Promise<Map<string, number>> {
  const used = new Map<string, number>()
  for (const { rules } of await selectVersions(deps.db, deps.house.corp))
    for (const [id, version] of Object.entries(rules)) used.set(id, Math.max(version, used.get(id) ?? 0))
  return used
}

/** Begin a draft, by the form or by the text. It may be wrong: what is wrong is told, and it gets no further. */
export async function makeDraft(
  deps: RulebookDeps,
  actor: Actor,
  input: z.infer<typeof newInput>,
): Promise<string> {
  authorise(actor, 'rule.draft')
  const { db, house } = deps
  const { file, text, focus } =
    input.by === 'form' ? await written(deps, input.rule) : { ...input, focus: null }
  const id = newId()
  const at = now()
  return inTransaction(db, async tx => {
    const row: DraftRow = {
      ...BLANK,
      id,
      file,
      focus,
      text: await sealText(tx, house, 'text', id, text),
      hash: hashOf(text),
      why: await sealText(tx, house, 'why', id, input.why),
      madeBy: actor.name,
      authors: [actor.name],
      madeAt: at,
      changedAt: at,
    }
    await insertDraft(tx, house.corp, row)
    await record(tx, actor, {
      verb: 'rule.drafted',
      thing: about(row),
      detail: { file, by: input.by, why: input.why, ...(focus ? { rule: focus } : {}) },
    })
    return id
  })
}

const BLANK = {
  state: 'draft' as const,
  changed: [],
  test: null,
  testSealed: null,
  testHash: null,
  backtest: null,
  submittedBy: null,
  submittedAt: null,
  returnedBy: null,
  returnSealed: null,
  version: null,
}

/** Another text: tests and backtests of the one before count no more. Whoever writes is an author, and never publishes it. */
export async function changeDraft(
  deps: RulebookDeps,
  actor: Actor,
  id: string,
  input: z.infer<typeof editInput>,
): Promise<void> {
  authorise(actor, 'rule.draft')
  const { db, house } = deps
  const before = await selectDraft(db, house.corp, id)
  if (!before) throw fail('thing.missing', { draft: id })
  const old = await openText(db, house, 'text', id, before.text)
  const { text, focus } =
    input.by === 'form'
      ? await written(deps, input.rule, { file: before.file, text: old })
      : { text: input.text, focus: before.focus }
  await inTransaction(db, async tx => {
    const row = await heldDraft(tx, actor, id)
    const state = moved(row.state, 'edit')
    // Somebody else wrote in between: his words must not be lost.
    if (row.hash !== before.hash) throw fail('rule.moved', { state: row.state, act: 'edit' })
    await updateDraft(tx, house.corp, id, {
      state,
      text: await sealText(tx, house, 'text', id, text),
      hash: hashOf(text),
      why: await sealText(tx, house, 'why', id, input.why),
      focus,
      authors: [...new Set([...row.authors, actor.name])],
      changedAt: now(),
      test: null,
      testSealed: null,
      testHash: null,
    })
    await record(tx, actor, {
      verb: 'rule.drafted',
      thing: about(row),
      detail: { file: row.file, by: input.by, why: input.why, ...(focus ? { rule: focus } : {}) },
    })
  })
}

/** Run every example and its disguises. Only a text that compiles, and whose changed rules bear a new version, is tested. */
export async function testDraft(deps: RulebookDeps, actor: Actor, id: string): Promise<TestResult> {
  authorise(actor, 'rule.draft')
  const { db, house } = deps
  const row = await selectDraft(db, house.corp, id)
  if (!row) throw fail('thing.missing', { draft: id })
  moved(row.state, 'test')
  const text = await openText(db, house, 'text', id, row.text)
  const trouble = await troubleOf(deps, { file: row.file, text })
  if (trouble.trouble)
    throw fail('rule.broken', { line: trouble.trouble.line ?? 0, code: trouble.trouble.code ?? '' })
  const { changed, own } = trouble
  const over = await overlayWith(deps, { name: row.file, text })
  const rows = await examplesApart(deps.institution, deps.folder ?? RULES_FOLDER, over)
  if ('failed' in rows) throw fail('rule.broken', { line: rows.line ?? 0, code: rows.code ?? '' })
  const shown = rows
    .filter(one => own.has(one.rule) || one.failed.length > 0)
    .map(({ unseen: _, ...rest }) => rest)
  const sum = (of: 'fires' | 'clean' | 'disguised' | 'seen'): number =>
    shown.reduce((all, one) => all + one[of], 0)
  const result: TestResult = {
    rules: shown.length,
    fires: sum('fires'),
    clean: sum('clean'),
    disguised: sum('disguised'),
    seen: sum('seen'),
    failed: shown.reduce((all, one) => all + one.failed.length, 0),
    rows: shown,
  }
  const { rows: told, ...counts } = result
  await inTransaction(db, async tx => {
    const held = await heldDraft(tx, actor, id)
    const state = moved(held.state, 'test')
    if (held.hash !== row.hash) throw fail('rule.moved', { state: held.state, act: 'test' })
    await updateDraft(tx, house.corp, id, {
      state,
      changed,
      test: counts,
      testHash: held.hash,
      testSealed: await sealText(tx, house, 'test', id, JSON.stringify(told)),
    })
    await record(tx, actor, {
      verb: 'rule.tested',
      thing: about(held),
      detail: {
        file: held.file,
        rules: counts.rules,
        failed: counts.failed,
        disguised: counts.disguised,
        seen: counts.seen,
      },
    })
  })
  return result
}

type Looked =
  | { trouble: PackTrouble; changed: string[]; own: Set<string> }
  | { trouble: null; changed: string[]; own: Set<string> }

/** Does the text compile, and does every rule that would speak otherwise bear a version it never had? */
export async function troubleOf(deps: RulebookDeps, draft: { file: string; text: string }): Promise<Looked> {
  const compiled = await compileDraft(deps, { name: draft.file, text: draft.text })
  if (!compiled.set) return { trouble: compiled.trouble, changed: [], own: new Set() }
  const before = deps.live.current().packs.rules
  const after = compiled.set.packs.rules
  const changed = speakOtherwise(rulesDiffer(before, after))
  const own = new Set(after.filter(rule => rule.file === draft.file).map(rule => rule.id))
  const used = await numbersUsed(deps)
  const stale = after.find(
    rule =>
      changed.includes(rule.id) &&
      !isModelRule(rule) &&
      rule.file === draft.file &&
      rule.version <= lastOf(before, used, rule.id),
  )
  if (!stale) return { trouble: null, changed, own }
  const version = lastOf(before, used, stale.id) + 1
  return {
    trouble: {
      problem: `${stale.id}: version ${stale.version}`,
      code: 'rule.version',
      line: stale.line,
      remedy: String(version),
    },
    changed,
    own,
  }
}

const lastOf = (before: readonly Rule[], used: Map<string, number>, id: string): number =>
  Math.max(before.find(rule => rule.id === id)?.version ?? 0, used.get(id) ?? 0)

/** Hand it to the second person: tested without a failure and backtested, both of this very text. */
export async function submitDraft(deps: RulebookDeps, actor: Actor, id: string): Promise<void> {
  authorise(actor, 'rule.draft')
  await inTransaction(deps.db, async tx => {
    const row = await heldDraft(tx, actor, id)
    const state = moved(row.state, 'submit')
    if (row.testHash !== row.hash || !row.test || row.test.failed > 0)
      throw fail('rule.untested', { failed: row.test?.failed ?? 0 })
    await updateDraft(tx, actor.house.corp, id, {
      state,
      submittedBy: actor.name,
      submittedAt: now(),
      returnedBy: null,
      returnSealed: null,
      authors: [...new Set([...row.authors, actor.name])],
    })
    await record(tx, actor, { verb: 'rule.submitted', thing: about(row), detail: { file: row.file } })
  })
}

/** Back to its maker with a reason: by the second person, or by the maker himself who saw something. */
export async function returnDraft(
  deps: RulebookDeps,
  actor: Actor,
  id: string,
  reason: string,
): Promise<void> {
  await inTransaction(deps.db, async tx => {
    const row = await heldDraft(tx, actor, id)
    authorise(actor, row.authors.includes(actor.name) ? 'rule.draft' : 'rule.publish')
    const state = moved(row.state, 'return')
    await updateDraft(tx, actor.house.corp, id, {
      state,
      returnedBy: actor.name,
      returnSealed: await sealText(tx, actor.house, 'return', id, reason),
      submittedBy: null,
      submittedAt: null,
    })
    await record(tx, actor, { verb: 'rule.returned', thing: about(row), detail: { file: row.file, reason } })
  })
}

export async function discardDraft(deps: RulebookDeps, actor: Actor, id: string): Promise<void> {
  authorise(actor, 'rule.draft')
  await inTransaction(deps.db, async tx => {
    const row = await heldDraft(tx, actor, id)
    await updateDraft(tx, actor.house.corp, id, { state: moved(row.state, 'discard'), changedAt: now() })
    await record(tx, actor, { verb: 'rule.discarded', thing: about(row), detail: { file: row.file } })
  })
}
