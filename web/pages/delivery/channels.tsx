import { useMutation } from '@tanstack/react-query'
import { Button } from 'antd'
import type { DeliveryOverview } from '../../../src/cases/delivery/contract.ts'
import { post } from '../../api/client.ts'
import { deliveryChanged } from '../../api/delivery.ts'
import { figure, maybe, t } from '../../i18n/index.ts'
import { errorWords } from '../../ui/notes.tsx'
import { Glyph } from '../../ui/severity.tsx'
import { toast } from '../../ui/toast.tsx'

type Channel = DeliveryOverview['channels'][number]
type Came = { state: string; reason: string | null }

/** What ways there are; where one is off, why and what to do. */
export function Channels({ view }: { view: DeliveryOverview }) {
  return (
    <div className="delivery-channels">
      {view.channels.map(channel => (
        <ChannelCard key={channel.channel} channel={channel} />
      ))}
    </div>
  )
}

/** Why a delivery did not arrive, in words; a code nobody has words for is shown as it is. */
export function reasonWords(reason: string | null): string {
  if (reason === null) return ''
  return maybe(`delivery.reason.${reason}`) ?? reason
}

function ChannelCard({ channel: { channel, on, why, sent, failed } }: { channel: Channel }) {
  const trying = useMutation({
    mutationFn: () => post<Came>('/api/delivery/test', { channel }),
    onSuccess: came => {
      deliveryChanged()
      toast(
        came.state === 'sent'
          ? t('delivery.test.sent')
          : t('delivery.test.failed', { why: reasonWords(came.reason) || t(`delivery.state.retry`) }),
      )
    },
    onError: error => toast(errorWords(error)),
  })
  return (
    <section className="sheet delivery-channel">
      <h2>
        <Glyph of={on ? 'good' : 'P2'} /> {t(`delivery.channel.${channel}`)}
      </h2>
      <p>{t(`delivery.why.${why}`)}</p>
      <p className="quiet small">{t('delivery.day', { sent: figure(sent), failed: figure(failed) })}</p>
      {on && channel !== 'hook' ? (
        <Button size="small" loading={trying.isPending} onClick={() => trying.mutate()}>
          {t('delivery.test')}
        </Button>
      ) : null}
    </section>
  )
}
