import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { SystemView } from '../../../src/app/contract.ts'
import { certificateQuery, certificatesQuery } from '../../api/queries.ts'
import type { CertificateItem, CertificateView } from '../../api/types.ts'
import { figure, maybe, t } from '../../i18n/index.ts'
import { ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Glyph } from '../../ui/severity.tsx'
import { Time } from '../../ui/time.tsx'
import { Fact } from './system-cards.tsx'

type Props = { view: SystemView }

/** Worst last, as the eye ends there. */
const MEDIA_STATES = [
  'fetched',
  'waiting',
  'fetched_md5_missing',
  'fetched_md5_wrong',
  'size_wrong',
  'expired',
  'failed',
] as const
const SOUND = new Set<string>(['fetched', 'waiting', 'fetched_md5_missing'])

export function MediaCard({ view }: Props) {
  const { media } = view.capture
  const shown = MEDIA_STATES.filter(state => (media[state] ?? 0) > 0)
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('media.title')}</h2>
        <span className="small quiet">{t('media.what')}</span>
      </div>
      {shown.length === 0 ? <p className="small quiet roomy-text">{t('media.none')}</p> : null}
      <dl className="facts roomy wide-names">
        {shown.map(state => (
          <Fact key={state} name={t(`mediaState.${state}`)}>
            {SOUND.has(state) ? null : <Glyph of="P2" />} {figure(media[state] ?? 0)}
          </Fact>
        ))}
      </dl>
    </section>
  )
}

export function RepullCard({ view }: Props) {
  const { repull } = view.capture
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('repull.title')}</h2>
      </div>
      <dl className="facts roomy">
        <Fact name={t('repull.at')}>{repull ? <Time at={repull.startedAt} /> : t('repull.never')}</Fact>
        {repull ? (
          <>
            <Fact name={t('repull.state')}>{resultOf(repull)}</Fact>
            <Fact name={t('repull.read')}>{t('system.items', { n: figure(repull.records) })}</Fact>
            <Fact name={t('repull.late')}>{t('system.items', { n: figure(repull.late) })}</Fact>
          </>
        ) : null}
      </dl>
      <p className="small quiet roomy-text">{t('repull.what')}</p>
    </section>
  )
}

function resultOf(repull: NonNullable<SystemView['capture']['repull']>) {
  if (repull.trouble !== null) return <>{t('repull.broken', { why: repull.trouble })}</>
  if (repull.endedAt === null) return <>{t('repull.running')}</>
  return (
    <>
      <Glyph of={repull.late > 0 ? 'P1' : 'good'} /> {t(repull.late > 0 ? 'repull.found' : 'repull.clean')}
    </>
  )
}

/** The certificates of the last days; one is opened below the table. */
export function CertificatesCard() {
  const query = useQuery(certificatesQuery)
  const [open, setOpen] = useState<string | null>(null)
  if (query.isPending) return <Skeleton rows={3} kind="card" />
  if (query.error)
    return <ErrorNote what={t('certificate.failed')} error={query.error} again={() => void query.refetch()} />
  const { items } = query.data
  return (
    <section className="sheet scroll-x certificates">
      <div className="sheet-head">
        <h2>{t('certificate.title')}</h2>
        <span className="small quiet">{t('certificate.what')}</span>
      </div>
      {items.length === 0 ? <p className="small quiet roomy-text">{t('certificate.none')}</p> : null}
      {items.length > 0 ? (
        <table className="table days">
          <thead>
            <tr>
              <th>{t('certificate.day')}</th>
              <th className="n">{t('certificate.messages')}</th>
              <th className="n">{t('certificate.people')}</th>
              <th className="n">{t('certificate.late')}</th>
              <th className="n">{t('certificate.quarantined')}</th>
              <th className="n">{t('certificate.unknown')}</th>
              <th>{t('certificate.view')}</th>
            </tr>
          </thead>
          <tbody>
            {items.map(item => (
              <Row
                key={item.day}
                item={item}
                open={open === item.day}
                choose={() => setOpen(open === item.day ? null : item.day)}
              />
            ))}
          </tbody>
        </table>
      ) : null}
      {open ? <Certificate day={open} /> : null}
    </section>
  )
}

function Row({ item, open, choose }: { item: CertificateItem; open: boolean; choose: () => void }) {
  return (
    <tr>
      <td>
        {item.day}
        {item.revision > 1 ? <span className="quiet small"> v{item.revision}</span> : null}
      </td>
      <td className="n">{figure(item.messages)}</td>
      <td className="n">{figure(item.people)}</td>
      <td className="n">
        {item.late > 0 ? <Glyph of="P1" /> : null} {figure(item.late)}
      </td>
      <td className="n">{figure(item.quarantined)}</td>
      <td className="n">{t('certificate.unknownN', { n: item.unknown.length })}</td>
      <td>
        <button type="button" className="link" aria-expanded={open} onClick={choose}>
          {t(open ? 'certificate.close' : 'certificate.view')}
        </button>
      </td>
    </tr>
  )
}

function Certificate({ day }: { day: string }) {
  const query = useQuery(certificateQuery(day))
  if (query.isPending) return <Skeleton rows={4} />
  if (query.error)
    return <ErrorNote what={t('certificate.failed')} error={query.error} again={() => void query.refetch()} />
  const { certificate: c, sha256 } = query.data
  return (
    <div className="certificate">
      <div className="sheet-head">
        <h2>{t('certificate.of', { day: c.day, revision: c.revision })}</h2>
        <span className="grow" />
        <a className="link" href={fileOf(query.data)} download={`completeness-${c.day}-${c.revision}.json`}>
          {t('certificate.download')}
        </a>
      </div>
      <dl className="facts roomy">
        <Fact name={t('certificate.issued')}>
          <Time at={c.issuedAt} />
        </Fact>
        <Fact name={t('certificate.seats')}>{seatWords(c.seats)}</Fact>
        <Fact name={t('certificate.keys')}>
          {c.keys
            .map(key => t('certificate.keyOf', { version: key.version, n: figure(key.records) }))
            .join(' · ') || t('certificate.noKeys')}
        </Fact>
        <Fact name={t('certificate.seq')}>
          {c.seq.first === null
            ? '—'
            : t('certificate.seqWhat', { first: figure(c.seq.first), last: figure(c.seq.last ?? 0) })}
        </Fact>
        <Fact name={t('media.title')}>
          {Object.entries(c.media)
            .map(([state, n]) => `${maybe(`mediaState.${state}`) ?? state} ${figure(n)}`)
            .join(' · ') || '—'}
        </Fact>
        <Fact name={t('certificate.outages')}>
          {c.outages.length === 0 ? t('certificate.noOutage') : null}
          {c.outages.map(outage => (
            <div key={outage.beganAt}>
              {t(`lag.${outage.level}`)} <Time at={outage.beganAt} /> –{' '}
              {outage.endedAt === null ? t('certificate.outageOpen') : <Time at={outage.endedAt} />}
            </div>
          ))}
        </Fact>
        <Fact name={t('certificate.unknown')}>
          <ul className="unknown">
            {c.unknown.map(thing => (
              <li key={thing.code}>{thing.said}</li>
            ))}
          </ul>
        </Fact>
        <Fact name={t('certificate.hash')}>
          <span className="mono hash">{sha256}</span>
        </Fact>
      </dl>
      <People people={c.people} />
    </div>
  )
}

function seatWords(seats: CertificateView['certificate']['seats']): string {
  if (seats.licensed === null) return t('certificate.seatsUnknown', { archived: figure(seats.archived) })
  const known = t('certificate.seatsOf', {
    licensed: figure(seats.licensed),
    archived: figure(seats.archived),
  })
  return seats.unlicensed.length === 0
    ? known
    : `${known} · ${t('certificate.seatsUnlicensed', { who: seats.unlicensed.join('、') })}`
}

function People({ people }: { people: CertificateView['certificate']['people'] }) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th>{t('certificate.person')}</th>
          <th className="n">{t('certificate.sent')}</th>
          <th className="n">{t('certificate.received')}</th>
        </tr>
      </thead>
      <tbody>
        {people.map(person => (
          <tr key={person.id}>
            <td className="mono">{person.id}</td>
            <td className="n">{figure(person.sent)}</td>
            <td className="n">{figure(person.received)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Document, hash and signed note in one file: all that a check needs beside the public key. */
function fileOf(view: CertificateView): string {
  return `data:application/json;charset=utf-8,${encodeURIComponent(JSON.stringify(view, null, 1))}`
}
