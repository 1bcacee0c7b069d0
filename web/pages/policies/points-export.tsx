import { Input } from 'antd'
import { useState } from 'react'
import { t } from '../../i18n/index.ts'
import { dayOf } from '../../ui/time-words.ts'

/** The running quarter unless the reader says otherwise. */
function quarterStart(today: string): string {
  const month = Math.floor((Number(today.slice(5, 7)) - 1) / 3) * 3 + 1
  return `${today.slice(0, 4)}-${String(month).padStart(2, '0')}-01`
}

export function PointsExport() {
  const today = dayOf(Date.now())
  const [from, setFrom] = useState(quarterStart(today))
  const [to, setTo] = useState(today)
  const ready = from !== '' && to !== '' && from <= to
  const link = (format: 'xlsx' | 'csv') => `/api/points/export?${new URLSearchParams({ from, to, format })}`
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('points.export')}</h2>
      </div>
      <div className="points-export">
        <Input
          type="date"
          value={from}
          aria-label={t('points.export.from')}
          onChange={event => setFrom(event.target.value)}
        />
        <span className="quiet">–</span>
        <Input
          type="date"
          value={to}
          aria-label={t('points.export.to')}
          onChange={event => setTo(event.target.value)}
        />
        {(['xlsx', 'csv'] as const).map(format => (
          <a
            key={format}
            className={`btn small${format === 'xlsx' ? ' primary' : ''}`}
            aria-disabled={!ready}
            href={ready ? link(format) : undefined}
            download
          >
            {t(`points.export.${format}`)}
          </a>
        ))}
        <p className="small quiet">{t('points.export.what')}</p>
      </div>
    </section>
  )
}
