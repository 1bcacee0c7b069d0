import { Select } from 'antd'
import { useState } from 'react'
import type { PenaltyView } from '../../../src/policies/contract.ts'
import { post } from '../../api/client.ts'
import { policiesChanged } from '../../api/policies.ts'
import { t } from '../../i18n/index.ts'
import { Deed } from '../../ui/deed.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'

const WAYS = ['oral', 'written', 'waived'] as const

/** What this person may do with it now; where he may not yet, it says what is missing. */
export function PenaltyActs({ view }: { view: PenaltyView }) {
  const me = useMe()
  const [how, setHow] = useState<(typeof WAYS)[number]>('oral')
  if (view.state !== 'proposed' && view.state !== 'stated') return null
  const to = (path: string) => `/api/penalties/${view.id}/${path}`
  const decide = (verdict: 'signed' | 'rejected') => (reason: string) =>
    post(to('decision'), { verdict, reason })
  const reason = t('penalty.reason')
  return (
    <div className="policy-acts">
      {may(me, 'penalty.sign') ? (
        view.own ? (
          <span className="small quiet">{t('penalty.own')}</span>
        ) : (
          <>
            <Deed
              primary
              label={t('penalty.sign')}
              sure={t('penalty.sign.sure')}
              done={t('penalty.signed')}
              reason={reason}
              disabled={!view.heard}
              act={decide('signed')}
              settled={policiesChanged}
            />
            <Deed
              label={t('penalty.reject')}
              sure={t('penalty.reject.sure')}
              done={t('penalty.rejected')}
              reason={reason}
              disabled={!view.heard}
              act={decide('rejected')}
              settled={policiesChanged}
            />
            {view.heard ? null : <span className="small quiet">{t('penalty.unheard')}</span>}
          </>
        )
      ) : null}
      {may(me, 'penalty.propose') ? (
        <>
          <Deed
            label={t('penalty.state')}
            sure={t('penalty.state.how')}
            done={t('penalty.stateDone')}
            reason={t('penalty.state.text')}
            act={text => post(to('statement'), { how, text })}
            settled={policiesChanged}
          >
            <Select
              value={how}
              aria-label={t('penalty.state.how')}
              options={WAYS.map(value => ({ value, label: t(`penalty.how.${value}`) }))}
              onChange={setHow}
            />
          </Deed>
          <Deed
            label={t('penalty.withdraw')}
            sure={t('penalty.withdraw.sure')}
            done={t('penalty.withdrew')}
            reason={reason}
            act={why => post(to('withdrawal'), { reason: why })}
            settled={policiesChanged}
          />
        </>
      ) : null}
    </div>
  )
}
