import { useMutation } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { type FormEvent, useState } from 'react'
import type { Party } from '../../../src/people/contract.ts'
import { post } from '../../api/client.ts'
import type { Head, Revealed } from '../../api/types.ts'
import { t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { Kbd } from '../../ui/keys.tsx'
import { errorWords } from '../../ui/notes.tsx'
import { dayOf } from '../../ui/time-words.ts'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { TakeEvidence } from '../evidence/take-evidence.tsx'
import { ConsentCounts } from './members.tsx'
import type { HitSteps } from './use-hit-steps.ts'

type Props = {
  head: Head
  steps: HitSteps
  /** of the previous and the next hit */
  /** null: the page has no keys for it */
  keys?: [string, string] | null
  /** opens the full record */
  whole?: () => void
}

/** Who speaks with whom, whether archiving was agreed to, and the way from hit to hit. */
export function ConversationHead({ head, steps, keys = ['P', 'N'], whole }: Props) {
  const [names, setNames] = useState<Record<string, string>>({})
  const [asking, setAsking] = useState<Party | null>(null)
  const mayReveal = may(useMe(), 'contact.reveal')
  const named = (party: Party) => names[party.id] ?? party.name
  const staff = head.parties.filter(party => party.kind === 'staff')
  const others = head.parties.filter(party => party.kind !== 'staff')
  const customer = others.length === 1 ? others[0] : undefined
  return (
    <div className="talk-head">
      <div className="talk-who">
        {head.kind === 'group' || staff.length !== 1 || !customer ? (
          <GroupTitle head={head} />
        ) : (
          <>
            <b>{staff[0]?.name}</b>
            <span className="quiet department">{staff[0]?.department}</span>
            <span className="quiet">↔</span>
            <b>{named(customer)}</b>
            {mayReveal && !names[customer.id] && customer.kind === 'customer' ? (
              <button
                type="button"
                className="eye"
                title={t('reveal.ask')}
                aria-label={t('reveal.ask')}
                onClick={() => setAsking(asking ? null : customer)}
              >
                <Icon name="eye" />
              </button>
            ) : null}
          </>
        )}
        <span className="grow" />
        {whole ? (
          <button type="button" className="btn small" onClick={whole}>
            {t('go.record')}
          </button>
        ) : null}
        <HitButtons steps={steps} keys={keys} />
        <TakeEvidence convs={[head.convId]} />
      </div>
      {head.consent ? <Consent consent={head.consent} /> : <ConsentCounts members={head.members} />}
      {asking ? (
        <Reveal
          party={asking}
          shown={found => {
            setNames({ ...names, [found.id]: found.name })
            setAsking(null)
          }}
        />
      ) : null}
    </div>
  )
}

function GroupTitle({ head }: { head: Head }) {
  return (
    <>
      <b>{head.title}</b>
      {head.members.length > 2 ? (
        <span className="quiet">{t('talk.people', { n: head.members.length })}</span>
      ) : null}
    </>
  )
}

function Consent({ consent }: { consent: NonNullable<Head['consent']> }) {
  const words = t(`consent.${consent.state}`)
  return (
    <div className={`consent ${consent.state}`}>
      {consent.at === null ? words : `${words} ${dayOf(consent.at)}`}
    </div>
  )
}

function HitButtons({ steps, keys }: { steps: HitSteps; keys: [string, string] | null }) {
  if (steps.of === 0) return null
  return (
    <span className="hit-buttons">
      <button type="button" className="btn small" onClick={steps.previous}>
        {t('hits.previous')} {keys ? <Kbd>{keys[0]}</Kbd> : null}
      </button>
      <span className="small">
        {steps.at === 0 ? t('hits.count', { n: steps.of }) : t('hits.at', { at: steps.at, of: steps.of })}
      </span>
      <button type="button" className="btn small" onClick={steps.next}>
        {t('hits.next')} {keys ? <Kbd>{keys[1]}</Kbd> : null}
      </button>
    </span>
  )
}

function Reveal({ party, shown }: { party: Party; shown: (found: Revealed) => void }) {
  const [reason, setReason] = useState('')
  const asking = useMutation({
    mutationFn: () => post<Revealed>(`/api/contacts/${encodeURIComponent(party.id)}/reveal`, { reason }),
    onSuccess: shown,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (reason.trim().length >= 2) asking.mutate()
  }
  return (
    <form className="reveal" onSubmit={submit}>
      <Input
        size="small"
        autoFocus
        maxLength={200}
        value={reason}
        onChange={event => setReason(event.target.value)}
        placeholder={t('reveal.reason', { name: party.name })}
        aria-label={t('reveal.reason', { name: party.name })}
      />
      <Button
        size="small"
        type="primary"
        htmlType="submit"
        disabled={reason.trim().length < 2}
        loading={asking.isPending}
      >
        {t('reveal.go')}
      </Button>
      <span className="quiet small">{asking.error ? errorWords(asking.error) : t('reveal.recorded')}</span>
    </form>
  )
}
