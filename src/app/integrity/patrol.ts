import { checkFiles } from '../../archive/index.ts'
import { causeOf, inTransaction, monotonic, now, repeat, systemActor, type Tx } from '../../base/index.ts'
import { type LogId, logState, type Problem } from '../../notary/index.ts'
import { record, verifyTrail } from '../../trail/index.ts'
import type { Premises } from '../house.ts'
import { verifyWhole } from '../whole.ts'
import {
  clearFindings,
  insertRound,
  lockPatrol,
  noteFindings,
  noteSpan,
  saveWalk,
  selectWalks,
} from './store.ts'
import { beginning, readState, signState, type Walk, type WalkState } from './walk-state.ts'

export type PatrolDeps = Pick<Premises, 'db' | 'house' | 'outside' | 'media' | 'config'>
export type Patrol = {
  /** Do now what `ms` milliseconds of pace allow; for tests, and for the loop. */
  turn(ms: number): Promise<void>
  stop(): Promise<void>
}

const EVERY_MS = 2_000
const FIRST_MS = 5_000
/** Leaves of one step: few enough to be unnoticed, many enough that a transaction each is nothing. */
const STEP_LEAVES = 1024
/** New leaves are checked this much faster than the round goes, so that an import is caught up with. */
const NEWEST_FACTOR = 20
/** Between two rounds over a small archive. */
const REST_MS = 60_000
const MB = 1_048_576

/**
 * Walk every leaf at a set pace, again and again: the newest within seconds of their sealing, all of them in rounds,
 * and the bytes of every file at a pace of their own. Where it stands survives a restart. What differs is told at once.
 */
export function startPatrol(deps: PatrolDeps): Patrol {
  const { house } = deps
  const walker = new Patroller(deps)
  let last = monotonic()
  const loop = repeat(
    EVERY_MS,
    FIRST_MS,
    async () => {
      const ms = Math.min(monotonic() - last, 10 * EVERY_MS)
      last = monotonic()
      await walker.turn(ms)
    },
    error => house.log.error({ error: causeOf(error) }, 'the patrol over the archive could not go on'),
  )
  return { turn: ms => walker.turn(ms), stop: () => loop.stop() }
}

type Stepped = { state: WalkState; problems: Problem[]; whole: boolean }

class Patroller {
  readonly #deps: PatrolDeps
  readonly #credit = new Map<Walk, number>()
  /** The furthest each walk has come, as this process knows: an older signed state put back is refused. */
  readonly #known = new Map<Walk, { round: number; size: number }>()
  readonly #restUntil = new Map<Walk, number>()

  constructor(deps: PatrolDeps) {
    this.#deps = deps
  }

  async turn(ms: number): Promise<void> {
    const { db, house, config } = this.#deps
    await inTransaction(db, async tx => {
      if (!(await lockPatrol(tx, house.corp))) return
      const stored = new Map((await selectWalks(tx, house.corp)).map(row => [row.walk, row.state]))
      for (const log of ['archive', 'trail'] as const) {
        await this.#newest(
          tx,
          log,
          stored.get(`newest-${log}`),
          (ms / 1000) * config.patrol.perSecond * NEWEST_FACTOR,
        )
        await this.#round(tx, log, stored.get(log), (ms / 1000) * config.patrol.perSecond)
      }
      await this.#files(tx, stored.get('files'), (ms / 1000) * config.patrol.mediaMb * MB)
    })
  }

  #state(walk: Walk, note: string | undefined): WalkState {
    const { outside, house } = this.#deps
    const read = note === undefined ? null : readState(outside, walk, note)
    const known = this.#known.get(walk)
    const older =
      read &&
      known &&
      (read.round < known.round || (read.round === known.round && read.tree.size < known.size))
    if (read && !older) return read
    if (note !== undefined)
      house.log.warn({ walk }, 'where the patrol stood was not what it had signed; it begins anew')
    return beginning((known?.round ?? 0) + 1, now())
  }

  /** Leaves sealed since the last look; how far the log reaches may only grow. */
  async #newest(tx: Tx, log: LogId, note: string | undefined, allowance: number): Promise<void> {
    const walk: Walk = `newest-${log}`
    if (now() < (this.#restUntil.get(walk) ?? 0)) return
    const { db, house, outside } = this.#deps
    const state = this.#state(walk, note)
    const { sealed } = await logState(db, house, outside, log)
    if (sealed < state.tree.size) {
      const what = `leaves from here to ${state.tree.size - 1} are missing`
      await this.#tell(tx, log, log, [{ log, index: sealed, what, ref: null }], state.tree.size)
      this.#restUntil.set(walk, now() + REST_MS)
      return
    }
    const upTo = Math.min(sealed, state.tree.size + Math.max(STEP_LEAVES, Math.floor(allowance)))
    if (upTo === state.tree.size) return
    const done = await this.#step(log, state, upTo, true)
    await this.#keep(tx, walk, done.state)
    await this.#tell(tx, log, log, done.problems, done.state.tree.size)
    if (done.problems.length === 0)
      await noteSpan(tx, house.corp, log, state.tree.size, done.state.tree.size, now())
    // It cannot pass a gap; the round says where it is.
    if (done.state.tree.size < upTo) this.#restUntil.set(walk, now() + REST_MS)
  }

  async #round(tx: Tx, log: LogId, note: string | undefined, allowance: number): Promise<void> {
    if (now() < (this.#restUntil.get(log) ?? 0)) return
    const { db, house, outside } = this.#deps
    const state = this.#state(log, note)
    const { sealed } = await logState(db, house, outside, log)
    const left = Math.max(1, Math.min(STEP_LEAVES, sealed - state.tree.size))
    const credit = (this.#credit.get(log) ?? 0) + allowance
    this.#credit.set(log, Math.min(credit, 4 * STEP_LEAVES))
    if (credit < left) return
    this.#credit.set(log, credit - left)
    const begun = state.tree.size === 0 ? { ...state, startedAt: now() } : state
    const done = await this.#step(log, begun, begun.tree.size + STEP_LEAVES, false)
    await this.#tell(tx, log, log, done.problems, done.state.tree.size)
    if (done.problems.length === 0)
      await noteSpan(tx, house.corp, log, begun.tree.size, done.state.tree.size, now())
    if (!done.whole) return this.#keep(tx, log, done.state)
    await this.#endRound(tx, log, log, done.state, done.state.tree.size)
  }

  async #files(tx: Tx, note: string | undefined, allowance: number): Promise<void> {
    if (now() < (this.#restUntil.get('files') ?? 0)) return
    const credit = Math.min((this.#credit.get('files') ?? 0) + allowance, 64 * MB)
    this.#credit.set('files', credit)
    if (credit < MB) return
    const { db, house, media } = this.#deps
    const old = this.#state('files', note)
    const state = old.after === null ? { ...old, startedAt: now(), bytes: 0, messages: 0, found: 0 } : old
    const done = await checkFiles(
      db,
      house,
      media,
      state.after === null ? null : Buffer.from(state.after, 'hex'),
      credit,
    )
    this.#credit.set('files', credit - done.bytes)
    const next: WalkState = {
      ...state,
      after: done.last?.toString('hex') ?? null,
      messages: state.messages + done.files,
      bytes: state.bytes + done.bytes,
      found: state.found + done.problems.length,
    }
    await this.#tell(tx, 'files', 'archive', done.problems, next.messages)
    if (done.last) await this.#keep(tx, 'files', next)
    else await this.#endRound(tx, 'files', 'archive', next, 0)
  }

  async #step(log: LogId, state: WalkState, upTo: number, newest: boolean): Promise<Stepped> {
    const { db, house, outside } = this.#deps
    const { tree, messages } = state
    const report =
      log === 'archive'
        ? await verifyWhole(this.#deps, {
            everyByte: false,
            from: { tree, messages },
            upTo,
            leavesOnly: newest,
          })
        : { ...(await verifyTrail(db, house, outside, { from: tree, upTo })), messages: 0 }
    const { problems, whole } = report
    const found = state.found + problems.length
    return { state: { ...state, tree: report.tree, messages: report.messages, found }, problems, whole }
  }

  async #keep(tx: Tx, walk: Walk, state: WalkState): Promise<void> {
    const { house, outside } = this.#deps
    this.#known.set(walk, { round: state.round, size: state.tree.size })
    await saveWalk(tx, house.corp, walk, signState(outside, walk, state), now())
  }

  async #endRound(tx: Tx, walk: Walk, log: LogId, state: WalkState, leaves: number): Promise<void> {
    const { house } = this.#deps
    const { startedAt, messages, bytes, found } = state
    await insertRound(tx, house.corp, { walk, startedAt, endedAt: now(), leaves, messages, bytes, found })
    const cleared = await clearFindings(tx, house.corp, walk, log, startedAt, now())
    if (cleared > 0)
      await record(tx, systemActor(house, 'patrol'), {
        verb: 'archive.verified',
        thing: { kind: 'archive', id: 'ledger' },
        detail: { ok: true, leaves, note: `${cleared} differences are no longer there (${walk})` },
      })
    await this.#keep(tx, walk, beginning(state.round + 1, now()))
    this.#restUntil.set(walk, now() + REST_MS)
  }

  /** At once and in every place: the table the screens read, the log, the trail. */
  async #tell(tx: Tx, walk: Walk, log: LogId, problems: Problem[], leaves: number): Promise<void> {
    const { house } = this.#deps
    const fresh = await noteFindings(tx, house.corp, walk, problems, now())
    const [first] = fresh
    if (!first) return
    house.log.error(
      { log, index: first.index, what: first.what, file: first.file, more: fresh.length - 1 },
      'the archive does not verify',
    )
    await record(tx, systemActor(house, 'patrol'), {
      verb: 'archive.verified',
      thing: { kind: 'archive', id: 'ledger' },
      detail: {
        ok: false,
        leaves,
        note: `${log} #${first.index ?? '—'} ${first.what}${first.file ? ` (${first.file})` : ''}`,
      },
    })
  }
}
