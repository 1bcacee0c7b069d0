import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '../../i18n/index.ts'
import { useKeyHelp, useKeys } from '../../ui/keys.tsx'
import { useWide } from '../../ui/theme.tsx'
import { Watermark } from '../../ui/watermark.tsx'
import { useMe } from '../app/me.ts'
import type { ConversationAddress } from './address.ts'
import { ConversationHead } from './conversation-head.tsx'
import { Members } from './members.tsx'
import { MomentBar } from './moment-bar.tsx'
import { SealLine } from './seal-line.tsx'
import { Transcript } from './transcript.tsx'
import { useHitSteps } from './use-hit-steps.ts'
import { useJumps } from './use-jumps.ts'
import { type Anchor, useTranscript } from './use-transcript.ts'
import './conversation.css'

const route = getRouteApi('/shell/conversations/$convId')

export function ConversationPage() {
  const { convId } = route.useParams()
  const address = route.useSearch()
  const { around, msgid, at, known } = address
  return (
    <div className="conversation-page">
      <Record key={`${convId} ${around} ${msgid} ${at} ${known}`} convId={convId} address={address} />
    </div>
  )
}

/** The whole record: as it looks, or as it looked at a moment, with who was there. */
function Record({ convId, address }: { convId: string; address: ConversationAddress }) {
  const me = useMe()
  const navigate = route.useNavigate()
  const { around, msgid, at, known } = address
  const change = (part: ConversationAddress) => void navigate({ search: before => ({ ...before, ...part }) })
  const go = (to: string, when: number) => change({ msgid: to, around: when })
  const knownAt = known === 'then' ? at : undefined
  const conversation = useTranscript({ convId, around, msgid, at, knownAt, recalled: 'folded' })
  const steps = useHitSteps(conversation.hits, msgid)
  const jumps = useJumps({ convId, at, conversation, steps, go })
  const wide = useWide()
  const [open, setOpen] = useState(wide)
  useKeys({
    j: jumps.nextHit,
    k: jumps.previousHit,
    n: () => void jumps.day(1),
    p: () => void jumps.day(-1),
    m: () => setOpen(!open),
  })
  const help = useKeyHelp([
    [['J', 'K'], t('keys.talkHits')],
    [['N', 'P'], t('keys.talkDays')],
    [['M'], t('keys.talkMembers')],
  ])
  const { head } = conversation
  return (
    <section className="desk-talk record-page">
      {head ? (
        <ConversationHead
          head={head}
          steps={{ ...steps, next: jumps.nextHit, previous: jumps.previousHit }}
          keys={['K', 'J']}
        />
      ) : null}
      {head ? (
        <MomentBar
          head={head}
          address={address}
          change={change}
          day={jumps.day}
          toDay={jumps.toDay}
          members={{ open, toggle: () => setOpen(!open) }}
        />
      ) : null}
      <SealLine items={conversation.items} msgid={msgid} />
      <div className="record-body">
        <Transcript conversation={conversation} steps={steps} msgid={msgid} go={go} />
        {open && head ? <Members head={head} close={() => setOpen(false)} /> : null}
      </div>
      <Watermark name={me.name} />
      {help.dialog}
    </section>
  )
}

/** A conversation around a message, beside search results; the whole record is one press away. */
export function ConversationView(anchor: Anchor) {
  const me = useMe()
  const navigate = useNavigate()
  const conversation = useTranscript(anchor)
  const steps = useHitSteps(conversation.hits, anchor.msgid)
  useKeys({ n: steps.next, p: steps.previous })
  const { convId, around, msgid } = anchor
  const whole = () =>
    void navigate({ to: '/conversations/$convId', params: { convId }, search: { around, msgid } })
  return (
    <section className="desk-talk">
      {conversation.head ? <ConversationHead head={conversation.head} steps={steps} whole={whole} /> : null}
      <SealLine items={conversation.items} msgid={anchor.msgid} />
      <Transcript conversation={conversation} steps={steps} msgid={anchor.msgid} />
      <Watermark name={me.name} />
    </section>
  )
}
