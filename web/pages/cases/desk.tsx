import { useQuery } from '@tanstack/react-query'
import type { AlertDetail } from '../../../src/cases/contract.ts'
import { alertQuery } from '../../api/queries.ts'
import { t } from '../../i18n/index.ts'
import { useKeys } from '../../ui/keys.tsx'
import { ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Watermark } from '../../ui/watermark.tsx'
import { useMe } from '../app/me.ts'
import { ConversationHead } from '../archive/conversation-head.tsx'
import { Transcript } from '../archive/transcript.tsx'
import { useHitSteps } from '../archive/use-hit-steps.ts'
import { useTranscript } from '../archive/use-transcript.ts'
import type { AlertsAddress } from './address.ts'
import { DecisionPane } from './decision-pane.tsx'
import { StepHead, ThumbBar } from './steps.tsx'
import { useDraft } from './use-draft.ts'

type Go = (change: AlertsAddress, replace?: boolean) => void
type Props = { id: string; address: AlertsAddress; go: Go; decided: () => void }

/** One alert: its conversation and its decision. */
export function Desk(props: Props) {
  const query = useQuery(alertQuery(props.id))
  if (query.data) return <Open {...props} detail={query.data} />
  return (
    <section className="desk-nothing">
      {query.error ? (
        <ErrorNote what={t('alert.failed')} error={query.error} again={() => void query.refetch()} />
      ) : (
        <Skeleton rows={7} kind="bubble" />
      )}
    </section>
  )
}

function Open({ detail, address, go, decided }: Props & { detail: AlertDetail }) {
  const me = useMe()
  const { key } = detail.alert
  const conversation = useTranscript(
    { convId: key.convId, around: key.sentAt, msgid: key.msgid },
    detail.hits,
  )
  const own = useDraft(detail.alert.id)
  const steps = useHitSteps(conversation.hits, key.msgid)
  useKeys({ n: steps.next, p: steps.previous })
  return (
    <>
      <StepHead detail={detail} address={address} go={go} />
      <section className="desk-talk">
        {conversation.head ? <ConversationHead head={conversation.head} steps={steps} /> : null}
        <Transcript conversation={conversation} steps={steps} msgid={key.msgid} />
        <Watermark name={me.name} />
      </section>
      <DecisionPane detail={detail} own={own} decided={decided} />
      {address.step === 'talk' ? <ThumbBar detail={detail} steps={steps} own={own} go={go} /> : null}
    </>
  )
}
