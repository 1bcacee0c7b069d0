import type { Db, House } from '../../base/index.ts'
import type { RuleSet } from '../rules.ts'
import type { BehaviourView, FindingView, Grouping, Measure } from './contract.ts'
import { durationWords } from './duration.ts'
import type { Behaviour } from './pack.ts'
import { countFindings, type Finding, selectFindings } from './store.ts'
import type { Counted } from './window.ts'

const MEASURE_WORDS: Record<Measure, (n: number) => string> = {
  events: n => `${n} 条`,
  staff: n => `${n} 名员工`,
  customers: n => `${n} 位客户`,
  conversations: n => `${n} 个会话`,
}
const GROUP_WORDS: Record<Grouping, string> = {
  staff: '同一员工',
  text: '相同内容',
  conversation: '同一会话',
  customer: '同一客户',
  message: '同一消息',
}

/** What behaviour rules found, by the id of the alert; alerts of another kind are not in the answer. */
export async function findingsOf(
  db: Db,
  house: House,
  set: RuleSet,
  ids: string[],
): Promise<Map<string, FindingView>> {
  const found = await selectFindings(db, house.corp, ids)
  return new Map(found.map(one => [one.id, viewOf(set, one)]))
}

function viewOf(set: RuleSet, finding: Finding): FindingView {
  const behaviour = set.behaviours.find(one => one.id === finding.rule)
  return {
    id: finding.id,
    rule: finding.rule,
    ruleName: behaviour?.rule.name ?? finding.rule,
    version: finding.version,
    severity: finding.severity,
    words: behaviour?.words ?? '该规则已不在现行规则中',
    found: foundWords(finding.facts),
    why: behaviour?.rule.why ?? '',
    threshold: behaviour?.threshold ?? '企业内部预警线',
    raisedAt: finding.raisedAt,
    members: finding.members,
  }
}

function foundWords({ events, staff, customers, conversations, minutes }: Counted): string {
  const counts = [
    MEASURE_WORDS.events(events),
    MEASURE_WORDS.staff(staff),
    MEASURE_WORDS.customers(customers),
    ...(conversations > 1 ? [MEASURE_WORDS.conversations(conversations)] : []),
  ]
  const span = minutes >= 120 ? `${Math.round(minutes / 60)} 小时` : `${Math.max(1, minutes)} 分钟`
  return events > 1 ? `${counts.join('、')}，前后 ${span}` : counts.join('、')
}

const DAY_MS = 86_400_000

/** Behaviour rules as the page of rules shows them, with how often each spoke in the last thirty days. */
export async function behaviourViews(
  db: Db,
  house: House,
  set: RuleSet,
  at: number,
): Promise<BehaviourView[]> {
  const hits = await countFindings(db, house.corp, at - 30 * DAY_MS)
  return set.behaviours.map(one => {
    const { rule } = one
    const clause = set.packs.clauses.find(candidate => candidate.id === rule.clause)
    return {
      id: one.id,
      name: rule.name,
      category: rule.category,
      categoryName: rule.categoryName,
      severity: one.severity,
      version: one.version,
      why: rule.why,
      words: one.words,
      parameters: parametersOf(one),
      threshold: one.threshold,
      clause: clause ? { ref: clause.id, title: clause.title, text: clause.text } : null,
      basis: rule.basis.map(basis => ({
        name: basis.law,
        article: basis.article ?? null,
        certain: basis.confidence === 'confirmed',
      })),
      examples: [
        ...one.fires.map(({ name, history }) => ({ name, fires: true, lines: history })),
        ...one.clean.map(({ name, history }) => ({ name, fires: false, lines: history })),
      ],
      last30Days: hits.get(one.id) ?? 0,
    }
  })
}

function parametersOf(one: Behaviour): { name: string; value: string }[] {
  const least = (['events', 'staff', 'customers', 'conversations'] as const).flatMap(measure => {
    const n = one.atLeast[measure]
    return n === undefined ? [] : [`≥ ${MEASURE_WORDS[measure](n)}`]
  })
  return [
    { name: one.unless === null ? '时间窗口' : '应在多久之内', value: durationWords(one.within) },
    { name: '归并', value: one.by.map(group => GROUP_WORDS[group]).join('、') },
    { name: '触发线', value: least.join('，') },
    ...(one.messages === null ? [] : [{ name: '或其后消息数', value: `${one.messages} 条` }]),
    ...(one.before === 0
      ? []
      : [{ name: '此前已完成亦可', value: `${durationWords({ ms: one.before, business: 0 })}内` }]),
    ...(one.after === 0
      ? []
      : [{ name: '起算', value: `${durationWords({ ms: one.after, business: 0 })}之后` }]),
    { name: '重复', value: one.once === 'ever' ? '只预警一次' : '同一对象每日一次' },
  ]
}
