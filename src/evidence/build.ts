import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Blobs,
  causeOf,
  type Db,
  type Fault,
  failpoint,
  type House,
  inTransaction,
  now,
  systemActor,
} from '../base/index.ts'
import { canonicalJson, signNote } from '../ledger/index.ts'
import { type RuleSet, ruleViews } from '../monitor/index.ts'
import { type LogSnapshot, logSnapshot, type Outside } from '../notary/index.ts'
import { accountNames } from '../people/index.ts'
import { record } from '../trail/index.ts'
import { addAround } from './around.ts'
import { Content } from './content.ts'
import type { EvidenceRequest } from './contract.ts'
import { sha256Hex } from './digest.ts'
import { recordIssue } from './leaf.ts'
import { readme } from './readme.ts'
import { attestation } from './report/attestation.ts'
import { type Basis, type ReportFacts, report } from './report/report.ts'
import { openRequest } from './sealed.ts'
import { dropSealed, sealedFile } from './sealed-file.ts'
import { addStamps } from './stamps.ts'
import { beginAttempt, markFailed, markReady, noteProgress, type PackageRow, selectPackage } from './store.ts'
import { FILES, FORMAT, FORMAT_VERSION, signedText } from './verifier/format.ts'
import { type Written, ZipWriter } from './zip-writer.ts'

export type BuildDeps = {
  db: Db
  house: House
  outside: Outside
  /** Files of messages. */
  media: Blobs
  /** Where packages stand, sealed. */
  packages: Blobs
  rules: () => RuleSet
  version: string
}

/** After so many attempts that failed by themselves a person has to look; a kill counts for none. */
const ATTEMPTS = 3
const DAY_MS = 86_400_000

class TakenOver extends Error {}

/**
 * Build an approved package. Idempotent: a build that was killed begins anew under the next attempt, and only the newest
 * attempt may finish. What fails three times is `failed`, with the reason, until somebody asks again.
 */
export async function buildPackage(deps: BuildDeps, id: string): Promise<void> {
  const { db, house } = deps
  const begun = await begin(deps, id)
  if (begun === null) return
  try {
    await build(deps, begun)
  } catch (error) {
    if (error instanceof TakenOver) return
    house.log.error({ evidence: begun.number, error: causeOf(error) }, 'a package could not be built')
    await dropSealed(deps.packages, begun, null)
    if (begun.attempt % ATTEMPTS !== 0) throw error
    const code = (error as Partial<Fault>).code
    await inTransaction(db, async tx => {
      await markFailed(tx, house.corp, id, typeof code === 'string' ? code : 'internal')
      await record(tx, systemActor(house, 'evidence'), {
        verb: 'evidence.failed',
        thing: { kind: 'evidence', id: begun.number },
        detail: { reason: typeof code === 'string' ? code : 'internal' },
      })
    })
  }
}

async function begin(deps: BuildDeps, id: string): Promise<PackageRow | null> {
  const { db, house, packages } = deps
  const begun = await inTransaction(db, async tx => {
    const row = await selectPackage(tx, house.corp, id, { lock: true })
    if (row?.state !== 'approved' && row?.state !== 'building') return null
    return { ...row, attempt: await beginAttempt(tx, house.corp, id, now()) }
  })
  if (begun && begun.attempt > 1) await dropSealed(packages, { id, attempt: begun.attempt - 1 }, null)
  return begun
}

async function build(deps: BuildDeps, row: PackageRow): Promise<void> {
  const { db, house, outside, packages } = deps
  const request = await openRequest(db, house, row)
  const [archive, trail] = [await logSnapshot(outside, 'archive'), await logSnapshot(outside, 'trail')]
  const rules = deps.rules()
  const content = new Content({ db, house, media: deps.media, rules, row }, archive)
  const sealed = await sealedFile(db, house, packages, row)
  const zip = new ZipWriter(bytes => sealed.write(bytes))
  const step = async (name: string, done: number): Promise<void> => {
    if (!(await noteProgress(db, house.corp, row, name, done))) throw new TakenOver()
    failpoint('evidence.building')
  }
  const builtAt = now()
  const written = [
    await zip.add(
      FILES.messages,
      content.messages(done => step('messages', done)),
      'deflate',
    ),
    ...(await addMedia(zip, content, done => step('media', done))),
  ]
  await step('proofs', content.counts.messages)
  written.push(await zip.add(FILES.proofs, content.proofs(archive), 'deflate'))
  written.push(...(await addChain(zip, archive, trail)))
  written.push(...(await addStamps(zip, { db, house, archive }, content.leaves.indexes)))
  written.push(...(await addAround({ db, house, zip, content, row, archive, trail })))
  await step('report', content.counts.messages)
  const facts = await factsOf(deps, row, request, content, archive, builtAt)
  written.push(
    await zip.add(
      FILES.report,
      report(facts, content.fragments, basisOf(rules, content), () => content.again()),
      'deflate',
    ),
    await zip.add(FILES.attestation, attestation(facts), 'deflate'),
    await zip.add(FILES.page, [verifierPage()], 'deflate'),
    await zip.add(FILES.readme, [readme(facts)], 'deflate'),
  )
  await step('closing', content.counts.messages)
  const manifest = manifestOf(facts, request, content, { row, archive, trail, written, zip })
  const note = signNote(signedText(outside.signer.name, row.number, sha256Hex(manifest)), outside.signer)
  await zip.add(FILES.manifest, [manifest], 'store')
  await zip.add(FILES.signature, [Buffer.from(note)], 'store')
  await zip.finish()
  const file = await sealed.finish()
  failpoint('evidence.built')
  await finish(deps, row, content, { ...file, note, manifest, builtAt })
}

async function addMedia(
  zip: ZipWriter,
  content: Content,
  step: (done: number) => Promise<void>,
): Promise<Written[]> {
  const written: Written[] = []
  for (const [sha256, path] of content.files) {
    written.push(await zip.add(path, content.file(sha256), 'store'))
    content.counts.media += 1
    await step(content.counts.media)
  }
  return written
}

async function addChain(zip: ZipWriter, archive: LogSnapshot, trail: LogSnapshot): Promise<Written[]> {
  return [
    await zip.add(FILES.key, [Buffer.from(`${archive.key}\n`)], 'deflate'),
    await zip.add(FILES.checkpoint, [Buffer.from(archive.note)], 'deflate'),
    await zip.add(FILES.trailCheckpoint, [Buffer.from(trail.note)], 'deflate'),
  ]
}

async function factsOf(
  deps: BuildDeps,
  row: PackageRow,
  request: RequestText,
  content: Content,
  archive: LogSnapshot,
  builtAt: number,
): Promise<ReportFacts> {
  const { db, house } = deps
  const decidedBy = row.decidedBy ?? ''
  const names = await accountNames(db, house, [row.requestedBy, decidedBy])
  return {
    number: row.number,
    ...request,
    names: row.names,
    institution: house.name,
    zone: house.zone,
    requestedBy: names.get(row.requestedBy) ?? row.requestedBy,
    requestedAt: row.requestedAt,
    approvedBy: names.get(decidedBy) ?? decidedBy,
    approvedAt: row.decidedAt ?? 0,
    builtAt,
    stretches: content.stretches,
    counts: content.counts,
    messagesHit: content.messagesHit,
    ledger: {
      origin: archive.origin,
      size: archive.size,
      root: archive.root.toString('hex'),
      fingerprint: fingerprintOf(deps.outside),
    },
    version: deps.version,
  }
}

type RequestText = Pick<EvidenceRequest, 'caseNumber' | 'purpose' | 'reason'>

/** SHA-256 of the 32 bytes of the public key: short enough to read to somebody. */
export function fingerprintOf(outside: Outside): string {
  const { x } = outside.verifier.publicKey.export({ format: 'jwk' })
  return sha256Hex(Buffer.from(x ?? '', 'base64url'))
}

function basisOf(rules: RuleSet, content: Content): Map<string, Basis> {
  const views = ruleViews(rules, [...content.rulesHit])
  return new Map(
    views.map(view => [
      view.id,
      {
        rule: view.id,
        clause: view.clause ? `${view.clause.ref} ${view.clause.title}` : null,
        laws: view.basis.map(law => `${law.name}${law.article ?? ''}${law.certain ? '' : '（待核）'}`),
      },
    ]),
  )
}

function manifestOf(
  facts: ReportFacts,
  request: RequestText,
  content: Content,
  made: { row: PackageRow; archive: LogSnapshot; trail: LogSnapshot; written: Written[]; zip: ZipWriter },
): Buffer {
  const { row, archive, trail } = made
  const value = {
    format: FORMAT,
    version: FORMAT_VERSION,
    number: row.number,
    ...request,
    names: row.names,
    institution: { name: facts.institution },
    requestedBy: { account: row.requestedBy, name: facts.requestedBy, at: row.requestedAt },
    approvedBy: { account: row.decidedBy, name: facts.approvedBy, at: facts.approvedAt },
    builtAt: facts.builtAt,
    zone: facts.zone,
    scope: content.stretches,
    counts: content.counts,
    rules: [...content.rulesHit].sort(),
    hash: 'SHA-256',
    ledger: {
      ...facts.ledger,
      key: archive.key,
      trail: { origin: trail.origin, size: trail.size, root: trail.root.toString('hex') },
    },
    system: { name: 'Tongjian', version: facts.version },
    files: made.written,
    container: made.zip.soFar(),
  }
  return Buffer.from(`${canonicalJson(JSON.parse(JSON.stringify(value)))}\n`)
}

/** The page is made by verifier/bake.ts and kept in the repository, so that anybody can compare its hash. */
function verifierPage(): Buffer {
  return readFileSync(join(import.meta.dirname, 'verifier', 'verify.generated.html'))
}

type Finished = {
  bytes: number
  sha256: Buffer
  pieces: number
  note: string
  manifest: Buffer
  builtAt: number
}

/** State, ledger and trail in one transaction; another attempt's pieces are not ours to make ready. */
async function finish(deps: BuildDeps, row: PackageRow, content: Content, made: Finished): Promise<void> {
  const { db, house } = deps
  const actor = systemActor(house, 'evidence')
  await inTransaction(db, async tx => {
    const { bytes, sha256, pieces, builtAt } = made
    const expiresAt = now() + row.keepDays * DAY_MS
    if (!(await markReady(tx, house.corp, row, { bytes, sha256, pieces, builtAt, expiresAt })))
      throw new TakenOver()
    await recordIssue(tx, house, {
      id: row.id,
      number: row.number,
      requestedBy: row.requestedBy,
      approvedBy: row.decidedBy ?? '',
      issuedAt: builtAt,
      manifestSha256: createHash('sha256').update(made.manifest).digest(),
      note: made.note,
    })
    await record(tx, actor, {
      verb: 'evidence.issued',
      thing: { kind: 'evidence', id: row.number },
      detail: { messages: content.counts.messages, manifest: sha256Hex(made.manifest), bytes },
    })
    for (const stretch of content.stretches)
      await record(tx, actor, {
        verb: 'conversation.exported',
        thing: { kind: 'conversation', id: stretch.convId },
        detail: {
          number: row.number,
          by: row.requestedBy,
          from: stretch.from,
          to: stretch.to,
          shown: stretch.messages,
        },
      })
  })
}
