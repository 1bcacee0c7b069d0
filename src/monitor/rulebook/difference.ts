import type { Rule } from '../../detect/index.ts'
import type { Difference, RuleChange } from './contract.ts'

/** Lines of the same around a change. */
const AROUND = 3
/** Beyond this many lines that differ the table of the longest common part would not fit; then all of them differ. */
const MOST_LINES = 3000

/** What of a rule is compared, as it is shown. Where it stands in its file is not part of it. */
const FIELDS: Record<string, (rule: Rule) => unknown> = {
  name: rule => rule.name,
  severity: rule => rule.severity,
  direction: rule => rule.direction,
  verdict: rule => rule.verdict,
  clause: rule => rule.clause,
  owner: rule => rule.owner,
  status: rule => rule.status,
  effective: rule => [rule.effectiveFrom ?? '', rule.effectiveTo ?? ''].filter(Boolean).join(' – '),
  basis: rule => rule.basis.map(basis => basis.id).join('、'),
  notIn: rule =>
    rule.terms
      .filter(term => term.notIn.length > 0)
      .map(term => `${term.term}（${term.notIn.join('、')}）`)
      .join('；'),
  near: rule =>
    rule.near
      .map(
        near =>
          `${near.groups.map(group => group.join('/')).join(near.anyOrder ? '＋' : '→')} ≤${near.within}${near.in === 'clause' ? '·分句' : ''}${near.notNear ? ` ≠${near.notNear.words.join('/')}` : ''}`,
      )
      .join('；'),
  patterns: rule => rule.patterns.join('；'),
  exceptions: rule => rule.exceptions.map(exception => `${exception.match}〔${exception.scope}〕`).join('；'),
  when: rule => rule.when ?? '',
  scope: rule => [...(rule.scope.channels ?? []), ...(rule.scope.audience ?? [])].join('、'),
  reading: rule => rule.reading,
  disguise: rule => String(rule.disguise),
  masked: rule => (rule.masked ?? []).join('、'),
  fires: rule => rule.fires.map(example => example.text).join('；'),
  clean: rule => rule.clean.map(example => example.text).join('；'),
}
/** Examples say what a rule should do; they change nothing of what it does. */
const SAYS_ONLY = new Set(['fires', 'clean', 'owner'])

export function rulesDiffer(before: readonly Rule[], after: readonly Rule[]): RuleChange[] {
  const old = new Map(before.map(rule => [rule.id, rule]))
  const fresh = new Map(after.map(rule => [rule.id, rule]))
  const ids = [...new Set([...old.keys(), ...fresh.keys()])]
  return ids.flatMap(id => changeOf(old.get(id), fresh.get(id)))
}

/** The rules that may hit something else than before. */
export const speakOtherwise = (changes: readonly RuleChange[]): string[] =>
  changes
    .filter(
      change =>
        change.kind !== 'changed' ||
        change.added.length + change.dropped.length > 0 ||
        change.fields.some(({ field }) => !SAYS_ONLY.has(field)),
    )
    .map(change => change.rule)

function changeOf(before: Rule | undefined, after: Rule | undefined): RuleChange[] {
  const rule = after ?? before
  if (!rule) return []
  const terms = (one: Rule | undefined): string[] => (one?.terms ?? []).map(({ term }) => term)
  const fields = Object.entries(FIELDS).flatMap(([field, of]) => {
    const [was, is] = [before ? String(of(before)) : '', after ? String(of(after)) : '']
    return was === is ? [] : [{ field, before: was, after: is }]
  })
  const added = terms(after).filter(term => !terms(before).includes(term))
  const dropped = terms(before).filter(term => !terms(after).includes(term))
  if (before && after && fields.length + added.length + dropped.length === 0) return []
  return [
    {
      rule: rule.id,
      name: rule.name,
      kind: before ? (after ? 'changed' : 'removed') : 'added',
      version: { before: before?.version ?? null, after: after?.version ?? null },
      added,
      dropped,
      fields,
    },
  ]
}

/** Lines that came and went, with a few around them. */
export function linesDiffer(before: string, after: string): Difference['lines'] {
  const [a, b] = [before.split('\n'), after.split('\n')]
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1
  const middle = between(a.slice(head, a.length - tail), b.slice(head, b.length - tail))
  const same = (lines: string[]): Difference['lines'] => lines.map(text => ({ kind: 'same', text }))
  return folded([...same(a.slice(0, head)), ...middle, ...same(tail === 0 ? [] : a.slice(-tail))])
}

function between(a: string[], b: string[]): Difference['lines'] {
  if (a.length + b.length > MOST_LINES)
    return [
      ...a.map(text => ({ kind: 'del' as const, text })),
      ...b.map(text => ({ kind: 'add' as const, text })),
    ]
  // Longest common part, from the end, so that the walk goes forward.
  const width = b.length + 1
  const common = new Uint16Array((a.length + 1) * width)
  const at = (i: number, j: number): number => common[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const out: Difference['lines'] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      out.push({ kind: 'same', text: a[i] ?? '' })
      i += 1
      j += 1
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1)))
      out.push({ kind: 'del', text: a[i++] ?? '' })
    else out.push({ kind: 'add', text: b[j++] ?? '' })
  }
  return out
}

function folded(lines: Difference['lines']): Difference['lines'] {
  const near = lines.map((_, i) =>
    lines.slice(Math.max(0, i - AROUND), i + AROUND + 1).some(line => line.kind !== 'same'),
  )
  const out: Difference['lines'] = []
  let skipped = 0
  lines.forEach((line, i) => {
    if (!near[i]) {
      skipped += 1
      return
    }
    if (skipped > 0) out.push({ kind: 'gap', text: String(skipped) })
    skipped = 0
    out.push(line)
  })
  if (skipped > 0 && out.length > 0) out.push({ kind: 'gap', text: String(skipped) })
  return out
}
