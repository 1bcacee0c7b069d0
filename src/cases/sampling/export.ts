import { openingsOf } from '../../archive/index.ts'
import { type Actor, type Db, Fault, fail, type House } from '../../base/index.ts'
import { noteVerifierToString } from '../../ledger/index.ts'
import { fixingCheckpoint, leafHashes, leafIndexOf, type Outside } from '../../notary/index.ts'
import { authorise } from '../../people/index.ts'
import { record } from '../../trail/index.ts'
import { type PlanDocument, SAMPLE_FORMAT } from './contract.ts'
import { unitsOf } from './draw.ts'
import { readDocument } from './fix.ts'
import type { DrawDocument } from './leaf.ts'
import { sealedOf } from './register.ts'
import { type PlanStored, plansOfScope, selectDraw, selectPlan, selectUnits } from './store.ts'

/** A document and the index of the leaf that holds it. */
export type Placed<T> = { index: number; document: T }
export type SampleHead = {
  kind: 'sample'
  format: typeof SAMPLE_FORMAT
  /** The key that signed, as C2SP writes it. */
  key: string
  /**
   * The last checkpoint that does not cover the plan, the first that does as the archive has it, the one the draw was made
   * with, and one that covers everything here.
   */
  notes: { before: string | null; first: string; fixed: string; head: string }
  plan: Placed<PlanDocument>
  draw: Placed<DrawDocument>
  /** Other plans of the same scope and period, whenever they were registered. */
  siblings: Placed<PlanDocument>[]
  drawn: { id: string; rules: string[] }[]
}

/**
 * A sample as a file, a JSON a line: head, all leaf hashes, what opens the population's leaves, end. No content, no names;
 * it is checked and drawn again without us. The look is in the trail.
 */
export async function exportSample(
  db: Db,
  actor: Actor,
  outside: Outside,
  id: string,
): Promise<{ name: string; lines: AsyncGenerator<string> }> {
  authorise(actor, 'sample.read')
  const { house } = actor
  const stored = await selectPlan(db, house.corp, id)
  if (!stored) throw fail('thing.missing', { plan: id })
  const head = await headOf(db, house, outside, stored)
  await db.transaction().execute(tx =>
    record(tx, actor, {
      verb: 'sample.exported',
      thing: { kind: 'sample', id: stored.id },
      detail: { number: stored.number },
    }),
  )
  return { name: `${stored.number}.sample.jsonl`, lines: linesOf(db, house, head) }
}

/** The sample as our own archive and tables have it now, for a look that changes nothing. */
export async function ownSample(
  db: Db,
  house: House,
  outside: Outside,
  id: string,
): Promise<AsyncGenerator<string>> {
  const stored = await selectPlan(db, house.corp, id)
  if (!stored) throw fail('thing.missing', { plan: id })
  return linesOf(db, house, await headOf(db, house, outside, stored), { holes: true })
}

async function placeOf(db: Db, house: House, kind: 'plan' | 'draw', ref: string): Promise<number> {
  const index = await leafIndexOf(db, house, 'archive', { kind, ref })
  if (index === null) throw fail('ledger.unsealed', { [kind]: ref })
  return index
}

async function headOf(db: Db, house: House, outside: Outside, stored: PlanStored): Promise<SampleHead> {
  const drawn = await selectDraw(db, house.corp, stored.id)
  if (!drawn) throw fail('ledger.unsealed', { plan: stored.id })
  const { note, strata: _, ...document } = drawn
  const plan = { index: await placeOf(db, house, 'plan', stored.id), document: readDocument(stored.document) }
  const siblings: SampleHead['siblings'] = []
  for (const other of await plansOfScope(db, house.corp, stored.scopeKey))
    if (other.id !== stored.id)
      siblings.push({
        index: await placeOf(db, house, 'plan', other.id),
        document: readDocument(other.document),
      })
  const draw = { index: await placeOf(db, house, 'draw', stored.id), document }
  const last = Math.max(draw.index, ...siblings.map(sibling => sibling.index))
  const first = await fixingCheckpoint(db, house, 'archive', plan.index)
  const over = await fixingCheckpoint(db, house, 'archive', last)
  if (!first || !over) throw fail('ledger.unsealed', { plan: stored.id })
  const units = await selectUnits(db, house.corp, stored.id)
  return {
    kind: 'sample',
    format: SAMPLE_FORMAT,
    key: noteVerifierToString(outside.verifier),
    // The checkpoint the draw names, not the one it should name: which is right is for the check to say.
    notes: {
      before: first.before?.note ?? null,
      first: first.fixed.note,
      fixed: note,
      head: over.fixed.note,
    },
    plan,
    draw,
    siblings,
    drawn: units.map(({ unit, rules }) => ({ id: unit, rules })),
  }
}

/** `holes`: where leaves are gone the file ends early, and its check says that the tree is not the signed one. */
async function* linesOf(
  db: Db,
  house: House,
  head: SampleHead,
  options: { holes: boolean } = { holes: false },
): AsyncGenerator<string> {
  yield JSON.stringify(head)
  const size = sizeIn(head.notes.head)
  try {
    for await (const { from, hashes } of leafHashes(db, house, 'archive', size))
      yield JSON.stringify({ kind: 'hashes', from, base64: hashes.toString('base64') })
  } catch (error) {
    if (!(options.holes && error instanceof Fault && error.code === 'blob.missing')) throw error
  }
  const rows = await sealedOf(db, house, head.plan.document, head.draw.document.size)
  // All that belongs to a unit, and nothing else.
  const wanted = new Set(
    unitsOf(head.plan.document, rows).flatMap(unit => unit.messages.map(message => message.index)),
  )
  let messages = 0
  for await (const opening of openingsOf(
    db,
    house.corp,
    rows.filter(row => wanted.has(row.index)),
  )) {
    messages += 1
    yield JSON.stringify({ kind: 'message', ...opening })
  }
  yield JSON.stringify({ kind: 'end', messages })
}

function sizeIn(note: string): number {
  return Number(note.split('\n')[1])
}
