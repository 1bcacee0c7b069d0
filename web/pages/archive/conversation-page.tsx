import { getRouteApi } from '@tanstack/react-router'
import { useKeys } from '../../ui/keys.tsx'
import { Watermark } from '../../ui/watermark.tsx'
import { useMe } from '../app/me.ts'
import { ConversationHead } from './conversation-head.tsx'
import { Transcript } from './transcript.tsx'
import { useHitSteps } from './use-hit-steps.ts'
import { type Anchor, useTranscript } from './use-transcript.ts'

const route = getRouteApi('/shell/conversations/$convId')

export function ConversationPage() {
  const { convId } = route.useParams()
  const { around, msgid } = route.useSearch()
  return (
    <div className="conversation-page">
      <ConversationView key={`${convId} ${around} ${msgid}`} convId={convId} around={around} msgid={msgid} />
    </div>
  )
}

/** A conversation around a message, as a page of its own or beside search results. */
export function ConversationView(anchor: Anchor) {
  const me = useMe()
  const conversation = useTranscript(anchor)
  const steps = useHitSteps(conversation.hits, anchor.msgid)
  useKeys({ n: steps.next, p: steps.previous })
  return (
    <section className="desk-talk">
      {conversation.head ? <ConversationHead head={conversation.head} steps={steps} /> : null}
      <Transcript conversation={conversation} steps={steps} msgid={anchor.msgid} />
      <Watermark name={me.name} />
    </section>
  )
}
