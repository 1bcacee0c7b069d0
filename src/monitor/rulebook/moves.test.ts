import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { filePremises, type TestPremises } from '../../../test/support/premises.ts'
import { type Actor, Fault, type JobKind, openJobs, sql } from '../../base/index.ts'
import { RULES_FOLDER } from '../rules.ts'
import { watchRules } from '../rules-apart.ts'
import { runBacktest } from './backtest.ts'
import { DRAFT_MOVES, DRAFT_STATES, type DraftAct, type DraftState } from './contract.ts'
import { changeDraft, discardDraft, returnDraft } from './drafts.ts'
import {
  APPLY,
  askBacktest,
  BACKTEST,
  makeDraft,
  publicationsOf,
  publishDraft,
  type RulebookDeps,
  rollBack,
  submitDraft,
  testDraft,
} from './index.ts'
import { selectDraft, selectDrafts } from './store.ts'
import { formWith, personOf } from './testing.ts'

const premises = filePremises()
let house: TestPremises
let deps: RulebookDeps
/** One file of rules, so that a walk of a hundred steps compiles in no time. */
beforeAll(async () => {
  house = await premises
  const folder = mkdtempSync(join(tmpdir(), 'tongjian-rules-'))
  for (const name of ['guar.yaml', 'clauses.yaml']) cpSync(join(RULES_FOLDER, name), join(folder, name))
  const { db, house: own, appUrl, role, config } = house
  const live = watchRules('bank', own.log, folder, publicationsOf(db, own))
  const jobs = await openJobs(appUrl, [BACKTEST, APPLY] as unknown as JobKind<never>[], {
    worker: false,
    log: own.log,
    ...(role === undefined ? {} : { role }),
  })
  const reviewed = { conclusions: async () => [], handling: async () => ({ minutes: 0, decisions: 0 }) }
  deps = {
    db,
    house: own,
    jobs,
    live,
    institution: 'bank',
    folder,
    reviewed,
    appUrl,
    role,
    masterKey: config.masterKey,
  }
  return async () => {
    await live.stop()
    await jobs.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})

const TERMS = ['青鸾通道', '玄圃额度', '丹穴方案', '瑶池安排']
type Asked = {
  act: DraftAct
  role: 'officer' | 'lead' | 'risk' | 'auditor' | 'adviser'
  draft: number
}

/** No worker runs here: the test runs the backtest itself. */
async function backtested(actor: Actor, id: string): Promise<void> {
  await runBacktest(deps, await askBacktest(deps, actor, id, null))
}

async function perform(ask: Asked, id: string): Promise<void> {
  const { act, role } = ask
  const actor = personOf(house.house, role)
  const row = await selectDraft(house.db, house.house.corp, id)
  if (!row) return
  const give = { departments: [] as number[], reason: '核对无误', acknowledged: '变化在可处置范围内' }
  switch (act) {
    case 'edit':
      return changeDraft(deps, actor, id, {
        by: 'form',
        rule: formWith(TERMS[ask.draft % TERMS.length] ?? '', { id: row.focus }),
        why: '再改一遍',
      })
    case 'test':
      return void (await testDraft(deps, actor, id))
    case 'backtest':
      return backtested(actor, id)
    case 'submit':
      return submitDraft(deps, actor, id)
    case 'return':
      return returnDraft(deps, actor, id, '例句不足')
    case 'publish':
      return void (await publishDraft(deps, actor, id, { ...give, act: 'in_force' }))
    case 'stage':
      return void (await publishDraft(deps, actor, id, { ...give, act: 'staged', departments: [3] }))
    case 'shadow':
      return void (await publishDraft(deps, actor, id, { ...give, act: 'shadow' }))
    case 'rollback':
      return rollBack(deps, actor, row.file, 0, '先退回')
    case 'restore':
      return rollBack(deps, actor, row.file, row.version ?? 0, '恢复')
    case 'supersede':
      // What a publication of another draft of the file does to this one.
      return
    case 'discard':
      return discardDraft(deps, actor, id)
  }
}

const state = async (id: string): Promise<DraftState> =>
  (await selectDraft(house.db, house.house.corp, id))?.state ?? 'discarded'

const ready = (draft: number): Asked[] =>
  (['test', 'backtest', 'submit'] as const).map(act => ({ act, role: 'officer', draft }))

/** Every move of the table once, in an order that reaches it; what the random walk adds is the order and the roles. */
const TOUR: Asked[] = [
  ...(
    [
      'edit',
      'test',
      'edit',
      'test',
      'test',
      'backtest',
      'edit',
      'test',
      'backtest',
      'test',
      'backtest',
      'backtest',
      'submit',
    ] as const
  ).map(act => ({ act, role: 'officer', draft: 0 }) as Asked),
  { act: 'return', role: 'lead', draft: 0 },
  ...ready(0),
  { act: 'shadow', role: 'lead', draft: 0 },
  { act: 'stage', role: 'risk', draft: 0 },
  { act: 'stage', role: 'lead', draft: 0 },
  { act: 'publish', role: 'lead', draft: 0 },
  { act: 'rollback', role: 'risk', draft: 0 },
  { act: 'restore', role: 'lead', draft: 0 },
  ...ready(1),
  { act: 'publish', role: 'lead', draft: 1 },
  { act: 'restore', role: 'lead', draft: 0 },
  ...ready(2),
  { act: 'shadow', role: 'lead', draft: 2 },
  { act: 'rollback', role: 'lead', draft: 2 },
  ...ready(3),
  { act: 'stage', role: 'risk', draft: 3 },
  { act: 'rollback', role: 'lead', draft: 3 },
  { act: 'discard', role: 'officer', draft: 4 },
  { act: 'test', role: 'officer', draft: 5 },
  { act: 'discard', role: 'officer', draft: 5 },
  { act: 'test', role: 'officer', draft: 6 },
  { act: 'backtest', role: 'officer', draft: 6 },
  { act: 'discard', role: 'officer', draft: 6 },
  ...ready(7),
  { act: 'publish', role: 'risk', draft: 7 },
  { act: 'rollback', role: 'risk', draft: 7 },
  ...ready(8),
  { act: 'shadow', role: 'lead', draft: 8 },
  { act: 'publish', role: 'risk', draft: 8 },
]

const asked = fc.record({
  act: fc.constantFrom<Asked['act']>(
    'edit',
    'test',
    'submit',
    'return',
    'publish',
    'stage',
    'shadow',
    'rollback',
    'restore',
    'discard',
  ),
  role: fc.constantFrom<Asked['role']>('officer', 'lead', 'risk', 'auditor', 'adviser'),
  draft: fc.nat({ max: 8 }),
})

test('no order of calls by any roles leaves the table, lets an author publish, or changes anything without a trail entry', async () => {
  const drafts: string[] = []
  for (let i = 0; i < 9; i++)
    drafts.push(
      await makeDraft(deps, personOf(house.house, 'officer'), {
        by: 'form',
        rule: formWith(TERMS[i % TERMS.length] ?? ''),
        why: '随机走动',
      }),
    )
  const seen = new Set<string>()
  let accepted = 0
  let refused = 0
  const trail = async (): Promise<number> =>
    (
      await sql<{
        n: number
      }>`SELECT count(*) AS n FROM trail_entry WHERE corp_id = ${house.house.corp} AND verb LIKE 'rule%'`.execute(
        house.db,
      )
    ).rows[0]?.n ?? 0
  const all = async (): Promise<Map<string, DraftState>> =>
    new Map((await selectDrafts(house.db, house.house.corp, 100)).map(row => [row.id, row.state]))
  const step = async (ask: Asked): Promise<void> => {
    const id = drafts[ask.draft] ?? ''
    const before = await all()
    const entries = await trail()
    try {
      await perform(ask, id)
      accepted += 1
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      refused += 1
    }
    const after = await all()
    let changed = false
    for (const [draft, was] of before) {
      const is = after.get(draft) ?? 'discarded'
      if (is === was) continue
      changed = true
      const moves = DRAFT_MOVES[was] as Partial<Record<DraftAct, DraftState>>
      const by = Object.entries(moves).filter(([, to]) => to === is)
      expect(by.length, `${was} → ${is} by ${ask.act}`).toBeGreaterThan(0)
      for (const [act] of by)
        if (act === ask.act || draft !== id || ask.act === 'restore') seen.add(`${was} ${act} ${is}`)
    }
    if (!changed) {
      const was = before.get(id)
      const to = was && (DRAFT_MOVES[was] as Partial<Record<string, DraftState>>)[ask.act]
      if (was && to === was && (await trail()) > entries) seen.add(`${was} ${ask.act} ${to}`)
    }
    if (changed) expect(await trail()).toBeGreaterThan(entries)
  }
  for (const ask of TOUR) {
    // An edit keeps the draft's own words: the tour goes on with it.
    await step(ask)
  }
  const every = DRAFT_STATES.flatMap(from =>
    Object.entries(DRAFT_MOVES[from]).map(([act, to]) => `${from} ${act} ${to}`),
  )
  const missed = every.filter(move => !seen.has(move))
  await fc.assert(
    fc.asyncProperty(fc.array(asked, { minLength: 8, maxLength: 16 }), async asks => {
      for (const ask of asks) await step(ask)
    }),
    { numRuns: 4, seed: 20261130, endOnFailure: true },
  )
  const own = await sql<{
    n: number
  }>`SELECT count(*) AS n FROM rule_version WHERE published_by = ANY(authors)`.execute(house.db)
  expect(own.rows[0]?.n).toBe(0)
  expect(missed).toEqual([])
  expect(accepted).toBeGreaterThan(30)
  process.stdout.write(`moves accepted: ${accepted} of ${accepted + refused}\n`)
  expect(await state(drafts[4] ?? '')).toBe('discarded')
}, 600_000)

test('the database itself refuses an author who publishes, and a great change without a reason', async () => {
  const put = (authors: string, growth: number) =>
    sql`INSERT INTO rule_version (corp_id, file, version, draft_id, text_sealed, text_hash, why_sealed, rules, changed, authors, backtest_id, growth, published_by, published_at)
      SELECT corp_id, 'x.yaml', 99, id, text_sealed, 'h', why_sealed, '{}', '{}', ${`{${authors}}`}::text[], gen_random_uuid(), ${growth}, 'lead', now() FROM rule_draft LIMIT 1`.execute(
      house.db,
    )
  await expect(put('officer,lead', 0)).rejects.toThrow('rule_version_second_person')
  await expect(put('officer', 0.5)).rejects.toThrow('rule_version_acknowledged')
})
