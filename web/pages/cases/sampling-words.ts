import type { EstimateView, PlanRow } from '../../../src/cases/contract.ts'
import { figure, maybe, t } from '../../i18n/index.ts'

/** A share with one digit after the point. */
export const percent = (share: number): string => `${(share * 100).toFixed(1)}%`

export function rateWords(estimate: EstimateView | null): string {
  if (estimate === null || estimate.base === 0) return t('sampling.fact.rateNone')
  return t(estimate.weighted ? 'sampling.fact.rateWeighted' : 'sampling.fact.rateN', {
    share: percent(estimate.share),
    low: percent(estimate.low),
    high: percent(estimate.high),
    hits: figure(estimate.hits),
    base: figure(estimate.base),
  })
}

export const stateWords = (state: string): string => maybe(`inspection.state.${state}`) ?? state
export const ruleWords = (rule: string): string => maybe(`sampling.rule.${rule}`) ?? rule
export const periodWords = (plan: Pick<PlanRow, 'days'>): string => plan.days.join(' 至 ')
/** Below the line what is found was missed by the rules. */
export const rateName = (plan: Pick<PlanRow, 'line'>): string =>
  t(plan.line === 'below' ? 'sampling.fact.missRate' : 'sampling.fact.rate')
