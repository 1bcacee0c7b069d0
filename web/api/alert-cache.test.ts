import { expect, test } from 'vitest'
import type { AlertRow, ReviewState } from '../../src/cases/contract.ts'
import type { Severity } from '../../src/monitor/contract.ts'
import { insertAlert, matches, moveCount, moveMine, patchAlert } from './alert-cache.ts'
import type { AlertPage } from './types.ts'

const party = { id: 'zhou', kind: 'staff', name: '周屿', department: null } as const

function row(id: string, severity: Severity, raisedAt: number, state: ReviewState = 'open'): AlertRow {
  return {
    id,
    number: id,
    severity,
    state,
    rules: [{ id: 'GUAR-01', name: '保本保收益', severity }],
    staff: party,
    counterpart: party,
    key: { convId: '1', sentAt: raisedAt, msgid: id },
    raisedAt,
    dueAt: raisedAt,
    recalled: false,
    hits: 1,
    excerpt: { text: '', source: null, spans: [] },
    reason: null,
    decidedAt: null,
    decidedBy: null,
    ...{
      level: 1,
      assignee: null,
      acceptedAt: null,
      acceptDueAt: null,
      closeDueAt: raisedAt,
      concealed: false,
    },
    ...{ tags: [], upgraded: null, moves: 0, similar: 0, conflict: null, case: null },
  }
}

const counts = {
  open: { P0: 1, P1: 0, P2: 0, P3: 0 },
  counts: { open: 1, claimed: 0, watch: 0, escalated: 0, violation: 0, false_positive: 0 },
  mine: 0,
}
const page = (items: AlertRow[], next: string | null): AlertPage => ({ items, next, ...counts })
const ids = (pages: AlertPage[]) => pages.map(one => one.items.map(item => item.id))
const pages = [page([row('a', 'P0', 50), row('b', 'P0', 30)], 'n'), page([row('c', 'P1', 90)], null)]

test('a new alert goes where the server would list it', () => {
  const open = { state: 'open' } as const
  expect(ids(insertAlert(pages, row('x', 'P0', 60), open))).toEqual([['x', 'a', 'b'], ['c']])
  expect(ids(insertAlert(pages, row('x', 'P0', 40), open))).toEqual([['a', 'x', 'b'], ['c']])
  expect(ids(insertAlert(pages, row('x', 'P0', 10), open))).toEqual([
    ['a', 'b'],
    ['x', 'c'],
  ])
  expect(ids(insertAlert(pages, row('x', 'P2', 99), open))).toEqual([
    ['a', 'b'],
    ['c', 'x'],
  ])
})

test('one that belongs after the last loaded page waits for that page', () => {
  const first = pages.slice(0, 1)
  expect(insertAlert(first, row('x', 'P3', 1), { state: 'open' })).toBe(first)
})

test('a known alert is replaced in place, one that the filter excludes stays out', () => {
  const again = insertAlert(pages, { ...row('b', 'P0', 30), hits: 4 }, { state: 'open' })
  expect(again[0]?.items[1]?.hits).toBe(4)
  expect(insertAlert(pages, row('x', 'P2', 1), { state: 'open', severity: 'P0' })).toBe(pages)
  expect(matches(row('x', 'P2', 1), { state: 'all', rule: 'GUAR-01' })).toBe(true)
  expect(matches(row('x', 'P2', 1), { state: 'all', staff: 'other' })).toBe(false)
})

test('a patch touches only the page that holds the row', () => {
  const after = patchAlert(pages, 'c', found => ({ ...found, state: 'watch' }))
  expect(after[0]).toBe(pages[0])
  expect(after[1]?.items[0]?.state).toBe('watch')
})

test('counts follow a row from state to state', () => {
  const arrived = moveCount(counts, row('x', 'P1', 1), null)
  expect(arrived).toMatchObject({ open: { P0: 1, P1: 1 }, counts: { open: 2 } })
  const decided = moveCount(arrived, row('x', 'P1', 1, 'watch'), 'open')
  expect(decided).toMatchObject({ open: { P1: 0 }, counts: { open: 1, watch: 1 } })
  expect(moveCount(decided, row('x', 'P1', 1, 'watch'), 'watch')).toBe(decided)
})

test('mine is what I hold and have not settled', () => {
  const held = { ...row('x', 'P1', 1, 'claimed'), assignee: 'lin' }
  expect(matches(held, { state: 'mine' }, 'lin')).toBe(true)
  expect(matches(held, { state: 'mine' }, 'zhou')).toBe(false)
  expect(matches({ ...held, state: 'violation' }, { state: 'mine' }, 'lin')).toBe(false)
  const taken = moveMine(counts, row('x', 'P1', 1), held, 'lin')
  expect(taken.mine).toBe(1)
  expect(moveMine(taken, held, { ...held, state: 'violation' }, 'lin').mine).toBe(0)
  expect(moveMine(counts, null, held, 'zhou')).toBe(counts)
})
