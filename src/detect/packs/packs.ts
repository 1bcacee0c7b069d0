import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import {
  type CategoryFile,
  type ClausesFile,
  category,
  clauses,
  type Example,
  type Institution,
  type LegalBasis,
  layer,
  type Packs,
  type Rule,
} from '../contract.ts'
import { foldWord } from '../match/fold-word.ts'
import { checkPattern } from '../match/pattern-check.ts'
import { checkCondition, checkNear, nearOf } from './checks.ts'
import { PackError } from './error.ts'
import { applyLayer, isLayer, type Located as Source } from './layers.ts'
import { modelRules } from './model-rules.ts'

type File = { name: string; text: string }
type Located = Source

const base = (name: string) => name.split(/[\\/]/).at(-1) ?? name

/** A YAML file and the line of each of its fields. */
export function locate(file: File): Located {
  const counter = new LineCounter()
  const doc = parseDocument(file.text, { lineCounter: counter })
  const bad = doc.errors[0]
  if (bad) {
    const line = counter.linePos(bad.pos[0]).line
    throw new PackError(
      'pack.yaml',
      { file: file.name, line },
      `not YAML: ${bad.message.split('\n')[0]}`,
      'Mend the line; quote text that holds ": " or starts with a sign',
    )
  }
  const lineOf = (path: PropertyKey[]): number => {
    let node: unknown = doc.contents
    let offset = 0
    for (const key of path) {
      if (isMap(node)) {
        const found = node.items.find(item => isScalar(item.key) && item.key.value === key)
        if (isScalar(found?.key) && found.key.range) offset = found.key.range[0]
        node = found?.value
      } else if (isSeq(node)) node = node.items[Number(key)]
      const range = (node as { range?: [number, number, number] | null } | undefined)?.range
      if (range) offset = range[0]
    }
    return counter.linePos(offset).line
  }
  return { name: file.name, lineOf, value: doc.toJS() }
}

/** The file as its schema says, or a PackError at the field that does not fit. */
export function read<T>(
  at: Located,
  schema: {
    safeParse(
      v: unknown,
    ):
      | { success: true; data: T }
      | { success: false; error: { issues: { path: PropertyKey[]; message: string }[] } }
  },
  remedy = 'Compare with another file in rules/; the fields are listed in src/detect/contract.ts',
): T {
  const result = schema.safeParse(at.value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const path = issue?.path ?? []
  throw new PackError(
    'pack.schema',
    { file: at.name, line: at.lineOf(path) },
    `${path.join('.') || 'the file'}: ${issue?.message ?? 'wrong shape'}`,
    remedy,
  )
}

const example = (e: Example): Rule['fires'][number] => (typeof e === 'string' ? { text: e } : e)

function ruleOf(
  at: Located,
  file: CategoryFile,
  index: number,
  basis: Map<string, LegalBasis>,
  known: Set<string>,
): Rule {
  const r = file.rules[index] as CategoryFile['rules'][number]
  const line = at.lineOf(['rules', index])
  const fail = (problem: string, remedy: string, code: PackError['code'] = 'pack.reference'): never => {
    throw new PackError(code, { file: at.name, line }, `${r.id}: ${problem}`, remedy)
  }
  const clause = r.clause ?? file.clause
  if (!known.has(clause)) fail(`clause ${clause} is not in clauses.yaml`, 'Add it there or name one that is')
  const laws = (r.basis ?? file.basis).map(
    id =>
      basis.get(id) ??
      fail(`legal basis ${id} is not in clauses.yaml`, 'Add it with its status and confidence'),
  )
  if (r.terms.length + r.patterns.length + r.near.length === 0)
    fail('neither terms nor patterns nor near', 'Give it at least one', 'pack.term')
  return {
    id: r.id,
    category: file.category,
    categoryName: file.name,
    name: r.name,
    severity: r.severity ?? file.severity,
    direction: r.direction ?? file.direction,
    verdict: r.verdict ?? file.verdict,
    clause,
    basis: laws,
    owner: r.owner ?? file.owner,
    version: r.version,
    status: r.status ?? file.status ?? 'active',
    effectiveFrom: r.effective_from ?? file.effective_from,
    effectiveTo: r.effective_to ?? file.effective_to,
    reading: r.reading ?? file.reading ?? 'guarded',
    disguise: r.disguise ?? file.disguise ?? true,
    why: file.why,
    terms: r.terms.map(t =>
      typeof t === 'string' ? { term: t, notIn: [] } : { term: t.term, notIn: t.not_in },
    ),
    patterns: r.patterns,
    near: r.near.map(nearOf),
    masked: r.masked,
    when: r.when,
    scope: r.scope ?? file.scope ?? {},
    exceptions: [...file.exceptions, ...r.exceptions].map(e =>
      typeof e === 'string' ? { match: e, scope: 'sentence' as const } : e,
    ),
    fires: r.fires.map(example),
    clean: r.clean.map(example),
    file: at.name,
    line,
  }
}

/** Every term must survive folding and every expression must lie in the subset: said with file and line. */
function check(at: Located, rule: Rule, index: number): void {
  rule.terms.forEach(({ term, notIn }, i) => {
    const line = at.lineOf(['rules', index, 'terms', i])
    if (foldWord(term) === '') {
      throw new PackError(
        'pack.term',
        { file: at.name, line },
        `${rule.id}: term "${term}" folds to nothing`,
        'Write a word',
      )
    }
    const stray = notIn.find(longer => !longer.includes(term))
    if (stray) {
      throw new PackError(
        'pack.term',
        { file: at.name, line },
        `${rule.id}: not_in "${stray}" does not contain "${term}"`,
        'Give the longer word whole',
      )
    }
  })
  rule.patterns.forEach((source, i) => {
    checkPattern(source, true, { file: at.name, line: at.lineOf(['rules', index, 'patterns', i]) }, rule.id)
  })
  rule.near.forEach((near, i) => {
    checkNear(near, { file: at.name, line: at.lineOf(['rules', index, 'near', i]) }, rule.id)
  })
  if (rule.when !== undefined)
    checkCondition(rule.when, { file: at.name, line: at.lineOf(['rules', index, 'when']) }, rule.id)
  rule.exceptions.forEach(({ match }) => {
    checkPattern(match, false, { file: at.name, line: rule.line }, rule.id)
  })
}

/**
 * Reads the folder's files. The caller reads the disk; `clauses.yaml` must be among them. Of the files below `layers/`
 * the one of the institution's type is laid over the base; all are checked.
 */
export function parsePacks(files: File[], institution?: Institution): Packs {
  const yaml = files.filter(f => /\.ya?ml$/.test(f.name)).sort((a, b) => (a.name < b.name ? -1 : 1))
  const clauseFile = yaml.find(f => base(f.name) === 'clauses.yaml')
  if (!clauseFile)
    throw new PackError(
      'pack.reference',
      { file: 'clauses.yaml', line: 1 },
      'clauses.yaml is missing',
      'Put it beside the rules',
    )
  const c: ClausesFile = read(locate(clauseFile), clauses)
  const basis = new Map(c.basis.map(b => [b.id, b]))
  const known = new Set(c.clauses.map(clause => clause.id))
  const rules: Rule[] = []
  const seen = new Map<string, Rule>()
  const take = (at: Located, parsed: CategoryFile): Rule[] =>
    parsed.rules.map((_, index) => {
      const rule = ruleOf(at, parsed, index, basis, known)
      const twin = seen.get(rule.id)
      if (twin)
        throw new PackError(
          'pack.duplicate',
          { file: at.name, line: rule.line },
          `${rule.id} is already in ${twin.file}:${twin.line}`,
          'Give it the next free number',
        )
      seen.set(rule.id, rule)
      check(at, rule, index)
      return rule
    })
  const layers = yaml.filter(file => isLayer(file.name))
  for (const file of yaml) {
    if (file === clauseFile || layers.includes(file)) continue
    const at = locate(file)
    rules.push(...take(at, read(at, category)))
  }
  const packs: Packs = { policy: c.policy, clauses: c.clauses, rules }
  const laid = layers.map(file => {
    const at = locate(file)
    return applyLayer(packs, at, read(at, layer), take)
  })
  const chosen = laid.find(one => one.layer?.institution === institution) ?? packs
  return { ...chosen, rules: [...chosen.rules, ...modelRules(chosen.rules)] }
}

export const listRules = (packs: Packs): Rule[] => packs.rules

/** Every category and what the screens call it, in the order of the files. */
export const categoryNames = (packs: Packs): Record<string, string> =>
  Object.fromEntries(packs.rules.map(rule => [rule.category, rule.categoryName]))
