import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, Input, Progress, Segmented } from 'antd'
import { useState } from 'react'
import { type DryRun, type PurgeView, REFUSALS, type Refusals } from '../../../src/archive/contract.ts'
import { post } from '../../api/client.ts'
import { purgesQuery, retentionQuery } from '../../api/retention.ts'
import { figure, t } from '../../i18n/index.ts'
import { useKeys } from '../../ui/keys.tsx'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Glyph } from '../../ui/severity.tsx'
import { Time } from '../../ui/time.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { Confirm, Fold, saysWhy } from './retention-confirm.tsx'
import { Named, Target } from './retention-holds.tsx'

const KINDS = ['due', 'conversation', 'customer'] as const
type Kind = (typeof KINDS)[number]
const TONE = {
  requested: 'P2',
  running: 'P1',
  refused: 'P0',
  rejected: 'off',
  withdrawn: 'off',
  done: 'good',
} as const

/** Requests for destruction: dry run, second person, progress, certificate. */
export function Purges({ conv }: { conv: string | undefined }) {
  const me = useMe()
  const query = useQuery({
    ...purgesQuery,
    // While something is carried out its progress is on the page.
    refetchInterval: found =>
      found.state.data?.items.some(item => item.state === 'running') ? 1_000 : false,
  })
  const ready = useQuery(retentionQuery).data?.purgeReady ?? true
  return (
    <>
      {ready ? null : <p className="lead-words">{t('purge.unready')}</p>}
      {may(me, 'retention.propose') ? <Ask conv={conv} /> : null}
      {query.isPending ? <Skeleton rows={4} kind="card" /> : null}
      {query.error ? (
        <ErrorNote what={t('retention.failed')} error={query.error} again={() => void query.refetch()} />
      ) : null}
      {query.data ? (
        <section className="sheet">
          {query.data.items.length === 0 ? (
            <Empty title={t('purge.none')}>{t('purge.noneHow')}</Empty>
          ) : (
            query.data.items.map(purge => <Purge key={purge.id} purge={purge} />)
          )}
        </section>
      ) : null}
    </>
  )
}

/** What stays, and why: each reason with its number. */
export function Stays({ refused }: { refused: Refusals }) {
  const found = REFUSALS.filter(reason => (refused[reason] ?? 0) > 0)
  if (found.length === 0) return null
  return (
    <div className="keep-facts small">
      <span className="quiet">{t('purge.refused')}</span>
      {found.map(reason => (
        <span key={reason}>
          <Glyph of="P2" /> {t(`purge.reason.${reason}`, { n: figure(refused[reason] ?? 0) })}
        </span>
      ))}
    </div>
  )
}

function Counts({ counts }: { counts: DryRun }) {
  return (
    <>
      <p>
        {counts.messages === 0
          ? t('purge.nothing')
          : t('purge.would', { n: figure(counts.messages), c: figure(counts.conversations) })}
        {counts.more ? ` ${t('purge.more')}` : ''}
      </p>
      <Stays refused={counts.refused} />
    </>
  )
}

function Purge({ purge }: { purge: PurgeView }) {
  const { progress } = purge
  return (
    <article className="keep-item">
      <div className="keep-head">
        <Glyph of={TONE[purge.state]} />
        <b>{purge.number}</b>
        <span className="tag">{t(`purge.kind.${purge.scope.kind}`)}</span>
        <Named scope={purge.scope} name={purge.name} />
        <span className="grow" />
        <span className="small">{t(`purge.state.${purge.state}`)}</span>
      </div>
      <p>{purge.reason}</p>
      {purge.state === 'done' || purge.state === 'running' ? (
        <>
          {purge.state === 'running' ? (
            <Progress percent={Math.round((100 * progress.done) / Math.max(1, progress.of))} size="small" />
          ) : null}
          <p>
            {t('purge.destroyed', { n: figure(progress.messages) })} ·{' '}
            {t('purge.progress', { done: progress.done, of: progress.of })}
          </p>
          <Stays refused={progress.refused} />
        </>
      ) : (
        <Counts counts={purge.counts} />
      )}
      <div className="keep-facts small quiet">
        <span>
          {t('purge.askedBy', { who: purge.requestedBy })} <Time at={purge.requestedAt} />
        </span>
        {purge.decidedBy && purge.decidedAt ? (
          <span>
            {t('purge.decidedBy', { who: purge.decidedBy })} <Time at={purge.decidedAt} />{' '}
            {purge.decidedReason}
          </span>
        ) : null}
        {purge.certificate ? (
          <Link to="/retention" search={{ tab: 'purges', certificate: purge.id }}>
            {t('certificate.show')}
          </Link>
        ) : null}
      </div>
      {purge.state === 'requested' ? <Decide purge={purge} /> : null}
    </article>
  )
}

function Decide({ purge }: { purge: PurgeView }) {
  const me = useMe()
  const own = purge.requestedBy === me.username
  const decide = (verdict: 'approved' | 'rejected') => (reason: string) =>
    post(`/api/purges/${purge.id}/decision`, { verdict, reason })
  return (
    <div className="keep-acts">
      {own && may(me, 'retention.propose') ? (
        <>
          <span className="small quiet">{t('purge.ownRequest')}</span>
          <Confirm
            withReason
            label={t('purge.withdraw')}
            sure={t('purge.withdrawSure')}
            done={t('purge.withdrawn')}
            act={reason => post(`/api/purges/${purge.id}/withdrawal`, { reason })}
          />
        </>
      ) : null}
      {!own && may(me, 'retention.approve') ? (
        <>
          <Confirm
            withReason
            danger
            label={t('purge.approve')}
            sure={t('purge.approveSure')}
            done={t('purge.approved')}
            act={decide('approved')}
          />
          <Confirm
            withReason
            label={t('purge.reject')}
            sure={t('purge.rejectSure')}
            done={t('purge.rejected')}
            act={decide('rejected')}
          />
        </>
      ) : null}
    </div>
  )
}

function Ask({ conv }: { conv: string | undefined }) {
  const [open, setOpen] = useState(conv !== undefined)
  const [kind, setKind] = useState<Kind>(conv === undefined ? 'due' : 'conversation')
  const [target, setTarget] = useState(conv ?? '')
  const [reason, setReason] = useState('')
  useKeys({ n: () => setOpen(true) })
  const scope = kind === 'due' ? { kind } : { kind, id: target.trim() }
  const named = kind === 'due' || target.trim() !== ''
  const trial = useMutation({ mutationFn: () => post<DryRun>('/api/purges/preview', { scope }) })
  const change = (next: Kind, to: string) => {
    setKind(next)
    setTarget(to)
    trial.reset()
  }
  return (
    <Fold
      title={t('purge.new')}
      open={open}
      toggle={() => setOpen(!open)}
      what={`${t('purge.noneHow')}${t('purge.previewWhat')}`}
    >
      <div className="keep-form">
        <Segmented
          value={kind}
          options={KINDS.map(value => ({ value, label: t(`purge.kind.${value}`) }))}
          onChange={value => change(value, value === 'conversation' ? (conv ?? '') : '')}
        />
        {kind === 'due' ? null : <Target kind={kind} value={target} set={to => change(kind, to)} />}
        <Button disabled={!named} loading={trial.isPending} onClick={() => trial.mutate()}>
          {t('purge.preview')}
        </Button>
        {trial.error ? <ErrorNote what={t('purge.preview')} error={trial.error} /> : null}
        {trial.data ? (
          <div className="keep-trial" role="status">
            <Counts counts={trial.data} />
          </div>
        ) : null}
        <Input.TextArea
          rows={2}
          maxLength={1000}
          value={reason}
          placeholder={t('retention.reason')}
          aria-label={t('retention.note')}
          onChange={event => setReason(event.target.value)}
        />
        <Confirm
          primary
          label={t('purge.ask')}
          sure={t('purge.askSure')}
          done={t(trial.data?.messages === 0 ? 'purge.askedRefused' : 'purge.asked')}
          disabled={!named || !trial.data || !saysWhy(reason)}
          act={() => post('/api/purges', { scope, reason: reason.trim() })}
          after={() => {
            setReason('')
            trial.reset()
            setOpen(false)
          }}
        />
      </div>
    </Fold>
  )
}
