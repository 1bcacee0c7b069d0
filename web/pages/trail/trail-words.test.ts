import { expect, test } from 'vitest'
import { detailWords, thingWords } from './trail-words.ts'

test('the facts of an entry are said in words, and empty ones not at all', () => {
  expect(
    detailWords({
      verb: 'archive.searched',
      detail: { query: '保本', staff: null, customer: null, found: 30 },
    }),
  ).toBe('检索词 保本 · 找到 30')
  expect(
    detailWords({
      verb: 'alert.decided',
      detail: { number: 'A-1', from: 'open', to: 'violation', note: '承诺保本' },
    }),
  ).toBe('编号 A-1 · 由 待受理 · 至 已确认 · 理由 承诺保本')
  expect(
    detailWords({ verb: 'conversation.opened', detail: { from: 1_795_401_779_338, to: null, shown: 9 } }),
  ).toBe('由 2026-11-23 10:42:59 · 列出 9')
  expect(detailWords({ verb: 'session.refused', detail: { username: 'x', reason: 'password' } })).toBe(
    '账号 x · 原因 密码不对',
  )
})

test('a thing has its kind in words, a state for an id too, and a long id is cut from the left', () => {
  expect(thingWords({ thingKind: 'alert', thingId: 'open' })).toEqual({ kind: '预警', id: '待受理' })
  expect(thingWords({ thingKind: 'archive', thingId: 'search' })).toEqual({ kind: '存档', id: '' })
  expect(thingWords({ thingKind: 'notice', thingId: 'contact' })).toEqual({ kind: '客户关系的告知', id: '' })
  expect(thingWords({ thingKind: 'account', thingId: '01a20a52-2e3e-7710-8f51-09811aa2ac9f' }).id).toBe(
    '…09811aa2ac9f',
  )
  expect(thingWords({ thingKind: 'novelty', thingId: '7' })).toEqual({ kind: 'novelty', id: '7' })
})
