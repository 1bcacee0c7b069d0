import { createReadStream, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { createInterface } from 'node:readline'
import { eachMessage } from '../../archive/index.ts'
import { type Config, inTransaction, type Log } from '../../base/index.ts'
import { categoryNames, dearPatterns, type ExampleRow, runExamples, scanLine } from '../../detect/index.ts'
import {
  INSTITUTIONS,
  loadRules,
  loadRulesWith,
  rulesAlerting,
  runBehaviourExamples,
  Turns,
} from '../../monitor/index.ts'
import { record } from '../../trail/index.ts'
import { openPremises } from '../house.ts'
import { sealNow } from '../services.ts'
import { type Io, shellUser, table } from './io.ts'

/** Judge lines of JSON from a file or from stdin; no database. A bad line is told and the rest goes on. */
export async function scanCommand(config: Config, io: Io, file: string | undefined): Promise<number> {
  const { engine, packs } = loadRules(config.institution)
  const names = categoryNames(packs)
  const input = file === undefined ? process.stdin : createReadStream(file)
  let number = 0
  let bad = 0
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1
    if (line.trim() === '') continue
    try {
      io.out(JSON.stringify(scanLine(engine, line, names)))
    } catch (error) {
      bad += 1
      io.err(
        `第 ${number} 行无法判读：${error instanceof Error ? error.message.split('\n')[0] : String(error)}`,
      )
    }
  }
  return bad === 0 ? 0 : 1
}

/** Below this share of generated disguises still seen, something in reading through them is broken. */
const DISGUISED_FLOOR = 0.9

/**
 * Every rule's own examples and disguises generated of them, under the layer of every type of institution, as a table;
 * exit 1 when an example does not hold or too few disguises are seen.
 */
export function rulesTestCommand(io: Io): number {
  const told = new Set<string>()
  const rows = INSTITUTIONS.flatMap((type, nth) => {
    const { packs } = loadRules(type)
    // The base is the same under each: once is enough, with all that the first layer makes of it.
    const wanted = new Set(packs.rules.filter(rule => nth === 0 || rule.layer).map(rule => rule.id))
    const began = performance.now()
    const tested = runExamples(packs)
    const each = (performance.now() - began) / tested.length
    return tested
      .map(row => ({ ...row, failed: row.failed.filter(miss => fresh(told, `${row.rule} ${miss.text}`)) }))
      .filter(row => wanted.has(row.rule) || row.failed.length > 0)
      .map(row => ({
        ...row,
        type: packs.rules.find(rule => rule.id === row.rule)?.layer ? type : '',
        ms: each,
      }))
  })
  const total = { disguised: sum(rows, 'disguised'), seen: sum(rows, 'seen') }
  io.out(
    table(
      ['规则', '附加层', '应命中', '应放行', '伪装', '失败', '毫秒', '名称'],
      rows.map(row => [
        row.rule,
        row.type || '—',
        String(row.fires),
        String(row.clean),
        `${row.seen}/${row.disguised}`,
        String(row.failed.length),
        row.ms.toFixed(1),
        row.name,
      ]),
    ),
  )
  sayFailures(io, rows)
  sayDear(io)
  const failed = rows.reduce((all, row) => all + row.failed.length, 0) + testBehaviours(io)
  const share = total.disguised === 0 ? 1 : total.seen / total.disguised
  io.out(
    `${rows.length} 条规则，${sum(rows, 'fires') + sum(rows, 'clean')} 个用例，${failed} 个失败；伪装 ${total.seen}/${total.disguised}（${(100 * share).toFixed(1)}%）`,
  )
  if (share < DISGUISED_FLOOR) io.err(`伪装识别低于 ${100 * DISGUISED_FLOOR}%`)
  return failed === 0 && share >= DISGUISED_FLOOR ? 0 : 1
}

/** Behaviour rules against their own little histories; how many failed. */
function testBehaviours(io: Io): number {
  const set = loadRules()
  const rows = runBehaviourExamples(set)
  io.out(
    table(
      ['行为规则', '应预警', '应放行', '失败', '名称'],
      rows.map(row => [row.rule, String(row.fires), String(row.clean), String(row.failed.length), row.name]),
    ),
  )
  for (const row of rows)
    for (const miss of row.failed)
      io.err(`${row.rule} ${miss.expected === 'fires' ? '应预警而未预警' : '应放行却预警'}：${miss.text}`)
  return rows.reduce((all, row) => all + row.failed.length, 0)
}

/** A failure of the base comes back under every layer and is told once. */
const fresh = (told: Set<string>, failure: string): boolean =>
  !told.has(failure) && told.add(failure) !== undefined

const sum = (rows: ExampleRow[], of: 'fires' | 'clean' | 'disguised' | 'seen'): number =>
  rows.reduce((all, row) => all + row[of], 0)

/** Patterns that slow every message down: told, not failed. */
function sayDear(io: Io): void {
  for (const { rule, source, perThousand } of dearPatterns(loadRules().packs))
    io.err(`${rule} 式样偏慢，每千字约被唤醒 ${perThousand.toFixed(0)} 次，请换用更少见的必备词：${source}`)
}

function sayFailures(io: Io, rows: ExampleRow[]): void {
  for (const row of rows) {
    for (const miss of row.failed)
      io.err(
        `${row.rule} ${miss.expected === 'fires' ? '应命中而未命中' : '应放行却预警'}：${miss.text}（实际 ${miss.got.join('、') || '无'}）`,
      )
  }
}

export function rulesListCommand(config: Config, io: Io): number {
  const { packs, version } = loadRules(config.institution)
  const rows = packs.rules.map(rule => [
    rule.id,
    rule.severity,
    rule.direction,
    rule.verdict,
    String(rule.terms.length),
    String(rule.patterns.length),
    rule.name,
  ])
  io.out(table(['规则', '级别', '方向', '判定', '词条', '式样', '名称'], rows))
  io.out(`${packs.rules.length} 条规则，版本 ${version}`)
  return 0
}

/** What a draft pack would have raised on the archive, beside what the rules in force raise. */
export async function rulesBacktestCommand(config: Config, log: Log, io: Io, draft: string): Promise<number> {
  const before = loadRules(config.institution)
  const text = readFileSync(draft, 'utf8')
  const after = loadRulesWith({ name: basename(draft), text }, config.institution)
  const premises = await openPremises(config, log, { mode: 'command' })
  try {
    const { db, house } = premises
    const tally = { messages: 0, before: new Tally(), after: new Tally() }
    const turns = new Turns()
    await eachMessage(db, house, message => {
      const said = turns.before(message)
      turns.remember(message)
      tally.messages += 1
      tally.before.add(rulesAlerting(before, message, said))
      tally.after.add(rulesAlerting(after, message, said))
    })
    const entry = {
      verb: 'rules.backtested',
      thing: { kind: 'rules', id: basename(draft) },
      detail: { file: draft, messages: tally.messages },
    } as const
    await inTransaction(db, tx => record(tx, shellUser(house), entry))
    await sealNow(premises)
    sayDifference(io, tally.before, tally.after)
    io.out(
      JSON.stringify({ messages: tally.messages, before: tally.before.alerts, after: tally.after.alerts }),
    )
    return 0
  } finally {
    await premises.close()
  }
}

/** Alerted messages, and how often each rule is among the reasons. */
class Tally {
  alerts = 0
  readonly byRule = new Map<string, number>()

  add(rules: string[]): void {
    if (rules.length > 0) this.alerts += 1
    for (const rule of rules) this.byRule.set(rule, (this.byRule.get(rule) ?? 0) + 1)
  }
}

function sayDifference(io: Io, before: Tally, after: Tally): void {
  const rules = [...new Set([...before.byRule.keys(), ...after.byRule.keys()])].sort()
  const rows = rules
    .map(rule => [rule, String(before.byRule.get(rule) ?? 0), String(after.byRule.get(rule) ?? 0)])
    .filter(row => row[1] !== row[2])
  io.out(rows.length === 0 ? '与现行规则相比，预警没有变化' : table(['规则', '现行', '草案'], rows))
}
