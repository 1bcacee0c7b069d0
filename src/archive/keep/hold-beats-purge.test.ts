import { expect, onTestFinished, test } from 'vitest'
import { createRng } from '../../../sim/rng.ts'
import { ended, openClass, person, REASON, verifyAll } from '../../../test/support/keep.ts'
import { archiveAll, textMessage } from '../../../test/support/messages.ts'
import { type TestPremises, testPremises } from '../../../test/support/premises.ts'
import { JOB_KINDS, type Services } from '../../app/index.ts'
import { type Actor, Fault, openJobs, sql } from '../../base/index.ts'
import { startSealer } from '../../notary/index.ts'
import { ROLES, type Role } from '../../people/contract.ts'
import type { HoldScope, PurgeScope } from './contract.ts'
import { executePurge, type PurgeDeps } from './execute.ts'
import { anchorConversation, place, release } from './holds.ts'
import { decidePurgeRequest, type KeepDeps, requestPurge } from './requests.ts'

/** More of both with KEEP_MOVES and another KEEP_SEED; CI runs this much with a seed that is printed. */
const MOVES = Number(process.env.KEEP_MOVES ?? 260)
const SEED = process.env.KEEP_SEED ?? 'ci'
const WORDS = ['赎回', '保单', '账单', '利率'] as const
const YEAR_MS = 365.25 * 86_400_000

/** The test's own book of what is true, kept apart from the code under test. */
type Said = {
  msgid: string
  conv: string
  staff: string
  customer: string
  word: string
  at: number
  gone: boolean
}
type Held = { id: string; scope: HoldScope; by: string; open: boolean }
type Asked = { id: string; by: string; scope: PurgeScope; state: 'asked' | 'approved' | 'executed' | 'over' }

async function stage() {
  const premises = await testPremises()
  const { db, house, appUrl, role, outside, config, media: blobs } = premises
  const jobs = await openJobs(appUrl, JOB_KINDS, { worker: false, log: house.log, role })
  const sealer = startSealer(db, house, outside, ['archive', 'trail'])
  onTestFinished(async () => {
    await sealer.stop()
    await jobs.stop()
  })
  const purgeDb = await premises.purgeDb()
  if (!purgeDb) throw new Error('no connection that may destroy')
  const keep: KeepDeps = { db, jobs, institution: config.institution, guards: [], purgeReady: true }
  const purge: PurgeDeps = { purgeDb, house, blobs, institution: config.institution, guards: [], reaches: [] }
  return { premises, keep, purge, services: { jobs, sealer } as Services }
}

class World {
  readonly said: Said[] = []
  readonly held: Held[] = []
  readonly asked: Asked[] = []
  /** Of each race, whether the hold saved something. */
  readonly races: boolean[] = []
  readonly ends = new Map<string, string | null>()
  accepted = 0
  tried = 0
  readonly kinds = new Map<string, [accepted: number, tried: number]>()
  readonly rng = createRng(SEED)
  readonly stage: Awaited<ReturnType<typeof stage>>

  constructor(made: Awaited<ReturnType<typeof stage>>) {
    this.stage = made
  }

  get premises(): TestPremises {
    return this.stage.premises
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list.length === 0 ? undefined : list[this.rng.int(0, list.length - 1)]
  }

  /** Anybody at all; now and then one person who has changed office and so meets his own request again. */
  anybody(likely: Role): Actor {
    const role = this.rng.chance(0.6) ? likely : this.pick(ROLES)
    const name = this.rng.chance(0.25) ? 'everywhere' : `${role}-${this.rng.int(1, 2)}`
    return person(this.premises, role ?? 'adviser', name)
  }

  /** Which messages must not be gone, by the book. */
  covers(hold: Held, said: Said): boolean {
    const { scope } = hold
    if (scope.kind === 'conversation') return scope.id === said.conv
    if (scope.kind === 'person') return scope.id === said.staff
    if (scope.kind === 'customer') return scope.id === said.customer
    return said.word === scope.q
  }
  isHeld = (said: Said): boolean => this.held.some(hold => hold.open && this.covers(hold, said))
  isOver(said: Said): boolean {
    const startsOn = this.ends.get(said.conv)
    if (!startsOn) return false
    return Math.max(Date.parse(startsOn), said.at) + 20 * YEAR_MS < Date.now()
  }

  async message(): Promise<void> {
    const fresh = this.said.length === 0 || this.rng.chance(0.15)
    const known = this.pick(this.said)
    const n = this.said.length
    const staff = fresh || !known ? `staff${this.rng.int(1, 8)}` : known.staff
    const customer = fresh || !known ? `wmPropertyCustomer${String(n).padStart(14, '0')}` : known.customer
    const word = this.pick(WORDS) ?? ''
    const at = this.rng.chance(0.85)
      ? Date.UTC(2003, this.rng.int(0, 35), 5) + n * 1000
      : Date.UTC(2025, 5, 5) + n * 1000
    const sent = textMessage(`您的${word}办好了`, { from: staff, tolist: [customer], msgtime: at })
    const done = await archiveAll(this.premises, this.stage.services, [sent])
    const conv = done.archived[0]?.conv ?? ''
    this.said.push({ msgid: String(sent.msgid), conv, staff, customer, word, at, gone: false })
    if (!this.ends.has(conv)) this.ends.set(conv, null)
  }

  scope(): HoldScope {
    const said = this.pick(this.said)
    if (!said) return { kind: 'person', id: 'linyue' }
    const kind = this.pick(['person', 'customer', 'conversation', 'conversation', 'search'] as const)
    if (kind === 'search') return { kind, q: said.word }
    return {
      kind: kind ?? 'person',
      id: kind === 'customer' ? said.customer : kind === 'conversation' ? said.conv : said.staff,
    }
  }

  async place(actor = this.anybody('officer'), scope = this.scope()): Promise<void> {
    const cause = this.pick(['litigation', 'dispute', 'complaint', 'investigation'] as const) ?? 'litigation'
    const id = await place(this.premises.db, actor, { scope, cause, caseNo: '1', reason: REASON })
    this.held.push({ id, scope, by: actor.name, open: true })
  }

  async release(): Promise<boolean> {
    const hold = this.pick(this.held.filter(held => held.open))
    if (!hold) return false
    const actor = this.anybody('risk')
    await release(this.premises.db, actor, hold.id, { reason: REASON })
    expect(actor.name, 'nobody releases his own hold').not.toBe(hold.by)
    hold.open = false
    return true
  }

  async anchor(): Promise<boolean> {
    const conv = this.pick([...this.ends.keys()])
    if (!conv) return false
    const startsOn = `${this.rng.int(2001, 2008)}-03-01`
    const resumed = this.rng.chance(0.08)
    const input = { convId: conv, anchor: 'relationship_end', startsOn, resumed, basis: '销户单' } as const
    await anchorConversation(this.premises.db, this.anybody('lead'), input)
    const before = this.ends.get(conv) ?? ''
    this.ends.set(conv, resumed ? null : startsOn > before ? startsOn : before)
    return true
  }

  async request(): Promise<void> {
    const said = this.pick(this.said)
    const kind = this.pick(['due', 'conversation', 'customer'] as const) ?? 'due'
    const scope: PurgeScope =
      kind === 'due' || !said
        ? { kind: 'due' }
        : { kind, id: kind === 'customer' ? said.customer : said.conv }
    const actor = this.anybody('lead')
    const id = await requestPurge(this.stage.keep, actor, { scope, reason: REASON })
    const { rows } = await sql<{
      refused: boolean
    }>`SELECT refused FROM purge_request WHERE id = ${id}::uuid`.execute(this.premises.db)
    const inScope = this.said.filter(
      s => !s.gone && (scope.kind === 'due' || s.conv === scope.id || s.customer === scope.id),
    )
    const free = inScope.some(s => !this.isHeld(s) && this.isOver(s))
    expect(rows[0]?.refused, 'refused exactly when nothing in its scope is free').toBe(!free)
    this.asked.push({ id, by: actor.name, scope, state: free ? 'asked' : 'over' })
  }

  async decide(): Promise<boolean> {
    const request = this.pick(this.asked.filter(asked => asked.state === 'asked'))
    if (!request) return false
    const actor = this.anybody('risk')
    const verdict = this.rng.chance(0.85) ? 'approved' : 'rejected'
    await decidePurgeRequest(this.stage.keep, actor, request.id, { verdict, reason: REASON })
    expect(actor.name, 'nobody approves his own request').not.toBe(request.by)
    request.state = verdict === 'approved' ? 'approved' : 'over'
    return true
  }

  /** Anything may be executed by mistake: what was not approved must do nothing. */
  async execute(): Promise<boolean> {
    const request = this.rng.chance(0.8)
      ? this.pick(this.asked.filter(asked => asked.state === 'approved'))
      : this.pick(this.asked)
    if (!request) return false
    await this.destroying(request, () => executePurge(this.stage.purge, request.id))
    if (request.state === 'approved') request.state = 'executed'
    return true
  }

  /** A hold that arrives while everything that is over is being destroyed: from the moment it stands, nothing it covers goes. */
  async race(): Promise<boolean> {
    const [lead, risk] = [person(this.premises, 'lead', 'racer-1'), person(this.premises, 'risk', 'racer-2')]
    const id = await requestPurge(this.stage.keep, lead, { scope: { kind: 'due' }, reason: REASON })
    const free = this.said.filter(said => !said.gone && !this.isHeld(said) && this.isOver(said))
    if (free.length === 0) return false
    await decidePurgeRequest(this.stage.keep, risk, id, { verdict: 'approved', reason: REASON })
    const running = executePurge(this.stage.purge, id)
    // A little later each time, so that it meets the work at its beginning, its middle or its end.
    await new Promise(done => setTimeout(done, this.rng.int(0, 12 * free.length)))
    await this.place(person(this.premises, 'officer', 'racer-3'), this.scope())
    const standing = await this.bodies()
    await running
    const after = await this.bodies()
    const hold = this.held.at(-1)
    for (const said of this.said.filter(s => !s.gone && !after.has(s.msgid))) {
      said.gone = true
      expect(free, said.msgid).toContain(said)
      const late = hold && this.covers(hold, said) && standing.has(said.msgid)
      expect(late, `${said.msgid} went although it was held`).toBe(false)
    }
    this.races.push(free.filter(said => !said.gone).length > 0)
    return true
  }

  async destroying(request: Asked, work: () => Promise<void>): Promise<void> {
    const mayGo = request.state === 'approved'
    await work()
    const after = await this.bodies()
    for (const said of this.said.filter(s => !s.gone && !after.has(s.msgid))) {
      expect(mayGo, 'only an approved request destroys').toBe(true)
      expect(this.isHeld(said), `${said.msgid} was held`).toBe(false)
      expect(this.isOver(said), `${said.msgid} was too young`).toBe(true)
      said.gone = true
    }
  }

  async bodies(): Promise<Set<string>> {
    const { rows } = await sql<{
      id: string
    }>`SELECT src_msgid AS id FROM message WHERE body IS NOT NULL`.execute(this.premises.db)
    return new Set(rows.map(row => row.id))
  }

  async move(): Promise<void> {
    const kinds = [
      ...[
        'message',
        'anchor',
        'request',
        'request',
        'decide',
        'decide',
        'execute',
        'execute',
        'race',
        'release',
      ],
      // Some order of holds and releases in which not everything ends up held.
      this.held.filter(held => held.open).length > 3 ? 'release' : 'place',
    ] as ('message' | 'anchor' | 'request' | 'decide' | 'execute' | 'race' | 'release' | 'place')[]
    const kind = this.pick(kinds) ?? 'message'
    const before = kind === 'execute' || kind === 'race' ? null : await this.bodies()
    let ok = 1
    try {
      // A move that had nothing to work on is none.
      if ((await this[kind]()) === false) return
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      // A month whose key was destroyed takes nothing any more.
      const refusals =
        kind === 'message'
          ? ['key.missing', 'key.shredded']
          : ['auth.denied', 'approval.own', 'retention.moved']
      expect(refusals).toContain(error.code)
      ok = 0
    }
    this.tried += 1
    this.accepted += ok
    const [accepted, tried] = this.kinds.get(kind) ?? [0, 0]
    this.kinds.set(kind, [accepted + ok, tried + 1])
    if (before) {
      const after = await this.bodies()
      expect(
        [...before].filter(id => !after.has(id)),
        `${kind} destroys nothing`,
      ).toEqual([])
    }
  }
}

test('hold beats purge in every order of events', { timeout: 300_000 }, async () => {
  const world = new World(await stage())
  await openClass(world.premises)
  for (let i = 0; i < 40; i += 1) await world.message()
  for (const conv of world.ends.keys()) {
    await ended(world.premises, conv, '2004-03-01')
    world.ends.set(conv, '2004-03-01')
  }
  for (let i = 0; i < MOVES; i += 1) await world.move()
  const gone = world.said.filter(said => said.gone).length
  const held = world.said.filter(world.isHeld).length
  const kinds = [...world.kinds]
    .map(([kind, [accepted, tried]]) => `${kind} ${accepted}/${tried}`)
    .toSorted()
    .join(', ')
  process.stdout.write(
    `seed ${SEED}: ${MOVES} moves, ${Math.round((100 * world.accepted) / world.tried)} % accepted (${kinds}); ` +
      `${world.said.length} messages, ${gone} destroyed, ${held} held at the end; ${world.races.filter(Boolean).length} of ${world.races.length} races won by the hold\n`,
  )
  expect(gone).toBeGreaterThan(0)
  expect(world.accepted / world.tried).toBeGreaterThan(0.4)
  await world.stage.services.sealer.flush()
  expect((await verifyAll(world.premises)).problems).toEqual([])
})
