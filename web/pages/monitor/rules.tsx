import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Input, Select } from 'antd'
import { type RuleDetail, SEVERITIES } from '../../../src/monitor/contract.ts'
import { rulesQuery } from '../../api/queries.ts'
import { figure, t } from '../../i18n/index.ts'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { SeverityMark } from '../../ui/severity.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { answers, LAYERS, type RulesAddress, rulesAddress } from './address.ts'
import { BasisList } from './basis-list.tsx'
import { BehaviourRules } from './behaviour-rules.tsx'
import { ModelRules } from './model-rules.tsx'
import { RuleContent } from './rule-content.tsx'
import { RulesTabs } from './rulebook/tabs.tsx'
import './rulebook/rulebook.css'
import './rules.css'

const route = getRouteApi('/shell/rules')

export function RulesPage() {
  const address = route.useSearch()
  const query = useQuery(rulesQuery)
  if (query.isPending) return <Skeleton rows={8} kind="card" />
  if (query.error)
    return (
      <div className="page">
        <ErrorNote what={t('rules.failed')} error={query.error} again={() => void query.refetch()} />
      </div>
    )
  const { items, version, layer } = query.data
  const asked = items.filter(rule => answers(rule, address))
  const shown = asked.filter(rule => !rule.model)
  const read = asked.filter(rule => rule.model)
  const groups = [...Map.groupBy(shown, rule => rule.categoryName)].toSorted(byWorst)
  const off = address.layer === 'off' ? (layer?.off ?? []) : []
  return (
    <div className="page">
      <RulesTabs />
      <header className="page-head">
        <h1>{t('rules.title', { n: figure(items.filter(rule => !rule.model).length) })}</h1>
        <span className="small quiet">{t('rules.version', { version })}</span>
        {layer ? <span className="small quiet">{t('rules.layer', { name: layer.name })}</span> : null}
      </header>
      <Filters items={items} address={address} />
      {off.length > 0 ? <SwitchedOff off={off} /> : null}
      <BehaviourRules address={address} />
      {read.length > 0 ? <ModelRules rules={read} /> : null}
      {groups.map(([category, rules]) => (
        <Category key={category} name={category} rules={rules} />
      ))}
      {asked.length + off.length === 0 ? <Empty title={t('rules.none')}>{t('rules.noneHow')}</Empty> : null}
    </div>
  )
}

function Filters({ items, address }: { items: RuleDetail[]; address: RulesAddress }) {
  const navigate = route.useNavigate()
  const go = (change: { [K in keyof RulesAddress]: RulesAddress[K] | undefined }) =>
    void navigate({ search: rulesAddress({ ...address, ...change }), replace: true })
  const categories = new Map(items.map(rule => [rule.category, rule.categoryName]))
  return (
    <div className="rules-filters">
      <Input
        className="rules-find"
        allowClear
        value={address.q ?? ''}
        placeholder={t('rules.find')}
        aria-label={t('rules.find')}
        onChange={event => go({ q: event.target.value })}
      />
      <Select
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        value={address.category}
        placeholder={t('rules.anyCategory')}
        aria-label={t('rules.anyCategory')}
        onChange={category => go({ category })}
        options={[...categories].map(([value, label]) => ({ value, label }))}
      />
      <Select
        allowClear
        value={address.severity}
        placeholder={t('rules.anySeverity')}
        aria-label={t('rules.anySeverity')}
        onChange={severity => go({ severity })}
        options={SEVERITIES.map(value => ({ value, label: value }))}
      />
      <Select
        allowClear
        value={address.layer}
        placeholder={t('rules.anyLayer')}
        aria-label={t('rules.anyLayer')}
        onChange={layer => go({ layer })}
        options={LAYERS.map(value => ({ value, label: t(`rules.layer.${value}`) }))}
      />
    </div>
  )
}

function SwitchedOff({ off }: { off: { rule: string; name: string; reason: string }[] }) {
  return (
    <section className="sheet category">
      <div className="sheet-head">
        <h2>{t('rules.layer.off')}</h2>
      </div>
      {off.map(one => (
        <article className="rule rule-off" key={one.rule}>
          <b>{one.name}</b>
          <span className="small quiet">{one.rule}</span>
          <p>{one.reason}</p>
        </article>
      ))}
    </section>
  )
}

const worstOf = (rules: RuleDetail[]): number =>
  Math.min(...rules.map(rule => SEVERITIES.indexOf(rule.severity)))

function byWorst(a: [string, RuleDetail[]], b: [string, RuleDetail[]]): number {
  return worstOf(a[1]) - worstOf(b[1]) || a[0].localeCompare(b[0])
}

function Category({ name, rules }: { name: string; rules: RuleDetail[] }) {
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

function Rule({ rule }: { rule: RuleDetail }) {
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
        <span className="small quiet">{t('rule.keptBy', { owner: rule.owner, version: rule.version })}</span>
        <Link className="small" to="/rules/versions" search={{ rule: rule.id }}>
          {t('rule.history')}
        </Link>
        <Marks rule={rule} />
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
        <RuleContent rule={rule} />
      </div>
      <div className="rule-basis small">
        <BasisList rules={[rule]} />
      </div>
    </article>
  )
}

/** In force or not, since when, and what the layer has to do with it. */
function Marks({ rule }: { rule: RuleDetail }) {
  return (
    <>
      {rule.status === 'active' ? null : <span className="tag">{t(`rule.status.${rule.status}`)}</span>}
      {rule.effectiveFrom ? (
        <span className="small quiet">{t('basis.from', { day: rule.effectiveFrom })}</span>
      ) : null}
      {rule.effectiveTo ? (
        <span className="small quiet">{t('rule.until', { day: rule.effectiveTo })}</span>
      ) : null}
      {rule.layer ? (
        <>
          <span className="tag">{t(`rules.layer.${rule.layer.change}`)}</span>
          {rule.layer.change === 'regraded' ? <span className="small quiet">{rule.layer.reason}</span> : null}
        </>
      ) : null}
    </>
  )
}
