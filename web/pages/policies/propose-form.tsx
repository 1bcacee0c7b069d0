import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Button, Checkbox, Input, Select } from 'antd'
import { useState } from 'react'
import { PENALTY_KINDS, type PointsAccount } from '../../../src/policies/contract.ts'
import { post } from '../../api/client.ts'
import { policiesChanged } from '../../api/policies.ts'
import { figure, t } from '../../i18n/index.ts'
import { ErrorNote } from '../../ui/notes.tsx'
import { dayOf } from '../../ui/time-words.ts'
import { toast } from '../../ui/toast.tsx'

const EVIDENCE = /^YJ-\d{4}-\d{4,}$/

/** A penalty in the making: what it rests on, the evidence, the grounds. The gravest violations are ticked. */
export function ProposeForm({ account, open }: { account: PointsAccount; open: boolean }) {
  const [shown, setShown] = useState(open)
  const counting = account.entries.filter(one => one.counts > 0)
  const [kind, setKind] = useState<(typeof PENALTY_KINDS)[number]>('warning')
  const [evidence, setEvidence] = useState('')
  const [grounds, setGrounds] = useState('')
  const [chosen, setChosen] = useState(
    counting.filter(one => one.severity === 'P0' || account.line !== null).map(one => one.id),
  )
  const navigate = useNavigate()
  const sending = useMutation({
    mutationFn: () =>
      post<{ id: string }>('/api/penalties', {
        ...{ staff: account.staff.id, kind, violations: chosen, evidence: evidence.trim() },
        grounds: grounds.trim(),
      }),
    onSuccess: async ({ id }) => {
      toast(t('penalty.proposed'))
      await policiesChanged()
      await navigate({ to: '/policies', search: { tab: 'penalties', id } })
    },
  })
  if (!shown)
    return (
      <Button className="policy-propose" onClick={() => setShown(true)}>
        {t('penalty.propose')}
      </Button>
    )
  const ready = chosen.length > 0 && EVIDENCE.test(evidence.trim()) && grounds.trim().length >= 4
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('penalty.propose')}</h2>
      </div>
      <form
        className="policy-form"
        onSubmit={event => {
          event.preventDefault()
          if (ready && !sending.isPending) sending.mutate()
        }}
      >
        <p className="small quiet">{t('penalty.propose.what')}</p>
        <fieldset>
          <legend className="small quiet">{t('penalty.propose.which')}</legend>
          <Checkbox.Group
            value={chosen}
            onChange={values => setChosen(values.map(String))}
            options={counting.map(one => ({
              value: one.id,
              label: `${one.severity} ${one.rules.join(' ')} · ${dayOf(one.happenedAt)} · ${t('points.unit', { n: figure(one.counts) })}`,
            }))}
          />
        </fieldset>
        <Select
          value={kind}
          aria-label={t('penalty.propose.kind')}
          options={PENALTY_KINDS.map(value => ({ value, label: t(`penalty.kind.${value}`) }))}
          onChange={setKind}
        />
        <Input
          value={evidence}
          placeholder={t('penalty.propose.evidence')}
          aria-label={t('penalty.propose.evidence')}
          onChange={event => setEvidence(event.target.value)}
        />
        <Input.TextArea
          autoSize={{ minRows: 3, maxRows: 8 }}
          maxLength={2000}
          value={grounds}
          placeholder={t('penalty.propose.grounds')}
          aria-label={t('penalty.propose.grounds')}
          onChange={event => setGrounds(event.target.value)}
        />
        <div className="line">
          <Button type="primary" htmlType="submit" disabled={!ready} loading={sending.isPending}>
            {t('penalty.propose')}
          </Button>
          <Button onClick={() => setShown(false)}>{t('confirm.back')}</Button>
        </div>
        {sending.error ? <ErrorNote what={t('penalty.propose')} error={sending.error} /> : null}
      </form>
    </section>
  )
}
