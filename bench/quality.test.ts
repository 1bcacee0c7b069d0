import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { categoryNames, compile } from '../src/detect/index.ts'
import { housePacks } from './detect-samples.ts'
import { crossWoz, talkLines } from './quality-crosswoz.ts'
import { failures, spread } from './quality-failures.ts'
import {
  AGAIN,
  admit,
  BLIND,
  historyText,
  parseHistory,
  Refused,
  refuseSealed,
  registeredSets,
} from './quality-history.ts'
import { table, visible } from './quality-markdown.ts'
import { normalise, peersOf } from './quality-peers.ts'
import { type Report, reportText } from './quality-report.ts'
import { adviceOf, judge, rightCategory, type Seen, score, wilson } from './quality-score.ts'
import { readSet, type Sample } from './quality-set.ts'
import { unseal } from './quality-unseal.ts'

const packs = housePacks()
const engine = compile(packs)

const sample = (label: Sample['label'], kind: string, text: string, more: Partial<Sample> = {}): Sample => ({
  label,
  category: label === 'clean' ? '-' : 'GUAR',
  kind,
  technique: '-',
  from: 'staff',
  text,
  context: [],
  line: 1,
  ...more,
})
const seen = (label: Sample['label'], kind: string, alert: boolean, signal = false): Seen => ({
  sample: sample(label, kind, '…'),
  found: { alert, signal },
})

describe('counting', () => {
  test('the interval of Wilson is that of the textbook, and stays within 0 and 1', () => {
    // Newcombe 1998, table I: 81 of 263 and 0 of 20.
    const { low, high } = wilson({ right: 81, of: 263 })
    expect([low, high].map(x => x.toFixed(4))).toEqual(['0.2553', '0.3662'])
    expect(wilson({ right: 0, of: 20 })).toEqual({ low: 0, high: expect.closeTo(0.1611, 4) })
    expect(wilson({ right: 20, of: 20 })).toEqual({
      low: expect.closeTo(0.8389, 4),
      high: expect.closeTo(1, 12),
    })
    expect(wilson({ right: 0, of: 0 })).toEqual({ low: 0, high: 1 })
  })

  test('an alert that is due is a true one, any other a false one, and a signal alerted for is false too', () => {
    const s = score([
      seen('violation', 'plain', true),
      seen('violation', 'plain', false),
      seen('high_risk', 'advice', true),
      seen('violation', 'disguise', true),
      seen('clean', 'hard-clean', true),
      seen('clean', 'ordinary', false),
      seen('signal', 'plain', true, true),
      seen('signal', 'plain', false, true),
      seen('signal', 'paraphrase', false),
    ])
    expect([s.tp, s.fp, s.fn]).toEqual([3, 2, 1])
    expect([s.precision, s.recall, s.f1]).toEqual([0.6, 0.75, 0.6667])
    expect(s.plain).toEqual({ of: 2, right: 1 })
    expect(s.paraphrase).toEqual({ of: 0, right: 0 })
    expect(s.signals).toEqual({ of: 3, right: 1 })
    expect(s.hardClean).toEqual({ of: 1, right: 0 })
    expect(s.ordinary).toEqual({ of: 1, right: 1 })
  })

  test('words of a customer alarm nobody, and the category of a line is looked for among its alarms', () => {
    const lines = judge(engine, [
      sample('violation', 'plain', '这款产品保本保息，零风险'),
      sample('clean', 'hard-clean', '这款产品保本保息，零风险', { from: 'customer' }),
    ])
    expect(lines.map(one => one.found.alert)).toEqual([true, false])
    expect(lines[1]?.found.alarms).toEqual([])
    expect(rightCategory(lines)).toEqual({ of: 1, right: 1 })
  })

  test('advice counts as high risk only when that is the verdict', () => {
    const said = '建议您把这只基金全部赎回，换成新能源'
    const risky = judge(engine, [
      sample('high_risk', 'advice', said, { category: 'ADVICE' }),
      sample('high_risk', 'advice', '这款产品保本保息', { category: 'ADVICE' }),
      sample('high_risk', 'advice', '您好', { category: 'ADVICE' }),
    ])
    expect(adviceOf(risky)).toEqual({ of: 3, highRisk: 1, violation: 1, missed: 1 })
  })
})

const HASH = 'a'.repeat(64)
const DECISION = `
| blind set | lines | SHA-256 of the TSV | unsealed |
|---|---|---|---|
| one | 1,122 | \`${'b'.repeat(64)}\` | 2026-11-25: F1 0.908 |
| two | 900 | \`${HASH}\` | no |
`
const row = {
  date: '2026-12-01',
  set: 'two',
  lines: 900,
  sha256: HASH,
  commit: 'c'.repeat(40),
  blind: BLIND,
  figures: {
    ...{ precision: '0.950', recall: '0.940', f1: '0.945', plain: '9/10', paraphrase: '8/10' },
    ...{ disguised: '170/180', traps: '33/36', advice: '-', signals: '40/44' },
    ...{ hard_clean_alarms: '8/210', ordinary_alarms: '0/160', crosswoz_alarms: '-' },
  },
}

describe('a set is scored once', () => {
  test('only a set whose hash stands in the decision is scored', () => {
    expect(registeredSets(DECISION).map(({ name, lines, unsealed }) => [name, lines, unsealed])).toEqual([
      ['one', 1122, true],
      ['two', 900, false],
    ])
    expect(admit(HASH, DECISION, [], false)).toMatchObject({ blind: true, set: { name: 'two' } })
    expect(() => admit('d'.repeat(64), DECISION, [], true)).toThrow(/没有登记/)
  })

  test('a second look needs --again, and is not blind any more', () => {
    expect(() => admit(HASH, DECISION, [row], false)).toThrow(/--again/)
    expect(admit(HASH, DECISION, [row], true)).toMatchObject({ blind: false })
    // What the decision tells of an unsealing counts as well as a row.
    expect(() => admit('b'.repeat(64), DECISION, [], false)).toThrow(Refused)
  })

  test('a set that waits for its unsealing is not scored in passing', () => {
    expect(() => refuseSealed(HASH, DECISION, [])).toThrow(/--report/)
    expect(() => refuseSealed(HASH, DECISION, [row])).not.toThrow()
    expect(() => refuseSealed('b'.repeat(64), DECISION, [])).not.toThrow()
    expect(() => refuseSealed('d'.repeat(64), DECISION, [])).not.toThrow()
  })

  test('the history comes back as it was written, and a strange table is refused', () => {
    const rows = [row, { ...row, blind: AGAIN }]
    expect(parseHistory(historyText(rows))).toEqual(rows)
    expect(parseHistory('')).toEqual([])
    expect(() => parseHistory('date\tset\n2026\ttwo\n')).toThrow(Refused)
  })

  test('the command refuses a set nobody registered before it looks at a line', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tongjian-quality-'))
    try {
      const file = join(folder, 'mine.tsv')
      writeFileSync(file, 'this is no sample line\n')
      const options = { report: file, out: join(folder, 'q.md'), history: join(folder, 'h.tsv'), again: true }
      expect(() => unseal(options, () => undefined)).toThrow(/没有登记/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('beside others', () => {
  test('the baseline takes separators, width and traditional characters away; plain matchers do not', () => {
    expect(normalise('ＶＸ 保\u200b 險．')).toBe('vx保险')
    const { peers } = peersOf(packs)
    const alerts = (text: string, more: Partial<Sample> = {}) =>
      peers.filter(peer => peer.judge(sample('violation', 'plain', text, more)).alert).map(peer => peer.name)
    expect(alerts('这款产品保本保息')).toEqual(['fastscan', 'mint-filter', '归一化匹配'])
    expect(alerts('这款产品保-本 保-息')).toEqual(['归一化匹配'])
    expect(alerts('这款产品保本保息', { from: 'customer' })).toEqual([])
  })
})

describe('CrossWOZ', () => {
  const said = (talk: number, from: string, content: string) =>
    JSON.stringify({ msgid: `${talk}_1_external`, from, msgtype: 'text', text: { content } })
  const captured = [
    said(1, 'wm1', '推荐一家酒店'),
    said(1, 'adviser000', '推荐北京饭店'),
    said(2, 'wm1', '谢谢'),
    said(2, 'adviser000', '买它，保本保息零风险'),
    said(2, 'wm1', '故宫几点开门'),
  ].join('\n')
  const everyday = new Set(['推荐一家酒店', '推荐北京饭店', '谢谢'])

  test('a talk is learned from when its lines stand among the texts learned, not for a greeting', () => {
    expect(talkLines(captured, everyday).map(({ learned }) => learned)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
  })

  test('alerts are told for the half learned from and the other', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tongjian-quality-'))
    try {
      const file = join(folder, 'talk.jsonl')
      writeFileSync(file, captured)
      const woz = crossWoz(engine, file, everyday)
      expect([woz.lines, woz.talks, woz.learnedTalks, woz.learnedLines, woz.known]).toEqual([5, 2, 1, 2, 1])
      expect(woz.asStaff.map(alarm => [alarm.learned, alarm.text])).toEqual([[false, '买它，保本保息零风险']])
      expect(woz.asSpoken).toHaveLength(1)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('the page', () => {
  test('what an eye would miss is written out, and signs of Markdown stay signs', () => {
    expect(visible('保\u200b本\n*稳|赚*')).toBe('保‹U+200B›本⏎\\*稳\\|赚\\*')
    expect(table(['a', 'b:'], [['1', '2']])).toBe('| a | b |\n| --- | ---: |\n| 1 | 2 |')
    expect(spread([0, 1, 2, 3, 4, 5])).toEqual([0, 2, 4])
    expect(spread([0, 1])).toEqual([0, 1])
  })

  const judged = judge(engine, readSet(new URL('../src/detect/samples/blind/one.tsv', import.meta.url)))
  const report: Report = {
    set: { name: 'one', lines: judged.length, sha256: HASH, unsealed: true },
    blind: false,
    from: { date: '2026-12-01', commit: 'c'.repeat(40), dirty: ['rules/guar.yaml'], inTime: false },
    judged,
    terms: 1,
    peers: [{ name: 'none', seen: judged.map(one => ({ ...one, found: { alert: false, signal: false } })) }],
    history: [row],
    names: categoryNames(packs),
  }

  test('every failure is in exactly one group of its chapter', () => {
    const s = score(judged)
    const [missed, alarms] = failures(judged).map(({ groups }) => groups.flatMap(({ lines }) => lines))
    expect(missed).toHaveLength(s.fn)
    // A signal taken for a violation is told with the verdicts.
    const wrong = judged.filter(one => one.sample.label === 'signal' && one.found.alert).length
    expect(alarms).toHaveLength(s.fp - wrong)
  })

  test('it warns of a set seen before and of changes not committed, and is silent about neither goal', () => {
    const page = reportText(report)
    expect(page).toContain('**⚠ 本集已不是盲测集。**')
    expect(page).toContain('`rules/guar.yaml`')
    for (const goal of [
      'F1',
      'Disguised',
      'Negation traps',
      'Hard-clean false alarms',
      'Ordinary false',
      'CrossWOZ',
    ])
      expect(page).toMatch(new RegExp(`\\| [^|]*${goal}[^|]* \\| [≥≤] `))
    // Not measured is not met.
    expect(page).toMatch(/CrossWOZ 告警 Alerts \|[^\n]*未测[^\n]*\*\*未达标\*\*/)
    const honest = reportText({ ...report, blind: true, from: { ...report.from, dirty: [] } })
    expect(honest).not.toContain('⚠')
    // Every row of every table has as many cells as its head.
    for (const block of page.split('\n\n').filter(part => part.startsWith('| '))) {
      const cells = block.split('\n').map(line => line.split(/(?<!\\)\|/).length)
      expect(new Set(cells).size).toBe(1)
    }
  })
})
