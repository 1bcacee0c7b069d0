import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type Log, messageOf, now, repeat } from '../base/index.ts'
import { type Image, type Institution, openEngine } from '../detect/index.ts'
import { DEFAULT, loadRules, RULES_FOLDER, type RuleSet } from './rules.ts'

export type CompileTask = { type: Institution; folder: string }
/** What the thread answers: a set of rules as plain data, or what is wrong with the packs and where. */
export type Compiled = { set: Omit<RuleSet, 'engine'>; image: Image } | Failed
type Failed = { failed: string; file?: string; line?: number; remedy?: string }

/** What keeps changed rules from being in force. */
type RuleTrouble = { at: number; problem: string }
/** The rules in force, exchanged when the folder changes. */
export type LiveRules = {
  current(): RuleSet
  /** When this set was put in force. */
  since(): number
  trouble(): RuleTrouble | null
  stop(): Promise<void>
}

/** Compile the packs of a folder on a thread of its own; the main thread only opens the result. */
export async function compileApart(
  type: Institution = DEFAULT,
  folder: string = RULES_FOLDER,
): Promise<RuleSet | Failed> {
  const task: CompileTask = { type, folder }
  const worker = new Worker(new URL('./rules-worker.ts', import.meta.url), { workerData: task })
  try {
    const answer = await new Promise<Compiled>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error('the compiling thread ended without an answer')))
    })
    if ('failed' in answer) return answer
    return { ...answer.set, engine: openEngine(answer.image) }
  } finally {
    await worker.terminate()
  }
}

const LOOK_MS = 1000

/**
 * Loads the rules and looks after the folder once a second. Looking, and not being told by the file system, works
 * on every mount; a change is compiled when two looks in a row see the same, so that a half-written file is not.
 * Rules that do not compile change nothing: those in force stay, and what is wrong is told.
 */
export function watchRules(type: Institution, log: Log, folder: string = RULES_FOLDER): LiveRules {
  let set = loadRules(type, folder)
  let since = now()
  let trouble: RuleTrouble | null = null
  let tried: string | undefined
  let last: string | undefined
  const told = (problem: string): void => {
    trouble = { at: now(), problem }
    log.error({ problem, inForce: set.version }, 'the changed rules are not in force')
  }
  const look = async (): Promise<void> => {
    const seen = await traces(folder)
    tried ??= seen
    const settled = seen === last
    last = seen
    if (!settled || seen === tried) return
    tried = seen
    const next = await compileApart(type, folder)
    if ('failed' in next) return told(next.failed)
    trouble = null
    if (next.version === set.version) return
    log.info({ from: set.version, to: next.version, rules: next.rules.size }, 'changed rules are in force')
    set = next
    since = now()
  }
  const loop = repeat(LOOK_MS, 0, look, error => told(messageOf(error)))
  return { current: () => set, since: () => since, trouble: () => trouble, stop: () => loop.stop() }
}

/** Name, size and time of change of every pack. */
async function traces(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true })
  const packs = names.filter(name => name.endsWith('.yaml')).sort()
  const seen = await Promise.all(
    packs.map(async name => {
      const { size, mtimeMs } = await stat(join(folder, name))
      return `${name} ${size} ${mtimeMs}`
    }),
  )
  return seen.join('\n')
}
