import { Link } from '@tanstack/react-router'
import type { AlertDetail } from '../../../src/cases/contract.ts'
import { t } from '../../i18n/index.ts'
import { Time } from '../../ui/time.tsx'
import './behaviour.css'

type Found = NonNullable<AlertDetail['behaviour']>
type Member = Found['members'][number]

/** More than these push the rest of the decision out of sight. */
const SHOWN = 6

/** What a behaviour rule rests on: the condition in words, what was counted, and each message with a way to it. */
export function BehaviourGrounds({ found }: { found: Found }) {
  const shown = found.members.slice(0, SHOWN)
  const rest = found.members.slice(SHOWN)
  return (
    <div className="behaviour-grounds">
      <b>{t('behaviour.found', { found: found.found })}</b>
      <span>{t('behaviour.rule', { words: found.words })}</span>
      <span className="small quiet">
        {t('behaviour.version', {
          rule: found.rule,
          version: found.version,
          threshold: found.threshold,
        })}
      </span>
      <Members members={shown} found={found} />
      {rest.length > 0 ? (
        <details>
          <summary className="link">{t('behaviour.more', { n: rest.length })}</summary>
          <Members members={rest} found={found} />
        </details>
      ) : null}
    </div>
  )
}

function Members({ members, found }: { members: Member[]; found: Found }) {
  const names = new Map(found.people.map(person => [person.id, person.name]))
  return (
    <ol className="behaviour-members" aria-label={t('behaviour.members', { n: found.members.length })}>
      {members.map(member => (
        <li key={`${member.convId} ${member.msgid} ${member.step}`}>
          <span className="tag">{t(`behaviour.step.${member.step}`)}</span>
          <span className="cut">{names.get(member.who) ?? member.who}</span>
          <span className="small quiet">
            <Time at={member.sentAt} />
          </span>
          {member.msgid.startsWith('event:') ? (
            <span className="small quiet">{t('behaviour.event')}</span>
          ) : (
            <Link
              className="small"
              to="/conversations/$convId"
              params={{ convId: member.convId }}
              search={{ around: member.sentAt, msgid: member.msgid }}
            >
              {t('behaviour.open')}
            </Link>
          )}
        </li>
      ))}
    </ol>
  )
}
