import { expect, test } from 'vitest'
import { createMediaStore } from '../media.ts'
import { createPeople } from '../people.ts'
import { createRng } from '../rng.ts'
import { createCasting, type Place, perform, SCRIPTS } from './index.ts'

const NOW = Date.UTC(2026, 10, 23, 7)

test('there are enough threads for a day not to repeat itself', () => {
  expect(SCRIPTS.filter(one => !one.planted).length).toBeGreaterThanOrEqual(100)
  expect(SCRIPTS.filter(one => one.planted).length).toBeGreaterThanOrEqual(45)
})

test('every thread can be told many times without an unfilled slot or an empty message', () => {
  const rng = createRng('talk')
  const people = createPeople(rng, NOW)
  const casting = createCasting(rng, people)
  const media = createMediaStore(rng)
  for (const script of SCRIPTS) {
    for (let turn = 0; turn < 8; turn++) {
      const cast = casting(script.place)
      const drafts = perform(script, cast, { rng, media, at: NOW, nameOf: id => id })
      for (const { message, wait, plant } of drafts) {
        expect(JSON.stringify(message)).not.toMatch(/\{[a-z]\w*\}/)
        expect(JSON.stringify(message)).not.toContain('undefined')
        const text = message.text as { content: string } | undefined
        expect(text?.content).not.toBe('')
        expect(wait).toBeGreaterThan(0)
        expect(cast.parties).toContain(message.from)
        expect(message.tolist).not.toContain(message.from)
        if (plant?.alert) expect(plant.categories.length).toBeGreaterThan(0)
      }
    }
  }
})

test('every category of the taxonomy that staff can break is planted somewhere', () => {
  const planted = new Set(
    SCRIPTS.flatMap(one => one.lines.flatMap(line => (line.mark?.sign === '#' ? line.mark.categories : []))),
  )
  const all =
    'GUAR EXAG SUPER PRESSURE INDUCE ENDORSE INSIDER PROXY PROFIT_SHARE REBATE PRIV_TRANSFER OFFPLATFORM ILLEGAL_LOAN LOAN_AGENT ILLEGAL_FUND UNLIC LEAK CRED_ASK HARASS DISPARAGE PROMISE SUIT AML LEVERAGE CRYPTO AI_STOCK INS_MIS PRIV_PUB EVADE'
  expect(all.split(' ').filter(one => !planted.has(one))).toEqual([])
})

test('colleagues among themselves plant nothing that must alert', () => {
  const inside: Place[] = ['colleague', 'team']
  expect(SCRIPTS.filter(one => inside.includes(one.place)).every(one => !one.planted)).toBe(true)
})

test('the planted threads wear every disguise, and about half of them none', () => {
  const rng = createRng('disguises')
  const people = createPeople(rng, NOW)
  const casting = createCasting(rng, people)
  const media = createMediaStore(rng)
  const count = new Map<string, number>()
  for (const script of SCRIPTS.filter(one => one.planted)) {
    for (let turn = 0; turn < 12; turn++) {
      const drafts = perform(script, casting(script.place), { rng, media, at: NOW, nameOf: id => id })
      for (const { plant } of drafts) {
        if (plant?.alert) count.set(plant.disguise ?? 'none', (count.get(plant.disguise ?? 'none') ?? 0) + 1)
      }
    }
  }
  const total = [...count.values()].reduce((sum, one) => sum + one, 0)
  for (const one of [
    'emoji',
    'full-width',
    'homophone',
    'pinyin',
    'separator',
    'split',
    'traditional',
    'zero-width',
  ])
    expect((count.get(one) ?? 0) / total, one).toBeGreaterThan(0.01)
  expect((count.get('none') ?? 0) / total).toBeGreaterThan(0.4)
  expect((count.get('none') ?? 0) / total).toBeLessThan(0.75)
})
