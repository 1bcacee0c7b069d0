import { percent, rate, table, techniqueName } from './quality-markdown.ts'
import type { PeerSeen } from './quality-peers.ts'
import {
  groupBy,
  isRight,
  type Judged,
  namesCategory,
  type Seen,
  type Share,
  shareOf,
  wanted,
} from './quality-score.ts'

type Names = Record<string, string>

const KINDS: Record<string, string> = {
  plain: '直说',
  paraphrase: '换说法',
  disguise: '伪装',
  trap: '否定陷阱',
  advice: '高风险对话',
  'hard-clean': '易误判的合规句',
  ordinary: '日常对话',
}

const least = (groups: Map<string, unknown[]>): number =>
  Math.min(...[...groups.values()].map(list => list.length))

/** How many lines stand in the smallest category and technique, and how many of each kind. */
export function sizes(judged: Judged[]): {
  category: number
  technique: number
  hardClean: number
  kinds: string
} {
  const of = (kind: string) => judged.filter(one => one.sample.kind === kind)
  const technique = (one: Judged) => one.sample.technique
  const kinds = groupBy(judged, one => one.sample.kind)
  return {
    category: least(
      groupBy(
        judged.filter(one => one.sample.label !== 'clean'),
        one => one.sample.category,
      ),
    ),
    technique: least(groupBy(of('disguise'), technique)),
    hardClean: least(groupBy(of('hard-clean'), technique)),
    kinds: [...kinds].map(([kind, list]) => `${KINDS[kind] ?? kind} ${list.length}`).join('，'),
  }
}

/** Without what stands in brackets: a table has little room. */
const nameOf = (names: Names, code: string): string => (names[code] ?? code).replace(/\(.*\)$/, '')
const ratio = ({ right, of }: Share): number => (of === 0 ? 1 : right / of)
const slash = ({ right, of }: Share): string => `${right}/${of}`

/** Each matcher's share of the lines of a group, in the order of `all`. */
const shares = (all: PeerSeen[], belongs: (one: Seen) => boolean, right: (one: Seen) => boolean): Share[] =>
  all.map(({ seen }) => shareOf(seen.filter(belongs), right))

const keysOf = (all: PeerSeen[], belongs: (one: Seen) => boolean, key: (one: Seen) => string): string[] => [
  ...new Set((all[0]?.seen ?? []).filter(belongs).map(key)),
]

/** Worst first: what fails most is what a reader looks for. */
const worstFirst = <R extends { own: Share | undefined }>(rows: R[], sign: 1 | -1): R[] =>
  rows.toSorted((a, b) => sign * (ratio(a.own ?? { of: 0, right: 0 }) - ratio(b.own ?? { of: 0, right: 0 })))

export function byCategory(judged: Judged[], all: PeerSeen[], names: Names): string {
  const codes = keysOf(
    all,
    one => wanted(one.sample),
    one => one.sample.category,
  )
  const alarmed = judged.filter(one => !wanted(one.sample) && one.found.alert)
  const rows = codes.map(code => {
    const lines = judged.filter(one => wanted(one.sample) && one.sample.category === code)
    const found = lines.filter(one => one.found.alert)
    const [own, ...others] = shares(all, one => wanted(one.sample) && one.sample.category === code, isRight)
    const fp = alarmed.filter(one => one.found.alarms.some(hit => hit.category === code)).length
    const cells = [
      nameOf(names, code),
      code,
      String(lines.length),
      String(found.length),
      String(lines.length - found.length),
      String(fp),
      percent(ratio(own ?? { of: 0, right: 0 })),
      slash(shareOf(found, namesCategory)),
      ...others.map(share => percent(ratio(share))),
    ]
    return { own, cells }
  })
  const head = ['类别', 'Category', 'n:', 'tp:', 'fn:', 'fp:', '召回 Recall:', '类别正确:']
  const text = table(
    [...head, ...all.slice(1).map(({ name }) => `${name} 召回:`)],
    worstFirst(rows, 1).map(row => row.cells),
  )
  return `${text}

n 为该类应告警的句数（各种说法合计）。fp 计在误报所报的类别上，一句误报两类的各计一次。“类别正确”指已告警的句子里，所报类别含本类的。`
}

export function bySignal(all: PeerSeen[], names: Names): string {
  const signal = (one: Seen) => one.sample.label === 'signal'
  const rows = keysOf(all, signal, one => one.sample.category).map(code => {
    const belongs = (one: Seen) => signal(one) && one.sample.category === code
    const own = (all[0]?.seen ?? []).filter(belongs)
    return [
      nameOf(names, code),
      code,
      String(own.length),
      String(own.filter(one => one.found.alert).length),
      ...shares(all, belongs, isRight).map(share => rate(share)),
    ]
  })
  return table(['类别', 'Category', 'n:', '误作违规:', ...all.map(({ name }) => `${name}:`)], rows)
}

function techniques(all: PeerSeen[], kind: string, right: (one: Seen) => boolean, sign: 1 | -1): string {
  const belongs = (one: Seen) => one.sample.kind === kind
  const rows = keysOf(all, belongs, one => one.sample.technique).map(technique => {
    const each = shares(all, one => belongs(one) && one.sample.technique === technique, right)
    const cells = [techniqueName(technique), String(each[0]?.of ?? 0), ...each.map(slash)]
    return { own: each[0], cells }
  })
  const total = shares(all, belongs, right)
  return table(
    ['手法 Technique', 'n:', ...all.map(({ name }) => `${name}:`)],
    [
      ...worstFirst(rows, sign).map(row => row.cells),
      ['**合计**', String(total[0]?.of ?? 0), ...total.map(share => `**${rate(share)}**`)],
    ],
  )
}

export const byTechnique = (all: PeerSeen[]): string => techniques(all, 'disguise', isRight, 1)
export const byHardClean = (all: PeerSeen[]): string =>
  techniques(all, 'hard-clean', one => one.found.alert, -1)
