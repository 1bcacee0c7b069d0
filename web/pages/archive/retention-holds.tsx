import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Input, Segmented, Select } from 'antd'
import { useState } from 'react'
import { CAUSES, type HoldView } from '../../../src/archive/contract.ts'
import { post } from '../../api/client.ts'
import { holdsQuery } from '../../api/retention.ts'
import { t } from '../../i18n/index.ts'
import { useKeys } from '../../ui/keys.tsx'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Glyph } from '../../ui/severity.tsx'
import { Time } from '../../ui/time.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { PersonPicker } from './person-picker.tsx'
import { Confirm, Fold, saysWhy } from './retention-confirm.tsx'

const KINDS = ['person', 'customer', 'conversation', 'search'] as const
type Kind = (typeof KINDS)[number]

/** What must not be destroyed, by whom and why; newest first. */
export function Holds({ conv }: { conv: string | undefined }) {
  const me = useMe()
  const query = useQuery(holdsQuery)
  return (
    <>
      {may(me, 'hold.place') ? <Place conv={conv} /> : null}
      {query.isPending ? <Skeleton rows={4} kind="card" /> : null}
      {query.error ? (
        <ErrorNote what={t('retention.failed')} error={query.error} again={() => void query.refetch()} />
      ) : null}
      {query.data ? (
        <section className="sheet">
          {query.data.items.length === 0 ? (
            <Empty title={t('hold.none')}>{t('hold.noneHow')}</Empty>
          ) : (
            query.data.items.map(hold => <Hold key={hold.id} hold={hold} />)
          )}
        </section>
      ) : null}
    </>
  )
}

function Hold({ hold }: { hold: HoldView }) {
  const me = useMe()
  const open = hold.releasedAt === null
  return (
    <article className="keep-item">
      <div className="keep-head">
        <Glyph of={open ? 'P1' : 'off'} />
        <b>{t(`hold.cause.${hold.cause}`)}</b>
        <span className="tag">{t(`hold.kind.${hold.scope.kind}`)}</span>
        <Named scope={hold.scope} name={hold.name} />
        <span className="grow" />
        <span className="small quiet">{t(open ? 'hold.open' : 'hold.released')}</span>
      </div>
      <p>
        <span className="quiet">{hold.caseNo}</span> {hold.reason}
      </p>
      <div className="keep-facts small quiet">
        <span>
          {t('hold.placedBy', { who: hold.placedBy })} <Time at={hold.placedAt} />
        </span>
        {hold.releasedAt === null ? null : (
          <span>
            {t('hold.releasedBy', { who: hold.releasedBy ?? '', why: hold.releaseReason ?? '' })}{' '}
            <Time at={hold.releasedAt} />
          </span>
        )}
      </div>
      {open && may(me, 'hold.release') ? (
        <div className="keep-acts">
          {hold.placedBy === me.username ? (
            <span className="small quiet">{t('hold.own')}</span>
          ) : (
            <Confirm
              withReason
              label={t('hold.release')}
              sure={t('hold.releaseSure')}
              done={t('hold.releaseDone')}
              act={reason => post(`/api/holds/${hold.id}/release`, { reason })}
            />
          )}
        </div>
      ) : null}
    </article>
  )
}

/** A conversation is opened from here by whoever may read it. */
export function Named({ scope, name }: { scope: { kind: string; id?: string }; name: string }) {
  const me = useMe()
  if (scope.kind !== 'conversation' || !scope.id || !may(me, 'message.read')) return <span>{name}</span>
  return (
    <Link to="/conversations/$convId" params={{ convId: scope.id }}>
      {name}
    </Link>
  )
}

function Place({ conv }: { conv: string | undefined }) {
  const [open, setOpen] = useState(conv !== undefined)
  const [kind, setKind] = useState<Kind>('conversation')
  const [target, setTarget] = useState(conv ?? '')
  const [cause, setCause] = useState<(typeof CAUSES)[number]>('litigation')
  const [caseNo, setCaseNo] = useState('')
  const [reason, setReason] = useState('')
  useKeys({ n: () => setOpen(true) })
  const ready = target.trim() !== '' && caseNo.trim() !== '' && saysWhy(reason)
  const scope = kind === 'search' ? { kind, q: target.trim() } : { kind, id: target.trim() }
  return (
    <Fold title={t('hold.new')} open={open} toggle={() => setOpen(!open)} what={t('hold.what')}>
      <div className="keep-form">
        <Segmented
          value={kind}
          options={KINDS.map(value => ({ value, label: t(`hold.kind.${value}`) }))}
          onChange={value => {
            setKind(value)
            setTarget(value === 'conversation' ? (conv ?? '') : '')
          }}
        />
        <Target kind={kind} value={target} set={setTarget} />
        <Select
          value={cause}
          aria-label={t('hold.cause')}
          options={CAUSES.map(value => ({ value, label: t(`hold.cause.${value}`) }))}
          onChange={setCause}
        />
        <Input
          value={caseNo}
          maxLength={100}
          placeholder={t('hold.caseNo')}
          aria-label={t('hold.caseNo')}
          onChange={event => setCaseNo(event.target.value)}
        />
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
          label={t('hold.new')}
          sure={t('hold.sure')}
          done={t('hold.placed')}
          disabled={!ready}
          act={() => post('/api/holds', { scope, cause, caseNo: caseNo.trim(), reason: reason.trim() })}
          after={() => {
            setTarget('')
            setCaseNo('')
            setReason('')
            setOpen(false)
          }}
        />
      </div>
    </Fold>
  )
}

/** People are chosen by name where the role may look them up, and named by id otherwise. */
export function Target({ kind, value, set }: { kind: Kind; value: string; set: (to: string) => void }) {
  const me = useMe()
  const words = t(`hold.target.${kind}`)
  if ((kind === 'person' || kind === 'customer') && may(me, 'message.search'))
    return (
      <PersonPicker
        kinds={kind === 'person' ? ['staff'] : ['customer', 'group']}
        value={value === '' ? undefined : value}
        placeholder={words}
        choose={id => set(id ?? '')}
      />
    )
  return (
    <Input
      value={value}
      maxLength={200}
      placeholder={words}
      aria-label={words}
      onChange={event => set(event.target.value)}
    />
  )
}
