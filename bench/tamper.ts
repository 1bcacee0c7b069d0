import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRng, type Rng } from '../sim/rng.ts'
import { openPremises } from '../src/app/index.ts'
import { after, createLog, loadConfig, monotonic, openDb, sql } from '../src/base/index.ts'
import type { Problem } from '../src/notary/index.ts'
import { buildArchive, problemsOf, type Scene, type Writer } from './tamper-archive.ts'
import { oneByteOff } from './tamper-byte.ts'
import { type Cell, COVERED, type Covered, chooseCell, dropChecks, writeCell } from './tamper-columns.ts'
import { dropPackage, spoilPackage } from './tamper-deeds.ts'
import { type Change, spoilMedia, spoilOutside, spoilTile } from './tamper-files.ts'
import { ATTACKS, keepTables } from './tamper-whole.ts'

type Missed = { stratum: string; what: string; first: Problem | null }
export type TamperReport = {
  bench: 'tamper'
  seed: string
  messages: number
  changes: number
  found: number
  named: number
  strata: Record<string, { changes: number; found: number; named: number }>
  attacks: number
  attacksNamed: number
  cleanRuns: number
  falseAlarms: number
  missed: Missed[]
  seconds: number
}

type Options = { n: number; messages: number; seed: string; say(line: string): void }
type Stratum = { name: string; weight: number; make(scene: Scene, rng: Rng): Promise<Change | null> }

/**
 * Change one byte at a time, at random places of everything the ledger covers, verify as the command `verify` does,
 * and put it back. Found is not enough: the first place named must be the place.
 */
export async function runTamper(empty: Omit<Scene, 'package'>, options: Options): Promise<TamperReport> {
  const began = monotonic()
  const rng = createRng(options.seed)
  const { scene, writer } = await buildArchive(empty, rng.fork('archive'), options.messages)
  const report: TamperReport = {
    ...{ bench: 'tamper', seed: options.seed, messages: options.messages, changes: 0, found: 0, named: 0 },
    ...{ strata: {}, attacks: 0, attacksNamed: 0, cleanRuns: 0, falseAlarms: 0, missed: [], seconds: 0 },
  }
  await cleanRuns(scene, writer, report)
  await writer.stop()
  await dropChecks(scene.owner)
  await keepTables(scene.owner)
  for (const attack of ATTACKS) {
    const named = await tryOne(scene, report, attack.name, await attack.make(scene, rng.fork(attack.name)))
    report.attacks += 1
    report.attacksNamed += Number(named)
  }
  // Putting whole tables back leaves them bloated, which would only cost time.
  await sql.raw('VACUUM ANALYZE').execute(scene.owner)
  await spoilAll(scene, report, rng.fork('bytes'), options)
  dropPackage(scene)
  report.seconds = Math.round((monotonic() - began) / 100) / 10
  return report
}

const CLEAN_RUNS = 10

/** Ten verifications while messages, files and trail entries go on coming in. */
async function cleanRuns(scene: Scene, writer: Writer, report: TamperReport): Promise<void> {
  let over = false
  const live = (async () => {
    while (!over) {
      await writer.say(5)
      await after(60)
    }
  })()
  for (let run = 0; run < CLEAN_RUNS; run += 1) {
    const problems = await problemsOf(scene)
    report.cleanRuns += 1
    report.falseAlarms += Number(problems.length > 0)
    if (problems[0]) report.missed.push({ stratum: 'clean', what: 'a false alarm', first: problems[0] })
  }
  over = true
  await live
}

/** Every stratum gets its share, and each column its turn, before chance decides. */
async function spoilAll(scene: Scene, report: TamperReport, rng: Rng, options: Options): Promise<void> {
  const columns = COVERED.flatMap(covered => covered.columns.map(column => columnStratum(covered, column)))
  const files: Stratum[] = [
    { name: 'media', weight: 16, make: spoilMedia },
    { name: 'tiles', weight: 20, make: spoilTile },
    { name: 'outside', weight: 14, make: spoilOutside },
    { name: 'packages', weight: 16, make: spoilPackage },
  ]
  const strata = [...columns, ...files]
  const turns = [...strata]
  while (report.changes < options.n) {
    const stratum = turns.shift() ?? rng.weighted(strata)
    const change = await stratum.make(scene, rng)
    if (!change) continue
    const named = await tryOne(scene, report, stratum.name, change)
    const counted = report.strata[stratum.name] ?? { changes: 0, found: 0, named: 0 }
    report.strata[stratum.name] = counted
    for (const tally of [report, counted]) {
      tally.changes += 1
      tally.named += Number(named)
      tally.found += Number(named !== null)
    }
    if (report.changes % 100 === 0)
      options.say(`${report.changes} 处改动，发现 ${report.found}，位置正确 ${report.named}`)
  }
}

/** Verify with the change in place, undo it. True: named; false: found but named elsewhere; null: not found. */
async function tryOne(
  scene: Scene,
  report: TamperReport,
  stratum: string,
  change: Change,
): Promise<boolean | null> {
  try {
    const problems = await (change.problems?.() ?? problemsOf(scene))
    const named = change.named(problems)
    if (!named) report.missed.push({ stratum, what: change.what, first: problems[0] ?? null })
    return problems.length === 0 ? null : named
  } finally {
    await change.undo()
  }
}

function columnStratum(covered: Covered, column: string): Stratum {
  const name = covered.table
  return { name, weight: 1, make: (scene, rng) => spoilCell(scene, covered, column, rng) }
}

const TRIES = 20

async function spoilCell(scene: Scene, covered: Covered, column: string, rng: Rng): Promise<Change | null> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const cell = await chooseCell(scene.owner, covered, column, rng.id(8))
    const spoilt = cell && oneByteOff(cell.type, cell.value, rng)
    if (!cell || spoilt === null || spoilt === cell.value) continue
    // Another row may hold that key already, or the value may be none of its type: take another.
    const moved = await writeCell(scene.owner, cell, spoilt).catch(() => null)
    if (!moved) continue
    return {
      what: `${covered.table}.${column} ${cell.value.slice(0, 60)} → ${spoilt.slice(0, 60)}`,
      named: problems => namesCell(cell, column, spoilt, problems),
      undo: async () => void (await writeCell(scene.owner, { ...cell, ...moved }, cell.value)),
    }
  }
  return null
}

/** The leaf of the row, or the checkpoint by its old or its new size. */
function namesCell(cell: Cell, column: string, spoilt: string, problems: readonly Problem[]): boolean {
  const [first] = problems
  if (!first) return false
  if (cell.size !== null) return namesCheckpoint(cell.size, column, spoilt, first)
  const places = [cell.index, cell.other]
  return first.log === cell.covered.log && (places.includes(first.index) || namesMessage(cell, first))
}

function namesCheckpoint(place: string, column: string, spoilt: string, first: Problem): boolean {
  const [log = '', size = ''] = place.split(' ')
  const sizes = column === 'size' ? [size, spoilt] : [size]
  const logs = column === 'log_id' ? [log, spoilt] : [log]
  const names = sizes.flatMap(s => [`checkpoint ${s}`, ...logs.map(l => `checkpoint ${l} ${s}`)])
  return names.includes(first.ref ?? '')
}

/** A reference to a file stands with its message: named by the message's own leaf. */
function namesMessage(cell: Cell, first: Problem): boolean {
  return cell.covered.table === 'message_media' && first.ref !== null && cell.msgid === first.ref
}

/** CI changes 200 bytes; `bench tamper --n 10000` is the big run. */
const DEFAULT_CHANGES = 200
const MESSAGES = 2000

export async function benchTamper(options: { n?: number; say(line: string): void }): Promise<TamperReport> {
  const folder = mkdtempSync(join(tmpdir(), 'tongjian-tamper-'))
  // As root, PostgreSQL runs as another account and must be able to enter.
  chmodSync(folder, 0o711)
  const config = loadConfig({ TONGJIAN_DATA: folder, LOG_LEVEL: 'error', PORT: '0' })
  const premises = await openPremises(config, createLog('error'), { mode: 'command' })
  const owner = openDb(premises.embedded?.ownerUrl() ?? premises.appUrl, { max: 2 })
  try {
    const seed = `tamper-${Math.random().toString(36).slice(2, 10)}`
    options.say(`种子 ${seed}`)
    const scene = { premises, ledgerDir: config.ledgerDir, owner: owner.db }
    const report = await runTamper(scene, {
      n: options.n ?? DEFAULT_CHANGES,
      messages: MESSAGES,
      seed,
      say: options.say,
    })
    for (const line of table(report)) options.say(line)
    return report
  } finally {
    await owner.close()
    await premises.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

export function table(report: TamperReport): string[] {
  return [
    ...Object.entries(report.strata).map(
      ([name, s]) => `${name.padEnd(26)} 改动 ${s.changes}，发现 ${s.found}，位置正确 ${s.named}`,
    ),
    `成套改动 ${report.attacks} 种，位置正确 ${report.attacksNamed}`,
    `无改动校验 ${report.cleanRuns} 次（采集同时进行），误报 ${report.falseAlarms}`,
    ...report.missed
      .slice(0, 20)
      .map(miss => `✗ ${miss.stratum}：${miss.what} → ${JSON.stringify(miss.first)}`),
  ]
}
