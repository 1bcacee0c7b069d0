import { type Exhibit, exhibits, storedFile } from '../archive/index.ts'
import { type Blobs, type Db, fail, type House } from '../base/index.ts'
import { canonicalJson, recordHash } from '../ledger/index.ts'
import type { RuleSet } from '../monitor/index.ts'
import type { LogSnapshot } from '../notary/index.ts'
import { sha256Hex } from './digest.ts'
import { iso, Leaves, linesOf, metaOf, People, type StretchTold, titleOf } from './lines.ts'
import type { Fragment } from './report/report.ts'
import type { PackageRow } from './store.ts'
import { type MessageLine, type ProofLine, RECORD_VERSION } from './verifier/format.ts'

/** Messages with hits that the report shows with what came before them. */
const MOST_FRAGMENTS = 100
const BEFORE = 2
/** Proofs made from one request for tiles. */
const PROOF_BATCH = 512

export type ContentDeps = { db: Db; house: House; media: Blobs; rules: RuleSet; row: PackageRow }

/** The content of one package while it is written: what was read once is remembered as far as proofs and report need it. */
export class Content {
  readonly people: People
  readonly leaves = new Leaves()
  readonly fragments: Fragment[] = []
  readonly stretches: StretchTold[] = []
  readonly rooms = new Set<string>()
  readonly classes = new Map<string, number>()
  readonly files = new Map<string, string>()
  readonly rulesHit = new Set<string>()
  messagesHit = 0
  counts = { messages: 0, media: 0, mediaMissing: 0, derived: 0, withheld: 0, hits: 0, looks: 0 }
  readonly #deps: ContentDeps
  readonly #below: number

  constructor(deps: ContentDeps, archive: LogSnapshot) {
    this.#deps = deps
    this.#below = archive.size
    this.people = new People(deps.db, deps.house, deps.row.names === 'clear')
  }

  /** messages.jsonl, noting on the way what proofs, report and manifest need. */
  async *messages(progress: (done: number) => Promise<void>): AsyncGenerator<Buffer> {
    const { db, house, row } = this.#deps
    for (const stretch of row.stretches) {
      const told: StretchTold = { ...stretch, title: stretch.convId, messages: 0 }
      this.stretches.push(told)
      const before: MessageLine[] = []
      for await (const page of exhibits(db, house, stretch, this.#below)) {
        const lines = await this.#linesOf(page, this.counts.messages + 1)
        if (page[0]) told.title = titleOf(page[0], this.people)
        told.messages += page.length
        const bytes = lines.map((line, i) => this.#note(line, page[i], before))
        this.counts.messages += page.length
        yield Buffer.concat(bytes)
        await progress(this.counts.messages)
      }
    }
    if (this.counts.messages === 0)
      throw fail('thing.missing', { hint: 'nothing in this scope has been sealed' })
  }

  /** The same lines a second time, for the report. */
  async *again(): AsyncGenerator<MessageLine> {
    const { db, house, row } = this.#deps
    let n = 1
    for (const stretch of row.stretches)
      for await (const page of exhibits(db, house, stretch, this.#below)) {
        yield* await this.#linesOf(page, n)
        n += page.length
      }
  }

  async #linesOf(page: Exhibit[], first: number): Promise<MessageLine[]> {
    const { db, house, rules } = this.#deps
    const told = await linesOf(db, house, rules, this.people, page, first, (sha256, name) =>
      this.#fileName(sha256, name),
    )
    return told.map(({ line }) => line)
  }

  #fileName(sha256: string, name: string | null): string {
    const known = this.files.get(sha256)
    if (known) return known
    const extension = /\.([A-Za-z0-9]{1,8})$/.exec(name ?? '')?.[1]?.toLowerCase() ?? 'bin'
    const path = `media/${sha256}.${extension}`
    this.files.set(sha256, path)
    return path
  }

  #note(line: MessageLine, exhibit: Exhibit | undefined, before: MessageLine[]): Buffer {
    if (!exhibit) throw new Error('a line without its message')
    const text = Buffer.from(JSON.stringify(line))
    this.#noteLeaves(line, exhibit, sha256Hex(text))
    const { counts } = this
    counts.hits += line.hits.length
    counts.derived += line.derived.length
    counts.withheld += line.withheld === null ? 0 : 1
    counts.mediaMissing += line.media.filter(file => file.file === null).length
    const { room } = metaOf(exhibit)
    if (room) this.rooms.add(room)
    const kept = exhibit.envelope.retention
    this.classes.set(kept, (this.classes.get(kept) ?? 0) + 1)
    for (const hit of line.hits as { rule: string }[]) this.rulesHit.add(hit.rule)
    if (line.hits.length > 0) this.messagesHit += 1
    if (line.hits.length > 0 && this.fragments.length < MOST_FRAGMENTS)
      this.fragments.push({ line, before: before.slice(-BEFORE) })
    before.push(line)
    if (before.length > BEFORE) before.shift()
    return Buffer.concat([text, NEWLINE])
  }

  #noteLeaves(line: MessageLine, exhibit: Exhibit, digest: string): void {
    const { n } = line
    const own = recordHash(RECORD_VERSION, 'message', exhibit.envelope, exhibit.commitment)
    this.leaves.add({ index: exhibit.leaf, kind: 'message', n, record: own.toString('hex'), line: digest })
    for (const text of exhibit.derived) {
      const record = recordHash(RECORD_VERSION, 'derived', text.envelope, text.commitment)
      this.leaves.add({
        index: text.leaf,
        kind: 'derived',
        n,
        record: record.toString('hex'),
        line: null,
      })
    }
    for (const file of exhibit.files) {
      if (file.leaf === null) continue
      const record = recordHash(RECORD_VERSION, 'media', file.envelope, null)
      this.leaves.add({ index: file.leaf, kind: 'media', n, record: record.toString('hex'), line: null })
    }
  }

  /** chain/proofs.jsonl: one line for each leaf, in the order of messages.jsonl. */
  async *proofs(archive: LogSnapshot): AsyncGenerator<Buffer> {
    const { indexes, kinds, numbers, records, lines } = this.leaves
    for (let from = 0; from < indexes.length; from += PROOF_BATCH) {
      const batch = indexes.slice(from, from + PROOF_BATCH)
      const paths = await archive.prove(batch)
      const out = batch.map((leaf, i) => {
        const proof: ProofLine = {
          leaf,
          kind: kinds[from + i] ?? 'message',
          n: numbers[from + i] ?? 0,
          record: records[from + i] ?? '',
          line: lines[from + i] ?? null,
          path: (paths[i] ?? []).map(hash => hash.toString('base64')),
        }
        return `${JSON.stringify(proof)}\n`
      })
      yield Buffer.from(out.join(''))
    }
  }

  /** The bytes of a file of the package. Throws `blob.missing` when it has gone. */
  async *file(sha256: string): AsyncGenerator<Buffer> {
    const { db, house, media } = this.#deps
    const stored = await storedFile(db, house, media, sha256)
    if (!stored) throw fail('blob.missing', { hint: 'a file of the package is not among the stored ones' })
    yield* stored.bytes()
  }
}

const NEWLINE = Buffer.from('\n')

/** A document of the package: canonical, so that it reads the same wherever it is made. */
export const document = (value: object): Buffer[] => [
  Buffer.from(`${canonicalJson(JSON.parse(JSON.stringify(value)))}\n`),
]

export const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms))
