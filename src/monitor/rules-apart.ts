import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type Log, messageOf, now, repeat } from '../base/index.ts'
import { type ExampleRow, type Image, type Institution, openEngine } from '../detect/index.ts'
import {
  behavioursOf,
  DEFAULT,
  loadRules,
  type PackFile,
  type ReadSet,
  RULES_FOLDER,
  type RuleSet,
} from './rules.ts'

export type CompileTask = { type: Institution; folder: string; over: readonly PackFile[]; examples?: boolean }
/** What the thread answers: a set of rules as plain data, or what is wrong with the packs and where. */
export type Compiled =
  | { set: Omit<ReadSet, 'source' | 'behaviours'>; image: Image; examples?: ExampleRow[] }
  | Failed
export type Failed = { failed: string; code?: string; file?: string; line?: number; remedy?: string }

/** What keeps changed rules from being in force. */
type RuleTrouble = { at: number; problem: string; code?: string; file?: string; line?: number }

/** A version that is not in force for all: it alerts for some departments, or only counts what it would hit. */
export type Staged = {
  set: RuleSet
  /** Empty: in its shadow, for nobody. */
  departments: readonly number[]
  file: string
  version: number
  /** The rules in which it differs from those in force. */
  changed: ReadonlySet<string>
}
/** What was published over the packs of the folder. `stamp` differs whenever anything of it does. */
export type Published = {
  stamp: string
  files: PackFile[]
  staged: (Pick<Staged, 'departments' | 'file' | 'version'> & { text: string; changed: string[] }) | null
}
/** Where published rules come from; `stamp` alone is asked every second. */
export type Publications = { stamp(): Promise<string>; read(): Promise<Published> }

/** The rules in force, exchanged when the folder or a publication changes. */
export type LiveRules = {
  current(): RuleSet
  staged(): Staged | null
  /** When this set was put in force. */
  since(): number
  trouble(): RuleTrouble | null
  /** Look now instead of within a second: something was published. */
  poke(): Promise<void>
  stop(): Promise<void>
}

/** Compile the packs of a folder on a thread of its own; the main thread only opens the result. */
export async function compileApart(
  type: Institution = DEFAULT,
  folder: string = RULES_FOLDER,
  over: readonly PackFile[] = [],
): Promise<RuleSet | Failed> {
  const answer = await askApart({ type, folder, over })
  if ('failed' in answer) return answer
  const { behaviourFiles, ...set } = answer.set
  return { ...set, behaviours: behavioursOf(behaviourFiles, set.packs), engine: openEngine(answer.image) }
}

/** Every rule's own examples and their disguises, of the packs of a folder with these files over them, on a thread. */
export async function examplesApart(
  type: Institution,
  folder: string,
  over: readonly PackFile[],
): Promise<ExampleRow[] | Failed> {
  const answer = await askApart({ type, folder, over, examples: true })
  return 'failed' in answer ? answer : (answer.examples ?? [])
}

async function askApart(task: CompileTask): Promise<Compiled> {
  const worker = new Worker(new URL('./rules-worker.ts', import.meta.url), { workerData: task })
  try {
    return await new Promise<Compiled>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error('the compiling thread ended without an answer')))
    })
  } finally {
    await worker.terminate()
  }
}

const LOOK_MS = 1000
const NOTHING: Published = { stamp: '', files: [], staged: null }

/** What one look found: the folder's traces and the stamp of what is published. */
type Seen = { folder: string; stamp: string }

/**
 * Loads the rules and looks after the folder once a second. Looking, and not being told by the file system, works
 * on every mount; a change is compiled when two looks in a row see the same, so that a half-written file is not. What
 * is published stands whole in the database and is compiled at the first look.
 * Rules that do not compile change nothing: those in force stay, and what is wrong is told.
 */
export function watchRules(
  type: Institution,
  log: Log,
  folder: string = RULES_FOLDER,
  publications?: Publications,
): LiveRules {
  let set = loadRules(type, folder)
  let staged: Staged | null = null
  let since = now()
  let trouble: RuleTrouble | null = null
  let tried: Seen | undefined
  let last: string | undefined
  const told = ({ failed: problem, code, file, line }: Failed): void => {
    trouble = { at: now(), problem, ...(code && file && line ? { code, file, line } : {}) }
    log.error({ problem, inForce: set.version }, 'the changed rules are not in force')
  }
  const look = async (): Promise<void> => {
    const seen = { folder: await traces(folder), stamp: (await publications?.stamp()) ?? '' }
    tried ??= { folder: seen.folder, stamp: '' }
    const settled = seen.folder === last || seen.folder === tried.folder
    last = seen.folder
    if (!settled || (seen.folder === tried.folder && seen.stamp === tried.stamp)) return
    const published = (await publications?.read()) ?? NOTHING
    tried = { folder: seen.folder, stamp: published.stamp }
    const next = await compileApart(type, folder, published.files)
    if ('failed' in next) return told(next)
    const beside = await stagedOf(type, folder, published)
    if (beside && 'failed' in beside) return told(beside)
    trouble = null
    staged = beside
    // Hits of a staged version are explained by its own words.
    for (const [id, rule] of beside?.set.rules ?? []) if (!next.rules.has(id)) next.rules.set(id, rule)
    if (next.version === set.version && !beside) return
    log.info({ from: set.version, to: next.version, rules: next.rules.size }, 'changed rules are in force')
    since = next.version === set.version ? since : now()
    set = next
  }
  let looking: Promise<void> = Promise.resolve()
  /** One look after the other, also when somebody asks in between. */
  const lookOnce = (): Promise<void> => {
    looking = looking.then(look, look).catch(error => told({ failed: messageOf(error) }))
    return looking
  }
  const loop = repeat(LOOK_MS, 0, lookOnce, error => told({ failed: messageOf(error) }))
  return {
    current: () => set,
    staged: () => staged,
    since: () => since,
    trouble: () => trouble,
    poke: lookOnce,
    stop: () => loop.stop(),
  }
}

async function stagedOf(
  type: Institution,
  folder: string,
  published: Published,
): Promise<Staged | Failed | null> {
  if (!published.staged) return null
  const { text, changed, ...rest } = published.staged
  const over = [...published.files.filter(file => file.name !== rest.file), { name: rest.file, text }]
  const set = await compileApart(type, folder, over)
  return 'failed' in set ? set : { ...rest, set, changed: new Set(changed) }
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
