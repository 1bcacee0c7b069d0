import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import type { EvidenceView } from '../../../src/evidence/contract.ts'
import { post } from '../../api/client.ts'
import { EVIDENCE_KEY } from '../../api/evidence.ts'
import { t } from '../../i18n/index.ts'
import { ErrorNote } from '../../ui/notes.tsx'
import { toast } from '../../ui/toast.tsx'
import { useMe } from '../app/me.ts'
import { failureWords } from './words.ts'

type Act = { path: string; body: object; done: string }

/** What this person may do with the package now: decide, take back, make again, download. */
export function Acts({ view }: { view: EvidenceView }) {
  const client = useQueryClient()
  const refresh = () => client.invalidateQueries({ queryKey: EVIDENCE_KEY })
  const acting = useMutation({
    mutationFn: ({ path, body }: Act) => post(`/api/evidence/${view.id}/${path}`, body),
    onSuccess: (_, act) => toast(act.done),
    onSettled: refresh,
  })
  const { can } = view
  const failed = view.state === 'failed' && view.failure !== null
  if (!can.approve && !can.withdraw && !can.retry && !can.download && !failed && view.state !== 'ready')
    return null
  return (
    <section className="sheet evidence-acts">
      <div className="sheet-head">
        <h2>{t(view.state === 'waiting' ? 'evidence.approval' : 'evidence.flow.hand')}</h2>
      </div>
      <div className="evidence-act">
        {can.approve ? <Decide view={view} busy={acting.isPending} act={act => acting.mutate(act)} /> : null}
        {can.withdraw ? <Withdraw busy={acting.isPending} act={act => acting.mutate(act)} /> : null}
        {failed ? <p>{failureWords(view.failure ?? '')}</p> : null}
        {can.retry ? (
          <>
            <Button
              type="primary"
              loading={acting.isPending}
              onClick={() => acting.mutate({ path: 'retry', body: {}, done: t('evidence.say.approved') })}
            >
              {t('evidence.retry')}
            </Button>
            <span className="small quiet">{t('evidence.retryWhy')}</span>
          </>
        ) : null}
        {can.download ? <Download view={view} taken={() => setTimeout(refresh, 1_000)} /> : null}
        {view.state === 'ready' && !can.download ? (
          <span className="small quiet">{t('evidence.notYours')}</span>
        ) : null}
        {acting.error ? <ErrorNote what={t('evidence.decideFailed')} error={acting.error} /> : null}
      </div>
    </section>
  )
}

/** A plain link: the browser streams it to disk, whatever its size. */
function Download({ view, taken }: { view: EvidenceView; taken: () => void }) {
  return (
    <>
      <a
        className="evidence-download"
        href={`/api/evidence/${view.id}/file`}
        download={`${view.number}.zip`}
        onClick={taken}
      >
        {t('evidence.download')}
      </a>
      <span className="small quiet">{t('evidence.downloadWhy')}</span>
    </>
  )
}

function Decide({ view, busy, act }: { view: EvidenceView; busy: boolean; act: (act: Act) => void }) {
  const [reason, setReason] = useState('')
  const ready = reason.trim().length >= 2
  const decide = (verdict: 'approve' | 'refuse') =>
    act({
      path: 'decision',
      body: { verdict, reason },
      done: t(verdict === 'approve' ? 'evidence.approved' : 'evidence.refused'),
    })
  return (
    <>
      <p className="small quiet">
        {view.requestedBy.name}：{view.reason}
      </p>
      <Input.TextArea
        value={reason}
        maxLength={500}
        autoSize={{ minRows: 2, maxRows: 5 }}
        aria-label={t('evidence.decideReason')}
        placeholder={t('evidence.decideHow')}
        onChange={event => setReason(event.target.value)}
      />
      <div className="line evidence-buttons">
        <Button disabled={!ready || busy} onClick={() => decide('refuse')}>
          {t('evidence.refuse')}
        </Button>
        <Button type="primary" disabled={!ready} loading={busy} onClick={() => decide('approve')}>
          {t('evidence.approve')}
        </Button>
      </div>
    </>
  )
}

function Withdraw({ busy, act }: { busy: boolean; act: (act: Act) => void }) {
  const [sure, setSure] = useState(false)
  const me = useMe()
  return (
    <>
      <p className="small quiet">
        {me.name}：{t('evidence.ownWait')}
      </p>
      {sure ? (
        <div className="line evidence-buttons">
          <span className="small grow">{t('evidence.withdrawSure')}</span>
          <Button onClick={() => setSure(false)}>{t('evidence.cancel')}</Button>
          <Button
            danger
            loading={busy}
            onClick={() => act({ path: 'withdraw', body: {}, done: t('evidence.withdrew') })}
          >
            {t('evidence.withdrawYes')}
          </Button>
        </div>
      ) : (
        <Button onClick={() => setSure(true)}>{t('evidence.withdraw')}</Button>
      )}
    </>
  )
}
