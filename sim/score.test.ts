import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { decryptForTest } from './crypto.ts'
import { printBehaviours, printScore, scoreAlerts, scoreBehaviours } from './score.ts'
import { pregenerate } from './stream.ts'
import type { TruthLine } from './truth.ts'

const line = (msgid: string, rest: Partial<TruthLine> = {}): TruthLine => ({
  msgid,
  categories: ['GUAR'],
  severity: 'P0',
  disguise: null,
  alert: true,
  text: '保本',
  ...rest,
})

test('precision and recall count what was planted, what was found and what was not there', () => {
  const truth = [line('1'), line('2', { disguise: 'pinyin' }), line('3', { alert: false }), line('9')]
  const score = scoreAlerts(truth, new Set(['1', '3', '4', '8']), new Set(['1', '2', '3', '4', '5']))
  expect(score).toMatchObject({
    planted: 2,
    alerted: 3,
    truePositive: 1,
    recall: 0.5,
    hardClean: 1,
    hardCleanAlerted: 1,
  })
  expect(score.precision).toBeCloseTo(1 / 3)
  expect(score.false).toEqual(['3', '4'])
  expect(score.missed.map(one => one.msgid)).toEqual(['2'])
  expect(score.byDisguise).toEqual({ none: { planted: 1, found: 1 }, pinyin: { planted: 1, found: 0 } })
  expect(printScore(score)).toContain('查准 33.3%，查全 50.0%')
})

test('a sentence split over bubbles is found by any of them', () => {
  const truth = [line('2', { siblings: ['1'], disguise: 'split' })]
  const score = scoreAlerts(truth, new Set(['1']), new Set(['1', '2']))
  expect(score).toMatchObject({ truePositive: 1, recall: 1, precision: 1, false: [] })
})

test('a stream for benchmarks is sealed, in order and open to its key', () => {
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const records = pregenerate(300, { seed: 1, publicKeys: [{ version: 2, pem: keys.publicKey }] })
  expect(records.map(one => one.seq)).toEqual(Array.from({ length: 300 }, (_, i) => i + 1))
  const contents = records.map(one => JSON.parse(decryptForTest(one, keys.privateKey)).text.content as string)
  const mean = contents.reduce((sum, one) => sum + one.length, 0) / contents.length
  expect(mean).toBeGreaterThan(30)
  expect(mean).toBeLessThan(50)
  const shared = pregenerate(50, {
    seed: 1,
    publicKeys: [{ version: 2, pem: keys.publicKey }],
    keyPool: 4,
    afterSeq: 300,
  })
  expect(shared[0]?.seq).toBe(301)
  expect(new Set(shared.map(one => one.encrypt_random_key)).size).toBe(4)
  for (const one of shared) expect(JSON.parse(decryptForTest(one, keys.privateKey)).msgid).toBe(one.msgid)
})

test('a behaviour counts as found when its rule rests on the planted message; words and behaviours are scored apart', () => {
  const truth = [
    line('1'),
    line('2', { alert: false, behaviour: 'BURST-01' }),
    line('3', { alert: false, behaviour: 'GIFT-01' }),
  ]
  const findings = [
    { rule: 'BURST-01', msgids: ['7', '2'] },
    { rule: 'GIFT-02', msgids: ['3'] },
  ]
  const score = scoreBehaviours(truth, findings)
  expect(score).toEqual({ planted: 2, found: 1, missed: ['GIFT-01'], others: 1 })
  expect(printBehaviours(score)).toBe('行为规则：埋设 2 次，找到 1 次，漏 GIFT-01；另发现 1 次')
  expect(scoreAlerts(truth, new Set(), new Set(['1', '2', '3'])).planted).toBe(1)
})
