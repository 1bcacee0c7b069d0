import { execFile } from 'node:child_process'
import { hkdfSync, type KeyObject, randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { commandEnvironment } from './config.ts'
import { syncFolder } from './embedded/json-file.ts'
import { fail } from './errors.ts'
import { failpoint } from './failpoint.ts'
import { newId } from './ids.ts'
import { hashOf, type Suite, sealingKey } from './seal.ts'

/** Where a master key comes from, for the operator; never what it is. */
export function describeSource(source: MasterSource): string {
  return source.kind === 'file' ? source.file : source.name
}

/** Where a master key comes from; never the database. */
export type MasterSource =
  | { kind: 'file'; file: string }
  | { kind: 'environment'; name: string; hex: string }
  | { kind: 'command'; name: string; command: string[] }

/** The key in force, and during a rotation the one that is to take its place. */
export type MasterSettings = { source: MasterSource; next: MasterSource | undefined }

/** A master key with its public fingerprint, which every data key wrapped under it names. */
export type MasterKey = { id: string; key: KeyObject }

const ID_BYTES = 8
/** A process that looks into the key files before it says that it lacks a key. */
export const IN_FILES = 'files'
const HEX_KEY = /^[0-9a-f]{64}$/i
/** A client of an HSM or a key service asks over the network once, at start. */
const COMMAND_MS = 30_000
const COMMAND_BYTES = 4096

/** Nobody can go from the fingerprint back to the key: it comes from it by HKDF (RFC 5869). */
function masterKeyOf(suite: Suite, secret: Uint8Array): MasterKey {
  const id = hkdfSync(hashOf(suite), secret, '', 'tongjian master key id v1', ID_BYTES)
  return { id: Buffer.from(id).toString('hex'), key: sealingKey(suite, secret) }
}

/** Beside a master key file: the key that takes its place, and where the old one is laid when it is done. */
const nextFile = (file: string): string => `${file}.next`
const retiredFile = (file: string, id: string): string => `${file}.retired-${id}`

/**
 * A new key into a file of its owner's alone, whole and on disk when it bears its name, and never over another one: of
 * two processes that start at once the second reads what the first has made.
 */
function makeMasterKey(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${newId()}.tmp`
  writeFileSync(draft, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx', flush: true })
  try {
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    unlinkSync(draft)
  }
}

/** The secret behind a source, or a `key.missing` that says what to do. It is never logged nor quoted. */
async function readMasterSecret(source: MasterSource): Promise<Buffer> {
  const text = source.kind === 'file' ? readFile(source.file) : await given(source)
  if (!HEX_KEY.test(text.trim())) {
    const verb = source.kind === 'command' ? 'must print' : 'must hold'
    throw fail('key.missing', {
      hint: `${describeSource(source)} ${verb} 64 hexadecimal digits (a 256-bit key), nothing else`,
    })
  }
  return Buffer.from(text.trim(), 'hex')
}

function readFile(file: string): string {
  if (!existsSync(file)) {
    throw fail('key.missing', {
      hint: `the master key ${file} is gone: restore it from where it was backed up, nothing opens without it`,
    })
  }
  // A mounted secret may be nobody's to change; `doctor` tells of one that others can read.
  if ((statSync(file).mode & 0o077) !== 0) attempt(() => chmodSync(file, 0o600))
  return readFileSync(file, 'utf8')
}

function attempt(change: () => void): void {
  try {
    change()
  } catch {
    // It stays as it is.
  }
}

async function given(source: Exclude<MasterSource, { kind: 'file' }>): Promise<string> {
  return source.kind === 'environment' ? source.hex : ask(source)
}

/** Run without a shell, with none of our own settings in its environment; what it complains of goes nowhere. */
function ask({ name, command }: { name: string; command: string[] }): Promise<string> {
  const [program = '', ...args] = command
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const options = {
    timeout: COMMAND_MS,
    killSignal: 'SIGKILL' as const,
    maxBuffer: COMMAND_BYTES,
    env: commandEnvironment(),
    windowsHide: true,
  }
  const child = execFile(program, args, options, (error, out) => {
    if (error) reject(fail('key.missing', { hint: `${name} ${whyFailed(error)}` }))
    else resolve(out)
  })
  child.stdin?.end()
  return promise
}

function whyFailed(error: { code?: unknown; killed?: boolean; signal?: unknown }): string {
  if (error.code === 'ENOENT') return 'names a program that is not there'
  if (error.code === 'EACCES') return 'names a program that may not be run'
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `printed more than ${COMMAND_BYTES} bytes`
  if (error.killed) return `did not answer within ${COMMAND_MS / 1000} seconds`
  return `ended with ${String(error.code ?? error.signal)}: run it by hand to see why`
}

/** The master keys a process holds. New data keys are wrapped under the newest; old ones name the one they need. */
export class MasterKeys {
  readonly suite: Suite
  readonly #settings: MasterSettings | undefined
  readonly #held = new Map<string, MasterKey>()
  #current: MasterKey
  #next: MasterKey | undefined
  #seen = ''

  private constructor(suite: Suite, current: MasterKey, settings?: MasterSettings) {
    this.suite = suite
    this.#settings = settings
    this.#current = current
    this.#held.set(current.id, current)
  }

  /** Read the sources. `mayMake`: a house that has sealed nothing yet makes its key file here. */
  static async load(settings: MasterSettings, suite: Suite, mayMake: boolean): Promise<MasterKeys> {
    const { source } = settings
    if (mayMake && source.kind === 'file' && !existsSync(source.file)) makeMasterKey(source.file)
    const current = masterKeyOf(suite, await readMasterSecret(source))
    const keys = new MasterKeys(suite, current, settings)
    await keys.#readNext()
    keys.#seen = keys.#traces()
    return keys
  }

  /** For tests and for tools that hold the key itself. */
  static of(suite: Suite, ...secrets: [Uint8Array, ...Uint8Array[]]): MasterKeys {
    const [current, ...others] = secrets.map(secret => masterKeyOf(suite, secret))
    if (!current) throw fail('key.missing')
    const keys = new MasterKeys(suite, current)
    for (const other of others) keys.#held.set(other.id, other)
    keys.#next = others.at(-1)
    return keys
  }

  /** The key in force. */
  get current(): MasterKey {
    return this.#current
  }

  /** The key that is to take its place, while there is one. */
  get next(): MasterKey | undefined {
    return this.#next
  }

  /** What new data keys are wrapped under. */
  get newest(): MasterKey {
    return this.#next ?? this.#current
  }

  get held(): MasterKey[] {
    return [...this.#held.values()]
  }

  /** The key of this name, looked for again in the files when it is not among those held. */
  async find(id: string): Promise<MasterKey | undefined> {
    if (!this.#held.has(id)) {
      await this.refresh()
      await this.#readRetired(id)
    }
    return this.#held.get(id)
  }

  /** Key files may have changed since: a rotation puts the next one in place while the server runs. */
  async refresh(): Promise<void> {
    const traces = this.#traces()
    if (!this.#settings || traces === this.#seen) return
    const { source } = this.#settings
    if (source.kind === 'file') this.#current = this.#hold(await readMasterSecret(source))
    await this.#readNext()
    this.#seen = traces
  }

  /** The file a rotation makes and swaps by itself; undefined where the next key is the operator's to give. */
  #ownNext(): { file: string; next: string } | undefined {
    const { source, next } = this.#settings ?? {}
    return source?.kind === 'file' && !next ? { file: source.file, next: nextFile(source.file) } : undefined
  }

  /** What this process can open, for a rotation to see: `files` where it finds a next key by itself. */
  get marker(): string {
    return this.#ownNext() ? IN_FILES : this.held.map(key => key.id).join(',')
  }

  /** Have a next key at hand: the one that was given, or a fresh one in a file beside the one in force. */
  async prepareNext(): Promise<MasterKey> {
    const own = this.#ownNext()
    if (own && !existsSync(own.next)) makeMasterKey(own.next)
    await this.refresh()
    if (this.#next) return this.#next
    const { next, source } = this.#settings ?? {}
    throw fail('config.invalid', {
      hint: next
        ? `${describeSource(next)} gives the key that is in force already: a rotation needs another one`
        : `the master key comes from ${source ? describeSource(source) : 'elsewhere'}: give the next one in TONGJIAN_NEXT_MASTER_KEY, TONGJIAN_NEXT_MASTER_KEY_FILE or TONGJIAN_NEXT_MASTER_KEY_COMMAND, to every process, and start them again before the rotation`,
    })
  }

  /**
   * After a rotation: the next key takes the place of the one in force, which is laid beside it under its own name.
   * At every moment in between one of the two files is the key in force. False where that is the operator's to do.
   */
  async promote(): Promise<boolean> {
    const own = this.#ownNext()
    if (!own) return false
    failpoint('keys.retired')
    if (existsSync(own.next)) {
      const retired = retiredFile(own.file, this.#current.id)
      if (!existsSync(retired)) linkSync(own.file, retired)
      failpoint('keys.swapping')
      renameSync(own.next, own.file)
      syncFolder(dirname(own.file))
    }
    await this.refresh()
    return true
  }

  async #readNext(): Promise<void> {
    const source = this.nextSource()
    const secret =
      source &&
      (await readMasterSecret(source).catch(error => {
        // A rotation that ends takes the file away, and most of the time there is none.
        if (source.kind === 'file' && !existsSync(source.file)) return undefined
        throw error
      }))
    const next = secret && this.#hold(secret)
    this.#next = next?.id === this.#current.id ? undefined : next
  }

  /** Where the next key comes from: as configured, or the file beside the one in force. */
  nextSource(): MasterSource | undefined {
    const { next, source } = this.#settings ?? {}
    if (next) return next
    return source?.kind === 'file' ? { kind: 'file', file: nextFile(source.file) } : undefined
  }

  async #readRetired(id: string): Promise<void> {
    const source = this.#settings?.source
    if (this.#held.has(id) || source?.kind !== 'file') return
    const file = retiredFile(source.file, id)
    if (existsSync(file)) this.#hold(await readMasterSecret({ kind: 'file', file }))
  }

  #hold(secret: Buffer): MasterKey {
    const key = masterKeyOf(this.suite, secret)
    this.#held.set(key.id, key)
    return this.#held.get(key.id) ?? key
  }

  /** Size and time of change of the key files. */
  #traces(): string {
    const files = [this.#settings?.source, this.nextSource()].flatMap(source =>
      source?.kind === 'file' ? [source.file] : [],
    )
    return files
      .map(file => {
        const found = statSync(file, { throwIfNoEntry: false })
        return found ? `${found.ino} ${found.size} ${found.mtimeMs}` : 'none'
      })
      .join('|')
  }
}
