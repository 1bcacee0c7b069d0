import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { CONDITIONS, type IntegrityView } from '../../../src/app/contract.ts'
import { integrityQuery } from '../../api/queries.ts'
import { figure, maybe, t } from '../../i18n/index.ts'
import { differsWords, placeOf } from '../../ui/differs.ts'
import { ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Glyph } from '../../ui/severity.tsx'
import { Time } from '../../ui/time.tsx'
import { lengthWords } from '../../ui/time-words.ts'
import { Fact } from './system-cards.tsx'
import './integrity.css'

type Props = { view: IntegrityView }
const MB = 1_048_576
const TONE = { ok: 'good', warn: 'P1', alarm: 'P0' } as const

/** Is the archive what it was, since when is it known, and what lags. */
export function IntegrityCards() {
  const query = useQuery(integrityQuery)
  if (query.isPending) return <Skeleton rows={3} kind="card" />
  if (query.error)
    return <ErrorNote what={t('integrity.failed')} error={query.error} again={() => void query.refetch()} />
  const view = query.data
  return (
    <>
      {view.findings.total > 0 ? <Findings view={view} /> : null}
      <div className="cards halves">
        <PatrolCard view={view} />
        <ConditionsCard view={view} />
      </div>
      <Rounds view={view} />
    </>
  )
}

function Findings({ view }: Props) {
  return (
    <section className="sheet scroll-x integrity-cards">
      <div className="sheet-head">
        <h2>
          <Glyph of="P0" /> {t('integrity.findings', { n: figure(view.findings.total) })}
        </h2>
        <span className="small quiet">{t('condition.findings.how')}</span>
      </div>
      <table className="table">
        <thead>
          <tr>
            <th>{t('integrity.place')}</th>
            <th>{t('integrity.what')}</th>
            <th>{t('integrity.since')}</th>
          </tr>
        </thead>
        <tbody>
          {view.findings.items.map(item => (
            <tr key={`${item.log} ${item.index} ${item.what} ${item.ref} ${item.file}`}>
              <td className="place">
                {placeOf(item)}
                {item.ref ? <div className="mono small quiet">{item.ref}</div> : null}
              </td>
              <td>{differsWords(item.what)}</td>
              <td>
                <Time at={item.foundAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function PatrolCard({ view }: Props) {
  const { files } = view
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('integrity.title')}</h2>
        <span className="small quiet">
          {t('integrity.pace', { n: figure(view.pace.leaves), mb: view.pace.mediaMb })}
        </span>
      </div>
      <dl className="facts roomy wide-names">
        {view.logs.map(log => (
          <LogFacts key={log.log} log={log} />
        ))}
        <Fact name={t('integrity.files')}>
          {t('integrity.filesDone', { n: figure(files.done) })}
          {files.last ? (
            <div className="quiet">
              {t('integrity.filesLast', {
                n: figure(files.last.files),
                mb: (files.last.bytes / MB).toFixed(1),
              })}{' '}
              <Time at={files.last.endedAt} />
            </div>
          ) : null}
        </Fact>
      </dl>
    </section>
  )
}

function LogFacts({ log }: { log: IntegrityView['logs'][number] }) {
  const { round, last } = log
  return (
    <Fact name={t(`integrity.log.${log.log}`)}>
      <Glyph of={log.checked >= log.sealed ? 'good' : 'P2'} /> {t('integrity.newest')}{' '}
      {t('integrity.newestOf', { n: figure(log.checked), of: figure(log.sealed) })}{' '}
      {log.checkedAt === null ? null : (
        <span className="quiet">
          <Time at={log.checkedAt} />
        </span>
      )}
      <div className="quiet">
        {t('integrity.round')}{' '}
        {round && round.done > 0
          ? t('integrity.roundAt', { n: figure(round.done), of: figure(log.sealed) })
          : t('integrity.resting')}
      </div>
      {last ? (
        <div className="quiet">
          {t('integrity.last')} {t('integrity.lastWhat', { n: figure(last.leaves), found: last.found })}
        </div>
      ) : null}
    </Fact>
  )
}

function ConditionsCard({ view }: Props) {
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('integrity.conditions')}</h2>
        <span className="small quiet">{t('integrity.internal')}</span>
      </div>
      {view.conditions.length === 0 ? (
        <p className="small quiet roomy-text">{t('integrity.lookedNot')}</p>
      ) : null}
      <dl className="facts roomy wide-names">
        {view.conditions.map(condition => {
          const { warn, alarm, unit } = CONDITIONS[condition.name]
          return (
            <Fact key={condition.name} name={t(`condition.${condition.name}`)}>
              <span title={t('integrity.line', { warn: amount(warn, unit), alarm: amount(alarm, unit) })}>
                <Glyph of={TONE[condition.level]} />{' '}
                {condition.value === null ? t('integrity.noValue') : amount(condition.value, unit)}
              </span>
              {condition.level === 'ok' ? null : (
                <div className="small">{maybe(`condition.${condition.name}.how`)}</div>
              )}
            </Fact>
          )
        })}
      </dl>
    </section>
  )
}

function amount(value: number, unit: 's' | 'n' | '%'): string {
  if (unit === 's') return lengthWords(value * 1000)
  return unit === '%' ? `${value}%` : figure(Math.round(value))
}

function Rounds({ view }: Props) {
  return (
    <section className="sheet scroll-x integrity-cards">
      <div className="sheet-head">
        <h2>{t('integrity.rounds')}</h2>
      </div>
      {view.rounds.length === 0 ? (
        <p className="small quiet roomy-text">{t('integrity.noRounds')}</p>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th>{t('integrity.ended')}</th>
              <th>{t('integrity.title')}</th>
              <th className="n">{t('integrity.took')}</th>
              <th className="n">{t('integrity.leaves')}</th>
              <th className="n">{t('integrity.found')}</th>
            </tr>
          </thead>
          <tbody>
            {view.rounds.slice(0, 8).map(round => (
              <tr key={`${round.walk} ${round.endedAt}`}>
                <td>
                  <Time at={round.endedAt} />
                </td>
                <td>{maybe(`integrity.walk.${round.walk}`) ?? round.walk}</td>
                <td className="n">{lengthWords(round.endedAt - round.startedAt)}</td>
                <td className="n">{figure(round.walk === 'files' ? round.messages : round.leaves)}</td>
                <td className="n">{found(round.found)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

function found(n: number): ReactNode {
  return (
    <>
      <Glyph of={n > 0 ? 'P0' : 'good'} /> {figure(n)}
    </>
  )
}
