import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  compile,
  type Engine,
  type Institution,
  institution,
  type Packs,
  parsePacks,
  type Rule,
} from '../detect/index.ts'
import type { RuleDetail, RuleView } from './contract.ts'
import { DOMAINS_FILE, type Domains, parseDomains } from './domains.ts'

/** The rules in force: what detection runs on and what the screens explain. */
export type RuleSet = {
  engine: Engine
  packs: Packs
  /** Where links may lead; null where the folder has no such list. */
  domains: Domains | null
  rules: Map<string, Rule>
  version: string
}

/** What an institution is taken for until TONGJIAN_INSTITUTION says otherwise; the column of the table has the same. */
export const DEFAULT: Institution = 'bank'
export const INSTITUTIONS = institution.options

const RULES_FOLDER = join(import.meta.dirname, '..', '..', 'rules')

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
  return compileFiles([...readPacks(folder).filter(file => file.name !== draft.name), draft], type)
}

type PackFile = { name: string; text: string }

function readPacks(folder: string): PackFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.yaml'))
    .sort()
    .map(name => ({ name, text: readFileSync(join(folder, name), 'utf8') }))
}

function compileFiles(files: PackFile[], type: Institution): RuleSet {
  const packs = parsePacks(
    files.filter(file => file.name !== DOMAINS_FILE),
    type,
  )
  const list = files.find(file => file.name === DOMAINS_FILE)
  const domains = list ? parseDomains(list.text, packs) : null
  const all = domains ? [...packs.rules, ...Object.values(domains.rules)] : packs.rules
  const hash = createHash('sha256').update(type)
  for (const file of files) hash.update(file.name).update('\0').update(file.text).update('\0')
  return {
    engine: compile(packs),
    packs: { ...packs, rules: all },
    domains,
    rules: new Map(all.map(rule => [rule.id, rule])),
    version: hash.digest('hex').slice(0, 12),
  }
}

/** How many terms are matched, for the 系统 page. */
export function termCount(set: RuleSet): number {
  return set.packs.rules.reduce((sum, rule) => sum + rule.terms.length, 0)
}

/** Rules as the screens explain them. */
export function ruleViews(set: RuleSet, ids?: readonly string[]): RuleView[] {
  const wanted = ids ? set.packs.rules.filter(rule => ids.includes(rule.id)) : set.packs.rules
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
