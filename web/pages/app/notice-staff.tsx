import { useState } from 'react'
import type { NoticeCoverage } from '../../../src/contacts/contract.ts'
import { figure, t } from '../../i18n/index.ts'
import { Empty } from '../../ui/notes.tsx'

const FIRST = 8

/** Coverage of each employee, the least covered first. */
export function ByStaff(props: { staff: NoticeCoverage['staff']; open(userid: string): void }) {
  const { staff, open } = props
  const [all, setAll] = useState(false)
  return (
    <section className="sheet scroll-x notice-staff">
      <div className="sheet-head">
        <h2>{t('notice.byStaff')}</h2>
      </div>
      {staff.length === 0 ? <Empty title={t('notice.byStaffNone')} /> : null}
      {staff.length > 0 ? (
        <table className="table">
          <thead>
            <tr>
              <th>{t('notice.staff')}</th>
              <th className="n">{t('notice.total')}</th>
              <th className="n">{t('notice.coveredShare')}</th>
              <th className="n">{t('notice.agreed')}</th>
              <th className="n">{t('notice.refusedN')}</th>
              <th className="n">{t('notice.unknownN')}</th>
            </tr>
          </thead>
          <tbody>
            {(all ? staff : staff.slice(0, FIRST)).map(row => (
              <tr key={row.party.id}>
                <td>
                  <button type="button" className="link" onClick={() => open(row.party.id)}>
                    {row.party.name}
                  </button>{' '}
                  <span className="quiet small">{row.party.department}</span>
                </td>
                <td className="n">{figure(row.total)}</td>
                <td className="n">{Math.floor((row.proved / row.total) * 100)}%</td>
                <td className="n">{figure(row.agreed)}</td>
                <td className="n">{figure(row.refused)}</td>
                <td className="n">{figure(row.unknown)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
      {!all && staff.length > FIRST ? (
        <button type="button" className="more" onClick={() => setAll(true)}>
          {t('more')}
        </button>
      ) : null}
    </section>
  )
}
