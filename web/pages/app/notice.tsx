import { useQuery } from '@tanstack/react-query'
import { Button, Segmented, Select } from 'antd'
import { useState } from 'react'
import {
  CONSENTS,
  type NoticeCoverage as Coverage,
  NOTICE_STATES,
  type NoticeList,
  type NoticeQuery,
  type NoticeTally,
  PROCESSING,
} from '../../../src/contacts/contract.ts'
import { coverageQuery, noticesQuery } from '../../api/queries.ts'
import { figure, maybe, t } from '../../i18n/index.ts'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Glyph } from '../../ui/severity.tsx'
import { Time } from '../../ui/time.tsx'
import { ChoiceWord, StateWord, sourceWords } from '../contacts/words.tsx'
import { ByStaff } from './notice-staff.tsx'
import './system.css'
import './notice.css'

const KINDS = ['contact', 'group'] as const
const KIND_WORD = { contact: 'notice.contacts', group: 'notice.groups' } as const
const TONE = { proved: 'good', sent: 'P2', pending: 'P2', missing: 'P1' } as const

/** Who was told that the talk is archived, and who agreed. */
export function NoticeCoverage({ open }: { open(customer: string): void }) {
  const query = useQuery(coverageQuery)
  const [ask, setAsk] = useState<NoticeQuery>({ kind: 'contact' })
  if (query.isPending) return <Skeleton rows={4} kind="card" />
  if (query.error)
    return <ErrorNote what={t('notice.failed')} error={query.error} again={() => void query.refetch()} />
  const view = query.data
  return (
    <>
      <div className="figures notice-figures">
        <Tally kind="contact" of={view.contacts} open={setAsk} />
        <Tally kind="group" of={view.groups} open={setAsk} />
        <Wording view={view} />
      </div>
      <p className="small quiet">
        {t('notice.what', { hours: view.proofHours })} {t('notice.groupHow')}
      </p>
      <ByStaff staff={view.staff} open={staff => setAsk({ kind: 'contact', staff })} />
      <Notices ask={ask} setAsk={setAsk} view={view} open={open} />
    </>
  )
}

function Tally(props: { kind: NoticeQuery['kind']; of: NoticeTally; open(ask: NoticeQuery): void }) {
  const { kind, of, open } = props
  const share = of.total === 0 ? '—' : `${Math.floor((of.notice.proved / of.total) * 1000) / 10}%`
  return (
    <section className="sheet figure">
      <div className="small quiet">
        {t(KIND_WORD[kind])} · {t('notice.of', { n: figure(of.total) })}
      </div>
      <div className="figure-value">
        {share} <span className="small quiet">{t('notice.covered')}</span>
      </div>
      <ul className="notice-counts">
        {NOTICE_STATES.map(notice => (
          <li key={notice}>
            <button type="button" onClick={() => open({ kind, notice })}>
              <span>
                <Glyph of={TONE[notice]} /> {t(`notice.${notice}`)}
              </span>
              <b>{figure(of.notice[notice])}</b>
            </button>
          </li>
        ))}
      </ul>
      <div className="small quiet notice-consent">{t('notice.consent')}</div>
      <ul className="notice-counts">
        {CONSENTS.map(consent => (
          <li key={consent}>
            <button type="button" onClick={() => open({ kind, consent })}>
              <span>{t(`noticeConsent.${consent}`)}</span>
              <b>{figure(of.consent[consent])}</b>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Wording({ view }: { view: Coverage }) {
  return (
    <section className="sheet figure">
      <div className="small quiet">
        {t('notice.words')}
        {view.version ? ` · ${t('notice.version', { version: view.version })}` : null}
      </div>
      <p className="notice-text">{view.text ?? t('notice.noWords')}</p>
    </section>
  )
}

type Asked = { ask: NoticeQuery; setAsk(ask: NoticeQuery): void; view: Coverage }

function Notices({ ask, setAsk, view, open }: Asked & { open(customer: string): void }) {
  const query = useQuery(noticesQuery(ask))
  return (
    <section className="sheet scroll-x">
      <Filters ask={ask} setAsk={setAsk} view={view} />
      {query.isPending ? <Skeleton rows={6} /> : null}
      {query.error ? (
        <ErrorNote what={t('notice.failed')} error={query.error} again={() => void query.refetch()} />
      ) : null}
      {query.data?.items.length === 0 ? <Empty title={t('notice.none')} /> : null}
      {query.data && query.data.items.length > 0 ? <Rows list={query.data} open={open} /> : null}
    </section>
  )
}

function Filters({ ask, setAsk, view }: Asked) {
  const { kind, notice, consent } = ask
  const asked = Object.entries(ask)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, String(value)])
  return (
    <div className="sheet-head notice-filters">
      <h2>{t('notice.list')}</h2>
      <Segmented
        value={kind}
        onChange={found => setAsk({ ...ask, kind: found })}
        options={KINDS.map(value => ({ value, label: t(KIND_WORD[value]) }))}
      />
      <Select
        allowClear
        value={notice}
        placeholder={t('notice.any')}
        aria-label={t('notice.any')}
        onChange={found => setAsk({ ...ask, notice: found })}
        options={NOTICE_STATES.map(value => ({ value, label: t(`notice.${value}`) }))}
      />
      <Select
        allowClear
        value={consent}
        placeholder={t('notice.anyConsent')}
        aria-label={t('notice.anyConsent')}
        onChange={found => setAsk({ ...ask, consent: found })}
        options={CONSENTS.map(value => ({ value, label: t(`noticeConsent.${value}`) }))}
      />
      <WhoFilters ask={ask} setAsk={setAsk} view={view} />
      <span className="grow" />
      <Button href={`/api/notice/export?${new URLSearchParams(asked)}`} download>
        {t('notice.export')}
      </Button>
    </div>
  )
}

function WhoFilters({ ask, setAsk, view }: Asked) {
  return (
    <>
      <Select
        allowClear
        value={ask.processing}
        placeholder={t('notice.anyProcessing')}
        aria-label={t('notice.anyProcessing')}
        onChange={processing => setAsk({ ...ask, processing })}
        options={PROCESSING.map(value => ({ value, label: t(`processing.${value}`) }))}
      />
      <Select
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        value={ask.department}
        placeholder={t('notice.anyDepartment')}
        aria-label={t('notice.anyDepartment')}
        onChange={department => setAsk({ ...ask, department })}
        options={view.departments.map(({ id, name }) => ({ value: id, label: name }))}
      />
      <Select
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        value={ask.staff}
        placeholder={t('notice.anyStaff')}
        aria-label={t('notice.anyStaff')}
        onChange={staff => setAsk({ ...ask, staff })}
        options={view.staff.map(({ party }) => ({ value: party.id, label: party.name }))}
      />
    </>
  )
}

function Rows({ list, open }: { list: NoticeList; open(customer: string): void }) {
  return (
    <>
      <table className="table notice-table">
        <thead>
          <tr>
            <th>{t('notice.party')}</th>
            <th>{t('notice.staff')}</th>
            <th>{t('notice.state')}</th>
            <th>{t('notice.when')}</th>
            <th>{t('notice.way')}</th>
            <th>{t('notice.consent')}</th>
            <th>{t('consent.processing')}</th>
            <th>{t('notice.why')}</th>
          </tr>
        </thead>
        <tbody>
          {list.items.map(item => (
            <tr key={`${item.staff.id}|${item.party.id}`}>
              <td title={item.party.id}>
                {item.party.kind === 'customer' ? (
                  <button type="button" className="link" onClick={() => open(item.party.id)}>
                    {item.party.name}
                  </button>
                ) : (
                  item.party.name
                )}
              </td>
              <td title={item.staff.id}>
                {item.staff.name} <span className="quiet">{item.staff.department}</span>
              </td>
              <td>
                <Glyph of={TONE[item.notice]} /> {t(`notice.${item.notice}`)}
              </td>
              <td className={item.noticeAt === null ? 'never' : ''}>
                {item.noticeAt === null ? '—' : <Time at={item.noticeAt} />}
              </td>
              <td className={item.way === null ? 'never' : ''}>
                {item.way === null ? '—' : t(`notice.way.${item.way}`)}
                {item.version ? (
                  <span className="quiet small mono" title={t('notice.version', { version: item.version })}>
                    {' '}
                    {item.version.slice(0, 6)}
                  </span>
                ) : null}
              </td>
              <td title={item.consentSource ? sourceWords(item.consentSource) : undefined}>
                <ChoiceWord state={item.consent} />
                {item.consentAt === null ? null : (
                  <span className="quiet small">
                    {' '}
                    <Time at={item.consentAt} />
                  </span>
                )}
              </td>
              <td>
                <StateWord state={item.processing} />
              </td>
              <td className="quiet">{remark(item)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="small quiet notice-foot">
        {t('notice.shown', { n: figure(list.total), shown: figure(list.items.length) })}
      </p>
    </>
  )
}

function remark(item: NoticeList['items'][number]): string {
  if (item.notice === 'proved') return item.msgid ?? ''
  const why = item.notice === 'missing' ? (item.reason ?? 'none') : item.reason
  const words = why === null ? '' : (maybe(`noticeWhy.${why}`) ?? maybe(`error.${why}`) ?? why)
  const code = item.errcode === null ? '' : ` ${item.errcode}`
  const left =
    item.customers > 1 && item.uncovered > 0 ? ` · ${t('notice.uncovered', { n: item.uncovered })}` : ''
  return `${words}${code}${left}`
}
