/** What may differ. The shells turn it into words; the set is closed. */
export type What =
  | 'zip.unreadable'
  | 'zip.container'
  | 'file.missing'
  | 'file.unlisted'
  | 'file.unreadable'
  | 'file.bytes'
  | 'file.sha256'
  | 'manifest.malformed'
  | 'manifest.signature'
  | 'key.malformed'
  | 'key.fingerprint'
  | 'checkpoint.signature'
  | 'checkpoint.malformed'
  | 'line.malformed'
  | 'line.sha256'
  | 'line.count'
  | 'message.commitment'
  | 'message.record'
  | 'message.inclusion'
  | 'message.shown'
  | 'message.proof'
  | 'text.commitment'
  | 'text.inclusion'
  | 'media.inclusion'
  | 'media.file'
  | 'look.inclusion'
  | 'destruction.inclusion'
  | 'stamp.imprint'
  | 'stamp.unreadable'
  | 'stamp.checkpoint'

/** Where something is not as it was: the file, the message in it (from 1), the field, and for the container the byte. */
export type Difference = {
  what: What
  file: string
  message: number | null
  field: string | null
  offset: number | null
}

export type Check =
  | 'container'
  | 'files'
  | 'signature'
  | 'checkpoints'
  | 'bodies'
  | 'records'
  | 'inclusions'
  | 'texts'
  | 'media'
  | 'looks'
  | 'stamps'
export type Tally = { check: Check; done: number; wrong: number }

export type Verdict = {
  ok: boolean
  first: Difference | null
  /** At most a hundred; `wrong` of the tallies counts them all. */
  differences: Difference[]
  tallies: Tally[]
  /** What the manifest says of itself; null when it cannot be read. Believe it only when `ok`. */
  facts: ManifestFacts | null
  key: { name: string; fingerprint: string } | null
  withheld: number
  /** Times that an authority outside the institution vouches for, as its stamps say; their certificates are not checked. */
  stamps: { file: string; at: string; policy: string | null; size: number | null }[]
}

export type ManifestFacts = {
  number: string
  institution: string
  caseNumber: string
  requestedBy: string
  approvedBy: string
  builtAt: number
  messages: number
  files: { path: string; bytes: number; sha256: string }[]
  container: { bytes: number; sha256: string }
  fingerprint: string
}

const MOST = 100

/** Gathers what was checked and what differed. */
export class Tallies {
  readonly differences: Difference[] = []
  readonly #tallies = new Map<Check, Tally>()

  good(check: Check, count = 1): void {
    this.#of(check).done += count
  }

  bad(check: Check, difference: Partial<Difference> & { what: What; file: string }): void {
    const tally = this.#of(check)
    tally.done += 1
    tally.wrong += 1
    const whole = { message: null, field: null, offset: null, ...difference }
    if (this.differences.length < MOST) this.differences.push(whole)
  }

  list(): Tally[] {
    return [...this.#tallies.values()]
  }

  /**
   * The most exact of what differs: a changed byte of a message shows in the container, the file and the message, and
   * the message is what the reader wants to know.
   */
  first(): Difference | null {
    return (
      this.differences.find(d => d.message !== null) ??
      this.differences.find(d => d.file !== '' && d.what !== 'zip.container') ??
      this.differences[0] ??
      null
    )
  }

  #of(check: Check): Tally {
    const known = this.#tallies.get(check) ?? { check, done: 0, wrong: 0 }
    this.#tallies.set(check, known)
    return known
  }
}

/** The answer to what is no package at all. */
export function unreadable(): Verdict {
  const first = { what: 'zip.unreadable' as const, file: '', message: null, field: null, offset: null }
  return {
    ok: false,
    first,
    differences: [first],
    tallies: [],
    facts: null,
    key: null,
    withheld: 0,
    stamps: [],
  }
}
