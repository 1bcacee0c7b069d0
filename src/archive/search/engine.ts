import { type Db, type House, sql } from '../../base/index.ts'
import type { MessageKey, SearchTotal } from '../contract.ts'
import type { GramHasher } from '../grams.ts'
import { conversationsOf, type Needed, type Place, probe, type Way, walk } from './candidates.ts'
import type { Criteria } from './criteria.ts'
import { look } from './look.ts'
import { type Found, matchOf } from './match.ts'
import { type Segment, segmentsOf, within } from './segments.ts'

/** Where a search goes on: below this place; `walked` when its month has too many candidates to ask the index again. */
export type Resume = { place: Place; walked: boolean }

/** Candidates are opened in steps: a page of true ones needs the first, false ones the others. */
const FIRST_LOOK = 48
const NEXT_LOOK = 192
/**
 * `probe`: the most keys one answer of the index may hold; a word with more in a month is met by walking the month,
 * where a page's worth is a few thousand rows away (30 of 1,500 in a month of 417,000: 8,300). `walk`: rows of the first stretch.
 */
const TUNING = { probe: 1500, walk: 1000 }
const LONGEST_WALK = 16_000
/** More conversations than this are walked by time. */
const MOST_CONVERSATIONS = 300

type Step = {
  keys: MessageKey[]
  /** Everything above this has been given; null when nothing is left below. */
  below: Place | null
  walked: boolean
  /** Rows of the archive that this step covers, by statistics where it asked the index; null when unknown. */
  rows: number | null
  /** No candidate is left outside this step. */
  final: boolean
}

export type Ask = { db: Db; house: House; criteria: Criteria; needed: Needed; tuning?: typeof TUNING }

/** Grams that every match must hold. */
export function neededBy(criteria: Criteria, hasher: GramHasher): Needed {
  return criteria.all
    .map(words => words.map(word => hasher.needed(word)))
    .filter(words => words.every(grams => grams.length > 0))
}

/** In this transaction the gram index decides, whatever the size of a table; months one after the other. */
export async function settle(tx: Db): Promise<void> {
  await sql`SELECT set_config('enable_seqscan', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)`.execute(
    tx,
  )
}

/** Candidates, newest first, in steps of bounded work. */
async function* steps(tx: Db, ask: Ask, from: Resume | null): AsyncGenerator<Step> {
  const { criteria, house, needed, tuning = TUNING } = ask
  const all = within(await segmentsOf(tx, ask.db), criteria.from, criteria.until)
  let rest = all.filter(segment => !from || reaches(segment, from.place))
  let place = from?.place ?? null
  let askIndex = !from?.walked
  while (rest.length > 0) {
    if (needed.length > 0 && askIndex) {
      const { keys, complete } = await probe(tx, house.corp, rest, needed, place, tuning.probe)
      if (complete > 0) {
        const covered = rest.slice(0, complete)
        const final = complete === rest.length
        yield { keys, below: floor(covered.at(-1)), walked: false, rows: sum(covered, 'grams'), final }
        rest = rest.slice(complete)
        place = null
        continue
      }
    }
    const segment = rest[0]
    if (!segment) return
    rest = rest.slice(1)
    yield* walked(tx, ask, segment, place, rest.length === 0)
    place = null
    askIndex = true
  }
}

async function* walked(
  tx: Db,
  ask: Ask,
  segment: Segment,
  start: Place | null,
  oldest: boolean,
): AsyncGenerator<Step> {
  const way = await wayThrough(tx, ask, segment)
  let place = start
  const end = floor(segment)
  for (let size = (ask.tuning ?? TUNING).walk; way !== null; size = Math.min(size * 2, LONGEST_WALK)) {
    const { keys, last, walked } = await walk(tx, ask.house.corp, segment, way, ask.needed, place, size)
    const rows = way.by === 'grams' || way.by === 'time' ? walked : null
    yield {
      keys,
      below: last ?? (oldest ? null : end),
      walked: last !== null,
      rows,
      final: oldest && last === null,
    }
    if (last === null) return
    place = last
  }
  yield { keys: [], below: oldest ? null : end, walked: false, rows: null, final: oldest }
}

/** Marks and a person's conversations are few beside all messages of a month. Null: nobody asked for was there. */
async function wayThrough(tx: Db, ask: Ask, segment: Segment): Promise<Way | null> {
  const { criteria, needed, house } = ask
  const mark = criteria.marks.find(term => !term.not)
  if (mark) return { by: 'marks', kind: mark.kind, values: mark.any }
  for (const people of [...criteria.parties, ...criteria.senders].filter(term => !term.not)) {
    const convs = await conversationsOf(tx, house.corp, people.any, segment, MOST_CONVERSATIONS)
    if (convs.length === 0) return null
    if (convs.length <= MOST_CONVERSATIONS) return { by: 'conversations', convs }
  }
  return { by: needed.length > 0 ? 'grams' : 'time' }
}

/** Is anything of the segment below the place? At its floor there is not. */
function reaches(segment: Segment, place: Place): boolean {
  return segment.from < place.sentAt || (segment.from === place.sentAt && place.msgid !== '')
}

/** Below every message of a segment; null at the beginning of time. */
function floor(segment: Segment | undefined): Place | null {
  if (!segment || segment.from === Number.NEGATIVE_INFINITY) return null
  return { sentAt: segment.from, convId: '0', msgid: '' }
}

function sum(segments: Segment[], of: 'grams' | 'messages'): number | null {
  let total = 0
  for (const segment of segments) {
    // The default partition is met once for every stretch of time it stands for.
    const rows = segment[of]
    if (rows === null) return null
    total += segment.suffix === 'default' ? 0 : rows
  }
  return total
}

export type Limits = { items: number; milliseconds: number; looks: number }
export type Outcome = {
  found: Found[]
  next: Resume | null
  /** The limit of work ended the search before the page was full. */
  partial: boolean
  total: SearchTotal | null
  looks: number
  stages: { candidates: number; look: number }
}

/**
 * One page: true matches below `from`, newest first, until the page is full or the work of one request is done. Every
 * true match is found by going on from `next` until it is null.
 */
export async function findPage(tx: Db, ask: Ask, from: Resume | null, limits: Limits): Promise<Outcome> {
  const started = performance.now()
  const tally = new Tally()
  const found: Found[] = []
  const stages = { candidates: 0, look: 0 }
  let mark = performance.now()
  for await (const step of steps(tx, ask, from)) {
    stages.candidates += performance.now() - mark
    tally.enter(step)
    let done = 0
    while (done < step.keys.length) {
      const lookStarted = performance.now()
      const some = step.keys.slice(done, done + (tally.looks === 0 ? FIRST_LOOK : NEXT_LOOK))
      const opened = await look(tx, ask.house, some, ask.criteria)
      const matches = opened.flatMap(message => matchOf(message, ask.criteria) ?? [])
      stages.look += performance.now() - lookStarted
      done += some.length
      found.push(...matches)
      tally.looked(some.length, done, matches.length)
      if (found.length > limits.items) {
        const page = found.slice(0, limits.items)
        const last = page.at(-1)?.message.key
        return {
          found: page,
          next: last ? { place: last, walked: step.walked } : null,
          partial: false,
          total: await total(tx, ask, tally, false),
          looks: tally.looks,
          stages,
        }
      }
      const spent = performance.now() - started > limits.milliseconds || tally.looks >= limits.looks
      const last = some.at(-1)
      if (spent && done < step.keys.length && last)
        return {
          found,
          next: { place: last, walked: step.walked },
          partial: true,
          total: await total(tx, ask, tally, false),
          looks: tally.looks,
          stages,
        }
    }
    if (step.below === null) break
    if (performance.now() - started > limits.milliseconds)
      return {
        found,
        next: { place: step.below, walked: step.walked },
        partial: true,
        total: await total(tx, ask, tally, false),
        looks: tally.looks,
        stages,
      }
    mark = performance.now()
  }
  return {
    found,
    next: null,
    partial: false,
    total: await total(tx, ask, tally, from === null),
    looks: tally.looks,
    stages,
  }
}

/** What has been seen so far, for an honest guess at what is left. */
class Tally {
  looks = 0
  matches = 0
  #covered: number | null = 0
  #step: Step | null = null
  #done = 0

  enter(step: Step): void {
    this.#close()
    this.#step = step
    this.#done = 0
  }

  looked(looks: number, done: number, matches: number): void {
    this.looks += looks
    this.#done = done
    this.matches += matches
  }

  /** Candidates not looked at, when no others exist. */
  get left(): number | null {
    return this.#step?.final ? this.#step.keys.length - this.#done : null
  }

  /** Rows of the archive behind us. */
  get covered(): number | null {
    this.#close()
    return this.#covered
  }

  #close(): void {
    const step = this.#step
    this.#step = null
    if (!step) return
    const share = step.keys.length === 0 ? 1 : this.#done / step.keys.length
    this.#covered = this.#covered === null || step.rows === null ? null : this.#covered + step.rows * share
  }
}

async function total(tx: Db, ask: Ask, tally: Tally, finished: boolean): Promise<SearchTotal | null> {
  if (finished) return { n: tally.matches, how: 'exact' }
  if (tally.matches === 0) return null
  const { left } = tally
  if (left !== null)
    return { n: rounded(tally.matches + (left * tally.matches) / tally.looks), how: 'candidates' }
  const all = within(await segmentsOf(tx, ask.db), ask.criteria.from, ask.criteria.until)
  const rows = sum(all, ask.needed.length > 0 ? 'grams' : 'messages')
  const { covered } = tally
  if (rows === null || covered === null || covered < 1) return null
  return { n: rounded(tally.matches * Math.max(1, rows / covered)), how: 'density' }
}

/** Two figures: a guess must not look like a count. */
function rounded(n: number): number {
  if (n < 100) return Math.round(n)
  const unit = 10 ** (Math.floor(Math.log10(n)) - 1)
  return Math.round(n / unit) * unit
}

/** Every match, newest first, in batches; for exports, holds and the property test. No limit but the archive. */
export async function* everyMatch(tx: Db, ask: Ask): AsyncGenerator<Found[]> {
  for await (const step of steps(tx, ask, null)) {
    for (let done = 0; done < step.keys.length; done += NEXT_LOOK) {
      const opened = await look(tx, ask.house, step.keys.slice(done, done + NEXT_LOOK), ask.criteria)
      const found = opened.flatMap(message => matchOf(message, ask.criteria) ?? [])
      if (found.length > 0) yield found
    }
    if (step.below === null) return
  }
}
