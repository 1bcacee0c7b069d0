import { createHash, generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { verifyEverything } from '../../../src/app/whole.ts'
import { drawn, openSampleHouse, person, type SampleHouse } from '../../../test/support/sample.ts'
import { openedRecord } from '../../archive/index.ts'
import { sql } from '../../base/index.ts'
import {
  formatCheckpoint,
  hashLeaf,
  type NoteSigner,
  noteVerifierOf,
  noteVerifierToString,
  parseCheckpoint,
  rootOf,
  signNote,
} from '../../ledger/index.ts'
import { planInput } from './contract.ts'
import { draw, drawnDigest, populationDigest, seedOf, unitsOf } from './draw.ts'
import { exportSample, ownSample, type SampleHead } from './export.ts'
import { drawRecord } from './leaf.ts'
import { redraw } from './redraw.ts'
import { registerPlan } from './register.ts'

const INPUT = {
  title: '十一月上旬周期检查',
  from: '2026-11-02',
  to: '2026-11-04',
  sizes: {
    ...{ share: 300, minimum: 2, newShare: 200, watchedShare: 500, groupWeekly: 1 },
    ...{ p0: 1000, p1: 1000, p2: 300, p3: 0 },
  },
}

async function registered(stage: SampleHouse, more: object = {}): Promise<string> {
  const { premises, services } = stage
  const input = planInput.parse({ ...INPUT, ...more })
  const { id } = await registerPlan(premises.db, person(stage, 'lead'), services.jobs, input)
  await drawn(stage, id)
  await services.sealer.flush()
  return id
}

async function fileOf(stage: SampleHouse, id: string): Promise<string[]> {
  const { db, outside } = stage.premises
  return Array.fromAsync((await exportSample(db, person(stage, 'lead'), outside, id)).lines)
}

async function* each(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines
}
const check = (lines: readonly string[], fingerprint?: string) =>
  redraw(each(lines), fingerprint === undefined ? {} : { fingerprint })
const own = async ({ premises: { db, house, outside } }: SampleHouse, id: string) =>
  redraw(await ownSample(db, house, outside, id))

type Line = Record<string, unknown> & { kind: string }
function changed(lines: string[], change: (line: Line) => Line | null): string[] {
  const all = lines.flatMap(text => {
    const line = change(JSON.parse(text) as Line)
    return line === null ? [] : [line]
  })
  const messages = all.filter(line => line.kind === 'message').length
  return all.map(line => JSON.stringify(line.kind === 'end' ? { ...line, messages } : line))
}
const headOf = (lines: string[]): SampleHead => JSON.parse(lines[0]!) as SampleHead
const withHead = (lines: string[], change: (head: SampleHead) => void): string[] => {
  const head = headOf(lines)
  change(head)
  return [JSON.stringify(head), ...lines.slice(1)]
}

test('a registered plan is drawn from the first checkpoint after it, and draws the same from the file and from the archive', async () => {
  const stage = await openSampleHouse()
  const id = await registered(stage)
  const file = await fileOf(stage, id)
  const verdict = await check(file)
  expect(verdict).toMatchObject({ ok: true, fault: null })
  // 4 people × 3 conversations × 3 days, a group on one day.
  expect(verdict.facts?.population).toBe(37)
  expect(verdict.facts?.drawn.length).toBeGreaterThanOrEqual(8)
  expect(await own(stage, id)).toEqual(verdict)
  const head = headOf(file)
  expect(head.plan.index).toBeLessThan(head.draw.document.size)
  expect(head.plan.document.flags.map(flag => flag[3])).toContain('P0')
  // What raised a P0 alert is drawn, and the group of the week.
  expect(head.drawn.some(unit => unit.rules.includes('severity'))).toBe(true)
  expect(head.drawn.some(unit => unit.rules.includes('group_week'))).toBe(true)
  expect(await check(file, verdict.facts?.fingerprint.toUpperCase())).toMatchObject({ ok: true })
  expect(await check(file, 'ab'.repeat(32))).toMatchObject({ ok: false, fault: 'fingerprint' })
  expect(file.join()).not.toContain('保本')
  expect((await verifyEverything(stage.premises)).problems).toEqual([])
})

test('the file: whatever is changed in it is noticed, each with a name of its own', async () => {
  const stage = await openSampleHouse()
  const file = await fileOf(stage, await registered(stage))
  const first = file.findIndex(line => JSON.parse(line).kind === 'message')
  const without = changed(file, line => line)
  expect(await check(without)).toMatchObject({ ok: true })
  const cases: Record<string, [string, string[]]> = {
    'a message taken out': [
      'population',
      changed([...file.slice(0, first), ...file.slice(first + 1)], x => x),
    ],
    'a message given another sender': [
      'message_altered',
      changed(file, line =>
        line.kind === 'message'
          ? { ...line, envelope: { ...(line.envelope as object), from: 'gaoming' } }
          : line,
      ),
    ],
    'a message put in twice': [
      'population',
      changed([...file.slice(0, first + 1), file[first]!, ...file.slice(first + 1)], x => x),
    ],
    'a leaf taken out of the tree': [
      'root',
      changed(file, line =>
        line.kind === 'hashes'
          ? { ...line, base64: Buffer.from(String(line.base64), 'base64').subarray(32).toString('base64') }
          : line,
      ),
    ],
    'a leaf put into the tree': [
      'root',
      changed(file, line =>
        line.kind === 'hashes'
          ? {
              ...line,
              base64: Buffer.concat([Buffer.from(String(line.base64), 'base64'), Buffer.alloc(32)]).toString(
                'base64',
              ),
            }
          : line,
      ),
    ],
    'sizes changed': [
      'plan_changed',
      withHead(file, head => {
        head.plan.document.sizes.share += 1
      }),
    ],
    'somebody taken off the list': [
      'plan_changed',
      withHead(file, head => void head.plan.document.roster.pop()),
    ],
    'the seed changed': [
      'draw_changed',
      withHead(file, head => {
        head.draw.document.seed = '00'.repeat(32)
      }),
    ],
    'a drawn unit left out': ['drawn', withHead(file, head => void head.drawn.shift())],
    'a drawn unit exchanged': [
      'drawn',
      withHead(file, head => {
        head.drawn[0]!.id = head.drawn[1]!.id
      }),
    ],
    'the note altered': [
      'signature',
      withHead(file, head => {
        head.notes.fixed = head.notes.fixed.replace(/\d+/, '7')
      }),
    ],
    'the end cut off': ['file', file.slice(0, -1)],
    'no file of ours': ['file', ['{"kind":"sample"}']],
    'not JSON': ['file', ['hello']],
  }
  for (const [name, [fault, lines]] of Object.entries(cases))
    expect(await check(lines), name).toMatchObject({ ok: false, fault })
})

test('the archive: an intruder with every right in the database is noticed', async () => {
  const stage = await openSampleHouse()
  const { owner } = stage.premises
  const id = await registered(stage)
  const attempt = async (fault: string, ...statements: string[]) => {
    const rollback = new Error('rollback')
    await owner
      .transaction()
      .execute(async tx => {
        for (const statement of statements) await sql.raw(statement).execute(tx)
        const { house, outside } = stage.premises
        expect(await redraw(await ownSample(tx, house, outside, id)), statements.join()).toMatchObject({
          ok: false,
          fault,
        })
        throw rollback
      })
      .catch(error => {
        if (error !== rollback) throw error
      })
  }
  const one = `(SELECT src_msgid FROM message WHERE from_party = 'linyue' ORDER BY sent_at LIMIT 1)`
  await attempt('population', `DELETE FROM message WHERE src_msgid = ${one}`)
  await attempt('message_altered', `UPDATE message SET meta = meta || '{"x":1}' WHERE src_msgid = ${one}`)
  await attempt('root', `UPDATE leaf SET record_hash = sha256('x') WHERE log_id = 'archive' AND idx = 3`)
  await attempt('root', `DELETE FROM leaf WHERE log_id = 'archive' AND idx = 3`)
  await attempt(
    'plan_changed',
    `UPDATE sample_plan SET document = replace(document, '"minimum":2', '"minimum":1')`,
  )
  await attempt('drawn', `DELETE FROM sample_unit WHERE place = (SELECT max(place) FROM sample_unit)`)
  await attempt('drawn', `UPDATE sample_unit SET rules = '{random}' WHERE place = 0`)
  await attempt('draw_changed', `UPDATE sample_draw SET seed = sha256('x')`)
  await attempt('draw_changed', `UPDATE sample_draw SET population = population - 1`)
  expect(await own(stage, id)).toMatchObject({ ok: true })
})

test('a second plan of the same scope and period is a second throw, whichever of the two is drawn again', async () => {
  const stage = await openSampleHouse()
  const first = await registered(stage)
  expect(await own(stage, first)).toMatchObject({ ok: true })
  const second = await registered(stage, { method: 'random', title: '换一种方法' })
  const a = await own(stage, first)
  const b = await check(await fileOf(stage, second))
  expect(a).toMatchObject({ ok: false, fault: 'rerolled' })
  expect(b).toMatchObject({ ok: false, fault: 'rerolled' })
  expect(a.where).toMatch(/^CJ-\d{4}-0002$/)
  expect(b.where).toMatch(/^CJ-\d{4}-0001$/)
  // Another period is another sample.
  const other = await registered(stage, { to: '2026-11-03' })
  expect(await own(stage, other)).toMatchObject({ ok: true })
})

/** What somebody with the signing key can make of a file: leaves, checkpoints and draw of his own. */
function forged(
  lines: string[],
  signer: NoteSigner,
  shape: (parts: { leaves: Buffer[]; head: SampleHead }) => {
    before: number
    first: number
    fixed: number
    move?: [number, number]
    seed?: string
  },
): string[] {
  const head = headOf(lines)
  const hashes = lines.map(line => JSON.parse(line)).filter(line => line.kind === 'hashes')
  const bytes = Buffer.concat(hashes.map(line => Buffer.from(line.base64, 'base64')))
  const leaves = Array.from({ length: bytes.length / 32 }, (_, i) => bytes.subarray(i * 32, i * 32 + 32))
  const { before, first, fixed, move, seed: claimed } = shape({ leaves, head })
  if (move) {
    const [from, to] = move
    const moved = leaves.splice(from, 1)
    leaves.splice(to, 0, ...moved)
    head.plan.index = to
    head.draw.index = leaves.length - 1
  }
  const { origin } = parseCheckpoint(head.notes.fixed.slice(0, head.notes.fixed.lastIndexOf('\n\n') + 1))
  const note = (size: number) =>
    signNote(formatCheckpoint({ origin, size, root: rootOf(leaves.slice(0, size)), extra: [] }), signer)
  const openings = lines.map(line => JSON.parse(line)).filter(line => line.kind === 'message')
  if (move) for (const opening of openings) if (opening.index > move[0]) opening.index -= 1
  const messages = openings.map(opening => ({
    ...opening.envelope,
    index: opening.index,
    recordHash: openedRecord(opening),
  }))
  const seed = seedOf(note(fixed), head.plan.document.id)
  const units = unitsOf(head.plan.document, messages)
  const again = draw(head.plan.document, units, seed).drawn
  head.drawn = again
  Object.assign(head.draw.document, {
    size: fixed,
    seed: claimed ?? seed.toString('hex'),
    checkpoint: createHash('sha256').update(note(fixed)).digest('hex'),
    drawn: again.length,
    drawnSha256: drawnDigest(again).toString('hex'),
    populationSha256: populationDigest(units).toString('hex'),
  })
  leaves[head.draw.index] = Buffer.from(hashLeaf(drawRecord(head.draw.document)))
  head.notes = {
    before: before === 0 ? null : note(before),
    first: note(first),
    fixed: note(fixed),
    head: note(leaves.length),
  }
  return [
    JSON.stringify(head),
    JSON.stringify({ kind: 'hashes', from: 0, base64: Buffer.concat(leaves).toString('base64') }),
    ...openings.map(opening => JSON.stringify(opening)),
    JSON.stringify({ kind: 'end', messages: openings.length }),
  ]
}

test('even with the signing key: a plan registered after its checkpoint, or another checkpoint than the first, is noticed', async () => {
  const stage = await openSampleHouse()
  const { signer } = stage.premises.outside
  const file = await fileOf(stage, await registered(stage))
  const { plan, draw: own } = headOf(file)
  const { size } = own.document
  const late = forged(file, signer, ({ leaves }) => ({
    before: plan.index - 1,
    first: size,
    fixed: plan.index,
    move: [plan.index, leaves.length - 2],
  }))
  expect(await check(late)).toMatchObject({ ok: false, fault: 'plan_late' })
  // The next checkpoint gave a sample more to his liking.
  const later = forged(file, signer, () => ({ before: plan.index, first: size, fixed: size + 1 }))
  expect(await check(later)).toMatchObject({ ok: false, fault: 'checkpoint_other' })
  const lucky = forged(file, signer, () => ({
    before: plan.index,
    first: size,
    fixed: size,
    seed: '77'.repeat(32),
  }))
  expect(await check(lucky)).toMatchObject({ ok: false, fault: 'seed' })
  const covering = forged(file, signer, () => ({ before: size, first: size + 1, fixed: size + 1 }))
  expect(await check(covering)).toMatchObject({ ok: false, fault: 'checkpoint_other' })
})

test('a file made wholly anew under another key is whole in itself; the fingerprint tells', async () => {
  const stage = await openSampleHouse()
  const id = await registered(stage)
  const file = await fileOf(stage, id)
  const genuine = (await check(file)).facts?.fingerprint
  const { name } = stage.premises.outside.signer
  const stranger: NoteSigner = { name, privateKey: generateKeyPairSync('ed25519').privateKey }
  const anew = forged(file, stranger, ({ head }) => {
    head.key = noteVerifierToString(noteVerifierOf(stranger))
    return { before: head.plan.index, first: head.draw.document.size, fixed: head.draw.document.size }
  })
  const verdict = await check(anew)
  expect(verdict).toMatchObject({ ok: true })
  expect(verdict.facts?.fingerprint).not.toBe(genuine)
  expect(await check(anew, genuine)).toMatchObject({ ok: false, fault: 'fingerprint' })
})
