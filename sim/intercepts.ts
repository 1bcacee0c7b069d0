import { type Ground, seconds } from './ground.ts'

export type InterceptRule = {
  id: string
  name: string
  words: string[]
  /** 1 phone number, 2 e-mail address, 3 red packet. */
  semantics: number[]
  /** 1 warns and blocks, 2 warns. */
  type: 1 | 2
  users: string[]
  departments: number[]
  createTime: number
}

export type Intercepts = {
  add(rule: Omit<InterceptRule, 'id' | 'createTime'>): InterceptRule | number
  /** 41070 never was, 41071 was deleted. */
  get(id: string): InterceptRule | number
  list(): InterceptRule[]
  update(id: string, change: Partial<InterceptRule>): number | undefined
  remove(id: string): number | undefined
  /** The blocking rule that this member's words meet, if any. */
  blocks(userid: string, text: string): InterceptRule | undefined
}

/** wecom-api.md §6. */
const RULES = 100
const RANGE = 1000
const WORDS = 300
const PHONE = /(?<!\d)1[3-9]\d{9}(?!\d)/
const MAIL = /[\w.+-]+@[\w-]+\.[\w.]+/

export function createIntercepts(ground: Ground): Intercepts {
  const rules = new Map<string, InterceptRule>()
  const deleted = new Set<string>()
  const find = (id: string): InterceptRule | number => rules.get(id) ?? (deleted.has(id) ? 41071 : 41070)
  const fault = (rule: Omit<InterceptRule, 'createTime'>): number | undefined => {
    const { users, departments } = rule
    if (rule.words.length > WORDS) return 41068
    if (rule.words.length === 0 && rule.semantics.length === 0) return 41083
    if (users.length + departments.length === 0 || users.length > RANGE || departments.length > RANGE)
      return 41076
    if (users.some(id => !ground.people.employee.has(id))) return 60111
    if (departments.some(id => !ground.people.departments.some(one => one.id === id))) return 60123
    const twin = [...rules.values()].some(one => one.name === rule.name && one.id !== rule.id)
    return twin ? 41077 : undefined
  }
  const covers = (rule: InterceptRule, userid: string): boolean => {
    const department = ground.people.employee.get(userid)?.department ?? 0
    const parent = ground.people.departments.find(one => one.id === department)?.parent ?? 0
    return rule.users.includes(userid) || [department, parent].some(id => rule.departments.includes(id))
  }
  return {
    add: input => {
      const rule = { ...input, id: `rule${ground.rng.id(24)}`, createTime: seconds(ground.now()) }
      const refused = fault(rule)
      if (refused) return refused
      if (rules.size >= RULES) return 41069
      rules.set(rule.id, rule)
      return rule
    },
    get: find,
    list: () => [...rules.values()],
    update: (id, change) => {
      const found = find(id)
      if (typeof found === 'number') return found
      const next = { ...found, ...change }
      const refused = fault(next)
      if (!refused) rules.set(id, next)
      return refused
    },
    remove: id => {
      const found = find(id)
      if (typeof found === 'number') return found
      rules.delete(id)
      deleted.add(id)
      return undefined
    },
    blocks: (userid, text) =>
      [...rules.values()].find(rule => rule.type === 1 && covers(rule, userid) && meets(rule, text)),
  }
}

function meets(rule: InterceptRule, text: string): boolean {
  if (rule.words.some(word => text.includes(word))) return true
  return (rule.semantics.includes(1) && PHONE.test(text)) || (rule.semantics.includes(2) && MAIL.test(text))
}
