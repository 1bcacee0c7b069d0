import { conversationTitles } from '../../archive/index.ts'
import {
  type Actor,
  type Db,
  fail,
  type House,
  inTransaction,
  newId,
  now,
  pooledRandom,
  type Tx,
} from '../../base/index.ts'
import { authorise, directoryOf } from '../../people/index.ts'
import { record } from '../../trail/index.ts'
import { keyOf } from '../sampling/draw.ts'
import { isOwn } from '../sampling/own.ts'
import { sealWords } from '../sampling/sealed.ts'
import { type assignLooks, type LookRow, type LookVerdict, QUALITY_LINES } from './contract.ts'
import {
  type Concluded,
  concludedSince,
  insertLook,
  type Look,
  lockLook,
  markLookConcluded,
  markLookOpened,
  waitingLooks,
} from './store.ts'

const DAY = 86_400_000
type Assign = ReturnType<(typeof assignLooks)['parse']>

/** A share of what was concluded goes to another reviewer, with some confirmed violations among them. */
export async function assign(db: Db, actor: Actor, input: Assign): Promise<{ blind: number; known: number }> {
  authorise(actor, 'case.lead')
  return inTransaction(db, async tx => {
    const { corp } = actor.house
    const at = now()
    const all = await concludedSince(tx, corp, at - QUALITY_LINES.days * DAY)
    const seed = pooledRandom(32)
    const order = all.toSorted((a, b) => (keyOf(seed, a.sourceId, 1) < keyOf(seed, b.sourceId, 1) ? -1 : 1))
    const blind = order.slice(0, Math.ceil((all.length * input.share) / 1000))
    const rest = order.slice(blind.length)
    // A confirmed violation has a known answer: another's finding of it is the measure.
    const known = rest.filter(one => one.verdict === 'violation').slice(0, input.known)
    const give = (kind: Look['kind'], one: Concluded): Promise<boolean> =>
      insertLook(tx, corp, { ...one, id: newId(), kind, assignedAt: at })
    for (const one of blind) await give('blind', one)
    for (const one of known) await give('known', one)
    const detail = { blind: blind.length, known: known.length }
    await record(tx, actor, { verb: 'quality.assigned', thing: { kind: 'quality', id: 'all' }, detail })
    return detail
  })
}

/** What waits for this reviewer: not his own, not of his department, and nothing of what was said before. */
export async function listLooks(db: Db, actor: Actor): Promise<{ items: LookRow[] }> {
  authorise(actor, 'sample.review')
  return inTransaction(db, async tx => {
    const mine: Look[] = []
    for (const look of await waitingLooks(tx, actor.house.corp))
      if (look.firstBy !== actor.name && !(await isOwn(tx, actor, look.departments))) mine.push(look)
    await record(tx, actor, {
      verb: 'quality.opened',
      thing: { kind: 'quality', id: 'all' },
      detail: { shown: mine.length },
    })
    return { items: await rowsOf(tx, actor.house, mine) }
  })
}

async function rowsOf(tx: Tx, house: House, looks: Look[]): Promise<LookRow[]> {
  const { people, departments } = await directoryOf(tx, house)
  const titles = await conversationTitles(
    tx,
    house,
    looks.map(look => look.convId),
  )
  return looks.map(look => ({
    ...{ id: look.id, convId: look.convId, at: look.at, assignedAt: look.assignedAt },
    staffName: people.get(look.staff)?.name ?? look.staff,
    department: departments.get(look.departments[0] ?? -1)?.name ?? '',
    title: titles.get(look.convId) ?? '',
    opened: look.openedBy !== null,
  }))
}

async function held(tx: Tx, actor: Actor, id: string): Promise<Look> {
  authorise(actor, 'sample.review')
  const look = await lockLook(tx, actor.house.corp, id)
  if (!look) throw fail('thing.missing', { look: id })
  if (look.verdict !== null) throw fail('look.moved', { look: id })
  if (look.firstBy === actor.name) throw fail('approval.own')
  if (await isOwn(tx, actor, look.departments)) throw fail('sample.own_department')
  return look
}

/** Begin to read: a look, not a conclusion. */
export async function openLook(db: Db, actor: Actor, id: string): Promise<LookRow> {
  return inTransaction(db, async tx => {
    const look = await held(tx, actor, id)
    await markLookOpened(tx, actor.house.corp, id, actor.name, now())
    await record(tx, actor, {
      verb: 'quality.opened',
      thing: { kind: 'quality', id },
      detail: { shown: 1 },
    })
    const [row] = await rowsOf(tx, actor.house, [{ ...look, openedBy: actor.name }])
    if (!row) throw fail('thing.missing', { look: id })
    return row
  })
}

/** The second conclusion. The first one stays what it is: the pair is what is measured. */
export async function concludeLook(
  db: Db,
  actor: Actor,
  id: string,
  input: { verdict: LookVerdict; note: string },
): Promise<void> {
  await inTransaction(db, async tx => {
    const look = await held(tx, actor, id)
    if (look.openedBy !== actor.name) throw fail('sample.unread', { look: id })
    const sealed = await sealWords(tx, actor.house, `look|${id}`, input.note)
    const done = { id, verdict: input.verdict, by: actor.name, at: now(), sealed }
    await markLookConcluded(tx, actor.house.corp, done)
    await record(tx, actor, {
      verb: 'quality.concluded',
      thing: { kind: 'quality', id },
      detail: { verdict: input.verdict, note: input.note },
    })
  })
}
