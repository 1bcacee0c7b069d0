import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { RulebookView, VersionView } from '../../../../src/monitor/rulebook/contract.ts'
import { rulebookQuery } from '../../../api/rulebook.ts'
import { t } from '../../../i18n/index.ts'
import { Empty, ErrorNote, Skeleton } from '../../../ui/notes.tsx'
import { Time } from '../../../ui/time.tsx'
import { useMe } from '../../app/me.ts'
import { may } from '../../app/places.ts'
import { percent } from './backtest-pane.tsx'
import { RollbackForm } from './rollback.tsx'
import { StateTag } from './state.tsx'
import { RulesTabs } from './tabs.tsx'
import './rulebook.css'

const route = getRouteApi('/shell/rules/versions')

/** Every version ever published, who and why, and everything that was done with it. */
export function VersionsPage() {
  const { rule } = route.useSearch()
  const query = useQuery(rulebookQuery)
  if (query.isPending) return <Skeleton rows={6} kind="card" />
  if (query.error || !query.data)
    return (
      <div className="page">
        <ErrorNote what={t('rulebook.failed')} error={query.error} again={() => void query.refetch()} />
      </div>
    )
  const shown = query.data.versions.filter(version => rule === undefined || version.changed.includes(rule))
  const files = [...Map.groupBy(shown, version => version.file)]
  return (
    <div className="page">
      <header className="page-head rb-wrap">
        <RulesTabs />
        {rule ? <span className="tag">{rule}</span> : null}
      </header>
      {files.map(([file, versions]) => (
        <File key={file} file={file} versions={versions} book={query.data} />
      ))}
      {files.length === 0 ? <Empty title={t('rulebook.v.none')}>{t('rulebook.v.noneHow')}</Empty> : null}
    </div>
  )
}

function File({ file, versions, book }: { file: string; versions: VersionView[]; book: RulebookView }) {
  const acts = book.acts.filter(act => act.file === file)
  return (
    <section className="sheet rb-file">
      <div className="sheet-head">
        <h2>{book.files.find(one => one.file === file)?.name ?? file}</h2>
        <span className="small quiet">{file}</span>
      </div>
      <div className="rb-file-body">
        <ol className="rb-versions">
          {versions.map(version => (
            <Version key={version.version} version={version} />
          ))}
        </ol>
        <details open>
          <summary>{t('rulebook.v.acts')}</summary>
          <ol className="rb-acts-list">
            {acts.map(act => (
              <li key={act.seq}>
                <Time at={act.at} short /> {act.by} ·{' '}
                <b>
                  {act.act === 'rolled_back'
                    ? act.version === 0
                      ? t('rulebook.v.act.rolled_back0')
                      : t('rulebook.v.act.rolled_back', { n: act.version })
                    : `${t('rulebook.version', { n: act.version })} ${t(`rulebook.v.act.${act.act}`, { departments: act.departments.join('、') })}`}
                </b>
                <span className="quiet">　{act.reason}</span>
              </li>
            ))}
          </ol>
        </details>
        <BackToBase file={file} versions={versions} />
      </div>
    </section>
  )
}

function Version({ version }: { version: VersionView }) {
  const mayPublish = may(useMe(), 'rule.publish')
  const back = version.state === 'superseded' || version.state === 'rolled_back'
  return (
    <li>
      <div className="line rb-wrap">
        <b>{t('rulebook.version', { n: version.version })}</b>
        <StateTag state={version.state} />
        <span className="small quiet">
          {t('rulebook.v.authors', { who: version.authors.join('、') })} ·{' '}
          {t('rulebook.v.published', { who: version.publishedBy })} · <Time at={version.publishedAt} />
        </span>
      </div>
      <p>{version.why}</p>
      <p className="small quiet">
        {version.changed
          .map(rule =>
            version.rules[rule] ? `${rule}（${t('rulebook.version', { n: version.rules[rule] })}）` : rule,
          )
          .join('、')}
        {version.growth === null ? '' : ` · ${t('rulebook.v.growth', { n: percent(version.growth) })}`}
      </p>
      {version.acknowledged ? (
        <p className="small quiet">{t('rulebook.v.acknowledged', { reason: version.acknowledged })}</p>
      ) : null}
      <div className="line rb-wrap">
        <Link className="small" to="/rules/drafts" search={{ id: version.draft, view: 'diff' }}>
          {t('rulebook.v.see')}
        </Link>
      </div>
      {back && mayPublish ? <RollbackForm file={version.file} to={version.version} /> : null}
    </li>
  )
}

function BackToBase({ file, versions }: { file: string; versions: VersionView[] }) {
  const mayPublish = may(useMe(), 'rule.publish')
  const [open, setOpen] = useState(false)
  if (!mayPublish || !versions.some(version => version.state === 'in_force')) return null
  return open ? (
    <RollbackForm file={file} to={0} />
  ) : (
    <button type="button" className="btn small" onClick={() => setOpen(true)}>
      {t('rulebook.pub.rollback0')} …
    </button>
  )
}
