import { sha256 } from '@noble/hashes/sha2.js'
import { fromBase64, fromHex, same, textOf, toHex, utf8 } from './bytes.ts'
import { RECORD_VERSION } from './format.ts'
import type { Checkpoint } from './note.ts'
import { commitmentOf, isIncluded, leafHash, recordHash } from './record.ts'
import type { Check, Tallies, What } from './verdict.ts'

export type Fields = Record<string, unknown>

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A line of JSON, or null. */
export function parseLine(bytes: Uint8Array): Fields | null {
  try {
    const value: unknown = JSON.parse(textOf(bytes))
    return isFields(value) ? value : null
  } catch {
    return null
  }
}

const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter(isFields) : [])

export type Place = { file: string; message: number }
export type NextProof = () => Promise<Fields | null>

/** Everything a line of messages.jsonl claims, held against its leaf. */
export class MessageCheck {
  readonly #tallies: Tallies
  readonly #checkpoint: Checkpoint | null
  readonly #hashes: ReadonlyMap<string, string>
  readonly #next: NextProof
  readonly #proofFile: string
  withheld = 0

  constructor(given: {
    tallies: Tallies
    checkpoint: Checkpoint | null
    hashes: ReadonlyMap<string, string>
    next: NextProof
    proofFile: string
  }) {
    this.#tallies = given.tallies
    this.#checkpoint = given.checkpoint
    this.#hashes = given.hashes
    this.#next = given.next
    this.#proofFile = given.proofFile
  }

  async line(bytes: Uint8Array, place: Place): Promise<void> {
    const message = parseLine(bytes)
    const proof = await this.#next()
    if (message === null) return this.#tallies.bad('records', { what: 'line.malformed', ...place })
    this.#body(message, place)
    await this.#leaf(message, 'message', place, 'envelope', proof)
    if (proof !== null && proof.line !== toHex(sha256(bytes)))
      this.#tallies.bad('records', { what: 'line.sha256', ...place })
    for (const [i, text] of listOf(message.derived).entries()) {
      const field = `derived[${i}]`
      this.#text(text, place, field)
      await this.#leaf(text, 'derived', place, field)
    }
    for (const [i, file] of listOf(message.media).entries()) await this.#file(file, place, `media[${i}]`)
  }

  #body(message: Fields, place: Place): void {
    const raw = rawOf(message)
    const [salt, commitment] = [fromHex(message.salt), fromHex(message.commitment)]
    if (raw === null && message.salt === null && typeof message.withheld === 'string') {
      this.withheld += 1
      return
    }
    const good = raw !== null && salt !== null && same(commitmentOf(salt, raw), commitment)
    if (!good) {
      this.#tallies.bad('bodies', { what: 'message.commitment', field: 'raw', ...place })
      return
    }
    this.#tallies.good('bodies')
    const field = differs(message, raw)
    if (field !== null) this.#tallies.bad('bodies', { what: 'message.shown', field, ...place })
  }

  /** Record hash → leaf → root. The proof says the record hash as well, so that a changed column is told from a changed path. */
  async #leaf(
    thing: Fields,
    kind: string,
    place: Place,
    field: string,
    given?: Fields | null,
  ): Promise<void> {
    const proof = given === undefined ? await this.#next() : given
    const commitment = kind === 'media' ? null : fromHex(thing.commitment)
    const record = attempt(() => recordHash(RECORD_VERSION, kind, thing.envelope, commitment))
    const proofPlace = { file: this.#proofFile, message: place.message }
    const known = proof !== null && proof.kind === kind && proof.leaf === thing.leaf
    if (!known) return this.#tallies.bad('inclusions', { what: 'message.proof', field, ...proofPlace })
    const recordDiffers = record === null || toHex(record) !== proof.record
    if (recordDiffers)
      this.#tallies.bad('records', {
        what: 'message.record',
        field: kind === 'message' ? columnOf(thing) : field,
        ...place,
      })
    else this.#tallies.good('records')
    const leaf = fromHex(proof.record)
    this.#included(leaf, proof, { what: whatOf(kind), field: 'path', ...proofPlace }, checkOf(kind))
  }

  #included(
    record: Uint8Array | null,
    proof: Fields,
    place: { what: What; file: string; message: number; field: string },
    check: Check,
  ): void {
    if (includes(this.#checkpoint, record, proof)) this.#tallies.good(check)
    else this.#tallies.bad(check, place)
  }

  #text(text: Fields, place: Place, field: string): void {
    const [salt, commitment] = [fromHex(text.salt), fromHex(text.commitment)]
    if (text.text === null && text.salt === null) return
    const raw = typeof text.text === 'string' ? utf8(text.text) : null
    const good = raw !== null && salt !== null && same(commitmentOf(salt, raw), commitment)
    if (good) this.#tallies.good('texts')
    else this.#tallies.bad('texts', { what: 'text.commitment', field, ...place })
  }

  async #file(file: Fields, place: Place, field: string): Promise<void> {
    // A file still waited for has no leaf yet, and says so.
    if (file.leaf !== null) await this.#leaf(file, 'media', place, field)
    if (file.file === null) return
    const promised = isFields(file.envelope) ? file.envelope.sha256 : null
    if (typeof file.file === 'string' && this.#hashes.get(file.file) === promised) this.#tallies.good('media')
    else this.#tallies.bad('media', { what: 'media.file', field, ...place })
  }
}

/** Whether a proof leads from this record to the checkpoint's root. */
export function includes(checkpoint: Checkpoint | null, record: Uint8Array | null, proof: Fields): boolean {
  if (checkpoint === null || record?.length !== 32) return false
  const path = Array.isArray(proof.path) ? proof.path.map(fromBase64) : [null]
  if (path.some(hash => hash === null)) return false
  const { size, root } = checkpoint
  return isIncluded({
    index: Number(proof.leaf),
    size,
    leaf: leafHash(record),
    path: path as Uint8Array[],
    root,
  })
}

const whatOf = (kind: string): What =>
  kind === 'message' ? 'message.inclusion' : kind === 'media' ? 'media.inclusion' : 'text.inclusion'
const checkOf = (kind: string): Check =>
  kind === 'message' ? 'inclusions' : kind === 'media' ? 'media' : 'texts'

function rawOf(message: Fields): Uint8Array | null {
  if (typeof message.raw === 'string') return utf8(message.raw)
  return message.rawBase64 === null ? null : fromBase64(message.rawBase64)
}

/** The words a reader sees must be the words that were said: the first shown field that the raw bytes do not bear out. */
function differs(message: Fields, raw: Uint8Array): string | null {
  const said = attempt(() => JSON.parse(textOf(raw)) as unknown)
  const { envelope, shown } = message
  if (!isFields(said) || !isFields(envelope) || !isFields(shown)) return null
  const column = columnAgainst(said, envelope)
  if (column !== null) return column
  const payload = isFields(said.text) ? said.text.content : undefined
  if (envelope.kind !== 'text' || typeof payload !== 'string') return null
  const [first] = listOf(shown.texts)
  return first?.text === payload ? null : 'shown.texts[0]'
}

/** Names the column that the message's own bytes contradict, as far as they tell. */
function columnOf(message: Fields): string {
  const raw = rawOf(message)
  const said = raw === null ? null : attempt(() => JSON.parse(textOf(raw)) as unknown)
  const column = isFields(said) && isFields(message.envelope) ? columnAgainst(said, message.envelope) : null
  return column ?? 'envelope'
}

function columnAgainst(said: Fields, envelope: Fields): string | null {
  if (typeof said.msgid === 'string' && said.msgid !== envelope.msgid) return 'envelope.msgid'
  if (typeof said.from === 'string' && said.from !== envelope.from) return 'envelope.from'
  const at = said.msgtime
  const sane = typeof at === 'number' && Number.isSafeInteger(at) && at > 0 && at < Date.UTC(2100, 0, 1)
  if (sane && envelope.sentAt !== `${at}000`) return 'envelope.sentAt'
  const meta = isFields(envelope.meta) ? envelope.meta : {}
  if (typeof said.roomid === 'string' && said.roomid !== '' && meta.room !== said.roomid)
    return 'envelope.meta.room'
  return null
}

export function attempt<T>(work: () => T): T | null {
  try {
    return work()
  } catch {
    return null
  }
}
