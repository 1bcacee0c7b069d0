import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Button, DatePicker, Input, Select } from 'antd'
import dayjs from 'dayjs'
import { useState } from 'react'
import {
  COMPLAINT_CHANNELS,
  COMPLAINT_PRODUCTS,
  COMPLAINT_SOURCES,
  type ComplaintRow,
} from '../../../src/cases/complaints/contract.ts'
import { post } from '../../api/client.ts'
import { complaintsChanged } from '../../api/complaints.ts'
import { t } from '../../i18n/index.ts'
import { ErrorNote } from '../../ui/notes.tsx'
import { toast } from '../../ui/toast.tsx'
import { PersonPicker } from '../archive/person-picker.tsx'
import { type ComplaintsAddress, messageIn } from './address.ts'

const SHORTEST = 4

type Draft = {
  source: (typeof COMPLAINT_SOURCES)[number]
  kind: ComplaintRow['kind']
  product: (typeof COMPLAINT_PRODUCTS)[number]
  channel: (typeof COMPLAINT_CHANNELS)[number]
  staff: string | undefined
  name: string
  contact: string
  text: string
  receivedAt: number
}
type Set = (change: Partial<Draft>) => void

/** A complaint in the making, by hand or from what a customer wrote. The clock begins when it came, not now. */
export function RegisterForm({
  address,
  kinds,
}: {
  address: ComplaintsAddress
  kinds: ComplaintRow['kind'][]
}) {
  const message = messageIn(address.msg)
  const fromTalk = message !== null || address.alert !== undefined
  const [draft, setDraft] = useState<Draft>({
    ...{
      source: fromTalk ? 'wecom' : 'direct',
      kind: kinds[0] ?? 'other',
      product: 'wealth',
      channel: 'wecom',
    },
    ...{ staff: undefined, name: '', contact: '', text: '', receivedAt: message?.sentAt ?? Date.now() },
  })
  const set: Set = change => setDraft(before => ({ ...before, ...change }))
  const navigate = useNavigate()
  const sending = useMutation({
    mutationFn: () =>
      post<{ id: string }>('/api/complaints', {
        ...draft,
        ...{ staff: draft.staff ?? null, name: draft.name.trim(), contact: draft.contact.trim() },
        ...{ text: draft.text.trim(), message, alertId: address.alert ?? null },
      }),
    onSuccess: async ({ id }) => {
      toast(t('complaints.registered'))
      await complaintsChanged()
      await navigate({ to: '/complaints', search: { id } })
    },
  })
  const ready = draft.text.trim().length >= SHORTEST
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('complaints.new')}</h2>
      </div>
      <form
        className="policy-form complaint-form"
        onSubmit={event => {
          event.preventDefault()
          if (ready && !sending.isPending) sending.mutate()
        }}
      >
        {fromTalk ? <p className="small quiet wide">{t('complaints.form.fromMessage')}</p> : null}
        <Fields draft={draft} set={set} kinds={kinds} byHand={!fromTalk} />
        <Button
          className="wide"
          type="primary"
          htmlType="submit"
          disabled={!ready}
          loading={sending.isPending}
        >
          {t('complaints.new')}
        </Button>
        {sending.error ? <ErrorNote what={t('complaints.new')} error={sending.error} /> : null}
      </form>
    </section>
  )
}

type FieldsProps = { draft: Draft; set: Set; kinds: ComplaintRow['kind'][]; byHand: boolean }

function Fields({ draft, set, kinds, byHand }: FieldsProps) {
  return (
    <>
      <Choice
        of="source"
        values={COMPLAINT_SOURCES}
        value={draft.source}
        choose={source => set({ source })}
      />
      <Choice of="kind" values={kinds} value={draft.kind} choose={kind => set({ kind })} />
      <Choice
        of="product"
        values={COMPLAINT_PRODUCTS}
        value={draft.product}
        choose={product => set({ product })}
      />
      <Choice
        of="channel"
        values={COMPLAINT_CHANNELS}
        value={draft.channel}
        choose={channel => set({ channel })}
      />
      {byHand ? <ByHand draft={draft} set={set} /> : null}
      <Input.TextArea
        className="wide"
        autoSize={{ minRows: 3, maxRows: 10 }}
        maxLength={4000}
        value={draft.text}
        placeholder={t('complaints.form.text')}
        aria-label={t('complaints.form.text')}
        onChange={event => set({ text: event.target.value })}
      />
    </>
  )
}

/** What a message would tell by itself. */
function ByHand({ draft, set }: { draft: Draft; set: Set }) {
  return (
    <>
      <PersonPicker
        kinds={['staff']}
        value={draft.staff}
        placeholder={t('complaints.form.staff')}
        choose={staff => set({ staff })}
      />
      <DatePicker
        showTime={{ format: 'HH:mm' }}
        allowClear={false}
        value={dayjs(draft.receivedAt)}
        maxDate={dayjs()}
        aria-label={t('complaints.form.received')}
        onChange={value => set({ receivedAt: value?.valueOf() ?? Date.now() })}
      />
      {(['name', 'contact'] as const).map(field => (
        <Input
          key={field}
          value={draft[field]}
          maxLength={64}
          placeholder={t(`complaints.form.${field}`)}
          aria-label={t(`complaints.form.${field}`)}
          onChange={event => set({ [field]: event.target.value })}
        />
      ))}
    </>
  )
}

type Named = 'source' | 'kind' | 'product' | 'channel'
const NAMES = {
  source: COMPLAINT_SOURCES,
  product: COMPLAINT_PRODUCTS,
  channel: COMPLAINT_CHANNELS,
}
type ValueOf<N extends Named> = N extends keyof typeof NAMES
  ? (typeof NAMES)[N][number]
  : ComplaintRow['kind']

function Choice<N extends Named>(props: {
  of: N
  values: readonly ValueOf<N>[]
  value: ValueOf<N>
  choose: (value: ValueOf<N>) => void
}) {
  const { of, values, value, choose } = props
  const word = (one: ValueOf<N>): string => t(`complaints.${of}.${one}` as Parameters<typeof t>[0])
  return (
    <div className="complaint-field">
      <span className="small quiet">{t(`complaints.${of}`)}</span>
      <Select<ValueOf<N>>
        value={value}
        aria-label={t(`complaints.${of}`)}
        options={values.map(one => ({ value: one, label: word(one) }))}
        onChange={one => choose(one)}
      />
    </div>
  )
}
