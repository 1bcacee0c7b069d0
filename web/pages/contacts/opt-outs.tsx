import { useMutation, useQuery } from '@tanstack/react-query'
import { Button, Input, Modal, Radio } from 'antd'
import { useState } from 'react'
import { post } from '../../api/client.ts'
import { consentChanged, optOutsQuery } from '../../api/consent.ts'
import { t } from '../../i18n/index.ts'
import { ErrorNote } from '../../ui/notes.tsx'
import { Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { PersonPicker } from '../archive/person-picker.tsx'
import { Awaited } from './awaited.tsx'
import { CustomerLink, sourceWords } from './words.tsx'

/** 拒收名单: who wants no marketing. Every sending tool asks it before it writes. */
export function OptOuts({ open }: { open(customer: string): void }) {
  const me = useMe()
  const query = useQuery(optOutsQuery)
  const [entering, setEntering] = useState(false)
  const items = query.data?.items ?? []
  return (
    <section className="sheet scroll-x">
      <div className="sheet-head consent-head">
        <h2>{t('consent.tab.optouts')}</h2>
        <span className="small quiet grow">{t('optout.what')}</span>
        {may(me, 'consent.record') ? (
          <Button onClick={() => setEntering(true)}>{t('optout.enter')}</Button>
        ) : null}
      </div>
      <Awaited query={query} none={t('optout.none')} why={t('optout.noneWhy')} />
      {items.length > 0 ? (
        <table className="table stacked">
          <thead>
            <tr>
              <th>{t('notice.party')}</th>
              <th>{t('optout.choice')}</th>
              <th>{t('consent.happened')}</th>
              <th>{t('consent.source')}</th>
              <th>{t('consent.by')}</th>
            </tr>
          </thead>
          <tbody>
            {items.map(item => (
              <tr key={item.customer.id}>
                <td>
                  <CustomerLink customer={item.customer} open={open} />
                </td>
                <td>{t(`optout.${item.choice}`)}</td>
                <td>
                  <Time at={item.at} />
                </td>
                <td>{sourceWords(item.source)}</td>
                <td className="quiet">{item.by}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
      {entering ? <Enter close={() => setEntering(false)} /> : null}
    </section>
  )
}

function Enter({ close }: { close(): void }) {
  const [externalUserid, setCustomer] = useState<string>()
  const [choice, setChoice] = useState<'out' | 'in'>('out')
  const [reference, setReference] = useState('')
  const [asked, setAsked] = useState(false)
  const sending = useMutation({
    mutationFn: () => post('/api/consent/opt-outs', { externalUserid, choice, reference: reference.trim() }),
    onSuccess: () => {
      consentChanged()
      toast(t('optout.done'))
      close()
    },
  })
  const lacks =
    externalUserid === undefined
      ? t('paper.noCustomer')
      : reference.trim().length < 2
        ? t('paper.noReference')
        : null
  const submit = () => {
    setAsked(true)
    if (lacks === null) sending.mutate()
  }
  return (
    <Modal
      open
      title={t('optout.enter')}
      onCancel={close}
      onOk={submit}
      okText={t('paper.save')}
      cancelText={t('paper.cancel')}
      confirmLoading={sending.isPending}
    >
      <div className="consent-form">
        <PersonPicker
          kinds={['customer']}
          value={externalUserid}
          placeholder={t('paper.customer')}
          choose={setCustomer}
        />
        <Radio.Group
          value={choice}
          onChange={event => setChoice(event.target.value as 'out' | 'in')}
          options={[
            { value: 'out', label: t('optout.out') },
            { value: 'in', label: t('optout.in') },
          ]}
        />
        <Input
          value={reference}
          maxLength={120}
          placeholder={t('optout.reference')}
          aria-label={t('optout.reference')}
          onChange={event => setReference(event.target.value)}
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
