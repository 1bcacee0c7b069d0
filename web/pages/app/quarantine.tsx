import { useQuery } from '@tanstack/react-query'
import { quarantineQuery } from '../../api/queries.ts'
import { figure, maybe, t } from '../../i18n/index.ts'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Time } from '../../ui/time.tsx'

/** Records that could not become messages: kept, counted, never thrown away. */
export function Quarantine() {
  const query = useQuery(quarantineQuery)
  if (query.isPending) return <Skeleton rows={6} />
  if (query.error)
    return <ErrorNote what={t('quarantine.failed')} error={query.error} again={() => void query.refetch()} />
  const { items, total } = query.data
  if (items.length === 0) return <Empty title={t('quarantine.none')}>{t('quarantine.noneWhy')}</Empty>
  return (
    <section className="sheet scroll-x">
      <div className="sheet-head">
        <h2>{t('system.tab.quarantine')}</h2>
        <span className="small quiet">
          {t('quarantine.total', { n: figure(total), shown: items.length })}
        </span>
      </div>
      <table className="table">
        <thead>
          <tr>
            <th>{t('quarantine.at')}</th>
            <th>{t('quarantine.reason')}</th>
            <th>{t('quarantine.source')}</th>
            <th className="n">seq</th>
            <th>{t('quarantine.msgid')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map(item => (
            <tr key={item.id}>
              <td>
                <Time at={item.at} />
              </td>
              <td>{maybe(`reason.${item.reason}`) ?? item.reason}</td>
              <td>{item.source}</td>
              <td className="n">{item.seq === null ? '—' : figure(item.seq)}</td>
              <td className="mono">{item.msgid ?? '—'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
