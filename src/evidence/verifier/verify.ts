import { sha256 } from '@noble/hashes/sha2.js'
import { fromHex, textOf, toHex } from './bytes.ts'
import { checkStamps } from './check-stamps.ts'
import { linesOf, type PackageFiles, readWhole } from './files.ts'
import { FILES, FORMAT, FORMAT_VERSION, RECORD_VERSION, signedText } from './format.ts'
import { attempt, type Fields, includes, isFields, MessageCheck, parseLine } from './messages.ts'
import { type Checkpoint, type Key, openNote, readCheckpoint, readKey } from './note.ts'
import { recordHash } from './record.ts'
import { type ManifestFacts, Tallies, type Verdict } from './verdict.ts'

export type VerifyOptions = {
  /** SHA-256 of the public key from elsewhere, hexadecimal: without it the package vouches for its own key. */
  fingerprint?: string
  /** 0 to 1. */
  onProgress?: (share: number) => void
}

/** The parts of one run: what is known so far. */
type Run = {
  files: PackageFiles
  tallies: Tallies
  key: Key | null
  facts: ManifestFacts | null
  archive: Checkpoint | null
  trail: Checkpoint | null
  hashes: Map<string, string>
  stamps: Verdict['stamps']
  advance(bytes: number): Promise<void>
}

/** How long work may go on before the page gets a turn. */
const TURN_MS = 40

/**
 * Check a package from its own files alone: no network, no database, no clock. It goes on after the first difference, so
 * that the verdict can say where exactly it is.
 */
export async function verifyPackage(files: PackageFiles, options: VerifyOptions = {}): Promise<Verdict> {
  const run: Run = {
    files,
    tallies: new Tallies(),
    key: null,
    facts: null,
    archive: null,
    trail: null,
    hashes: new Map(),
    stamps: [],
    advance: async () => undefined,
  }
  run.key = await readPackageKey(run, options.fingerprint)
  const manifest = await readManifest(run)
  run.advance = progress(run.facts, options.onProgress)
  await checkContainer(run)
  await checkFiles(run, manifest)
  run.archive = await checkCheckpoint(run, FILES.checkpoint, 'archive')
  run.trail = await checkCheckpoint(run, FILES.trailCheckpoint, 'trail')
  const withheld = await checkMessages(run)
  await checkLooks(run)
  await checkDestructions(run)
  await checkStamps(run)
  const { tallies } = run
  return {
    ok: tallies.differences.length === 0,
    first: tallies.first(),
    differences: tallies.differences,
    tallies: tallies.list(),
    facts: run.facts,
    key: run.key && { name: run.key.name, fingerprint: run.key.fingerprint },
    withheld,
    stamps: run.stamps,
  }
}

/** Tells the share done and lets a page breathe. */
function progress(facts: ManifestFacts | null, told: ((share: number) => void) | undefined): Run['advance'] {
  const sizes = facts?.files ?? []
  const again = sizes.filter(file => file.path === FILES.messages || file.path === FILES.proofs)
  const total =
    [...sizes, ...again].reduce((sum, file) => sum + file.bytes, 0) + (facts?.container.bytes ?? 0)
  let done = 0
  let turn = performance.now()
  return async bytes => {
    done += bytes
    if (performance.now() - turn < TURN_MS) return
    told?.(total > 0 ? Math.min(1, done / total) : 0)
    await new Promise(resolve => setTimeout(resolve, 0))
    turn = performance.now()
  }
}

/** A small file as text; what cannot be read is a difference and null. */
async function textFile(run: Run, file: string): Promise<string | null> {
  if (!run.files.names.includes(file)) {
    run.tallies.bad('files', { what: 'file.missing', file })
    return null
  }
  try {
    return textOf(await readWhole(run.files, file))
  } catch {
    run.tallies.bad('files', { what: 'file.unreadable', file })
    return null
  }
}

async function readPackageKey(run: Run, wanted: string | undefined): Promise<Key | null> {
  const text = await textFile(run, FILES.key)
  const key = text === null ? null : readKey(text)
  if (key === null) {
    if (text !== null) run.tallies.bad('signature', { what: 'key.malformed', file: FILES.key })
    return null
  }
  const given = wanted?.replaceAll(/[\s:-]/g, '').toLowerCase()
  if (given && given !== key.fingerprint)
    run.tallies.bad('signature', { what: 'key.fingerprint', file: FILES.key })
  return key
}

async function readManifest(run: Run): Promise<Fields | null> {
  const [text, note] = [await textFile(run, FILES.manifest), await textFile(run, FILES.signature)]
  const manifest = text === null ? null : attempt(() => JSON.parse(text) as unknown)
  if (text !== null) {
    run.facts = isFields(manifest) ? factsOf(manifest) : null
    if (run.facts === null) run.tallies.bad('signature', { what: 'manifest.malformed', file: FILES.manifest })
  }
  const { key, facts } = run
  if (text === null || note === null || key === null) return null
  const signed = openNote(note, key)
  if (signed === null) run.tallies.bad('signature', { what: 'manifest.signature', file: FILES.signature })
  else if (
    facts === null ||
    signed !== signedText(key.name, facts.number, toHex(sha256(new TextEncoder().encode(text))))
  )
    run.tallies.bad('signature', { what: 'manifest.signature', file: FILES.manifest })
  else run.tallies.good('signature')
  if (facts !== null && facts.fingerprint !== key.fingerprint)
    run.tallies.bad('signature', { what: 'key.fingerprint', file: FILES.key })
  return isFields(manifest) ? manifest : null
}

function factsOf(manifest: Fields): ManifestFacts | null {
  if (manifest.format !== FORMAT || manifest.version !== FORMAT_VERSION) return null
  const { files, container, counts, institution, requestedBy, approvedBy, ledger } = manifest
  if (![container, counts, institution, requestedBy, approvedBy, ledger].every(isFields)) return null
  if (!Array.isArray(files) || !files.every(isFields)) return null
  const [box, count] = [container as Fields, counts as Fields]
  const listed = files.map(file => ({
    path: String(file.path),
    bytes: Number(file.bytes),
    sha256: String(file.sha256),
  }))
  return {
    number: String(manifest.number),
    institution: String((institution as Fields).name),
    caseNumber: String(manifest.caseNumber),
    requestedBy: String((requestedBy as Fields).name),
    approvedBy: String((approvedBy as Fields).name),
    builtAt: Number(manifest.builtAt),
    messages: Number(count.messages),
    files: listed,
    container: { bytes: Number(box.bytes), sha256: String(box.sha256) },
    fingerprint: String((ledger as Fields).fingerprint),
  }
}

async function checkContainer(run: Run): Promise<void> {
  const { container } = run.files
  if (container === null) return
  const fault = await container.fault()
  if (fault !== null) run.tallies.bad('container', { what: 'zip.container', ...fault })
  else run.tallies.good('container')
  if (run.facts === null) return
  const { bytes, sha256: promised } = run.facts.container
  if ((await container.prefix(bytes, n => void run.advance(n))) === promised) run.tallies.good('container')
  else run.tallies.bad('container', { what: 'zip.container', file: '' })
}

async function checkFiles(run: Run, manifest: Fields | null): Promise<void> {
  const listed = run.facts?.files ?? []
  const known = new Set<string>([...listed.map(file => file.path), FILES.manifest, FILES.signature])
  for (const file of listed) await checkFile(run, file)
  if (manifest === null) return
  for (const name of run.files.names)
    if (!known.has(name)) run.tallies.bad('files', { what: 'file.unlisted', file: name })
}

async function checkFile(run: Run, promised: { path: string; bytes: number; sha256: string }): Promise<void> {
  const file = promised.path
  if (!run.files.names.includes(file)) return run.tallies.bad('files', { what: 'file.missing', file })
  const hash = sha256.create()
  let bytes = 0
  try {
    for await (const chunk of run.files.open(file)) {
      hash.update(chunk)
      bytes += chunk.length
      await run.advance(chunk.length)
    }
  } catch {
    return run.tallies.bad('files', { what: 'file.unreadable', file })
  }
  const digest = toHex(hash.digest())
  run.hashes.set(file, digest)
  if (digest !== promised.sha256) run.tallies.bad('files', { what: 'file.sha256', file })
  else if (bytes !== promised.bytes) run.tallies.bad('files', { what: 'file.bytes', file })
  else run.tallies.good('files')
}

async function checkCheckpoint(run: Run, file: string, log: string): Promise<Checkpoint | null> {
  const note = await textFile(run, file)
  if (note === null || run.key === null) return null
  const text = openNote(note, run.key)
  if (text === null) {
    run.tallies.bad('checkpoints', { what: 'checkpoint.signature', file })
    return null
  }
  const checkpoint = readCheckpoint(text)
  if (checkpoint === null || checkpoint.origin !== `${run.key.name}/${log}`) {
    run.tallies.bad('checkpoints', { what: 'checkpoint.malformed', file })
    return null
  }
  run.tallies.good('checkpoints')
  return checkpoint
}

async function checkMessages(run: Run): Promise<number> {
  const { files, tallies, hashes } = run
  if (!files.names.includes(FILES.messages) || !files.names.includes(FILES.proofs)) return 0
  const proofs = linesOf(files.open(FILES.proofs))
  const next = async (): Promise<Fields | null> => {
    const line = await proofs.next().catch(() => null)
    if (line === null || line.done) return null
    await run.advance(line.value.length)
    return parseLine(line.value)
  }
  const check = new MessageCheck({
    tallies,
    checkpoint: run.archive,
    hashes,
    next,
    proofFile: FILES.proofs,
  })
  let message = 0
  try {
    for await (const line of linesOf(files.open(FILES.messages))) {
      message += 1
      await check.line(line, { file: FILES.messages, message })
      await run.advance(line.length)
    }
  } catch {
    tallies.bad('records', { what: 'file.unreadable', file: FILES.messages, message: message + 1 })
  }
  if ((await next()) !== null || (run.facts !== null && message !== run.facts.messages))
    tallies.bad('records', { what: 'line.count', file: FILES.messages })
  return check.withheld
}

/** Each line of a small list of leaves; a line that does not parse is a difference with its number. */
async function eachLine(
  run: Run,
  file: string,
  check: (line: Fields, number: number) => void,
): Promise<void> {
  if (!run.files.names.includes(file)) return
  let number = 0
  try {
    for await (const bytes of linesOf(run.files.open(file))) {
      number += 1
      const line = parseLine(bytes)
      if (line === null) run.tallies.bad('looks', { what: 'line.malformed', file, message: number })
      else check(line, number)
    }
  } catch {
    // What cannot be read has been told when the file was hashed.
  }
}

async function checkLooks(run: Run): Promise<void> {
  await eachLine(run, FILES.looks, (line, message) => {
    const record = attempt(() => recordHash(RECORD_VERSION, 'trail', line.envelope, fromHex(line.commitment)))
    if (includes(run.trail, record, line)) run.tallies.good('looks')
    else run.tallies.bad('looks', { what: 'look.inclusion', file: FILES.looks, message, field: 'envelope' })
  })
}

async function checkDestructions(run: Run): Promise<void> {
  const file = FILES.destructions
  await eachLine(run, file, (line, message) => {
    if (includes(run.archive, fromHex(line.record), line)) run.tallies.good('inclusions')
    else run.tallies.bad('inclusions', { what: 'destruction.inclusion', file, message })
  })
}
