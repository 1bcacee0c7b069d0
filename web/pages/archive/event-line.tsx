import type { TalkEvent } from '../../../src/contacts/contract.ts'
import type { Party } from '../../../src/people/contract.ts'
import { maybe, t } from '../../i18n/index.ts'
import { exactTime, hourMinute } from '../../ui/time-words.ts'

/** Later than this after it happened, when we learnt it is worth telling. */
const LATE_MS = 3_600_000
const NAMED = 3

function namesOf(parties: Party[]): string {
  const names = parties
    .slice(0, NAMED)
    .map(party => party.name)
    .join(t('happen.and'))
  return parties.length > NAMED ? t('happen.many', { who: names, n: parties.length }) : names
}

/** One happening in one line. */
export function eventWords(event: TalkEvent): string {
  const { kind, parties, state, name } = event
  const who = namesOf(parties)
  const other = parties[1]?.name ?? ''
  switch (kind) {
    case 'created':
      return parties.length > 0 ? t('happen.createdBy', { who }) : t('happen.created')
    case 'joined':
      return parties.length > 0 ? t('happen.joined', { who }) : t('happen.someJoined')
    case 'left':
      if (parties.length === 0) return t('happen.someLeft')
      return event.scene === 1 ? t('happen.removed', { who }) : t('happen.left', { who })
    case 'owner_changed':
      return parties.length > 0 ? t('happen.owner_changed', { who }) : t('happen.ownerUnknown')
    case 'renamed':
      return name === null ? t('happen.renamedUnknown') : t('happen.renamed', { name })
    case 'announced':
    case 'dismissed':
      return t(`happen.${kind}`)
    case 'consent':
      return (maybe(`happen.consent.${state}`) ?? `${state}`).replace('{who}', who)
    case 'notice':
      return noticeWords(event)
    default:
      return t(`happen.${kind}`, { who: parties[0]?.name ?? '', other })
  }
}

function noticeWords({ state, reason }: TalkEvent): string {
  const why = maybe(`happen.lost.${reason}`) ?? t('happen.lost.other')
  return (maybe(`happen.notice.${state}`) ?? '').replace('{reason}', why)
}

export function EventLine({ event, go }: { event: TalkEvent; go: (msgid: string, at: number) => void }) {
  const { msgid, at, learntAt, kind, scene } = event
  const how = kind === 'joined' && scene !== null ? maybe(`happen.scene.${scene}`) : null
  const refused = kind === 'consent' && (event.state === 'disagree' || event.state === 'withdrawn')
  return (
    <div className={`talk-line event${refused || event.state === 'lost' ? ' warn' : ''}`}>
      <time dateTime={new Date(at).toISOString()} title={exactTime(at)}>
        {hourMinute(at)}
      </time>{' '}
      {eventWords(event)}
      {how ? <span className="faint"> · {how}</span> : null}
      {learntAt - at > LATE_MS ? (
        <span className="faint"> · {t('happen.learnt', { time: exactTime(learntAt).slice(0, 16) })}</span>
      ) : null}
      {msgid === null ? null : (
        <button type="button" className="link" onClick={() => go(msgid, at)}>
          {t('happen.seeProof')}
        </button>
      )}
    </div>
  )
}
