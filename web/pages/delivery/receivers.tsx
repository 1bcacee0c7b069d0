import { useMutation } from '@tanstack/react-query'
import { Button, Input, Select } from 'antd'
import { useState } from 'react'
import type { DeliveryOverview } from '../../../src/cases/delivery/contract.ts'
import { SEVERITIES, type Severity } from '../../../src/monitor/contract.ts'
import { post, put, remove } from '../../api/client.ts'
import { deliveryChanged } from '../../api/delivery.ts'
import { t } from '../../i18n/index.ts'
import { Empty, ErrorNote, errorWords } from '../../ui/notes.tsx'
import { Glyph } from '../../ui/severity.tsx'
import { Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'

type View = { view: DeliveryOverview }

/** Who can be reached by what way, and the systems that are told as well. */
export function Receivers({ view }: View) {
  return (
    <>
      <section className="sheet scroll-x">
        <div className="sheet-head">
          <h2>{t('delivery.people')}</h2>
          <span className="small quiet">{t('delivery.people.what')}</span>
        </div>
        <table className="table stacked">
          <thead>
            <tr>
              <th>{t('delivery.receiver')}</th>
              <th>{t('me.role')}</th>
              <th>{t('delivery.channel.card')}</th>
              <th>{t('delivery.mail')}</th>
            </tr>
          </thead>
          <tbody>
            {view.receivers.map(one => (
              <tr key={one.account}>
                <td>
                  {one.name} <span className="quiet small">{one.username}</span>
                </td>
                <td>{t(`role.${one.role}`)}</td>
                <td>
                  <Glyph of={one.card ? 'good' : 'P2'} />{' '}
                  {t(one.card ? 'delivery.bound' : 'delivery.unbound')}
                </td>
                <td>
                  <Mail account={one.account} mail={one.mail} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <Hooks view={view} />
    </>
  )
}

function Mail({ account, mail }: { account: string; mail: string | null }) {
  const [typed, setTyped] = useState<string>()
  const saving = useMutation({
    mutationFn: (email: string) => put(`/api/delivery/receivers/${account}/address`, { email }),
    onSuccess: () => {
      deliveryChanged()
      setTyped(undefined)
    },
    onError: error => toast(errorWords(error)),
  })
  if (typed === undefined)
    return (
      <span className="delivery-mail">
        {mail ?? <span className="quiet">{t('delivery.noMail')}</span>}
        <Button size="small" type="link" onClick={() => setTyped('')}>
          {t(mail ? 'delivery.change' : 'delivery.set')}
        </Button>
      </span>
    )
  return (
    <form
      className="own-mail"
      onSubmit={event => {
        event.preventDefault()
        saving.mutate(typed.trim())
      }}
    >
      <Input
        autoFocus
        type="email"
        size="small"
        value={typed}
        maxLength={254}
        aria-label={t('delivery.mail')}
        placeholder={t('delivery.clearByEmpty')}
        onChange={event => setTyped(event.target.value)}
        onKeyDown={event => (event.key === 'Escape' ? setTyped(undefined) : undefined)}
      />
      <Button size="small" htmlType="submit" loading={saving.isPending}>
        {t('delivery.save')}
      </Button>
    </form>
  )
}

function Hooks({ view }: View) {
  return (
    <section className="sheet">
      <div className="sheet-head delivery-head">
        <h2>Webhook</h2>
        <span className="small quiet">{t('delivery.hook.what')}</span>
      </div>
      {view.hosts.length === 0 ? (
        <Empty title={t('delivery.hook.off')}>
          <p>{t('delivery.why.no_hosts')}</p>
        </Empty>
      ) : (
        <>
          <p className="small quiet delivery-pad">
            {t('delivery.hook.hosts', { hosts: view.hosts.join('、') })}
          </p>
          {view.hooks.map(hook => (
            <HookRow key={hook.id} hook={hook} />
          ))}
          <NewHook />
        </>
      )}
    </section>
  )
}

function HookRow({ hook }: { hook: DeliveryOverview['hooks'][number] }) {
  const ending = useMutation({
    mutationFn: () => remove(`/api/delivery/hooks/${hook.id}`),
    onSuccess: deliveryChanged,
    onError: error => toast(errorWords(error)),
  })
  const trying = useMutation({
    mutationFn: () => post<{ state: string }>('/api/delivery/test', { channel: 'hook', hook: hook.id }),
    onSuccess: came => {
      deliveryChanged()
      toast(t(came.state === 'sent' ? 'delivery.test.sent' : 'delivery.test.seeLog'))
    },
    onError: error => toast(errorWords(error)),
  })
  return (
    <div className="delivery-hook">
      <b>{hook.name}</b>
      <span className="mono cut grow">{hook.url}</span>
      <span>{hook.severities.join(' ')}</span>
      <span className="quiet small">
        {hook.madeBy} · <Time at={hook.madeAt} />
      </span>
      <Button size="small" loading={trying.isPending} onClick={() => trying.mutate()}>
        {t('delivery.test')}
      </Button>
      <Button size="small" loading={ending.isPending} onClick={() => ending.mutate()}>
        {t('delivery.hook.end')}
      </Button>
    </div>
  )
}

function NewHook() {
  const [name, setName] = useState('')
  const [url, setUrl] = useState('')
  const [severities, setSeverities] = useState<Severity[]>(['P0', 'P1'])
  const making = useMutation({
    mutationFn: () =>
      post<{ secret: string }>('/api/delivery/hooks', { name: name.trim(), url: url.trim(), severities }),
    onSuccess: () => {
      setName('')
      setUrl('')
      deliveryChanged()
    },
  })
  return (
    <form
      className="delivery-new"
      onSubmit={event => {
        event.preventDefault()
        making.mutate()
      }}
    >
      <Input
        value={name}
        maxLength={40}
        aria-label={t('delivery.hook.name')}
        placeholder={t('delivery.hook.name')}
        onChange={event => setName(event.target.value)}
      />
      <Input
        value={url}
        type="url"
        maxLength={500}
        aria-label={t('delivery.hook.url')}
        placeholder="https://soc.example/tongjian"
        onChange={event => setUrl(event.target.value)}
      />
      <Select
        mode="multiple"
        value={severities}
        aria-label={t('delivery.severities')}
        options={SEVERITIES.map(value => ({ value, label: value }))}
        onChange={setSeverities}
      />
      <Button htmlType="submit" loading={making.isPending} disabled={name.trim() === '' || url.trim() === ''}>
        {t('delivery.hook.add')}
      </Button>
      {making.data ? (
        <p className="delivery-secret" role="status">
          {t('delivery.hook.secret')} <code>{making.data.secret}</code>
        </p>
      ) : null}
      {making.error ? <ErrorNote what={t('delivery.notSaved')} error={making.error} /> : null}
    </form>
  )
}
