import { useQuery } from '@tanstack/react-query'
import type { AlertDetail } from '../../../src/cases/contract.ts'
import { alertQuery } from '../../api/queries.ts'
import { figure, t } from '../../i18n/index.ts'
import { useKeys } from '../../ui/keys.tsx'
import { ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Watermark } from '../../ui/watermark.tsx'
import { useMe } from '../app/me.ts'
import { ConversationHead } from '../archive/conversation-head.tsx'
import { SealLine } from '../archive/seal-line.tsx'
import { Transcript } from '../archive/transcript.tsx'
import { useHitSteps } from '../archive/use-hit-steps.ts'
import { useTranscript } from '../archive/use-transcript.ts'
import { type AlertsAddress, DESK_TABS, type DeskTab } from './address.ts'
import { HitsTab, PersonTab, SimilarTab } from './beside-tabs.tsx'
import { DecisionPane } from './decision-pane.tsx'
import { RecordTab } from './record.tsx'
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
  const own = useDraft(detail.alert.id, address.conclude)
  const steps = useHitSteps(conversation.hits, key.msgid)
  const tab = address.tab ?? 'talk'
  const show = (to: DeskTab) => go({ tab: to === 'talk' ? undefined : to }, true)
  useKeys({
    n: steps.next,
    p: steps.previous,
    ...Object.fromEntries(DESK_TABS.map((to, at) => [String(at + 1), () => show(to)])),
  })
  const open = (id: string) => go({ id, tab: undefined })
  return (
    <>
      <StepHead detail={detail} address={address} go={go} />
      <section className="desk-talk">
        {conversation.head ? <ConversationHead head={conversation.head} steps={steps} /> : null}
        <DeskTabs tab={tab} detail={detail} show={show} />
        {tab === 'talk' ? (
          <>
            <SealLine items={conversation.items} msgid={key.msgid} />
            <Transcript conversation={conversation} steps={steps} msgid={key.msgid} />
          </>
        ) : null}
        {tab === 'hits' ? (
          <HitsTab
            hits={conversation.hits.filter(hit => hit.msgid === key.msgid)}
            choose={hit => {
              steps.choose(hit)
              show('talk')
            }}
          />
        ) : null}
        {tab === 'record' ? <RecordTab detail={detail} /> : null}
        {tab === 'person' ? <PersonTab id={detail.alert.id} open={open} /> : null}
        {tab === 'similar' ? <SimilarTab id={detail.alert.id} open={open} /> : null}
        <Watermark name={me.name} />
      </section>
      <DecisionPane detail={detail} own={own} decided={decided} />
      {address.step === 'talk' ? <ThumbBar detail={detail} steps={steps} own={own} go={go} /> : null}
    </>
  )
}

type TabsProps = { tab: DeskTab; detail: AlertDetail; show: (to: DeskTab) => void }

function DeskTabs({ tab, detail, show }: TabsProps) {
  const counts: Partial<Record<DeskTab, number>> = {
    hits: detail.hits.length,
    record: detail.moves.length,
    similar: detail.alert.similar,
  }
  return (
    <nav className="tabs desk-tabs" aria-label={t('desk.tabs')}>
      {DESK_TABS.map(to => (
        <button
          key={to}
          type="button"
          aria-current={to === tab}
          className={to === tab ? 'on' : ''}
          onClick={() => show(to)}
        >
          {t(`desk.tab.${to}`)} {counts[to] ? <span>{figure(counts[to])}</span> : null}
        </button>
      ))}
    </nav>
  )
}
