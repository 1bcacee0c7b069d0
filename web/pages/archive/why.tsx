import { t } from '../../i18n/index.ts'
import { SeverityMark } from '../../ui/severity.tsx'
import { worst } from '../../ui/spans.ts'
import type { Hit } from './hits.ts'
import { ReasonLine, stepWords } from './reason.tsx'

type Props = {
  hits: Hit[]
  current: string | null
  sought: boolean
  choose: (id: string) => void
}

/** Why a message was hit, under it and never in a pop-up. Folded where the reader did not come for it. */
export function Why({ hits, current, sought, choose }: Props) {
  const severity = worst(hits.map(hit => hit.severity))
  const open = sought || current !== null
  return (
    <details className={`why ${severity ?? ''}`} open={open} key={String(open)}>
      <summary className="folds">
        <b>{t('why.title')}</b>
        <span className="quiet cut">{summaryOf(hits)}</span>
      </summary>
      {hits.map(hit => (
        <Reason key={hit.id} hit={hit} current={hit.id === current} choose={choose} />
      ))}
    </details>
  )
}

/** What the model found shares one name; its category tells more. */
const nameOf = (hit: Hit): string => (hit.model ? `${hit.ruleName} · ${hit.categoryName}` : hit.ruleName)

function summaryOf(hits: Hit[]): string {
  const names = [...new Set(hits.map(nameOf))]
  return names.length === 1 ? (names[0] ?? '') : t('why.several', { name: names[0] ?? '', n: names.length })
}

type ReasonProps = { hit: Hit; current: boolean; choose: (id: string) => void }

/** A line for the reason, one for how it was uncovered and where it stood, one for the rule. */
function Reason({ hit, current, choose }: ReasonProps) {
  return (
    <button
      type="button"
      className={`reason ${hit.quoted ? '' : hit.severity}${current ? ' on' : ''}`}
      aria-current={current}
      onClick={() => choose(hit.id)}
    >
      <ReasonLine hit={hit} />
      {hit.assisted ? (
        <span className="reason-facts">
          <span className="tag">{t('why.assisted')}</span>
          <span>{hit.assisted.why}</span>
          <span className="quiet">
            {t('why.assistedBy', { model: hit.assisted.model, version: hit.assisted.promptVersion })}
          </span>
        </span>
      ) : null}
      {hit.path.length > 0 && !hit.model ? (
        <span className="reason-facts">
          {hit.path.map(step => (
            <span key={step} className="tag">
              {stepWords(step)}
            </span>
          ))}
        </span>
      ) : null}
      <span className="reason-facts">
        <SeverityMark of={hit.severity} word />
        <span>
          {hit.verdict === 'violation' ? `${t('verdict.violation')} · ` : ''}
          {nameOf(hit)} <span className="quiet rule-id">{hit.rule}</span>
        </span>
        <span>{t('why.source', { name: hit.source ?? t('why.typed') })}</span>
      </span>
      {current && hit.small.length > 0 ? (
        <span className="reason-facts quiet">
          {t('why.also', { facts: hit.small.map(fact => t(`fact.${fact}`)).join(' · ') })}
        </span>
      ) : null}
    </button>
  )
}
