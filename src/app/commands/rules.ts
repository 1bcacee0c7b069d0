import { createReadStream, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { createInterface } from 'node:readline'
import { eachMessage } from '../../archive/index.ts'
import type { Config, Log } from '../../base/index.ts'
import { isAlert, runExamples, scanLine } from '../../detect/index.ts'
import { loadRules, loadRulesWith, type RuleSet } from '../../monitor/index.ts'
import { openPremises } from '../house.ts'
import { type Io, table } from './io.ts'

/** Judge lines of JSON from a file or from stdin; no database. A bad line is told and the rest goes on. */
export async function scanCommand(io: Io, file: string | undefined): Promise<number> {
  const { engine } = loadRules()
  const input = file === undefined ? process.stdin : createReadStream(file)
  let number = 0
  let bad = 0
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1
    if (line.trim() === '') continue
    try {
      io.out(JSON.stringify(scanLine(engine, JSON.parse(line))))
    } catch (error) {
      bad += 1
      io.err(
        `第 ${number} 行无法判读：${error instanceof Error ? error.message.split('\n')[0] : String(error)}`,
      )
    }
  }
  return bad === 0 ? 0 : 1
}

/** Every rule's own examples, as a table; exit 1 when one does not hold. */
export function rulesTestCommand(io: Io): number {
  const { packs } = loadRules()
  const rows = runExamples(packs)
  io.out(
    table(
      ['规则', '应命中', '应放行', '失败', '名称'],
      rows.map(row => [row.rule, String(row.fires), String(row.clean), String(row.failed.length), row.name]),
    ),
  )
  for (const row of rows) {
    for (const miss of row.failed)
      io.err(
        `${row.rule} ${miss.expected === 'fires' ? '应命中而未命中' : '应放行却预警'}：${miss.text}（实际 ${miss.got.join('、') || '无'}）`,
      )
  }
  const failed = rows.reduce((sum, row) => sum + row.failed.length, 0)
  io.out(
    `${rows.length} 条规则，${rows.reduce((sum, row) => sum + row.fires + row.clean, 0)} 个用例，${failed} 个失败`,
  )
  return failed === 0 ? 0 : 1
}

export function rulesListCommand(io: Io): number {
  const { packs, version } = loadRules()
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
  const before = loadRules()
  const after = loadRulesWith({ name: basename(draft), text: readFileSync(draft, 'utf8') })
  const premises = await openPremises(config, log, { mode: 'command' })
  try {
    const counts = { messages: 0, before: new Map<string, number>(), after: new Map<string, number>() }
    await eachMessage(premises.db, premises.house, message => {
      counts.messages += 1
      if (message.direction === 'system') return
      const from = message.direction === 'customer' ? 'customer' : 'staff'
      for (const { text } of message.texts) {
        tally(before, text, from, message.key.sentAt, counts.before)
        tally(after, text, from, message.key.sentAt, counts.after)
      }
    })
    const rules = [...new Set([...counts.before.keys(), ...counts.after.keys()])].sort()
    const rows = rules
      .map(rule => [rule, String(counts.before.get(rule) ?? 0), String(counts.after.get(rule) ?? 0)])
      .filter(row => row[1] !== row[2])
    io.out(rows.length === 0 ? '与现行规则相比，预警没有变化' : table(['规则', '现行', '草案'], rows))
    io.out(
      JSON.stringify({ messages: counts.messages, before: sum(counts.before), after: sum(counts.after) }),
    )
    return 0
  } finally {
    await premises.close()
  }
}

function tally(
  set: RuleSet,
  text: string,
  from: 'staff' | 'customer',
  at: number,
  counts: Map<string, number>,
): void {
  for (const hit of set.engine.detect({ text, from, at: at > 0 ? at : undefined })) {
    if (isAlert([hit], from)) counts.set(hit.rule, (counts.get(hit.rule) ?? 0) + 1)
  }
}

function sum(counts: Map<string, number>): number {
  return [...counts.values()].reduce((total, n) => total + n, 0)
}
