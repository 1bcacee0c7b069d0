import { execFile } from 'node:child_process'
import { createHash, createPublicKey, randomInt, verify } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import {
  appendTiles,
  consistencyProof,
  edgeTilePaths,
  emptyTileLog,
  formatCheckpoint,
  generateNoteKey,
  type HashAt,
  hashFromTiles,
  hashLeaf,
  inclusionProof,
  noteVerifierOf,
  noteVerifierToString,
  rootOf,
  signNote,
  tileLogRoot,
  verifyConsistency,
  verifyInclusion,
} from '../../src/ledger/index.ts'

const PROGRAM = new URL('verify.py', import.meta.url).pathname
const vectors = JSON.parse(readFileSync(new URL('vectors.json', import.meta.url), 'utf8'))
/** Sizes around the joints of the tree and of its tiles; 66,000 has three tile levels. */
const SIZES = [1, 2, 3, 7, 8, 255, 256, 257, 511, 513, 1_000, 4_097, 66_000]

type Case = { name: string; kind: string; [field: string]: unknown }
type Verdict = { name: string; ok: boolean; why: string | null }

function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tongjian-second-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Let the Python program judge; its exit code must say the same as its lines. */
async function judge(cases: Case[]): Promise<Verdict[]> {
  const file = join(tempFolder(), 'cases.json')
  writeFileSync(file, JSON.stringify({ cases }))
  const run = promisify(execFile)('python3', ['-I', PROGRAM, file], { maxBuffer: 1e8 })
  const { code, stdout, stderr } = await run.then(
    done => ({ code: 0, ...done }),
    (failed: { code: number; stdout: string; stderr: string }) => failed,
  )
  expect(stderr).toBe('')
  const verdicts = stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Verdict)
  expect(verdicts.map(each => each.name)).toEqual(cases.map(each => each.name))
  expect(code).toBe(verdicts.every(each => each.ok) ? 0 : 1)
  return verdicts
}
const refused = (verdicts: Verdict[]) => verdicts.filter(each => !each.ok)
const accepted = (verdicts: Verdict[]) => verdicts.filter(each => each.ok)

/** A generator with a printed seed (mulberry32), so that a failure can be run again. */
function seeded() {
  const seed = Number(process.env.SEED ?? randomInt(2 ** 31))
  let state = seed
  const below = (n: number) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % n
  }
  return { seed, below }
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const flipped = (bytes: Uint8Array, at: number, bit: number) => {
  const copy = Buffer.from(bytes)
  copy[at]! ^= 1 << bit
  return copy
}

/** A real log with its tiles on disk and a signed checkpoint. */
function realLog(size: number, signer: ReturnType<typeof generateNoteKey>) {
  const folder = tempFolder()
  const records = Array.from({ length: size }, (_, i) => createHash('sha256').update(`${size}/${i}`).digest())
  const leaves = records.map(record => hashLeaf(record))
  let log = emptyTileLog()
  const tiles = new Map<string, Uint8Array>()
  // In uneven steps, as a sealer does, so that partial tiles grow.
  for (let at = 0; at < size; at = log.size) {
    const step = appendTiles(log, Buffer.concat(leaves.slice(at, at + Math.max(1, Math.floor(size / 3)))))
    for (const tile of step.writes) tiles.set(tile.path, tile.bytes)
    for (const old of step.writes.flatMap(tile => tile.replaces)) tiles.delete(old)
    log = step.log
  }
  for (const [path, bytes] of tiles) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), bytes)
  }
  const root = tileLogRoot(log)
  const origin = `${signer.name}/archive`
  const note = signNote(formatCheckpoint({ origin, size, root }), signer)
  const hashAt = hashFromTiles(size, path => tiles.get(path))
  return { folder, records, leaves, tiles, root, origin, note: Buffer.from(note), hashAt }
}

test('the vectors of RFC 6962 and RFC 8032 pass in the second verifier and in ours', async () => {
  const leaves: Buffer[] = vectors.leaves.map((text: string) => hashLeaf(Buffer.from(text, 'hex')))
  const roots: string[] = [vectors.emptyRoot, ...vectors.roots]
  const hashAt: HashAt = (level, index) => rootOf(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level))
  const unhex = (texts: string[]) => texts.map(text => Buffer.from(text, 'hex'))
  const cases: Case[] = roots.map((root, n) => {
    expect(hex(rootOf(leaves.slice(0, n)))).toBe(root)
    return { name: `root ${n}`, kind: 'tree', leaves: vectors.leaves.slice(0, n), root }
  })
  for (const { index, size, proof } of vectors.inclusion) {
    const leafHash = leaves[index]!
    const root = roots[size]!
    expect(inclusionProof(index, size, hashAt).map(hex)).toEqual(proof)
    expect(
      verifyInclusion({ index, size, leafHash, proof: unhex(proof), root: Buffer.from(root, 'hex') }),
    ).toBe(true)
    cases.push({
      name: `leaf ${index} of ${size}`,
      kind: 'inclusion',
      index,
      size,
      proof,
      leafHash: hex(leafHash),
      root,
    })
  }
  for (const { first, second, proof } of vectors.consistency) {
    const claim = { first, second, firstRoot: roots[first]!, secondRoot: roots[second]!, proof }
    expect(consistencyProof(first, second, hashAt).map(hex)).toEqual(proof)
    const [firstRoot, secondRoot] = [
      Buffer.from(claim.firstRoot, 'hex'),
      Buffer.from(claim.secondRoot, 'hex'),
    ]
    expect(verifyConsistency({ first, second, firstRoot, secondRoot, proof: unhex(proof) })).toBe(true)
    cases.push({ name: `${first} before ${second}`, kind: 'consistency', ...claim })
  }
  for (const [i, each] of vectors.ed25519.entries()) {
    const x = Buffer.from(each.public, 'hex').toString('base64url')
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    expect(verify(null, Buffer.from(each.message, 'hex'), key, Buffer.from(each.signature, 'hex'))).toBe(true)
    cases.push({ name: `RFC 8032 test ${i + 1}`, kind: 'ed25519', ...each })
  }
  const verdicts = await judge(cases)
  expect(refused(verdicts)).toEqual([])
  expect(verdicts).toHaveLength(9 + 5 + 4 + 3)
})

test('what our code proves, the second verifier accepts, at every size; one flipped byte, and it refuses', async () => {
  const { seed, below } = seeded()
  const signer = generateNoteKey('tongjian/second')
  const verifier = noteVerifierToString(noteVerifierOf(signer))
  const good: Case[] = []
  const bad: Case[] = []
  for (const size of SIZES) {
    const log = realLog(size, signer)
    const base = { verifier, note: log.note.toString('base64'), origin: log.origin }
    good.push({ name: `checkpoint of ${size}`, kind: 'checkpoint', ...base, size, root: hex(log.root) })
    good.push({ name: `tiles of ${size}`, kind: 'tiles', ...base, folder: log.folder })
    bad.push(...flippedNotes(size, log.note, below).map(note => ({ ...good.at(-2)!, ...note })))
    for (let i = 0; i < 8; i++) {
      const index = below(size)
      const proof = inclusionProof(index, size, log.hashAt)
      const claim = {
        index,
        size,
        leafHash: hex(log.leaves[index]!),
        root: hex(log.root),
        proof: proof.map(hex),
      }
      good.push({ name: `leaf ${index} of ${size}`, kind: 'inclusion', ...claim })
      good.push({
        name: `record ${index} of ${size}`,
        kind: 'proof',
        ...base,
        index,
        recordHash: hex(log.records[index]!),
        proof: claim.proof,
      })
      bad.push(
        ...flippedProofs(`${index} of ${size}`, { kind: 'inclusion', ...claim }, ['leafHash', 'root'], below),
      )
    }
    for (let i = 0; i < 8; i++) {
      const first = below(size + 1)
      const proof = consistencyProof(first, size, log.hashAt).map(hex)
      const firstRoot = hex(rootOf(log.leaves.slice(0, first)))
      const claim = { kind: 'consistency', first, second: size, firstRoot, secondRoot: hex(log.root), proof }
      good.push({ name: `${first} before ${size}`, ...claim })
      // Between an empty tree and any other there is nothing to prove, so nothing is compared with the second root.
      const fields = first === 0 ? ['firstRoot'] : ['firstRoot', 'secondRoot']
      bad.push(...flippedProofs(`${first} before ${size}`, claim, fields, below))
    }
    bad.push(...flippedTiles(size, log, base, below))
  }
  const verdicts = await judge(good)
  expect(refused(verdicts), `seed ${seed}`).toEqual([])
  const denials = await judge(bad)
  expect(accepted(denials), `seed ${seed}`).toEqual([])
  process.stdout.write(`second verifier: ${good.length} accepted, ${bad.length} refused, seed ${seed}\n`)
}, 120_000)

type Below = (n: number) => number

function flippedNotes(size: number, note: Buffer, below: Below) {
  return Array.from({ length: 6 }, () => {
    const at = below(note.length)
    return {
      name: `checkpoint of ${size}, byte ${at} flipped`,
      note: flipped(note, at, below(8)).toString('base64'),
    }
  })
}

/** Each field and each hash of the proof, one byte flipped; and the proof one hash shorter and one longer. */
function flippedProofs(
  what: string,
  claim: { kind: string; proof: string[]; [field: string]: unknown },
  fields: string[],
  below: Below,
): Case[] {
  const flip = (text: string) => hex(flipped(Buffer.from(text, 'hex'), below(32), below(8)))
  const cases: Case[] = fields.map(field => ({
    ...claim,
    name: `${what}, ${field} flipped`,
    [field]: flip(String(claim[field])),
  }))
  const at = below(Math.max(1, claim.proof.length))
  if (claim.proof.length > 0) {
    const proof = claim.proof.map((hash, i) => (i === at ? flip(hash) : hash))
    cases.push({ ...claim, name: `${what}, hash ${at} of the proof flipped`, proof })
    cases.push({ ...claim, name: `${what}, proof cut short`, proof: claim.proof.slice(0, -1) })
  }
  cases.push({ ...claim, name: `${what}, proof too long`, proof: [...claim.proof, hex(Buffer.alloc(32))] })
  return cases
}

function flippedTiles(
  size: number,
  log: ReturnType<typeof realLog>,
  base: Record<string, unknown>,
  below: Below,
): Case[] {
  if (size > 5_000) return []
  // Partial tiles of earlier sizes stay, and nobody needs them for this one.
  const needed = [...log.tiles].filter(
    ([path]) => !path.includes('.p/') || edgeTilePaths(size).includes(path),
  )
  return needed.map(([path, bytes]) => {
    const folder = tempFolder()
    for (const [other, whole] of log.tiles) {
      mkdirSync(dirname(join(folder, other)), { recursive: true })
      writeFileSync(join(folder, other), whole)
    }
    writeFileSync(join(folder, path), flipped(bytes, below(bytes.length), below(8)))
    return { ...base, name: `${path} of ${size} flipped`, kind: 'tiles', folder }
  })
}
