import type { MessageView } from '../../../src/archive/contract.ts'
import { maybe, t } from '../../i18n/index.ts'
import { SeverityMark } from '../../ui/severity.tsx'
import { worst } from '../../ui/spans.ts'
import type { Hit } from './hits.ts'

type Props = {
  item: MessageView
  hits: Hit[]
  current: string | null
  sought: boolean
  choose: (id: string) => void
}

/** Why a message was hit, under it and never in a pop-up. Folded where the reader did not come for it. */
export function Why({ item, hits, current, sought, choose }: Props) {
  const severity = worst(hits.map(hit => hit.severity))
  const open = sought || current !== null
  return (
    <details className={`why ${severity ?? ''}`} open={open} key={String(open)}>
      <summary className="folds">
        <b>{t('why.title')}</b>
        <span className="quiet cut">{summaryOf(hits)}</span>
      </summary>
      {hits.map(hit => (
        <Reason key={hit.id} hit={hit} item={item} current={hit.id === current} choose={choose} />
      ))}
    </details>
  )
}

function summaryOf(hits: Hit[]): string {
  const names = [...new Set(hits.map(hit => hit.ruleName))]
  return names.length === 1 ? (names[0] ?? '') : t('why.several', { name: names[0] ?? '', n: names.length })
}

const pathWords = (path: string[]): string =>
  path.length === 0 ? t('path.plain') : path.map(step => maybe(`path.${step}`) ?? step).join(' · ')

type ReasonProps = { hit: Hit; item: MessageView; current: boolean; choose: (id: string) => void }

function Reason({ hit, item, current, choose }: ReasonProps) {
  const text = item.texts.find(one => one.part === hit.part)
  const said = text?.text.slice(hit.start, hit.end) ?? ''
  return (
    <button type="button" className={`reason${current ? ' on' : ''}`} onClick={() => choose(hit.id)}>
      <span className="chain">
        <span className="link-of-chain">
          <b>{said}</b>
          <i>{t('why.original')}</i>
        </span>
        <em>{pathWords(hit.path)}</em>
        <span className="link-of-chain">
          <b>{hit.ruleName}</b>
          <i>{t('why.rule', { id: hit.rule })}</i>
        </span>
      </span>
      {hit.assisted ? (
        <span className="reason-facts">
          <span className="tag">{t('why.assisted')}</span>
          <span>{hit.assisted.why}</span>
          <span className="quiet">
            {t('why.assistedBy', { model: hit.assisted.model, version: hit.assisted.promptVersion })}
          </span>
        </span>
      ) : null}
      <span className="reason-facts">
        <SeverityMark of={hit.severity} word />
        {text?.label ? <span>{t('why.source', { name: text.label })}</span> : null}
        {hit.quoted ? (
          <span>{t('why.quoted')}</span>
        ) : (
          <>
            <span>{t(`verdict.${hit.verdict}`)}</span>
            <span>{maybe(`audience.${hit.audience}`) ?? hit.audience}</span>
          </>
        )}
      </span>
    </button>
  )
}
