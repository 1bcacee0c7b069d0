import type { SystemView } from '../../../src/app/contract.ts'
import { figure, t } from '../../i18n/index.ts'
import { Glyph } from '../../ui/severity.tsx'
import { Time } from '../../ui/time.tsx'
import { Fact } from './system-cards.tsx'

/** What seals the archive: which algorithms, which master key, and whether it is kept apart from the data. */
export function KeysCard({ view: { keys } }: { view: SystemView }) {
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('system.keys')}</h2>
      </div>
      <dl className="facts roomy">
        <Fact name={t('system.keys.suite')}>{t(`system.keys.suite.${keys.suite}`)}</Fact>
        <Fact name={t('system.keys.master')}>
          <span className="mono">{keys.master}</span>
        </Fact>
        {keys.since === null ? null : (
          <Fact name={t('system.keys.since')}>
            <Time at={keys.since} />
          </Fact>
        )}
        <Fact name={t('system.keys.source')}>
          <Glyph of={keys.beside ? 'P2' : 'good'} />{' '}
          {t(keys.beside ? 'system.keys.beside' : `system.keys.source.${keys.source}`)}
        </Fact>
        <Fact name={t('system.keys.count')}>{t('system.keys.items', { n: figure(keys.keys) })}</Fact>
        {keys.elsewhere > 0 ? (
          <Fact name={t('system.keys.elsewhere')}>
            <Glyph of="P1" /> {t('system.keys.elsewhereWhat', { n: figure(keys.elsewhere) })}
          </Fact>
        ) : null}
        <Fact name={t('system.keys.shredded')}>{t('system.keys.items', { n: figure(keys.shredded) })}</Fact>
      </dl>
    </section>
  )
}
