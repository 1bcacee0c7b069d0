import { useMutation, useQuery } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { put } from '../../api/client.ts'
import { deliveryChanged, ownAddressQuery } from '../../api/delivery.ts'
import { t } from '../../i18n/index.ts'
import { ErrorNote } from '../../ui/notes.tsx'
import { toast } from '../../ui/toast.tsx'
import './delivery.css'

/** Where I am told of alerts: my WeCom account, and the e-mail address I may set myself. */
export function OwnAddress() {
  const query = useQuery(ownAddressQuery)
  const [typed, setTyped] = useState<string>()
  const saving = useMutation({
    mutationFn: (email: string) => put('/api/delivery/address', { email }),
    onSuccess: () => {
      deliveryChanged()
      setTyped(undefined)
      toast(t('delivery.saved'))
    },
  })
  if (!query.data) return <span className="quiet">{t('loading')}</span>
  const { email, userid, mail } = query.data
  const value = typed ?? email ?? ''
  return (
    <div className="own-address">
      <span>{t(userid ? 'delivery.own.card' : 'delivery.own.noCard')}</span>
      {mail ? (
        <form
          className="own-mail"
          onSubmit={event => {
            event.preventDefault()
            saving.mutate(value.trim())
          }}
        >
          <Input
            value={value}
            type="email"
            maxLength={254}
            aria-label={t('delivery.mail')}
            placeholder={t('delivery.own.mail')}
            onChange={event => setTyped(event.target.value)}
          />
          <Button htmlType="submit" disabled={typed === undefined} loading={saving.isPending}>
            {t('delivery.save')}
          </Button>
        </form>
      ) : (
        <span className="quiet">{t('delivery.own.noMail')}</span>
      )}
      {saving.error ? <ErrorNote what={t('delivery.notSaved')} error={saving.error} /> : null}
    </div>
  )
}
