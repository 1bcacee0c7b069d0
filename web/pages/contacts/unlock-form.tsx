import { useMutation } from '@tanstack/react-query'
import { Input, Modal, Radio } from 'antd'
import { useState } from 'react'
import { UNLOCK_PURPOSES } from '../../../src/archive/contract.ts'
import { post } from '../../api/client.ts'
import { consentChanged } from '../../api/consent.ts'
import { t } from '../../i18n/index.ts'
import { ErrorNote } from '../../ui/notes.tsx'
import { exactTime } from '../../ui/time-words.ts'
import { toast } from '../../ui/toast.tsx'

const DAY_MS = 86_400_000
const SHORTEST_REASON = 10

export function UnlockForm(props: { conv: string; at: number | undefined; close(): void }) {
  const middle = props.at ?? Date.now()
  const [from, to] = [middle - DAY_MS, middle + DAY_MS]
  const [purpose, setPurpose] = useState<(typeof UNLOCK_PURPOSES)[number]>('dispute')
  const [reference, setReference] = useState('')
  const [reason, setReason] = useState('')
  const [asked, setAsked] = useState(false)
  const sending = useMutation({
    mutationFn: () =>
      post('/api/restricted/unlocks', {
        convId: props.conv,
        from,
        to,
        purpose,
        reference: reference.trim(),
        reason: reason.trim(),
      }),
    onSuccess: () => {
      consentChanged()
      toast(t('unlock.asked'))
      props.close()
    },
  })
  const lacks =
    reference.trim().length < 2
      ? t('unlock.noReference')
      : reason.trim().length < SHORTEST_REASON
        ? t('unlock.noReason')
        : null
  const submit = () => {
    setAsked(true)
    if (lacks === null) sending.mutate()
  }
  return (
    <Modal
      open
      title={t('unlock.ask')}
      onCancel={props.close}
      onOk={submit}
      okText={t('unlock.send')}
      cancelText={t('paper.cancel')}
      confirmLoading={sending.isPending}
      maskClosable={false}
    >
      <div className="consent-form">
        <p className="small quiet">{t('unlock.askWhat', { from: exactTime(from), to: exactTime(to) })}</p>
        <Radio.Group
          value={purpose}
          onChange={event => setPurpose(event.target.value as (typeof UNLOCK_PURPOSES)[number])}
          options={UNLOCK_PURPOSES.map(value => ({ value, label: t(`unlock.purpose.${value}`) }))}
        />
        <Input
          value={reference}
          maxLength={120}
          placeholder={t('unlock.reference')}
          aria-label={t('unlock.reference')}
          onChange={event => setReference(event.target.value)}
        />
        <Input.TextArea
          value={reason}
          rows={3}
          maxLength={500}
          placeholder={t('unlock.reason')}
          aria-label={t('unlock.reason')}
          onChange={event => setReason(event.target.value)}
        />
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
