import { expect, test } from 'vitest'
import type { MessageView } from '../../../src/archive/contract.ts'
import type { HitView } from '../../../src/monitor/contract.ts'
import type { Head } from '../../api/types.ts'
import { askOf, searchAddress } from './address.ts'
import { idOfHit, neighbour, sortHits } from './hits.ts'
import { reasonWords } from './reason.tsx'
import { hasNewer, withoutTwins } from './use-transcript.ts'

const hit = (msgid: string, part: string, start: number, rule = 'GUAR-01'): HitView => ({
  msgid,
  rule,
  ruleName: '保本保收益',
  category: 'GUAR',
  categoryName: '保本保收益',
  severity: 'P0',
  verdict: 'violation',
  audience: 'staff',
  part,
  source: null,
  quoted: false,
  model: false,
  assisted: null,
  start,
  end: start + 2,
  matched: '保本',
  sound: null,
  reads: null,
  path: [],
  facts: ['to-customer', 'not-negated'],
  small: [],
  why: '保本，员工对客户，未被否定',
})

function message(msgid: string, parts: string[]): MessageView {
  return {
    key: { convId: '1', sentAt: 1, msgid },
    kind: 'text',
    action: 'send',
    direction: 'staff',
    from: { id: 'zhou', kind: 'staff', name: '周屿', department: null },
    capturedAt: 1,
    recalledAt: null,
    recalls: null,
    texts: parts.map(part => ({ part, label: null, text: '这个宝本的' })),
    facts: [],
    attachment: null,
    attachments: [],
    inside: [],
    quote: null,
    absent: null,
    ledgerIndex: null,
  }
}

const HEAD: Head = {
  convId: '1',
  kind: 'single',
  title: '',
  parties: [],
  consent: null,
  moment: null,
  knownAt: null,
  dismissed: false,
  members: [],
  membersBy: 'pair',
  first: null,
  last: null,
}

test('hits stand in reading order and those of unloaded messages are left out', () => {
  const all = [
    hit('m2', 'body', 0),
    hit('m1', 'item.1', 0),
    hit('m1', 'title', 3),
    hit('m9', 'body', 0),
    hit('m1', 'title', 0),
  ]
  const sorted = sortHits(
    all.map(one => ({ ...one, id: idOfHit(one) })),
    [message('m1', ['title', 'item.1']), message('m2', ['body'])],
  )
  expect(sorted.map(one => [one.msgid, one.part, one.start])).toEqual([
    ['m1', 'title', 0],
    ['m1', 'title', 3],
    ['m1', 'item.1', 0],
    ['m2', 'body', 0],
  ])
})

test('a hit has one name, without spaces, whatever the source calls its message', () => {
  expect(idOfHit(hit('a b"c', 'body', 0))).not.toMatch(/[\s"]/)
  expect(idOfHit(hit('m', 'body', 0))).not.toBe(idOfHit(hit('m', 'body', 0, 'GUAR-02')))
})

test('stepping goes round, and starts at either end from nowhere', () => {
  expect(neighbour([1, 2, 3], 2, 1)).toBe(1)
  expect(neighbour([1, 2, 3], 0, -1)).toBe(3)
  expect(neighbour([1, 2, 3], -1, 1)).toBe(1)
  expect(neighbour([1, 2, 3], -1, -1)).toBe(3)
  expect(neighbour([], -1, 1)).toBeUndefined()
})

test('a message that comes in two answers is shown once, as it came last', () => {
  const one = {
    head: HEAD,
    events: [],
    items: [message('m1', ['body']), message('m2', ['body'])],
    before: null,
    after: null,
  }
  const two = { ...one, items: [{ ...message('m2', ['body']), ledgerIndex: 7 }, message('m3', ['body'])] }
  const items = withoutTwins([one, two])
  expect(items.map(item => [item.key.msgid, item.ledgerIndex])).toEqual([
    ['m1', null],
    ['m2', 7],
    ['m3', null],
  ])
})

test('an answer without messages is the end for now, whatever its cursor says', () => {
  const page = { head: HEAD, events: [], items: [message('m1', ['body'])], before: null, after: 'later' }
  expect(hasNewer(page)).toBe(true)
  expect(hasNewer({ ...page, items: [] })).toBe(false)
  expect(hasNewer({ ...page, after: null })).toBe(false)
})

test('an address keeps only what it can mean, and days become moments of Shanghai', () => {
  const address = searchAddress({
    q: '保本',
    from: '2026-11-23',
    to: 'x',
    direction: 'nobody',
    at: '17',
    kind: '',
  })
  expect(address).toEqual({ q: '保本', from: '2026-11-23', at: 17 })
  expect(askOf(address)).toEqual({ q: '保本', from: Date.parse('2026-11-22T16:00:00Z') })
  expect(askOf(searchAddress({ conv: '1' }))).toBeNull()
})

test('the reason is one line; what was heard and what was read stand in it, and of old hits nothing is claimed', () => {
  const plain = hit('1', 'body', 0)
  expect(reasonWords(plain)).toBe(plain.why)
  expect(reasonWords({ ...plain, matched: '宝本', sound: 'bǎo běn', reads: '保本' })).toBe(
    '宝本 → bǎo běn → 保本，员工对客户，未被否定',
  )
  expect(reasonWords({ ...plain, facts: ['by-staff', 'unkept'] })).toBe('保本，员工所说，当时未留存判定依据')
  expect(reasonWords({ ...plain, model: true, facts: ['to-group', 'high_risk'] })).toBe(
    '语义判读：无固定词，这一段最像「保本保收益」，员工在客户群，高风险',
  )
})
