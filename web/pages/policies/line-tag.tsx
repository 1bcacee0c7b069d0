import type { PointsPerson } from '../../../src/policies/contract.ts'
import { t } from '../../i18n/index.ts'
import { Glyph } from '../../ui/severity.tsx'

/** Which line the points have reached: shape and word. */
export function LineTag({ line }: { line: PointsPerson['line'] }) {
  if (line === null) return <span className="quiet small">{t('points.line.none')}</span>
  return (
    <span className="sev" title={t(`points.line.${line}.what`)}>
      <Glyph of={line === 'suspend' ? 'P1' : 'P2'} />
      {t(`points.line.${line}`)}
    </span>
  )
}
