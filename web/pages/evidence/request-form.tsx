import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, DatePicker, Input, InputNumber, Radio, Select } from 'antd'
import dayjs from 'dayjs'
import { type FormEvent, type ReactNode, useState } from 'react'
import { EVIDENCE_LIMITS, type EvidenceRequest, NAMES, PURPOSES } from '../../../src/evidence/contract.ts'
import { post } from '../../api/client.ts'
import { type Estimate, EVIDENCE_KEY, estimateQuery } from '../../api/evidence.ts'
import { figure, t } from '../../i18n/index.ts'
import { Empty, ErrorNote, errorWords } from '../../ui/notes.tsx'
import { dayOf } from '../../ui/time-words.ts'
import { toast } from '../../ui/toast.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { type EvidenceAddress, stretchesOf } from './address.ts'
import { sizeWords } from './words.ts'

type Props = { address: EvidenceAddress; go: (to: EvidenceAddress) => void }
type Draft = Omit<EvidenceRequest, 'stretches'>

const EMPTY: Draft = { caseNumber: '', purpose: 'regulator', reason: '', names: 'masked', keepDays: 7 }
/** A month unless the reader came with days of his own. */
const DAYS_BACK = 30
const DAY_MS = 86_400_000

/** A request in the making: the scope is counted while it is chosen. */
export function RequestForm({ address, go }: Props) {
  if (address.convs === undefined)
    return (
      <Empty title={t('evidence.noScope')}>
        {t('evidence.noScopeHow')} <Link to="/search">{t('evidence.goSearch')}</Link>
      </Empty>
    )
  return <Form address={address} go={go} />
}

function Form({ address, go }: Props) {
  const [draft, setDraft] = useState({ ...EMPTY, caseNumber: address.case ?? '' })
  const set = (change: Partial<Draft>) => setDraft(before => ({ ...before, ...change }))
  const to = address.to ?? dayOf(Date.now())
  const from = address.from ?? dayOf(Date.now() - DAYS_BACK * DAY_MS)
  const stretches = stretchesOf(address.convs, from, to)
  const counted = useQuery(estimateQuery({ stretches }))
  const client = useQueryClient()
  const sending = useMutation({
    mutationFn: () => post<{ id: string; number: string }>('/api/evidence', { ...draft, stretches }),
    onSuccess: async made => {
      toast(t('evidence.submitted', { number: made.number }))
      await client.invalidateQueries({ queryKey: EVIDENCE_KEY })
      go({ id: made.id })
    },
  })
  const fits = counted.data && counted.data.messages > 0 && counted.data.messages <= counted.data.most
  const ready = fits && draft.caseNumber.trim() !== '' && draft.reason.trim().length >= 4
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (ready) sending.mutate()
  }
  return (
    <form className="sheet evidence-form" onSubmit={submit}>
      <div className="sheet-head">
        <h2>{t('evidence.new')}</h2>
      </div>
      <div className="evidence-fields">
        <Field label={t('evidence.scope')} hint={t('evidence.wholeTalk')}>
          <Scope stretches={stretches} estimate={counted.data} />
        </Field>
        <Field label={t('evidence.range')}>
          <DatePicker.RangePicker
            allowClear={false}
            value={[dayjs(from), dayjs(to)]}
            aria-label={t('evidence.range')}
            onChange={days => {
              const [first, last] = days ?? []
              if (first && last)
                go({ ...address, from: first.format('YYYY-MM-DD'), to: last.format('YYYY-MM-DD') })
            }}
          />
          <Counted query={counted} />
        </Field>
        <Fields draft={draft} set={set} />
      </div>
      {sending.error ? <ErrorNote what={t('evidence.notSent')} error={sending.error} /> : null}
      <div className="evidence-foot">
        <span className="small quiet grow">{t('evidence.submitWhy')}</span>
        <Button onClick={() => go({})}>{t('evidence.cancel')}</Button>
        <Button type="primary" htmlType="submit" disabled={!ready} loading={sending.isPending}>
          {t('evidence.submit')}
        </Button>
      </div>
    </form>
  )
}

function Field({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    <div className="evidence-field">
      <span className="quiet">{label}</span>
      <div>
        {children}
        {hint ? <p className="small quiet">{hint}</p> : null}
      </div>
    </div>
  )
}

function Scope({ stretches, estimate }: { stretches: { convId: string }[]; estimate: Estimate | undefined }) {
  return (
    <ul className="evidence-scope">
      {stretches.map(({ convId }) => (
        <li key={convId}>
          <Link to="/conversations/$convId" params={{ convId }}>
            {estimate?.titles[convId] ?? `…${convId.slice(-6)}`}
          </Link>
        </li>
      ))}
    </ul>
  )
}

function Counted({ query }: { query: { data?: Estimate; isPending: boolean; error: Error | null } }) {
  const { data, isPending, error } = query
  if (error)
    return (
      <p className="evidence-counted bad" role="alert">
        {t('evidence.cannotCount')}：{errorWords(error)}
      </p>
    )
  if (isPending || !data) return <p className="evidence-counted quiet">{t('evidence.counting')} …</p>
  if (data.messages === 0) return <p className="evidence-counted bad">{t('evidence.countNone')}</p>
  const words = t('evidence.count', {
    n: figure(data.messages),
    files: figure(data.files),
    size: sizeWords(data.bytes),
  })
  return (
    <p className="evidence-counted" role="status">
      <b>{words}</b>
      {data.messages > data.most ? (
        <span className="bad">{t('evidence.tooMany', { most: figure(data.most) })}</span>
      ) : null}
    </p>
  )
}

function Fields({ draft, set }: { draft: Draft; set: (change: Partial<Draft>) => void }) {
  const mayReveal = may(useMe(), 'contact.reveal')
  return (
    <>
      <Field label={t('evidence.case')}>
        <Input
          value={draft.caseNumber}
          maxLength={100}
          placeholder={t('evidence.caseHow')}
          aria-label={t('evidence.case')}
          onChange={event => set({ caseNumber: event.target.value })}
        />
      </Field>
      <Field label={t('evidence.purpose')}>
        <Select
          className="evidence-purpose"
          value={draft.purpose}
          aria-label={t('evidence.purpose')}
          onChange={purpose => set({ purpose })}
          options={PURPOSES.map(value => ({ value, label: t(`evidence.purpose.${value}`) }))}
        />
      </Field>
      <Field label={t('evidence.reason')}>
        <Input.TextArea
          value={draft.reason}
          maxLength={1000}
          autoSize={{ minRows: 2, maxRows: 6 }}
          placeholder={t('evidence.reasonHow')}
          aria-label={t('evidence.reason')}
          onChange={event => set({ reason: event.target.value })}
        />
      </Field>
      <Field label={t('evidence.names')} hint={t('evidence.namesWhy')}>
        <Radio.Group
          value={draft.names}
          onChange={event => set({ names: event.target.value })}
          options={NAMES.map(value => ({
            value,
            label: t(`evidence.names.${value}`),
            disabled: value === 'clear' && !mayReveal,
          }))}
        />
      </Field>
      <Field label={t('evidence.keep')} hint={t('evidence.keepHow')}>
        <InputNumber
          min={1}
          max={EVIDENCE_LIMITS.keepDays}
          precision={0}
          value={draft.keepDays}
          aria-label={t('evidence.keep')}
          onChange={keepDays => set({ keepDays: keepDays ?? 7 })}
        />
      </Field>
    </>
  )
}
