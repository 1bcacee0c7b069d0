import type { Severity } from '../../src/monitor/contract.ts'
import { t } from '../i18n/index.ts'

export function Glyph({ of }: { of: Severity | 'good' | 'off' }) {
  return <i className={`glyph ${of}`} aria-hidden="true" />
}

/** Shape, code and word; the colour never stands alone. */
export function SeverityMark({ of, word = false }: { of: Severity; word?: boolean }) {
  return (
    <span className="sev" title={word ? undefined : t(`severity.${of}`)}>
      <Glyph of={of} />
      {of}
      {word ? ` ${t(`severity.${of}`)}` : null}
    </span>
  )
}
