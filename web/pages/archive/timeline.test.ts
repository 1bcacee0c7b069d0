import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { MessageView } from '../../../src/archive/contract.ts'
import type { TalkEvent } from '../../../src/contacts/contract.ts'
import { eventWords } from './event-line.tsx'
import { type Entry, timelineOf } from './timeline.ts'

const NOON = Date.parse('2026-11-23T04:00:00Z')
const HOUR = 3_600_000

const said = (msgid: string, sentAt: number): MessageView => ({
  key: { convId: '1', sentAt, msgid },
  kind: 'text',
  action: 'send',
  direction: 'staff',
  from: { id: 'zhou', kind: 'staff', name: '周屿', department: null },
  capturedAt: sentAt,
  recalledAt: null,
  recalls: null,
  texts: [],
  facts: [],
  attachment: null,
  attachments: [],
  inside: [],
  quote: null,
  absent: null,
  ledgerIndex: null,
})

const happened = (id: string, at: number, more: Partial<TalkEvent> = {}): TalkEvent => ({
  id,
  at,
  learntAt: at,
  kind: 'joined',
  parties: [],
  state: null,
  name: null,
  scene: null,
  msgid: null,
  reason: null,
  ...more,
})

const told = (entries: Entry[]): string[] =>
  entries.map(entry =>
    entry.kind === 'message'
      ? entry.item.key.msgid
      : entry.kind === 'event'
        ? entry.event.id
        : entry.kind === 'fold'
          ? `fold ${entry.events}`
          : 'day',
  )

test('what happened in the instant of a message stands before it; a new day has its line, once', () => {
  const items = [said('m1', NOON), said('m2', NOON + 24 * HOUR)]
  const events = [
    happened('e2', NOON + 24 * HOUR),
    happened('e1', NOON - 1),
    happened('e3', NOON + 25 * HOUR),
  ]
  expect(told(timelineOf(items, events))).toEqual(['day', 'e1', 'm1', 'day', 'e2', 'm2', 'e3'])
})

test('an event that two answers brought stands once, and without messages events stand alone', () => {
  expect(told(timelineOf([], [happened('e', NOON), happened('e', NOON)]))).toEqual(['day', 'e'])
  expect(timelineOf([], [])).toEqual([])
})

test('a long run of happenings is folded up to the last three; a short one is not', () => {
  const many = Array.from({ length: 20 }, (_, index) =>
    happened(`e${String(index).padStart(2, '0')}`, NOON + index),
  )
  expect(told(timelineOf([said('m', NOON + HOUR)], many))).toEqual(['fold 17', 'e17', 'e18', 'e19', 'm'])
  expect(told(timelineOf([said('m', NOON + HOUR)], many.slice(0, 8)))).toHaveLength(10)
})

test('nothing is lost, nothing is told twice, and all stands in the order of time', () => {
  const moments = fc.array(fc.integer({ min: 0, max: 96 }), { maxLength: 40 })
  fc.assert(
    fc.property(moments, moments, (sent, events) => {
      const items = sent.toSorted((a, b) => a - b).map((hour, index) => said(`m${index}`, NOON + hour * HOUR))
      const list = events.map((hour, index) => happened(`e${index}`, NOON + hour * HOUR))
      const flat = timelineOf(items, list).flatMap(entry => (entry.kind === 'fold' ? entry.entries : [entry]))
      const times = flat.flatMap(entry =>
        entry.kind === 'message' ? [entry.item.key.sentAt] : entry.kind === 'event' ? [entry.event.at] : [],
      )
      expect(times).toEqual(times.toSorted((a, b) => a - b))
      expect(times).toHaveLength(items.length + list.length)
      const keys = flat.map(entry => entry.key)
      expect(new Set(keys).size).toBe(keys.length)
    }),
  )
})

test('each happening is one line in plain words', () => {
  const person = (name: string) => ({ id: name, kind: 'customer' as const, name, department: null })
  const some = ['王**', '李**', '赵**', '钱**'].map(person)
  expect(eventWords(happened('e', NOON, { parties: some }))).toBe('王**、李**、赵** 等 4 人 加入群聊')
  expect(eventWords(happened('e', NOON))).toBe('有人加入群聊，企业微信未告知姓名')
  expect(eventWords(happened('e', NOON, { kind: 'left', scene: 1, parties: some.slice(0, 1) }))).toBe(
    '王** 被移出群聊',
  )
  expect(
    eventWords(happened('e', NOON, { kind: 'consent', state: 'disagree', parties: some.slice(0, 1) })),
  ).toBe('王** 不同意会话存档')
  expect(eventWords(happened('e', NOON, { kind: 'notice', state: 'lost', reason: 'code_expired' }))).toBe(
    '存档告知未送达：欢迎语凭证已过期',
  )
  expect(eventWords(happened('e', NOON, { kind: 'handed_over', parties: some.slice(0, 2) }))).toBe(
    '王** 将这位客户交接给 李**',
  )
})
