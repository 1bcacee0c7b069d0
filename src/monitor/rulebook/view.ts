import { type Actor, type Db, fail, type House } from '../../base/index.ts'
import { isModelRule, type Rule } from '../../detect/index.ts'
import { authorise, directoryOf } from '../../people/index.ts'
import { ruleViews } from '../rules.ts'
import { type BacktestRow, newestBacktest, progressOf, selectApplication } from './backtest-store.ts'
import type { BacktestView, DraftItem, DraftView, RulebookView, TestResult, VersionView } from './contract.ts'
import { compileDraft, folderText, type RulebookDeps, textInForce } from './deps.ts'
import { linesDiffer, rulesDiffer } from './difference.ts'
import { troubleOf } from './drafts.ts'
import { formOf } from './form.ts'
import { openVersion, standingOf } from './published.ts'
import { openText } from './sealed.ts'
import { countShadow } from './shadow-store.ts'
import {
  type DraftRow,
  selectActs,
  selectDraft,
  selectDrafts,
  selectVersions,
  type VersionRow,
} from './store.ts'

const MOST_DRAFTS = 200
/** Beyond every share that can be measured: there were no hits before. */
const NONE_BEFORE = 1_000_000

async function itemOf(db: Db, house: House, row: DraftRow): Promise<DraftItem> {
  const { id, file, state, focus, changed, madeBy, authors, changedAt, version } = row
  return {
    id,
    file,
    state,
    focus,
    changed,
    madeBy,
    authors,
    changedAt,
    version,
    why: await openText(db, house, 'why', id, row.why),
  }
}

/** Drafts, versions and everything done with them, and what a new draft may choose from. */
export async function readRulebook(deps: RulebookDeps, actor: Actor): Promise<RulebookView> {
  authorise(actor, 'rule.read')
  const { db, house } = deps
  const rows = await selectDrafts(db, house.corp, MOST_DRAFTS)
  const versions = await selectVersions(db, house.corp)
  const acts = await selectActs(db, house.corp)
  const { departments } = await directoryOf(db, house)
  const nameOf = (id: number): string => departments.get(id)?.name ?? String(id)
  const states = new Map(rows.map(row => [row.id, row.state]))
  return {
    drafts: await Promise.all(rows.map(row => itemOf(db, house, row))),
    versions: await Promise.all(
      versions.map(row => versionOf(db, house, row, states.get(row.draft) ?? 'superseded')),
    ),
    acts: await Promise.all(
      acts.toReversed().map(async ({ reason, ...act }) => ({
        ...act,
        departments: act.departments.map(nameOf),
        reason: await openText(db, house, 'act', String(act.seq), reason),
      })),
    ),
    departments: [...departments.values()].map(({ id, name }) => ({ id, name })),
    ...choicesOf(deps),
  }
}

async function versionOf(
  db: Db,
  house: House,
  row: VersionRow,
  state: DraftItem['state'],
): Promise<VersionView> {
  const name = `${row.file}|${row.version}`
  return {
    file: row.file,
    version: row.version,
    draft: row.draft,
    state,
    changed: row.changed,
    rules: row.rules,
    authors: row.authors,
    publishedBy: row.publishedBy,
    publishedAt: row.publishedAt,
    why: await openText(db, house, 'versionWhy', name, row.why),
    acknowledged: row.acknowledged ? await openText(db, house, 'acknowledged', name, row.acknowledged) : null,
    growth: row.growth !== null && row.growth > NONE_BEFORE ? null : row.growth,
  }
}

/** Files and categories as they are in force: templates to start from. */
function choicesOf(deps: RulebookDeps): Pick<RulebookView, 'files' | 'categories' | 'clauses'> {
  const set = deps.live.current()
  const rules = set.packs.rules.filter(rule => !isModelRule(rule))
  const files = [...Map.groupBy(rules, rule => rule.file)].map(([file, own]) => ({
    file,
    name: own[0]?.categoryName ?? file,
    rules: own.length,
  }))
  const views = new Map(ruleViews(set).map(view => [view.id, view]))
  const categories = [...Map.groupBy(rules, rule => rule.category).values()].flatMap(own => {
    const [rule] = own
    if (!rule) return []
    const { category: id, categoryName: name, severity, direction, verdict, clause } = rule
    return [{ id, name, severity, direction, verdict, clause, basis: views.get(rule.id)?.basis ?? [] }]
  })
  return { files, categories, clauses: set.packs.clauses.map(({ id, title }) => ({ id, title })) }
}

async function backtestOf(deps: RulebookDeps, row: BacktestRow, draft: DraftRow): Promise<BacktestView> {
  const { db, house, live } = deps
  const { chunks, done, applied } = await progressOf(db, house.corp, row.id)
  const application = await selectApplication(db, house.corp, row.id)
  const { id, state, days, messages, size, fixedAt, by, startedAt, endedAt, problem, summary } = row
  const published = draft.version !== null
  return {
    id,
    state,
    days,
    messages,
    size,
    fixedAt,
    by,
    done,
    chunks,
    startedAt,
    endedAt,
    problem,
    summary,
    stale: row.hash !== draft.hash || (!published && row.before !== live.current().version),
    application: application && {
      by: application.by,
      at: application.at,
      endedAt: application.endedAt,
      raised: application.raised,
      done: applied,
    },
  }
}

/** One draft with all that is known of it. */
export async function readDraft(deps: RulebookDeps, actor: Actor, id: string): Promise<DraftView> {
  authorise(actor, 'rule.read')
  const { db, house } = deps
  const row = await selectDraft(db, house.corp, id)
  if (!row) throw fail('thing.missing', { draft: id })
  const text = await openText(db, house, 'text', id, row.text)
  const { trouble } =
    row.version === null ? await troubleOf(deps, { file: row.file, text }) : { trouble: null }
  const backtest = await newestBacktest(db, house.corp, id)
  const { staged } = standingOf(await selectActs(db, house.corp))
  const own = row.version !== null && staged?.file === row.file && staged.version === row.version
  return {
    ...(await itemOf(db, house, row)),
    text,
    form: row.focus === null ? null : formOf(text, row.focus),
    trouble,
    test: await testOf(deps, row),
    diff: await differenceOf(deps, row, text),
    backtest: backtest && (await backtestOf(deps, backtest, row)),
    submitted: row.submittedBy === null ? null : { by: row.submittedBy, at: row.submittedAt ?? 0 },
    returned:
      row.returnedBy === null || row.returnSealed === null
        ? null
        : { by: row.returnedBy, reason: await openText(db, house, 'return', id, row.returnSealed) },
    shadow: row.version === null ? null : await shadowOf(deps, row),
    departments: own ? (staged?.departments ?? []) : [],
  }
}

async function shadowOf(deps: RulebookDeps, { file, version }: DraftRow) {
  const counted = await countShadow(deps.db, deps.house.corp, { file, version: version ?? 0 })
  return counted.hits > 0 ? counted : null
}

async function testOf({ db, house }: RulebookDeps, row: DraftRow): Promise<TestResult | null> {
  if (!row.test || !row.testSealed) return null
  const rows = JSON.parse(await openText(db, house, 'test', row.id, row.testSealed)) as TestResult['rows']
  return { ...row.test, rows }
}

/** Against what is in force, or for a published version against the one before it. */
async function differenceOf(deps: RulebookDeps, row: DraftRow, text: string): Promise<DraftView['diff']> {
  const inForce = standingOf(await selectActs(deps.db, deps.house.corp)).inForce.get(row.file) ?? 0
  const own = row.version !== null && row.version === inForce
  const base = own ? await textBefore(deps, row) : await textInForce(deps, row.file)
  const lines = linesDiffer(base, text)
  const compiled = await compileDraft(deps, { name: row.file, text })
  if (!compiled.set) return { rules: [], lines }
  const of = (rules: readonly Rule[]): Rule[] =>
    rules.filter(rule => rule.file === row.file && !isModelRule(rule))
  const after = of(compiled.set.packs.rules)
  // What is in force is compiled already.
  if (!own) return { rules: rulesDiffer(of(deps.live.current().packs.rules), after), lines }
  const before = base === '' ? null : await compileDraft(deps, { name: row.file, text: base })
  if (before && !before.set) return { rules: [], lines }
  return { rules: rulesDiffer(before?.set ? of(before.set.packs.rules) : [], after), lines }
}

/** The text that a version took the place of. */
async function textBefore(deps: RulebookDeps, row: DraftRow): Promise<string> {
  const { db, house } = deps
  const earlier = (await selectVersions(db, house.corp)).find(
    one => one.file === row.file && one.version < (row.version ?? 0),
  )
  return earlier ? openVersion(db, house, earlier) : folderText(deps, row.file)
}
