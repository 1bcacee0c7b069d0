import { type HitView, QUOTED } from '../../../src/monitor/contract.ts'
import { maybe, t } from '../../i18n/index.ts'
import './reason.css'

/** The words of a hit in one line, cut as the server cuts them (`detect/explain.ts`). */
function inOneLine(words: string): string {
  const chars = [...words.replace(/\s+/g, ' ')]
  if (chars.length <= QUOTED.most) return chars.join('')
  return `${chars.slice(0, QUOTED.head).join('')}…${chars.slice(-QUOTED.tail).join('')}`
}

const chainOf = (hit: HitView): string[] =>
  [hit.matched, hit.sound, hit.reads]
    .filter(words => words !== null && words !== '')
    .map(w => inOneLine(w ?? ''))

const factsOf = (hit: HitView): string => hit.facts.map(fact => t(`fact.${fact}`)).join(t('why.comma'))

export const stepWords = (step: string): string => maybe(`path.${step}`) ?? step

/** `宝本 → bǎo běn → 保本，员工对客户，未被否定`: why these words are a hit, in one line. */
export function reasonWords(hit: HitView): string {
  const lead = hit.model ? t('why.model', { name: hit.categoryName }) : chainOf(hit).join(' → ')
  return [lead, factsOf(hit)].filter(words => words !== '').join(t('why.comma'))
}

/** The same with its links told apart by their looks. */
export function ReasonLine({ hit }: { hit: HitView }) {
  const chain = chainOf(hit)
  return (
    <span className="reason-line">
      {hit.model ? (
        <b>{t('why.model', { name: hit.categoryName })}</b>
      ) : (
        chain.map((words, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a link of the chain is its place
          <span key={at}>
            {at > 0 ? <i> → </i> : null}
            <b className={at === 0 ? 'as-written' : at < chain.length - 1 ? 'as-heard' : undefined}>
              {words}
            </b>
          </span>
        ))
      )}
      {hit.model || chain.length > 0 ? t('why.comma') : null}
      {factsOf(hit)}
    </span>
  )
}
