import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { integrityQuery } from '../../api/queries.ts'
import { figure, t } from '../../i18n/index.ts'
import { differsWords, placeOf } from '../../ui/differs.ts'
import { Glyph } from '../../ui/severity.tsx'
import './integrity.css'

/** Over every page of whoever may see the system, while something differs. */
export function IntegrityBanner() {
  const findings = useQuery(integrityQuery).data?.findings
  const first = findings?.items[0]
  if (!findings || !first) return null
  return (
    <div className="integrity-banner" role="alert">
      <Glyph of="P0" />
      <span>
        {t('banner.integrity', {
          n: figure(findings.total),
          place: placeOf(first),
          what: differsWords(first.what),
        })}
      </span>
      <Link to="/system" search={{ tab: 'state' }}>
        {t('banner.open')}
      </Link>
    </div>
  )
}
