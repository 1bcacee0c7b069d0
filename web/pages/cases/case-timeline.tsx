import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { CaseDetail, TimelineItem } from '../../../src/cases/contract.ts'
import { packagesQuery } from '../../api/evidence.ts'
import { holdsQuery } from '../../api/retention.ts'
import { maybe, t } from '../../i18n/index.ts'
import { useNow } from '../../ui/time.tsx'
import { daySeparator, exactTime, hourMinute } from '../../ui/time-words.ts'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'

type Line = Omit<TimelineItem, 'kind'> & { kind: TimelineItem['kind'] | 'evidence' | 'hold' }

/** Everything in order. Evidence and holds are other rooms' and are joined here by the number of the case. */
export function CaseTimeline({ detail, looks }: { detail: CaseDetail; looks: boolean }) {
  const now = useNow()
  const beside = useBeside(detail.case.number)
  const lines = useMemo(
    () =>
      [...detail.timeline, ...beside]
        .filter(line => looks || line.kind !== 'look')
        .toSorted((a, b) => a.at - b.at),
    [detail.timeline, beside, looks],
  )
  const days = Map.groupBy(lines, line => daySeparator(line.at, now))
  return (
    <div className="time-lines">
      {[...days].map(([day, of]) => (
        <section key={day} aria-label={day}>
          <h3 className="small quiet">{day}</h3>
          <ol>
            {of.map(line => (
              <li
                key={`${line.at}${line.kind}${line.what}${line.by}${line.alert}${line.text}`}
                className={`time-line ${line.kind}${line.hit ? ' hit-line' : ''}`}
              >
                <time
                  className="small quiet"
                  dateTime={new Date(line.at).toISOString()}
                  title={exactTime(line.at)}
                >
                  {hourMinute(line.at)}
                </time>
                <span className="time-kind tiny">{t(`timeKind.${line.kind}`)}</span>
                <span className="time-what">
                  <What line={line} />
                </span>
              </li>
            ))}
          </ol>
        </section>
      ))}
    </div>
  )
}

function What({ line }: { line: Line }) {
  const quoted = line.text && ['message', 'move', 'case', 'hold'].includes(line.kind) ? line.text : null
  return (
    <>
      {line.alertId && line.kind !== 'message' ? (
        <Link to="/alerts" search={{ id: line.alertId }}>
          {wordsOf(line)}
        </Link>
      ) : (
        <span className={line.kind === 'message' ? 'quiet' : ''}>{wordsOf(line)}</span>
      )}
      {line.by && !['message', 'consent', 'alert'].includes(line.kind) ? (
        <span className="quiet"> · {line.by.startsWith('system:') ? t('role.system') : line.by}</span>
      ) : null}
      {quoted ? <span className={line.hit ? 'said hit P0' : 'said'}>{quoted}</span> : null}
    </>
  )
}

function wordsOf(line: Line): string {
  const number = line.alert ?? ''
  switch (line.kind) {
    case 'message':
      return t('time.message', { by: line.by ?? '' })
    case 'alert':
      return t('time.alert', { number })
    case 'move':
      return `${maybe(`conclude.${line.what}`) ?? maybe(`move.${line.what}`) ?? line.what} ${number}`
    case 'case':
      return maybe(`caseMove.${line.what}`) ?? line.what
    case 'consent':
      return t('time.consent', { by: line.by ?? '', what: maybe(`consentWord.${line.what}`) ?? line.what })
    case 'points':
      return t(line.what === 'reversed' ? 'time.points.reversed' : 'time.points.counted', {
        n: line.text ?? '',
      })
    case 'training':
      return maybe(`time.training.${line.what}`)?.replace('{course}', line.text ?? '') ?? line.what
    case 'look':
      return number === '' ? t('time.look.case') : t('time.look.alert', { number })
    case 'evidence':
      return t('time.evidence', {
        number: line.text ?? '',
        state: maybe(`evidence.state.${line.what}`) ?? line.what,
      })
    default:
      return t(line.what === 'ended' ? 'time.holdEnded' : 'time.hold')
  }
}

const NONE = { alert: null, alertId: null, hit: false }

/** Packages asked for and holds placed under this number. */
function useBeside(number: string): Line[] {
  const me = useMe()
  const packages = useQuery({ ...packagesQuery(undefined), enabled: may(me, 'evidence.read') }).data?.items
  const holds = useQuery({ ...holdsQuery, enabled: may(me, 'retention.read') }).data?.items
  return useMemo(
    () => [
      ...(packages ?? [])
        .filter(one => one.caseNumber === number)
        .map(one => ({
          ...{ ...NONE, kind: 'evidence' as const, at: one.requestedAt, what: one.state },
          ...{ by: one.requestedBy.account, text: one.number },
        })),
      ...(holds ?? [])
        .filter(hold => hold.caseNo === number)
        .flatMap(hold => [
          {
            ...NONE,
            kind: 'hold' as const,
            at: hold.placedAt,
            what: 'placed',
            by: hold.placedBy,
            text: hold.reason,
          },
          ...(hold.releasedAt === null
            ? []
            : [
                {
                  ...{ ...NONE, kind: 'hold' as const, at: hold.releasedAt, what: 'ended' },
                  ...{ by: hold.releasedBy, text: hold.releaseReason },
                },
              ]),
        ]),
    ],
    [packages, holds, number],
  )
}
