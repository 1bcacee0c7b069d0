import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import type { ReactNode } from 'react'
import type { DestructionView } from '../../../src/archive/contract.ts'
import { destructionQuery } from '../../api/retention.ts'
import { figure, t } from '../../i18n/index.ts'
import { ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { exactTime } from '../../ui/time-words.ts'
import { Stays } from './retention-purges.tsx'

/** A certificate of destruction as a document that can be printed, read aloud and taken along. */
export function Certificate({ id }: { id: string }) {
  const query = useQuery(destructionQuery(id))
  if (query.isPending) return <Skeleton rows={6} kind="card" />
  if (query.error)
    return <ErrorNote what={t('retention.failed')} error={query.error} again={() => void query.refetch()} />
  const view = query.data
  return (
    <>
      <div className="line certificate-bar">
        <Link to="/retention" search={{ tab: 'purges' }}>
          {t('retention.back')}
        </Link>
        <span className="grow" />
        <Button onClick={() => print()}>{t('destruction.print')}</Button>
        <a className="btn" href={fileOf(view)} download={`destruction-${view.certificate.number}.json`}>
          {t('destruction.download')}
        </a>
      </div>
      <Document view={view} />
    </>
  )
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Document({ view }: { view: DestructionView }) {
  const { certificate: c, sha256, ledgerIndex, list } = view
  return (
    <article className="sheet deed">
      <h2>{t('destruction.title')}</h2>
      <dl>
        <Line name={t('destruction.number')}>{c.number}</Line>
        <Line name={t('destruction.institution')}>{c.institution}</Line>
        <Line name={t('destruction.what')}>
          {t('destruction.whatOf', {
            messages: figure(c.messages),
            records: figure(c.records),
            removed: figure(c.files.removed),
            shared: figure(c.files.shared),
            keys: figure(c.keys),
          })}
        </Line>
        <Line name={t('destruction.basis')}>
          {c.basis.map(one => (
            <div key={one.material}>
              {t('destruction.basisOf', {
                material: t(`retention.material.${one.material}`),
                n: one.years,
                rules: one.rules.join('；'),
              })}
            </div>
          ))}
        </Line>
        <Line name={t('destruction.asked')}>
          {c.requestedBy} · {exactTime(c.requestedAt)}
        </Line>
        <Line name={t('destruction.approved')}>
          {c.approvedBy} · {exactTime(c.approvedAt)}
        </Line>
        <Line name={t('destruction.executed')}>{exactTime(c.issuedAt)}</Line>
        <Line name={t('destruction.stayed')}>
          {Object.keys(c.refused).length === 0 ? t('destruction.stayedNone') : <Stays refused={c.refused} />}
        </Line>
        <Line name={t('destruction.ledger')}>
          {ledgerIndex === null ? t('destruction.unsealed') : figure(ledgerIndex)}
        </Line>
        <Line name={t('destruction.hash')}>
          <span className="mono hash">{sha256}</span>
        </Line>
      </dl>
      <div className="scroll-x">
        <table className="table">
          <thead>
            <tr>
              <th>{t('destruction.month')}</th>
              <th className="n">{t('destruction.records')}</th>
              <th>{t('destruction.key')}</th>
              <th>{t('destruction.listHash')}</th>
            </tr>
          </thead>
          <tbody>
            {c.parts.map(part => (
              <tr key={`${part.convId} ${part.month}`}>
                <td className="mono">
                  {part.month.slice(0, 7)} · {part.convId}
                </td>
                <td className="n">{figure(part.records)}</td>
                <td>{t(part.keyShredded ? 'destruction.shredded' : 'destruction.kept')}</td>
                <td className="mono">{part.listSha256.slice(0, 24)}…</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="small quiet">
        {t('destruction.list', { n: figure(list.length) })} · {t('destruction.footer')}
      </p>
    </article>
  )
}

/** Certificate, hash, place in the ledger and the whole list in one file. */
function fileOf(view: DestructionView): string {
  return `data:application/json;charset=utf-8,${encodeURIComponent(JSON.stringify(view, null, 1))}`
}
