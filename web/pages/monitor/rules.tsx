import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Input } from 'antd'
import { type RuleView, SEVERITIES } from '../../../src/monitor/contract.ts'
import { rulesQuery } from '../../api/queries.ts'
import { figure, t } from '../../i18n/index.ts'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { SeverityMark } from '../../ui/severity.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { BasisList } from './basis-list.tsx'
import './rules.css'

const route = getRouteApi('/shell/rules')

export function RulesPage() {
  const { q = '' } = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(rulesQuery)
  if (query.isPending) return <Skeleton rows={8} kind="card" />
  if (query.error)
    return (
      <div className="page">
        <ErrorNote what={t('rules.failed')} error={query.error} again={() => void query.refetch()} />
      </div>
    )
  const { items, version } = query.data
  const shown = items.filter(rule => says(rule, q.trim().toLowerCase()))
  const groups = [...Map.groupBy(shown, rule => rule.categoryName)].toSorted(byWorst)
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('rules.title', { n: figure(items.length) })}</h1>
        <span className="small quiet">{t('rules.version', { version })}</span>
        <span className="grow" />
        <Input
          className="rules-find"
          allowClear
          value={q}
          placeholder={t('rules.find')}
          aria-label={t('rules.find')}
          onChange={event =>
            void navigate({ search: event.target.value ? { q: event.target.value } : {}, replace: true })
          }
        />
      </header>
      {groups.map(([category, rules]) => (
        <Category key={category} name={category} rules={rules} />
      ))}
      {groups.length === 0 ? <Empty title={t('rules.none')}>{t('rules.noneHow')}</Empty> : null}
    </div>
  )
}

function says(rule: RuleView, q: string): boolean {
  const clause = rule.clause ? `${rule.clause.ref}${rule.clause.title}${rule.clause.text}` : ''
  return `${rule.id} ${rule.name} ${rule.categoryName} ${rule.why} ${clause}`.toLowerCase().includes(q)
}

const worstOf = (rules: RuleView[]): number =>
  Math.min(...rules.map(rule => SEVERITIES.indexOf(rule.severity)))

function byWorst(a: [string, RuleView[]], b: [string, RuleView[]]): number {
  return worstOf(a[1]) - worstOf(b[1]) || a[0].localeCompare(b[0])
}

function Category({ name, rules }: { name: string; rules: RuleView[] }) {
  return (
    <section className="sheet category">
      <div className="sheet-head">
        <h2>{name}</h2>
        <span className="small quiet">{t('rules.count', { n: rules.length })}</span>
      </div>
      {rules.map(rule => (
        <Rule key={rule.id} rule={rule} />
      ))}
    </section>
  )
}

function Rule({ rule }: { rule: RuleView }) {
  const mayAlerts = may(useMe(), 'alert.read')
  return (
    <article className="rule">
      <div className="rule-mark">
        <SeverityMark of={rule.severity} word />
      </div>
      <div className="rule-name">
        <b>{rule.name}</b>
        <span className="small quiet">
          {rule.id} · {t(`verdict.${rule.verdict}`)} · {t(`ruleDirection.${rule.direction}`)}
        </span>
        {mayAlerts ? (
          <Link className="small" to="/alerts" search={{ rule: rule.id }}>
            {t('rules.itsAlerts')}
          </Link>
        ) : null}
      </div>
      <div className="rule-words">
        <p>{rule.why}</p>
        {rule.clause ? (
          <details>
            <summary>
              {rule.clause.ref} {rule.clause.title}
            </summary>
            <blockquote>{rule.clause.text}</blockquote>
          </details>
        ) : null}
      </div>
      <div className="rule-basis small">
        <BasisList rules={[rule]} />
      </div>
    </article>
  )
}
