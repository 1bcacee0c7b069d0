import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { ComplaintDetail } from '../../../src/cases/complaints/contract.ts'
import { post } from '../../api/client.ts'
import { complaintQuery } from '../../api/complaints.ts'
import { maybe, t } from '../../i18n/index.ts'
import { Deed } from '../../ui/deed.tsx'
import { ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { SeverityMark } from '../../ui/severity.tsx'
import { Time } from '../../ui/time.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { Acts } from './acts.tsx'
import { Before } from './before.tsx'
import { Clock } from './clock.tsx'

/** One complaint: its clock, what it is about, what may be done now, how it came here, the talk before it. */
export function Complaint({ id }: { id: string }) {
  const query = useQuery(complaintQuery(id))
  if (query.isPending) return <Skeleton rows={4} kind="card" />
  if (query.error)
    return <ErrorNote what={t('complaints.failed')} error={query.error} again={() => void query.refetch()} />
  const view = query.data
  const { complaint: row } = view
  return (
    <>
      <section className="sheet">
        <div className="sheet-head">
          <h2>{row.number}</h2>
          <span className="small quiet">
            {row.extended ? t('complaints.extended') : t(`complaints.grade.${row.grade}`)}
          </span>
          <span className="grow" />
          <span className={`state-tag ${row.state}`}>{t(`complaints.state.${row.state}`)}</span>
        </div>
        <div className="complaint-head">
          <Clock row={row} />
        </div>
        <Facts view={view} />
        <Acts view={view} />
      </section>
      <Before id={id} />
      <Steps view={view} />
    </>
  )
}

function Facts({ view }: { view: ComplaintDetail }) {
  const { complaint: row } = view
  return (
    <dl className="penalty-facts">
      <Fact name={t('complaints.text')}>
        <p>{row.text}</p>
        <span className="small quiet">
          {t(`complaints.source.${row.source}`)} · {t('complaints.received')} <Time at={row.receivedAt} />
        </span>
      </Fact>
      <Fact name={t('complaints.kind')}>
        {t(`complaints.kind.${row.kind}`)} · {t(`complaints.product.${row.product}`)} ·{' '}
        {t(`complaints.channel.${row.channel}`)}
      </Fact>
      <Fact name={t('complaints.customer')}>
        <Complainant view={view} />
      </Fact>
      <Fact name={t('complaints.staff')}>
        {row.staff ? (
          <>
            {row.staff.name} <span className="small quiet">{row.staff.department ?? ''}</span>
          </>
        ) : (
          <span className="quiet">{t('complaints.noStaff')}</span>
        )}
      </Fact>
      <Fact name={t('complaints.handler')}>{row.handler ?? t('complaints.handler.none')}</Fact>
      {view.extension ? <Extension of={view.extension} /> : null}
      {view.answer && row.outcome ? (
        <Fact name={t('complaints.outcome')}>
          <span className="line">
            <b>{t(`complaints.outcome.${row.outcome}`)}</b>
            {view.severity ? <SeverityMark of={view.severity} word /> : null}
          </span>
          <p>{view.answer}</p>
        </Fact>
      ) : null}
    </dl>
  )
}

function Extension({ of }: { of: NonNullable<ComplaintDetail['extension']> }) {
  return (
    <Fact name={t('complaints.act.extend')}>
      <p>{t('complaints.extension.waits', { who: of.by, reason: of.reason })}</p>
      {of.verdict ? (
        <span className="small quiet">
          {t(`complaints.act.extension_${of.verdict}`)} · {of.decidedBy}：{of.decision}
        </span>
      ) : of.own ? (
        <span className="small quiet">{t('complaints.extension.own')}</span>
      ) : null}
    </Fact>
  )
}

/** Masked; in clear for a reason. */
function Complainant({ view }: { view: ComplaintDetail }) {
  const me = useMe()
  const [clear, setClear] = useState<{ name: string; contact: string }>()
  const { complaint: row } = view
  return (
    <span className="complaint-who">
      <span>
        {clear?.name || row.complainant} <span className="small quiet">{clear?.contact ?? view.contact}</span>
      </span>
      {clear === undefined && view.contact !== '' && may(me, 'contact.reveal') ? (
        <Deed
          label={t('complaints.reveal')}
          sure={t('complaints.reveal.sure')}
          done={t('complaints.revealed')}
          reason={t('complaints.reveal.reason')}
          act={async reason => setClear(await post(`/api/complaints/${row.id}/reveal`, { reason }))}
          settled={async () => undefined}
        />
      ) : null}
    </span>
  )
}

function Steps({ view }: { view: ComplaintDetail }) {
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('complaints.steps')}</h2>
      </div>
      <ol className="points-lines complaint-steps">
        {view.steps.toReversed().map(step => (
          <li key={`${step.at} ${step.act}`}>
            <span className="line">
              <b>{maybe(`complaints.act.${step.act}`) ?? step.act}</b>
              <span className="grow" />
              <span className="small quiet">
                {step.by} <Time at={step.at} />
              </span>
            </span>
            {step.note === '' ? null : <span>{step.note}</span>}
          </li>
        ))}
      </ol>
    </section>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="quiet small">{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
