import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import type { PaperView } from '../../../src/contacts/contract.ts'
import { papersQuery } from '../../api/consent.ts'
import { maybe, t } from '../../i18n/index.ts'
import { Glyph } from '../../ui/severity.tsx'
import { Time } from '../../ui/time.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { Awaited } from './awaited.tsx'
import { PaperForm } from './paper-form.tsx'
import { SecondPerson } from './second-person.tsx'
import { ChoiceWord, CustomerLink } from './words.tsx'

const TONE = { waiting: 'P2', in_force: 'good', rejected: 'off' } as const

/** Choices made on paper, at the counter or by telephone; a refusal taken back waits for a second person. */
export function Papers({ open }: { open(customer: string): void }) {
  const me = useMe()
  const query = useQuery(papersQuery)
  const [entering, setEntering] = useState(false)
  const items = query.data?.items ?? []
  return (
    <section className="sheet scroll-x">
      <div className="sheet-head consent-head">
        <h2>{t('consent.tab.papers')}</h2>
        <span className="small quiet grow">{t('paper.what')}</span>
        {may(me, 'consent.record') ? (
          <Button type="primary" onClick={() => setEntering(true)}>
            {t('paper.enter')}
          </Button>
        ) : null}
      </div>
      <Awaited query={query} none={t('paper.none')} why={t('paper.noneWhy')} />
      {items.length > 0 ? <Rows items={items} open={open} /> : null}
      {entering ? <PaperForm close={() => setEntering(false)} /> : null}
    </section>
  )
}

function Rows({ items, open }: { items: PaperView[]; open(customer: string): void }) {
  return (
    <table className="table stacked">
      <thead>
        <tr>
          <th>{t('notice.party')}</th>
          <th>{t('consent.choice')}</th>
          <th>{t('consent.happened')}</th>
          <th>{t('paper.evidence')}</th>
          <th>{t('paper.enteredBy')}</th>
          <th>{t('paper.state')}</th>
        </tr>
      </thead>
      <tbody>
        {items.map(item => (
          <tr key={item.id}>
            <td>
              <CustomerLink customer={item.customer} open={open} />
            </td>
            <td>
              <ChoiceWord state={item.choice} />
            </td>
            <td>
              <Time at={item.effectiveAt} />
            </td>
            <td>
              {maybe(`paperChannel.${item.channel}`) ?? item.channel} {item.reference}
              {item.file ? (
                <>
                  {' '}
                  <a href={`/api/consent/papers/${item.id}/file`} download>
                    {item.file}
                  </a>
                </>
              ) : null}
            </td>
            <td className="quiet">
              {item.enteredBy} <Time at={item.enteredAt} />
            </td>
            <td>
              <Glyph of={TONE[item.state]} /> {t(`paper.${item.state}`)}
              {item.decidedBy ? <span className="quiet small"> {item.decidedBy}</span> : null}
              {item.state === 'waiting' ? (
                <SecondPerson
                  url={`/api/consent/papers/${item.id}/decision`}
                  verb="consent.confirm"
                  by={item.enteredBy}
                  yes="confirmed"
                  act={t('paper.confirm')}
                  sure={t('paper.confirmAsk')}
                  done={verdict => t(`paper.done.${verdict}`)}
                />
              ) : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
