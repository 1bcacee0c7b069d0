import { useMutation } from '@tanstack/react-query'
import { Input, Modal, Radio, Select } from 'antd'
import dayjs from 'dayjs'
import { useState } from 'react'
import { type NewPaper, PAPER_CHANNELS } from '../../../src/contacts/contract.ts'
import { post } from '../../api/client.ts'
import { consentChanged } from '../../api/consent.ts'
import { t } from '../../i18n/index.ts'
import { ErrorNote } from '../../ui/notes.tsx'
import { toast } from '../../ui/toast.tsx'
import { PersonPicker } from '../archive/person-picker.tsx'

const CHOICES = ['agree', 'disagree', 'withdrawn'] as const
const MOST_BYTES = 512 * 1024
type Draft = {
  customer?: string | undefined
  staff?: string | undefined
  group?: string | undefined
  state: (typeof CHOICES)[number]
  at: string
  channel: (typeof PAPER_CHANNELS)[number]
  reference: string
  note: string
  file: NewPaper['file']
}

/** `datetime-local` speaks the reader's own time. To the second: a choice of this minute may follow another of it. */
function localNow(): string {
  return dayjs().format('YYYY-MM-DDTHH:mm:ss')
}

async function read(file: File): Promise<NewPaper['file']> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return { name: file.name.slice(-120), base64: btoa(text) }
}

function lackOf(draft: Draft): string | null {
  if (draft.customer === undefined) return t('paper.noCustomer')
  if (draft.reference.trim().length < 2) return t('paper.noReference')
  const at = new Date(draft.at).getTime()
  if (!Number.isFinite(at)) return t('paper.noTime')
  return at > Date.now() + 60_000 ? t('error.consent.future') : null
}

export function PaperForm({ close }: { close(): void }) {
  const [draft, setDraft] = useState<Draft>({
    state: 'agree',
    at: localNow(),
    channel: 'counter',
    reference: '',
    note: '',
    file: null,
  })
  const [asked, setAsked] = useState(false)
  const change = (part: Partial<Draft>) => setDraft(old => ({ ...old, ...part }))
  const sending = useMutation({
    mutationFn: () => {
      const { customer = '', staff, group, at, ...rest } = draft
      const body: NewPaper = {
        ...rest,
        reference: rest.reference.trim(),
        externalUserid: customer,
        userid: group === undefined ? (staff ?? null) : null,
        chatId: group ?? null,
        effectiveAt: new Date(at).getTime(),
      }
      return post<{ state: string }>('/api/consent/papers', body)
    },
    onSuccess: ({ state }) => {
      consentChanged()
      toast(t(state === 'waiting' ? 'paper.savedWaiting' : 'paper.saved'))
      close()
    },
  })
  const lacks = lackOf(draft)
  const submit = () => {
    setAsked(true)
    if (lacks === null) sending.mutate()
  }
  return (
    <Modal
      open
      title={t('paper.enter')}
      onCancel={close}
      onOk={submit}
      okText={t('paper.save')}
      cancelText={t('paper.cancel')}
      confirmLoading={sending.isPending}
      maskClosable={false}
    >
      <div className="consent-form">
        <Parties draft={draft} change={change} />
        <Radio.Group
          value={draft.state}
          onChange={event => change({ state: event.target.value as Draft['state'] })}
          options={CHOICES.map(value => ({ value, label: t(`noticeConsent.${value}`) }))}
        />
        <Evidence draft={draft} change={change} />
        <p className="small quiet">{t('paper.reversalWhat')}</p>
        {asked && lacks ? (
          <p className="small lacks" role="alert">
            {lacks}
          </p>
        ) : null}
        {sending.error ? <ErrorNote what={t('paper.failed')} error={sending.error} /> : null}
      </div>
    </Modal>
  )
}

type Part = { draft: Draft; change(part: Partial<Draft>): void }

function Parties({ draft, change }: Part) {
  return (
    <>
      <PersonPicker
        kinds={['customer']}
        value={draft.customer}
        placeholder={t('paper.customer')}
        choose={customer => change({ customer })}
      />
      <div className="consent-pair">
        <PersonPicker
          kinds={['staff']}
          value={draft.staff}
          placeholder={t('paper.towards')}
          choose={staff => change({ staff, group: undefined })}
        />
        <PersonPicker
          kinds={['group']}
          value={draft.group}
          placeholder={t('paper.inGroup')}
          choose={group => change({ group, staff: undefined })}
        />
      </div>
    </>
  )
}

function Evidence({ draft, change }: Part) {
  const [large, setLarge] = useState(false)
  return (
    <>
      <div className="consent-pair">
        <div className="field">
          <span className="small quiet">{t('paper.when')}</span>
          <Input
            type="datetime-local"
            step={1}
            aria-label={t('paper.when')}
            value={draft.at}
            onChange={event => change({ at: event.target.value })}
          />
        </div>
        <div className="field">
          <span className="small quiet">{t('paper.channel')}</span>
          <Select
            value={draft.channel}
            aria-label={t('paper.channel')}
            onChange={channel => change({ channel })}
            options={PAPER_CHANNELS.map(value => ({ value, label: t(`paperChannel.${value}`) }))}
          />
        </div>
      </div>
      <Input
        value={draft.reference}
        maxLength={120}
        placeholder={t('paper.reference')}
        aria-label={t('paper.reference')}
        onChange={event => change({ reference: event.target.value })}
      />
      <Input.TextArea
        value={draft.note}
        rows={2}
        maxLength={500}
        placeholder={t('paper.note')}
        aria-label={t('paper.note')}
        onChange={event => change({ note: event.target.value })}
      />
      <label className="field">
        <span className="small quiet">{t('paper.file')}</span>
        <input
          type="file"
          accept=".pdf,.png,.jpg,.jpeg"
          onChange={event => {
            const file = event.target.files?.[0]
            setLarge(file !== undefined && file.size > MOST_BYTES)
            if (!file || file.size > MOST_BYTES) change({ file: null })
            else void read(file).then(found => change({ file: found }))
          }}
        />
      </label>
      {large ? <p className="small lacks">{t('paper.fileLarge')}</p> : null}
    </>
  )
}
