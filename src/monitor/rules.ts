import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  compile,
  type Engine,
  type Institution,
  institution,
  isModelRule,
  PackError,
  type Packs,
  parsePacks,
  type Rule,
} from '../detect/index.ts'
import { BEHAVIOUR_FOLDER, type Behaviour, parseBehaviours } from './behaviour/pack.ts'
import type { RuleDetail, RuleView } from './contract.ts'
import { DOMAINS_FILE, type Domains, parseDomains } from './domains.ts'

/** The rules in force: what detection runs on and what the screens explain. */
export type RuleSet = {
  engine: Engine
  packs: Packs
  /** Where links may lead; null where the folder has no such list. */
  domains: Domains | null
  /** Rules over time and people; their names stand in `rules` with the others. */
  behaviours: Behaviour[]
  rules: Map<string, Rule>
  version: string
}

/** What an institution is taken for until TONGJIAN_INSTITUTION says otherwise; the column of the table has the same. */
export const DEFAULT: Institution = 'bank'
export const INSTITUTIONS = institution.options

export const RULES_FOLDER = join(import.meta.dirname, '..', '..', 'rules')

/** Read and compile the packs of a folder. Throws a PackError naming file, line and remedy. */
export function loadRules(type: Institution = DEFAULT, folder: string = RULES_FOLDER): RuleSet {
  return compileFiles(readPacks(folder), type)
}

/** The rules in force with one file added, or put in the place of the file of the same name. */
export function loadRulesWith(
  draft: PackFile,
  type: Institution = DEFAULT,
  folder: string = RULES_FOLDER,
): RuleSet {
  return compileFiles(readPacks(folder, [draft]), type)
}

export type PackFile = { name: string; text: string }

/** The packs of a folder; a file of `over` takes the place of the one of its name, or stands beside them. */
export function readPacks(folder: string = RULES_FOLDER, over: readonly PackFile[] = []): PackFile[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(name => name.replaceAll('\\', '/'))
    .filter(name => name.endsWith('.yaml') && !over.some(file => file.name === name))
    .map(name => ({ name, text: readFileSync(join(folder, name), 'utf8') }))
  return [...files, ...over].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** All of a set but its engine, the packs to compile it from, and the files of behaviour rules as they stand. */
export type ReadSet = Omit<RuleSet, 'engine'> & { source: Packs; behaviourFiles: PackFile[] }

/** The packs of a folder, read and checked but not yet compiled. */
export const readRules = (type: Institution, folder: string, over: readonly PackFile[] = []): ReadSet =>
  readFiles(readPacks(folder, over), type)

/** The same of files in hand. Throws a PackError naming file, line and remedy. */
function readFiles(files: PackFile[], type: Institution): ReadSet {
  const behaviourFiles = files.filter(file => file.name.startsWith(BEHAVIOUR_FOLDER))
  const source = parsePacks(
    files.filter(file => file.name !== DOMAINS_FILE && !behaviourFiles.includes(file)),
    type,
  )
  const list = files.find(file => file.name === DOMAINS_FILE)
  const domains = list ? parseDomains(list.text, source) : null
  const all = domains ? [...source.rules, ...Object.values(domains.rules)] : source.rules
  const behaviours = behavioursOf(behaviourFiles, source)
  const hash = createHash('sha256').update(type)
  for (const file of files) hash.update(file.name).update('\0').update(file.text).update('\0')
  return {
    source,
    packs: { ...source, rules: all },
    domains,
    behaviours,
    behaviourFiles,
    rules: new Map([...all, ...behaviours.map(one => one.rule)].map(rule => [rule.id, rule])),
    version: hash.digest('hex').slice(0, 12),
  }
}

/** Behaviour rules of these files; an id stands once among them and the text rules. */
export function behavioursOf(files: PackFile[], packs: Packs): Behaviour[] {
  const seen = new Map(packs.rules.map(rule => [rule.id, rule]))
  return files.flatMap(file =>
    parseBehaviours(file, packs).map(one => {
      const twin = seen.get(one.id)
      if (twin)
        throw new PackError(
          'pack.duplicate',
          { file: file.name, line: one.rule.line },
          `${one.id} is already in ${twin.file}:${twin.line}`,
          'Give it the next free number',
        )
      seen.set(one.id, one.rule)
      return one
    }),
  )
}

export function compileFiles(files: PackFile[], type: Institution): RuleSet {
  const { source, behaviourFiles: _, ...set } = readFiles(files, type)
  return { ...set, engine: compile(source) }
}

/** How many terms are matched, for the 系统 page. */
export function termCount(set: RuleSet): number {
  return set.packs.rules.reduce((sum, rule) => sum + rule.terms.length, 0)
}

/** Rules as the screens explain them. */
export function ruleViews(set: RuleSet, ids?: readonly string[]): RuleView[] {
  const all = [...set.packs.rules, ...set.behaviours.map(one => one.rule)]
  const wanted = ids ? all.filter(rule => ids.includes(rule.id)) : set.packs.rules
  return wanted.map(rule => viewOf(set, rule))
}

/** The same with what makes them speak. */
export function ruleDetails(set: RuleSet): RuleDetail[] {
  return set.packs.rules.map(rule => ({
    ...viewOf(set, rule),
    owner: rule.owner,
    status: rule.status,
    effectiveFrom: rule.effectiveFrom ?? null,
    effectiveTo: rule.effectiveTo ?? null,
    terms: rule.terms.map(({ term }) => term),
    patterns: rule.patterns.length,
    near: rule.near.map(near => ({ ...near, notNear: near.notNear ?? null })),
    when: rule.when ?? null,
    scope: rule.scope,
    examples: [
      ...rule.fires.map(({ text }) => ({ text, fires: true })),
      ...rule.clean.map(({ text }) => ({ text, fires: false })),
    ],
    layer: rule.layer ? { change: rule.layer.change, reason: rule.layer.reason } : null,
  }))
}

function viewOf(set: RuleSet, rule: Rule): RuleView {
  const clause = set.packs.clauses.find(candidate => candidate.id === rule.clause)
  return {
    id: rule.id,
    name: rule.name,
    category: rule.category,
    categoryName: rule.categoryName,
    severity: rule.severity,
    verdict: rule.verdict,
    direction: rule.direction,
    version: String(rule.version),
    why: rule.why,
    model: isModelRule(rule),
    clause: clause ? { ref: clause.id, title: clause.title, text: clause.text } : null,
    basis: rule.basis.map(basis => ({
      name: basis.law,
      article: basis.article ?? null,
      status: basis.status,
      effectiveFrom: basis.effective_from ?? null,
      certain: basis.confidence === 'confirmed',
    })),
  }
}
