import type { Head } from '../../api/types.ts'
import { maybe, t } from '../../i18n/index.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Icon } from '../../ui/icons.tsx'
import { dayOf } from '../../ui/time-words.ts'
import { minuteWords } from './moment-bar.tsx'

type Member = Head['members'][number]

/** Who was there at the moment shown, since when, and whether archiving was agreed to. */
export function Members({ head, close }: { head: Head; close: () => void }) {
  const staff = head.members.filter(member => member.party.kind === 'staff')
  const others = head.members.filter(member => member.party.kind !== 'staff')
  return (
    <aside className="members" aria-label={t('members.title')}>
      <div className="members-head">
        <h2>
          {t('members.title')} <span className="quiet">{t('members.count', { n: head.members.length })}</span>
        </h2>
        <button type="button" className="eye" aria-label={t('members.hide')} onClick={close}>
          <Icon name="close" size={14} />
        </button>
      </div>
      <p className="small quiet">
        {head.moment === null ? t('moment.now') : t('moment.until', { time: minuteWords(head.moment) })} ·{' '}
        {t(`members.by.${head.membersBy}`)}
      </p>
      {head.dismissed ? <p className="small warn">{t('members.dismissed')}</p> : null}
      {head.members.length === 0 && !head.dismissed ? (
        <p className="small quiet">{t('members.none')}</p>
      ) : null}
      <ConsentCounts members={head.members} />
      <People title={t('members.staff', { n: staff.length })} members={staff} />
      <People title={t('members.customers', { n: others.length })} members={others} />
    </aside>
  )
}

const YES = new Set(['agree', 'default_agree'])
const NO = new Set(['disagree', 'withdrawn'])

/** How many customers agreed, refused or have not said; nothing where there is only one. */
export function ConsentCounts({ members }: { members: Member[] }) {
  const states = members.flatMap(member => (member.consent ? [member.consent.state] : []))
  if (states.length < 2) return null
  const yes = states.filter(state => YES.has(state)).length
  const no = states.filter(state => NO.has(state)).length
  return (
    <p className={`small members-counts${no > 0 ? ' warn' : ''}`}>
      {t('chip.counts', { yes, no, open: states.length - yes - no })}
    </p>
  )
}

function People({ title, members }: { title: string; members: Member[] }) {
  if (members.length === 0) return null
  return (
    <>
      <h3>{title}</h3>
      <ul>
        {members.map(({ party, since, owner, consent }) => (
          <li key={party.id}>
            <Avatar of={party} small />
            <span className="member-words">
              <span className="line">
                <span className="cut">{party.name}</span>
                {owner ? <span className="tag">{t('members.owner')}</span> : null}
              </span>
              <span className="tiny quiet">
                {[party.department ?? '', since === null ? '' : t('members.since', { day: dayOf(since) })]
                  .filter(words => words !== '')
                  .join(' · ')}
              </span>
            </span>
            {consent ? <ConsentChip consent={consent} /> : null}
          </li>
        ))}
      </ul>
    </>
  )
}

function ConsentChip({ consent }: { consent: { state: string; at: number | null } }) {
  return (
    <span
      className={`chip-consent ${consent.state}`}
      title={consent.at === null ? undefined : t('chip.since', { day: dayOf(consent.at) })}
    >
      {maybe(`chip.${consent.state}`) ?? consent.state}
    </span>
  )
}
