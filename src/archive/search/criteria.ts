import { type Actor, type Db, dayOf, fail, type House, now } from '../../base/index.ts'
import { findContacts } from '../../contacts/index.ts'
import { foldText } from '../../detect/index.ts'
import { directoryOf, findStaff } from '../../people/index.ts'
import { HAS, type Has, type SearchField, type SearchQuery, SOURCES, type Source } from '../contract.ts'
import { type Asked, type FieldTerm, misread, type Piece, parseQuery } from './language.ts'
import { instantsOf } from './times.ts'

export type Rule = { id: string; name: string }
export type RuleNames = () => readonly Rule[]

type Wanted<T> = { any: T[]; not: boolean }
/** What a message must be, with every name resolved to ids. Words are folded unless the search is exact. */
export type Criteria = {
  exact: boolean
  /** Of each inner list at least one word occurs. */
  all: string[][]
  none: string[]
  parties: Wanted<string>[]
  senders: Wanted<string>[]
  kinds: Wanted<string>[]
  directions: Wanted<string>[]
  /** `kind` null: either the kind or the value of the mark is one of these. */
  marks: (Wanted<string> & { kind: string | null })[]
  has: Wanted<Has>[]
  sources: Wanted<Source>[]
  /** Epoch ms, from inclusive, until exclusive. */
  from: number | null
  until: number | null
}

/** Names beyond this are no choice any more; the picker shows who is meant. */
const MOST_PEOPLE = 20
const SEVERITIES = ['P0', 'P1', 'P2', 'P3']
const DIRECTIONS: Record<string, readonly string[]> = {
  staff: ['员工发出', '员工', '发出', 'staff'],
  customer: ['客户发来', '客户', '发来', 'customer'],
  internal: ['内部', 'internal'],
  system: ['系统', 'system'],
}
/** The names of kinds as the screen shows them. */
const KIND_NAMES: Record<string, string> = {
  文本: 'text',
  文字: 'text',
  图片: 'image',
  语音: 'voice',
  视频: 'video',
  文件: 'file',
  名片: 'card',
  位置: 'location',
  表情: 'emotion',
  链接: 'link',
  小程序: 'weapp',
  聊天记录: 'chatrecord',
  混合: 'mixed',
  待办: 'todo',
  投票: 'vote',
  填表: 'collect',
  红包: 'redpacket',
  会议: 'meeting',
  在线文档: 'docmsg',
  图文: 'news',
  日程: 'calendar',
  微盘文件: 'qydiskfile',
  撤回: 'revoke',
}

/** Read a query and its form filters. Throws `query.invalid` with the place of what cannot be understood. */
export async function criteriaOf(
  db: Db,
  actor: Actor,
  query: SearchQuery,
  rules: RuleNames,
): Promise<Criteria> {
  const exact = query.exact === 'true'
  const asked: Asked = exact ? { all: [], none: [], fields: [] } : parseQuery(query.q)
  const fold = exact ? (text: string): string => text : foldText
  const word = (piece: Piece): string => {
    const folded = fold(piece.text)
    if (folded === '') throw misread(piece, '这里没有可检索的字')
    return folded
  }
  const criteria: Criteria = {
    exact,
    all: exact ? (query.q === '' ? [] : [[query.q]]) : asked.all.map(clause => clause.map(word)),
    none: asked.none.map(word),
    parties: [],
    senders: [],
    kinds: [],
    directions: [],
    marks: [],
    has: [],
    sources: [],
    from: query.from ?? null,
    until: query.to === undefined ? null : query.to + 1,
  }
  const terms = [...asked.fields, ...formTerms(query)]
  for (const term of terms) await apply(db, actor, criteria, term, rules)
  if (criteria.from !== null && criteria.until !== null && criteria.from >= criteria.until)
    throw fail('query.invalid', { at: 0, length: 0, hint: '起始时间晚于截止时间，没有消息会符合' })
  return criteria
}

/** Filters of the form are fields whose values are ids already. */
function formTerms(query: SearchQuery): FieldTerm[] {
  const given: [SearchField, string | undefined][] = [
    ['staff', query.staff],
    ['customer', query.customer],
    ['group', query.group],
    ['department', query.department],
    ['kind', query.kind],
    ['direction', query.direction],
    ['rule', query.rule],
    ['severity', query.severity],
    ['mark', query.mark],
    ['has', query.has],
    ['in', query.in],
  ]
  return given.flatMap(([field, text]): FieldTerm[] => {
    const values = (text ?? '').split(',').filter(value => value !== '')
    if (values.length === 0) return []
    const pieces = values.map(value => ({ text: value, at: 0, length: 0 }))
    // Several `has` of the form are all wanted; of every other field any one will do.
    return field === 'has'
      ? pieces.map(piece => ({ field, values: [piece], not: false, at: 0, length: 0 }))
      : [{ field, values: pieces, not: false, at: 0, length: 0 }]
  })
}

async function apply(db: Db, actor: Actor, c: Criteria, term: FieldTerm, rules: RuleNames): Promise<void> {
  const { field, values, not } = term
  const each = <T>(of: (piece: Piece) => T[]): { any: T[]; not: boolean } => ({
    any: [...new Set(values.flatMap(of))],
    not,
  })
  switch (field) {
    case 'who':
    case 'staff':
    case 'customer':
    case 'group':
    case 'sender': {
      const found = await Promise.all(values.map(piece => peopleOf(db, actor, field, piece)))
      ;(field === 'sender' ? c.senders : c.parties).push({ any: [...new Set(found.flat())], not })
      return
    }
    case 'department':
      c.parties.push({
        any: (await Promise.all(values.map(v => departmentOf(db, actor.house, v)))).flat(),
        not,
      })
      return
    case 'kind':
      c.kinds.push(each(kindOf))
      return
    case 'direction':
      c.directions.push(each(piece => [oneOf(DIRECTIONS, piece, '方向')]))
      return
    case 'rule':
      c.marks.push({ kind: 'rule', ...each(piece => ruleOf(rules(), piece)) })
      return
    case 'severity':
      c.marks.push({ kind: 'severity', ...each(severityOf) })
      return
    case 'mark':
      c.marks.push({ kind: null, ...each(piece => [piece.text]) })
      return
    case 'has':
      c.has.push(each(piece => [oneOf(HAS, piece, '含')]))
      return
    case 'in':
      c.sources.push(each(piece => [oneOf(SOURCES, piece, '在')]))
      return
    default:
      narrow(c, field, term, actor.house)
  }
}

function narrow(c: Criteria, field: 'time' | 'since' | 'until', term: FieldTerm, house: House): void {
  if (term.not) throw misread(term, '时间不能排除；请写要查的起止')
  const [value, ...more] = term.values
  if (!value || more.length > 0) throw misread(term, '时间只写一段，例如 时间:2026-01..2026-03')
  const span = instantsOf(value.text, house.zone, dayOf(now(), house.zone))
  if (!span)
    throw misread(
      value,
      `「${value.text}」不是时间；写作 2026、2026-03、2026-03-05、2026-01..2026-03、今天、昨天或近7天`,
    )
  if (field !== 'until' && span.from !== null) c.from = Math.max(c.from ?? span.from, span.from)
  if (field !== 'since' && span.until !== null) c.until = Math.min(c.until ?? span.until, span.until)
}

function oneOf<T extends string>(table: Record<T, readonly string[]>, piece: Piece, field: string): T {
  const wanted = piece.text.toLowerCase()
  for (const key of Object.keys(table) as T[]) if (key === wanted || table[key].includes(wanted)) return key
  const known = (Object.keys(table) as T[]).map(key => table[key][0]).join('、')
  throw misread(piece, `「${field}」没有「${piece.text}」；可以写 ${known}`)
}

function kindOf(piece: Piece): string[] {
  const known = KIND_NAMES[piece.text]
  if (known === 'redpacket') return ['redpacket', 'external_redpacket']
  if (known !== undefined) return [known]
  if (/^[a-z_]{2,40}$/.test(piece.text)) return [piece.text]
  throw misread(
    piece,
    `没有「${piece.text}」这个类型；可以写 ${Object.keys(KIND_NAMES).slice(0, 10).join('、')} …`,
  )
}

function severityOf(piece: Piece): string[] {
  const wanted = piece.text.toUpperCase()
  if (SEVERITIES.includes(wanted)) return [wanted]
  throw misread(piece, `「级别」没有「${piece.text}」；可以写 ${SEVERITIES.join('、')}`)
}

function ruleOf(rules: readonly Rule[], piece: Piece): string[] {
  const wanted = piece.text.toUpperCase()
  const exact = rules.find(rule => rule.id.toUpperCase() === wanted)
  if (exact) return [exact.id]
  const named = rules.filter(
    rule => rule.name.includes(piece.text) || rule.id.toUpperCase().startsWith(wanted),
  )
  if (named.length > 0) return named.map(rule => rule.id)
  // A rule that is out of force still has its marks: an id is taken as it is.
  if (/^[A-Z][A-Z0-9_-]{1,40}$/.test(wanted)) return [wanted]
  throw misread(piece, `没有编号或名称含「${piece.text}」的规则`)
}

const PEOPLE_NAMES = {
  who: '人',
  staff: '员工',
  customer: '客户或群',
  group: '群',
  sender: '发送人',
} as const

async function peopleOf(
  db: Db,
  actor: Actor,
  field: keyof typeof PEOPLE_NAMES,
  piece: Piece,
): Promise<string[]> {
  const directory = await directoryOf(db, actor.house)
  const text = piece.text
  if (directory.people.has(text) || /^w[mobr][A-Za-z0-9_-]{10,}$/.test(text)) return [text]
  const staff = field === 'customer' || field === 'group' ? [] : findStaff(directory, text, MOST_PEOPLE)
  const outside = field === 'staff' ? [] : await findContacts(db, actor, text)
  const found = [...staff, ...outside].filter(party => field !== 'group' || party.kind === 'group')
  const exact = found.filter(party => party.name === text)
  const meant = exact.length > 0 ? exact : found
  if (meant.length >= MOST_PEOPLE) throw misread(piece, `名字含「${text}」的太多，请写全名，或在筛选里选定`)
  if (meant.length > 0) return meant.map(party => party.id)
  // Ids of people whom the directory never knew are in messages all the same.
  if (/^[A-Za-z0-9_.@-]{1,64}$/.test(text)) return [text]
  throw misread(piece, `没有找到名字含「${text}」的${PEOPLE_NAMES[field]}`)
}

/** The people of a department and of those below it. */
async function departmentOf(db: Db, house: House, piece: Piece): Promise<string[]> {
  const { departments, people } = await directoryOf(db, house)
  const all = [...departments.values()]
  const roots = all.filter(d => String(d.id) === piece.text || d.name === piece.text)
  const meant = roots.length > 0 ? roots : all.filter(d => d.name.includes(piece.text))
  if (meant.length === 0) throw misread(piece, `没有找到部门「${piece.text}」`)
  const within = new Set(meant.map(d => d.id))
  for (let grown = true; grown; ) {
    const below = all.filter(d => within.has(d.parentId) && !within.has(d.id))
    for (const d of below) within.add(d.id)
    grown = below.length > 0
  }
  const members = [...people.values()].filter(person => person.departments.some(d => within.has(d)))
  return members.map(person => person.userid)
}
