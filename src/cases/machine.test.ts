import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { createRng } from '../../sim/rng.ts'
import { filePremises, type TestPremises } from '../../test/support/premises.ts'
import { JOB_KINDS } from '../app/index.ts'
import { type Actor, Fault, inTransaction, newId, openJobs, sql, systemActor } from '../base/index.ts'
import { createAccount } from '../people/index.ts'
import { CONCLUSIONS, type Conclusion, REVIEW_MOVES, type ReviewMove, type ReviewState } from './contract.ts'
import { concludeTogether } from './decide.ts'
import { type CaseDeps, makeMove } from './move.ts'

/** More of both with CASE_MOVES and another CASE_SEED; CI runs this much with a seed that is printed. */
const TRIES = Number(process.env.CASE_MOVES ?? 900)
const SEED = process.env.CASE_SEED ?? 'ci'

/** The test's own picture of what is legal, written from the rules of the house and not from the code. */
const LEGAL: Record<ReviewMove, Partial<Record<ReviewState, ReviewState>>> = {
  claim: { open: 'claimed' },
  release: { claimed: 'open' },
  assign: { open: 'claimed', claimed: 'claimed', watch: 'watch', escalated: 'escalated' },
  escalate: { open: 'escalated', claimed: 'escalated', watch: 'escalated' },
  return: { escalated: 'open' },
  violation: { open: 'violation', claimed: 'violation', watch: 'violation', escalated: 'violation' },
  false_positive: {
    open: 'false_positive',
    claimed: 'false_positive',
    watch: 'false_positive',
    escalated: 'false_positive',
  },
  watch: { open: 'watch', claimed: 'watch', escalated: 'watch' },
  reopen: { violation: 'escalated', false_positive: 'escalated' },
}
const EVERY = Object.keys(LEGAL) as ReviewMove[]
const LEADS_ONLY: ReviewMove[] = ['assign', 'return', 'reopen']
const REASONED: ReviewMove[] = ['escalate', 'return', 'reopen', ...CONCLUSIONS]
const HELD: ReviewMove[] = ['release', 'escalate', ...CONCLUSIONS]

type Known = {
  state: ReviewState
  level: number
  assignee: string | null
  decidedBy: string | null
  staff: string
  department: number
  concealed: boolean
  group: string
}
type Person = { name: string; role: string; userid?: string | null; departments?: number[] }

/** Everybody: reviewers with and without a department, the person concerned in three offices, and those who only look. */
const PEOPLE: Person[] = [
  { name: 'officer-a', role: 'officer' },
  { name: 'officer-b', role: 'officer' },
  { name: 'officer-of-2', role: 'officer', departments: [2] },
  { name: 'officer-linyue', role: 'officer', userid: 'linyue' },
  { name: 'lead-a', role: 'lead' },
  { name: 'lead-b', role: 'lead' },
  { name: 'lead-of-3', role: 'lead', departments: [3] },
  { name: 'lead-zhou', role: 'lead', userid: 'zhou' },
  { name: 'supervisor-2', role: 'supervisor', departments: [2] },
  { name: 'adviser-linyue', role: 'adviser', userid: 'linyue' },
  { name: 'auditor-a', role: 'auditor' },
  { name: 'inspector-a', role: 'inspector' },
  { name: 'risk-a', role: 'risk' },
  { name: 'admin-a', role: 'admin' },
]
const STRANGER: Person = { name: 'stranger', role: 'nobody' }
const STAFF = [
  { id: 'linyue', department: 2 },
  { id: 'zhou', department: 3 },
  { id: 'chen', department: 4 },
]

const inConflict = (person: Person, known: Known): boolean =>
  person.userid === known.staff || (person.departments ?? []).includes(known.department)
const leads = (person: Person): boolean => person.role === 'lead'

let premises: TestPremises
let deps: CaseDeps
const book = new Map<string, Known>()
const rng = createRng(SEED)
const taken = new Set<string>()
let accepted = 0
let tried = 0
let races = 0

beforeAll(async () => {
  premises = await filePremises()
  const { db, house } = premises
  await inTransaction(db, async tx => {
    for (const { name, role, userid = null, departments = [] } of PEOPLE)
      await createAccount(tx, systemActor(house, 'test'), {
        ...{ username: name, name, role: role as 'officer', userid, departments },
        password: 'a password for the test',
      })
  })
})

const pick = <T>(list: readonly T[]): T => list[rng.int(0, list.length - 1)] as T

function actorOf({ name, role, userid = null, departments = [] }: Person): Actor {
  return {
    house: premises.house,
    kind: 'person',
    name,
    role,
    accountId: null,
    userid,
    departments,
  }
}

/** An alert under review, as short as the table allows; half of them belong to a group of near-duplicates. */
async function plant(): Promise<string> {
  const id = newId()
  const staff = pick(STAFF)
  const kin = rng.chance(0.6)
    ? [...book].find(([, known]) => known.staff === staff.id && !known.concealed)
    : undefined
  const concealed = !kin && rng.chance(0.15)
  const group = kin?.[1].group ?? id
  await sql`INSERT INTO review (corp_id, alert_id, number, severity, rules, staff, departments, counterpart, room, conv_id, sent_at, src_msgid,
      raised_at, due_at, close_due_at, concealed, lead_id)
    VALUES (1, ${id}, ${`A-0101-${String(book.size + 1).padStart(4, '0')}`}, 'P1', ${concealed ? '{INSIDER-01}' : '{EXAG-01}'}, ${staff.id},
      ARRAY[${staff.department}::int], 'wm', false, 1, now(), ${id}, now(), now(), now(), ${concealed}, ${group === id ? null : group})`.execute(
    premises.owner,
  )
  book.set(id, {
    ...{ state: 'open', level: 1, assignee: null, decidedBy: null, staff: staff.id },
    ...{ department: staff.department, concealed, group },
  })
  return id
}

type Act = { move: ReviewMove; note?: string; to?: string }

/** Would the house allow it? Decided from the book alone. */
function allowed(person: Person, known: Known, act: Act): boolean {
  if (!['officer', 'lead'].includes(person.role) || inConflict(person, known)) return false
  if (LEADS_ONLY.includes(act.move) && !leads(person)) return false
  if (LEGAL[act.move][known.state] === undefined) return false
  if (known.level === 2 && !leads(person)) return false
  if (HELD.includes(act.move) && known.assignee !== null && known.assignee !== person.name && !leads(person))
    return false
  if (act.move === 'reopen' && known.decidedBy === person.name) return false
  if (REASONED.includes(act.move) && (act.note ?? '').trim().length < 2) return false
  if (act.move !== 'assign') return true
  const target = PEOPLE.find(one => one.name === act.to)
  if (!target || !['officer', 'lead'].includes(target.role) || inConflict(target, known)) return false
  return known.level === 1 || leads(target)
}

function apply(person: Person, known: Known, act: Act): Known {
  const state = LEGAL[act.move][known.state] ?? known.state
  if (act.move === 'claim') return { ...known, state, assignee: person.name }
  if (act.move === 'assign') return { ...known, state, assignee: act.to ?? null }
  if (act.move === 'release') return { ...known, state, assignee: null }
  if (act.move === 'return') return { ...known, state, level: 1, assignee: null, decidedBy: null }
  if (act.move === 'escalate' || act.move === 'reopen')
    return { ...known, state, level: 2, assignee: null, decidedBy: null }
  return { ...known, state, assignee: person.name, decidedBy: person.name }
}

/** What the database holds of it all: every alert, and how many rows and entries there are. */
async function world() {
  const { rows } = await sql<{
    id: string
    state: ReviewState
    level: number
    assignee: string | null
    decidedBy: string | null
    moves: number
    rows: number
    entries: number
    counting: number
  }>`SELECT alert_id::text AS id, state, level, assignee, decided_by AS "decidedBy", moves,
      (SELECT count(*) FROM review_move m WHERE m.alert_id = r.alert_id) AS rows,
      (SELECT count(*) FROM trail_entry t WHERE t.thing_id = r.alert_id::text AND t.verb LIKE 'alert.%') AS entries,
      (SELECT count(*) FROM violation v WHERE v.source_id = r.alert_id::text AND v.reversed_at IS NULL) AS counting
    FROM review r`.execute(premises.owner)
  const { rows: totals } = await sql<{ all: string }>`
    SELECT (SELECT count(*) FROM trail_entry) || ' ' || (SELECT count(*) FROM review_move) || ' ' || (SELECT count(*) FROM decision)
      || ' ' || (SELECT count(*) FROM violation) || ' ' || (SELECT count(*) FROM pgboss.job) AS all`.execute(
    premises.owner,
  )
  return { alerts: new Map(rows.map(row => [row.id, row])), all: totals[0]?.all ?? '' }
}
type World = Awaited<ReturnType<typeof world>>

/** Every alert is as the book says, and has as many rows and entries as it made moves. */
function asTheBookSays({ alerts }: World): void {
  for (const [id, known] of book) {
    const { state, level, assignee, decidedBy, moves, rows, entries, counting } = alerts.get(id)!
    expect({ state, level, assignee, decidedBy }).toEqual({
      ...{ state: known.state, level: known.level, assignee: known.assignee, decidedBy: known.decidedBy },
    })
    expect({ rows, entries }).toEqual({ rows: moves, entries: moves })
    expect(counting, 'points stand exactly where a violation stands').toBe(state === 'violation' ? 1 : 0)
    const decider = PEOPLE.find(person => person.name === decidedBy)
    if (decider) expect(inConflict(decider, known), 'nobody decides about himself or his own').toBe(false)
  }
}

/** Mostly one that is not settled yet. */
function somewhere(): string {
  const going = [...book].filter(([, { state }]) => state !== 'violation' && state !== 'false_positive')
  return going.length > 0 && rng.chance(0.75) ? pick(going)[0] : pick([...book.keys()])
}

/** Mostly a move that begins in this state; settling is the rarer, so that there is more to do. */
function someAct(from: ReviewState): Act {
  const here = EVERY.filter(move => LEGAL[move][from] !== undefined)
  const chosen = rng.chance(0.8) && here.length > 0 ? pick(here) : pick(EVERY)
  const move = chosen in LEGAL.reopen && rng.chance(0.5) ? pick(here.length > 0 ? here : EVERY) : chosen
  const note = rng.chance(0.88) ? { note: pick(['核对聊天记录后如此处理', '理由如上']) } : {}
  return { move, ...note, ...(move === 'assign' ? { to: pick([...PEOPLE, STRANGER]).name } : {}) }
}

/** Mostly who could, now and then anybody at all. */
const somebody = (): Person => (rng.chance(0.7) ? pick(PEOPLE.slice(0, 8)) : pick([...PEOPLE, STRANGER]))

function noteTaken(act: Act, from: ReviewState): void {
  accepted += 1
  taken.add(`${from} ${act.move}`)
}

async function attempt(): Promise<void> {
  const id = somewhere()
  const known = book.get(id)!
  const [person, act, before] = [somebody(), someAct(known.state), await world()]
  tried += 1
  const legal = allowed(person, known, act)
  const failed = await makeMove(deps, actorOf(person), id, act).then(
    () => null,
    (error: unknown) => error,
  )
  const after = await world()
  const what = `${person.name} ${act.move}${act.to ? ` to ${act.to}` : ''} from ${known.state} of ${known.staff}`
  if (!legal) {
    expect(failed, what).toBeInstanceOf(Fault)
    expect(after, what).toEqual(before)
    return
  }
  expect(failed, what).toBeNull()
  noteTaken(act, known.state)
  book.set(id, apply(person, known, act))
  expect(after.alerts.get(id)!.moves).toBe(before.alerts.get(id)!.moves + 1)
  asTheBookSays(after)
}

/** Two at once on one alert: what both left is what one after the other could have left. */
async function race(): Promise<void> {
  const id = somewhere()
  const known = book.get(id)!
  const seen = (await world()).alerts.get(id)!.moves
  const both = [0, 1].map(() => ({ person: somebody(), act: someAct(known.state) }))
  const done = await Promise.allSettled(
    both.map(({ person, act }) => makeMove(deps, actorOf(person), id, { ...act, seen })),
  )
  const winners = both.filter((_, index) => done[index]?.status === 'fulfilled')
  tried += 2
  races += 1
  expect(winners.length, 'two people who saw the same never both win').toBeLessThanOrEqual(1)
  const could = both.filter(({ person, act }) => allowed(person, known, act))
  expect(winners.length).toBe(could.length > 0 ? 1 : 0)
  const [winner] = winners
  if (winner) {
    expect(allowed(winner.person, known, winner.act)).toBe(true)
    noteTaken(winner.act, known.state)
    book.set(id, apply(winner.person, known, winner.act))
  }
  asTheBookSays(await world())
}

/** Several near-duplicates in one conclusion: all or none. */
async function together(): Promise<void> {
  const groups = [...Map.groupBy(book, ([, known]) => known.group).values()].filter(group => group.length > 1)
  if (groups.length === 0) return
  const some = rng.chance(0.15)
    ? [...new Map(Array.from({ length: 3 }, () => pick([...book])))]
    : pick(groups)
  const [person, conclusion, before] = [somebody(), pick(CONCLUSIONS) as Conclusion, await world()]
  const input = { ids: some.map(([id]) => id), conclusion, note: '同一话术群发，合并结论', tags: [] }
  const legal =
    new Set(some.map(([, known]) => known.group)).size === 1 &&
    some.every(
      ([, known]) => !known.concealed && allowed(person, known, { move: conclusion, note: input.note }),
    )
  tried += 1
  const failed = await concludeTogether(deps, actorOf(person), input).then(
    () => null,
    (error: unknown) => error,
  )
  const after = await world()
  if (!legal) {
    expect(failed).toBeInstanceOf(Fault)
    expect(after).toEqual(before)
    return
  }
  expect(failed).toBeNull()
  accepted += 1
  for (const [id, known] of some) {
    taken.add(`${known.state} ${conclusion}`)
    book.set(id, apply(person, known, { move: conclusion }))
  }
  asTheBookSays(after)
}

test('no sequence of calls by anybody reaches an illegal state, decides its own, or leaves no trace', async () => {
  const { db, house, appUrl, role } = premises
  const jobs = await openJobs(appUrl, JOB_KINDS, { worker: false, log: house.log, role })
  onTestFinished(() => jobs.stop())
  deps = { db, jobs }
  expect(
    Object.fromEntries(EVERY.map(move => [move, REVIEW_MOVES[move].to])),
    'the table of the house says what this test says',
  ).toEqual(LEGAL)
  const every = EVERY.flatMap(move => Object.keys(LEGAL[move]).map(from => `${from} ${move}`))
  for (let n = 0; n < 6; n += 1) await plant()
  for (let n = 0; n < TRIES || every.some(one => !taken.has(one)); n += 1) {
    expect(n, `transitions not reached: ${every.filter(one => !taken.has(one))}`).toBeLessThan(TRIES * 10)
    // A settled alert stays settled mostly: fresh ones keep the early states in play.
    if (n % 25 === 0 && book.size < 60) await plant()
    const dice = rng.next()
    if (dice < 0.1) await race()
    else if (dice < 0.18) await together()
    else await attempt()
  }
  expect(every.filter(one => !taken.has(one))).toEqual([])
  process.stdout.write(
    `case machine, seed ${SEED}: ${tried} calls, ${accepted} accepted (${((100 * accepted) / tried).toFixed(1)} %), ` +
      `${races} races, ${taken.size}/${every.length} transitions taken, ${book.size} alerts\n`,
  )
}, 180_000)

test('the database itself refuses what the machine must never do', async () => {
  const { owner } = premises
  const id = [...book.keys()][0]!
  const broken = [
    sql`UPDATE review SET state = 'claimed', assignee = NULL, level = 1, decided_at = NULL, decided_by = NULL WHERE alert_id = ${id}`,
    sql`UPDATE review SET state = 'violation', decided_by = NULL WHERE alert_id = ${id}`,
    sql`UPDATE review SET state = 'escalated', level = 1, decided_at = NULL, decided_by = NULL WHERE alert_id = ${id}`,
    sql`UPDATE review SET state = 'open', level = 2, assignee = NULL, decided_at = NULL, decided_by = NULL WHERE alert_id = ${id}`,
    sql`INSERT INTO review_move (corp_id, id, alert_id, at, move, from_state, to_state, level, by_account, by_role, undoes, note_sealed)
      VALUES (1, ${newId()}, ${id}, now(), 'reopen', 'violation', 'escalated', 2, 'same', 'lead', 'same', 'x')`,
    sql`INSERT INTO review_move (corp_id, id, alert_id, at, move, from_state, to_state, level, by_account, by_role)
      VALUES (1, ${newId()}, ${id}, now(), 'escalate', 'open', 'escalated', 2, 'a', 'officer')`,
  ]
  for (const statement of broken)
    await expect(statement.execute(owner)).rejects.toMatchObject({ code: '23514' })
  await expect(sql`UPDATE review_move SET by_account = 'x'`.execute(premises.db)).rejects.toMatchObject({
    code: '42501',
  })
  await expect(sql`DELETE FROM review_move`.execute(premises.db)).rejects.toMatchObject({ code: '42501' })
})
