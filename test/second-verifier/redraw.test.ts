import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runCommand } from '../../src/app/commands/index.ts'
import {
  type PlanDocument,
  planInput,
  ROSTER_GROUPS,
  SAMPLE_METHODS,
  SAMPLE_UNITS,
} from '../../src/cases/contract.ts'
import {
  draw,
  drawnDigest,
  keyOf,
  populationDigest,
  type SealedMessage,
  seedOf,
  unitsOf,
} from '../../src/cases/sampling/draw.ts'
import { exportSample } from '../../src/cases/sampling/export.ts'
import { registerPlan } from '../../src/cases/sampling/register.ts'
import { testFolder } from '../support/folder.ts'
import { drawn, openSampleHouse, person } from '../support/sample.ts'

const PROGRAM = join(import.meta.dirname, 'redraw.py')
const python = async (...args: string[]): Promise<{ code: number; out: string }> =>
  promisify(execFile)('python3', ['-I', PROGRAM, ...args], { maxBuffer: 1e9 }).then(
    ({ stdout }) => ({ code: 0, out: stdout }),
    (failed: { code: number; stdout: string; stderr: string }) => ({
      code: failed.code,
      out: failed.stdout + failed.stderr,
    }),
  )

const thousandths = fc.integer({ min: 0, max: 1000 })
const people = ['linyue', 'gaoming', '沈一诺', 'chen.liqun', 'z😀']
const START = Date.UTC(2026, 10, 1) - 8 * 3_600_000
const DAY = 86_400_000

const plans: fc.Arbitrary<PlanDocument> = fc.record({
  format: fc.constant('tongjian-sample/1' as const),
  corp: fc.constant(1),
  id: fc.uuid(),
  number: fc.constant('CJ-2026-0001'),
  unit: fc.constantFrom(...SAMPLE_UNITS),
  method: fc.constantFrom(...SAMPLE_METHODS),
  from: fc.constant(START),
  to: fc.integer({ min: 5, max: 20 }).map(days => START + days * DAY),
  days: fc.constant(['2026-11-01', '2026-11-20'] as [string, string]),
  offsetMinutes: fc.constantFrom(480, 0, -210),
  departments: fc.constant([]),
  channels: fc.constantFrom(['single' as const], ['group' as const], ['group' as const, 'single' as const]),
  directions: fc.constantFrom(['staff' as const], ['internal' as const, 'staff' as const]),
  line: fc.constantFrom('all' as const, 'below' as const),
  sizes: fc.record({
    ...{ share: thousandths, newShare: thousandths, watchedShare: thousandths },
    ...{ minimum: fc.integer({ min: 0, max: 4 }), groupWeekly: fc.integer({ min: 0, max: 2 }) },
    ...{ p0: thousandths, p1: thousandths, p2: thousandths, p3: thousandths },
  }),
  roster: fc
    .uniqueArray(
      fc.record({
        staff: fc.constantFrom(...people),
        department: fc.integer({ min: 1, max: 3 }),
        group: fc.constantFrom(...ROSTER_GROUPS),
        weight: fc.integer({ min: 1, max: 10 }),
      }),
      { selector: entry => entry.staff, minLength: 3 },
    )
    .map(roster => roster),
  flags: fc.constant([]),
  earlier: fc.constant([]),
  registeredBy: fc.constant('lead'),
  registeredAt: fc.constant(START),
})

const messagesOf = fc
  .array(
    fc.record({
      conv: fc.constantFrom('7', '12345678901234567', '99'),
      at: fc.integer({ min: START - DAY, max: START + 20 * DAY }),
      from: fc.constantFrom(...people, 'somebody'),
      direction: fc.constantFrom('staff', 'internal', 'customer'),
      action: fc.constantFrom('send', 'send', 'send', 'recall'),
      severity: fc.constantFrom(null, null, null, 'P0' as const, 'P1' as const, 'P2' as const, 'P3' as const),
    }),
    { minLength: 20, maxLength: 120, size: 'max' },
  )
  .map(list =>
    list.map(({ at, severity, ...rest }, index) => ({
      severity,
      message: {
        ...rest,
        ...{ index, sentAt: `${at}000`, msgid: `消息${index}` },
        recordHash: createHash('sha256').update(String(index)).digest('hex'),
        meta: rest.conv === '99' ? { room: 'wr1' } : {},
      } satisfies SealedMessage,
    })),
  )

test('Python draws the same for random plans, populations and checkpoints', {
  timeout: 120_000,
}, async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)
  const cases = fc
    .sample(fc.tuple(plans, messagesOf, fc.string({ unit: 'grapheme' })), { numRuns: 400, seed })
    .map(([plan, list, note]) => {
      const messages = list.map(one => one.message)
      const flags = list.flatMap(({ message, severity }): PlanDocument['flags'] =>
        severity === null ? [] : [[message.conv, message.sentAt, message.msgid, severity]],
      )
      return { plan: { ...plan, flags }, messages, note }
    })
  const file = join(testFolder(), 'cases.jsonl')
  writeFileSync(file, cases.map(one => JSON.stringify(one)).join('\n'))
  const { out, code } = await python('--cases', file)
  expect(code, out).toBe(0)
  const answers = out
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as object)
  let drawnUnits = 0
  for (const [i, { plan, messages, note }] of cases.entries()) {
    const units = unitsOf(plan, messages)
    const bytes = seedOf(note, plan.id)
    const done = draw(plan, units, bytes)
    drawnUnits += done.drawn.length
    expect(answers[i], `seed ${seed}, case ${i}`).toEqual({
      seed: bytes.toString('hex'),
      population: populationDigest(units).toString('hex'),
      drawn: done.drawn,
    })
  }
  // The property is worth something only where something is drawn.
  expect(drawnUnits).toBeGreaterThan(400)
})

test('each stratum gives what it should: the share rounded up, at least the minimum, never more than it has', () => {
  fc.assert(
    fc.property(plans, messagesOf, (plan, list) => {
      const units = unitsOf(
        plan,
        list.map(one => one.message),
      )
      const { strata, drawn: taken } = draw(plan, units, Buffer.alloc(32, 7))
      for (const { quota, population } of strata) expect(quota).toBeLessThanOrEqual(population)
      const main = strata.filter(stratum => stratum.rule === plan.method)
      for (const { quota, population } of main)
        expect(quota).toBeGreaterThanOrEqual(Math.min(population, plan.sizes.minimum))
      expect(main.reduce((sum, one) => sum + one.population, 0)).toBe(units.length)
      expect(new Set(taken.map(unit => unit.id)).size).toBe(taken.length)
    }),
  )
})

test('weights are what they say: of two, three times the weight is drawn first three times in four', () => {
  let first = 0
  const runs = 20_000
  for (let i = 0; i < runs; i += 1) {
    const seed = createHash('sha256').update(String(i)).digest()
    if (keyOf(seed, 'a', 3) < keyOf(seed, 'b', 1)) first += 1
  }
  // Four standard deviations of a binomial with p = 3/4.
  expect(Math.abs(first / runs - 0.75)).toBeLessThan(4 * Math.sqrt((0.75 * 0.25) / runs))
})

test('an exported sample: Python and the command draw the same, and both refuse a changed one', async () => {
  const stage = await openSampleHouse()
  const { premises, services } = stage
  const input = planInput.parse({ title: '周期检查', from: '2026-11-02', to: '2026-11-04' })
  const { id } = await registerPlan(premises.db, person(stage, 'lead'), services.jobs, input)
  await drawn(stage, id)
  await services.sealer.flush()
  const lines = await Array.fromAsync(
    (await exportSample(premises.db, person(stage, 'lead'), premises.outside, id)).lines,
  )
  const folder = testFolder()
  const file = join(folder, 'a.sample.jsonl')
  writeFileSync(file, `${lines.join('\n')}\n`)
  const theirs = await python(file)
  expect(theirs.code, theirs.out).toBe(0)
  const said: string[] = []
  const io = { out: (line: string) => void said.push(line), err: (line: string) => void said.push(line) }
  const outer = { demo: async () => 1, bench: async () => 1 }
  expect(await runCommand(['sample', 'redraw', file, '--json'], outer, io)).toBe(0)
  const verdict = JSON.parse(said[0] ?? '') as { facts: { drawn: string[] } }
  const ids = theirs.out
    .trimEnd()
    .split('\n')
    .map(line => (JSON.parse(line) as { id: string }).id)
  expect(verdict.facts.drawn).toEqual(ids)
  expect(drawnDigest([]).toString('hex')).toHaveLength(64)

  const head = JSON.parse(lines[0] ?? '') as { drawn: unknown[] }
  head.drawn.pop()
  writeFileSync(file, [JSON.stringify(head), ...lines.slice(1)].join('\n'))
  expect((await python(file)).code).toBe(1)
  said.length = 0
  expect(await runCommand(['sample', 'redraw', file], outer, io)).toBe(1)
  expect(said.join('\n')).toContain('样本清单被改动')
  said.length = 0
  expect(await runCommand(['sample', 'redraw', join(folder, 'nothing')], outer, io)).toBe(2)
  expect(await runCommand(['sample', 'redraw'], outer, io)).toBe(2)
})
