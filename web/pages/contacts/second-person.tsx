import { useMutation } from '@tanstack/react-query'
import { Button, Popconfirm } from 'antd'
import type { Verb } from '../../../src/people/contract.ts'
import { post } from '../../api/client.ts'
import { consentChanged } from '../../api/consent.ts'
import { t } from '../../i18n/index.ts'
import { errorWords } from '../../ui/notes.tsx'
import { toast } from '../../ui/toast.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'

type Props<V extends string> = {
  /** Where the decision is sent. */
  url: string
  verb: Verb
  /** Who asked: he never decides. */
  by: string
  yes: V
  /** Words: the button, the question before it, what is said afterwards. */
  act: string
  sure: string
  done(verdict: V | 'rejected'): string
}

/** A second person says yes, after a question, or no. Nothing to see for those who may not. */
export function SecondPerson<V extends string>({ url, verb, by, yes, act, sure, done }: Props<V>) {
  const me = useMe()
  const sending = useMutation({
    mutationFn: (verdict: V | 'rejected') => post<void>(url, { verdict }),
    onSuccess: (_, verdict) => {
      consentChanged()
      toast(done(verdict))
    },
  })
  if (!may(me, verb)) return null
  if (by === me.username) return <span className="small quiet consent-acts">{t('paper.own')}</span>
  return (
    <span className="consent-acts">
      <Popconfirm
        title={sure}
        okText={act}
        cancelText={t('paper.cancel')}
        onConfirm={() => sending.mutate(yes)}
      >
        <Button size="small" type="primary" loading={sending.isPending}>
          {act}
        </Button>
      </Popconfirm>
      <Button size="small" disabled={sending.isPending} onClick={() => sending.mutate('rejected')}>
        {t('paper.reject')}
      </Button>
      {sending.error ? <span className="small lacks">{errorWords(sending.error)}</span> : null}
    </span>
  )
}
