import { expect, test } from 'vitest'
import type { SystemView } from '../../../src/app/contract.ts'
import { verdictOf } from './system-verdict.ts'

const well: SystemView = {
  at: 1_000_000,
  version: '0.1.0',
  startedAt: 0,
  memoryMb: 400,
  capture: {
    configured: true,
    state: 'running',
    seq: 9,
    pulledAt: 1,
    lagSeconds: 0.6,
    trouble: null,
    troubleSince: null,
    quarantined: 0,
    lag: { level: 'none', seconds: 0, cause: 'silent', daysLeft: 4.9 },
    media: {},
    repull: null,
  },
  archive: { messages: 48_216, conversations: 3, firstAt: 1, lastAt: 2, databaseMb: 20 },
  ledger: {
    sealed: 9,
    pending: 0,
    sealedAt: 1,
    root: null,
    outsideSize: 9,
    verifiedUpTo: 9,
    verifiedAt: 1,
    verifiedOk: true,
    verifiedNote: null,
  },
  stamps: null,
  jobs: [{ name: 'monitor.detect', waiting: 0, active: 0, failed: 0 }],
  rules: { version: '1', count: 1, terms: 1, since: 0, trouble: null },
  database: { version: '18', embedded: true },
  keys: {
    suite: 'international',
    master: '00'.repeat(8),
    since: 0,
    source: 'file',
    beside: false,
    keys: 1,
    elsewhere: 0,
    shredded: 0,
  },
}

test('all is well only when nothing is wrong', () => {
  expect(verdictOf(well)).toEqual({ tone: 'good', words: '运行正常，已存档 48,216 条消息，最近校验无差异' })
  expect(verdictOf({ ...well, ledger: { ...well.ledger, verifiedOk: null } }).words).toBe(
    '运行正常，已存档 48,216 条消息',
  )
})

test('the worst thing is said first', () => {
  const broken = {
    ...well.capture,
    state: 'trouble' as const,
    trouble: '密钥不对',
    troubleSince: 280_000,
    quarantined: 2,
  }
  expect(verdictOf({ ...well, capture: broken }).words).toBe('采集中断 12 分：密钥不对')
  const tampered = { ...well.ledger, verifiedOk: false, verifiedNote: '第 7 条' }
  expect(verdictOf({ ...well, capture: broken, ledger: tampered }).tone).toBe('P0')
  expect(verdictOf({ ...well, jobs: [{ name: 'x', waiting: 0, active: 0, failed: 3 }] }).words).toBe(
    '3 个任务失败，需要查看原因',
  )
  const behind = (level: 'm15' | 'h6' | 'h72', seconds: number, daysLeft: number) =>
    verdictOf({ ...well, capture: { ...well.capture, lag: { level, seconds, cause: 'silent', daysLeft } } })
  expect(behind('m15', 7_200, 4.9)).toEqual({
    tone: 'P1',
    words: '采集滞后 2 小时，距平台删除还有 4.9 天',
  })
  expect(behind('h72', 6 * 86_400, 0)).toEqual({
    tone: 'P0',
    words: '采集滞后 6 天，已超过五天，部分消息可能无法再取',
  })
  expect(verdictOf({ ...well, capture: { ...well.capture, quarantined: 3 } }).tone).toBe('P2')
  const stamps = {
    minutes: 60,
    last: null,
    failures: 3,
    trouble: { at: 1, authority: 'tsa', reason: 'nonce' },
  }
  expect(verdictOf({ ...well, stamps })).toEqual({
    tone: 'P2',
    words: '时间戳连续 3 次没有取得，存证本身不受影响',
  })
  const mistaken = {
    problem: 'guar.yaml:4: severity: no such. Mend it',
    code: 'pack.schema',
    file: 'guar.yaml',
    line: 4,
  }
  expect(verdictOf({ ...well, rules: { ...well.rules, trouble: mistaken } })).toEqual({
    tone: 'P2',
    words: '规则有改动但未能生效，仍按原规则检测：guar.yaml 第 4 行字段不合要求',
    detail: 'severity: no such. Mend it',
  })
  const other = { problem: 'EACCES: rules', code: null, file: null, line: null }
  expect(verdictOf({ ...well, rules: { ...well.rules, trouble: other } }).detail).toBe('EACCES: rules')
})
