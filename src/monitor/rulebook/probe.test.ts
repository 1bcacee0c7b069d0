import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Spoken } from '../../archive/index.ts'
import { isModelRule } from '../../detect/index.ts'
import { alertRow, hitsIn } from '../detect-batch.ts'
import { compileFiles, loadRules, readPacks } from '../rules.ts'
import { formOf, textWith } from './form.ts'
import { probeOf } from './probe.ts'

const SAMPLES = new URL('../../detect/samples/', import.meta.url)
const TEXTS = readdirSync(SAMPLES, { recursive: true, encoding: 'utf8' })
  .filter(name => /^(?!blind).*\.(txt|tsv)$/.test(name))
  .flatMap(name => readFileSync(new URL(name, SAMPLES), 'utf8').split('\n'))
  .map(line => line.split('\t').at(-1) ?? '')
  .filter(line => line.length >= 2)

const said = (text: string, from: string) =>
  ({
    key: { convId: '1', sentAt: 1_700_000_000_000, msgid: 'm' },
    kind: 'text',
    direction: from === 'customer' ? 'customer' : 'staff',
    from: from === 'customer' ? 'wmErxtDgAA9AW32YyyuYRimKr7D1KWlw' : 'linyue',
    to: [],
    room: null,
    texts: [{ part: 'body', text }] as Spoken['texts'],
    absent: null,
    normal: null,
  }) as unknown as Spoken

/** Words of the samples and of the rules, and halves of them, so that terms meet, cross and hide. */
const TERMS = TEXTS.filter((_, i) => i % 97 === 0).flatMap(text => [
  text.slice(0, 2),
  text.slice(1, 4),
  text.slice(-3),
])

test('where the probe finds nothing the rules in force and the draft find the same, disguised or not', () => {
  const before = loadRules()
  const files = readPacks()
  const rules = before.packs.rules.filter(
    rule => !isModelRule(rule) && !rule.layer && rule.file !== 'domains.yaml',
  )
  let differing = 0
  let probed = 0
  const draft = fc.record({
    rule: fc.constantFrom(...rules),
    drop: fc.double({ min: 0, max: 1, noNaN: true }),
    add: fc.uniqueArray(fc.constantFrom(...TERMS.filter(term => /^[\u4e00-\u9fff]+$/.test(term))), {
      maxLength: 4,
    }),
    from: fc.integer({ min: 0, max: TEXTS.length - 1 }),
  })
  fc.assert(
    fc.property(draft, ({ rule, drop, add, from }) => {
      const file = files.find(one => one.name === rule.file)
      const form = file && formOf(file.text, rule.id)
      if (!file || !form) return
      const kept = form.terms.slice(Math.floor(form.terms.length * drop))
      const terms = [...kept, ...add.filter(term => !kept.includes(term))]
      if (terms.length + form.near.length + rule.patterns.length === 0) return
      const text = textWith(file.text, { ...form, terms }, rule.id, rule.version + 1)
      const after = compileFiles(
        files.map(one => (one === file ? { ...one, text } : one)),
        'bank',
      )
      const probe = probeOf(before, after, new Set([rule.id]))
      const sample = [
        ...Array.from({ length: 250 }, (_, i) => TEXTS[(from + i * 7) % TEXTS.length] ?? ''),
        ...rule.fires.map(one => one.text),
        ...add.map(term => `这个${term}我跟您说`),
        ...add.map(term => [...term].join('·')),
      ]
      for (const text of sample)
        for (const who of ['staff', 'customer']) {
          const message = said(text, who)
          const found = (set: typeof before) => {
            const hits = hitsIn(set, message, [])
            return JSON.stringify([
              hits,
              alertRow(set, message, hits).map(alert => [alert.severity, alert.rules]),
            ])
          }
          const same = found(before) === found(after)
          const asked = probe(message, [])
          if (!same) differing += 1
          if (asked) probed += 1
          if (!same && !asked)
            expect({ text, who, rule: rule.id, add, terms: terms.length }).toBe('found by the probe')
        }
    }),
    { numRuns: 12, seed: 20261130 },
  )
  expect(differing).toBeGreaterThan(10)
  expect(probed).toBeGreaterThanOrEqual(differing)
})
