import type { Difference } from '../../../../src/monitor/rulebook/contract.ts'
import { maybe, t } from '../../../i18n/index.ts'

/** What of the rules differs, in words; and the lines of the text. */
export function DiffPane({ diff }: { diff: Difference | null }) {
  const none =
    !diff ||
    (diff.rules.length === 0 && diff.lines.every(line => line.kind === 'same' || line.kind === 'gap'))
  if (none) return <section className="sheet rb-form">{t('rulebook.diff.none')}</section>
  return (
    <section className="sheet rb-form">
      {diff.rules.length > 0 ? <h2>{t('rulebook.diff.rules')}</h2> : null}
      {diff.rules.map(rule => (
        <div key={rule.rule} className="rb-change">
          <p>
            <span className={`rb-tag ${rule.kind}`}>{t(`rulebook.diff.${rule.kind}`)}</span>{' '}
            <b>{rule.name}</b>{' '}
            <span className="small quiet">
              {rule.rule} ·{' '}
              {[rule.version.before, rule.version.after]
                .filter(v => v !== null)
                .map(n => t('rulebook.version', { n }))
                .join(' → ')}
            </span>
          </p>
          <dl>
            {rule.added.length > 0 ? (
              <Row name={t('rulebook.diff.terms.added')} after={rule.added.join('、')} />
            ) : null}
            {rule.dropped.length > 0 ? (
              <Row name={t('rulebook.diff.terms.dropped')} before={rule.dropped.join('、')} />
            ) : null}
            {rule.fields.map(field => (
              <Row
                key={field.field}
                name={maybe(`rulebook.diff.field.${field.field}`) ?? field.field}
                before={wordsOf(field.field, field.before)}
                after={wordsOf(field.field, field.after)}
              />
            ))}
          </dl>
        </div>
      ))}
      <h2>{t('rulebook.diff.lines')}</h2>
      <pre className="rb-diff">
        {diff.lines.map((line, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line's place is its identity
          <span key={i} className={line.kind}>
            {line.kind === 'gap'
              ? t('rulebook.diff.gap', { n: line.text })
              : `${SIGN[line.kind]} ${line.text}`}
            {'\n'}
          </span>
        ))}
      </pre>
    </section>
  )
}

const SIGN = { same: ' ', add: '+', del: '−' } as const

/** Fields whose values are codes, by the words that say them. */
const CODES: Record<string, string> = {
  verdict: 'verdict',
  direction: 'ruleDirection',
  status: 'rulebook.diff.status',
  reading: 'rulebook.diff.reading',
  disguise: 'rulebook.diff.disguise',
}

function wordsOf(field: string, value: string): string {
  const codes = CODES[field]
  return (codes ? maybe(`${codes}.${value}`) : null) ?? value
}

function Row({ name, before, after }: { name: string; before?: string; after?: string }) {
  return (
    <div>
      <dt className="small quiet">{name}</dt>
      <dd>
        {before ? <del>{before}</del> : null}
        {before && after ? ' → ' : null}
        {after ? <ins>{after}</ins> : null}
      </dd>
    </div>
  )
}
