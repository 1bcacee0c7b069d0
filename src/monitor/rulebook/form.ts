import { isMap, parseDocument } from 'yaml'
import { fail } from '../../base/index.ts'
import type { RuleForm } from './contract.ts'

/** Between the form of an officer and the text of a pack file. Comments and whatever the form does not hold stay. */

type Raw = Record<string, unknown>
type Place = { rules: (string | number)[]; category: Raw }

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const wordOf = (value: unknown, name: string): string =>
  typeof value === 'string' ? value : String((value as Raw | null)?.[name] ?? '')

/** Where the rules of a category stand: in a file of its own, or among what a layer adds. */
function placeOf(value: unknown, category: string): Place | null {
  const root = (value ?? {}) as Raw
  if (root.category === category) return { rules: ['rules'], category: root }
  const at = list(root.adds).findIndex(one => (one as Raw).category === category)
  return at < 0 ? null : { rules: ['adds', at, 'rules'], category: list(root.adds)[at] as Raw }
}

/** The rule as the form shows it, or null where the text does not hold it. */
export function formOf(text: string, rule: string): RuleForm | null {
  const doc = parseDocument(text)
  if (doc.errors.length > 0) return null
  const value = doc.toJS() as unknown
  for (const category of [value, ...list((value as Raw | null)?.adds)] as Raw[]) {
    const raw = list(category?.rules).find(one => (one as Raw | null)?.id === rule) as Raw | undefined
    if (raw) return shown(category, raw)
  }
  return null
}

function shown(category: Raw, raw: Raw): RuleForm {
  const inherited = (name: string): never => (raw[name] ?? category[name]) as never
  return {
    category: String(category.category),
    id: String(raw.id),
    name: String(raw.name ?? ''),
    severity: inherited('severity'),
    direction: inherited('direction'),
    verdict: inherited('verdict'),
    clause: inherited('clause'),
    terms: list(raw.terms).map(term => wordOf(term, 'term')),
    near: list(raw.near).map(near => ({
      within: Number((near as Raw).within),
      groups: list((near as Raw).groups).map(group => list(group).map(String)),
    })),
    exceptions: list(raw.exceptions).map(exception => wordOf(exception, 'match')),
    fires: list(raw.fires).map(example => wordOf(example, 'text')),
    clean: list(raw.clean).map(example => wordOf(example, 'text')),
  }
}

/** The text with this rule in it; `version` is what it is to bear. */
export function textWith(text: string, form: RuleForm, id: string, version: number): string {
  const doc = parseDocument(text)
  const place = placeOf(doc.toJS(), form.category)
  if (!place || doc.errors.length > 0) throw fail('thing.missing', { category: form.category })
  const rules = list(place.category.rules) as Raw[]
  const at = rules.findIndex(rule => rule.id === id)
  const old: Raw = rules[at] ?? {}
  const fields = fieldsOf(place.category, old, form)
  if (at < 0) doc.addIn(place.rules, doc.createNode({ id, name: form.name, version, ...fields }))
  else {
    const path = [...place.rules, at]
    for (const [name, value] of Object.entries({ name: form.name, version, ...fields }))
      if (JSON.stringify(value) !== JSON.stringify(old[name]))
        doc.setIn([...path, name], doc.createNode(value))
    const node = doc.getIn(path)
    for (const name of ['terms', 'near', 'exceptions', 'clean'])
      if (isMap(node) && node.has(name) && !(name in fields)) node.delete(name)
  }
  return doc.toString({ lineWidth: 0 })
}

/** What the form says of a rule; what it shares with its category is not repeated, and what it cannot show is kept. */
function fieldsOf(category: Raw, old: Raw, form: RuleForm): Raw {
  const fields: Raw = {}
  for (const name of ['severity', 'direction', 'verdict', 'clause'] as const)
    if (name in old || form[name] !== category[name]) fields[name] = form[name]
  const kept = (words: string[], before: unknown, name: string): unknown[] =>
    words.map(word => list(before).find(one => wordOf(one, name) === word) ?? word)
  const terms = kept(form.terms, old.terms, 'term')
  if (terms.length > 0) fields.terms = terms
  const near = form.near.map(({ within, groups }) => {
    const same = list(old.near).find(one => JSON.stringify((one as Raw).groups) === JSON.stringify(groups)) as
      | Raw
      | undefined
    return same ? { ...same, within } : { within, in: 'sentence', any_order: true, groups }
  })
  if (near.length > 0) fields.near = near
  const exceptions = kept(form.exceptions, old.exceptions, 'match')
  if (exceptions.length > 0) fields.exceptions = exceptions
  fields.fires = kept(form.fires, old.fires, 'text')
  const clean = kept(form.clean, old.clean, 'text')
  if (clean.length > 0) fields.clean = clean
  return fields
}
